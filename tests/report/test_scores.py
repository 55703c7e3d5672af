import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.report.column import Column
from keras_mtl.report.scores import delta_m, normalised_scores

SEGMENTATION = Column("seg", "mean_iou", 1)
PIXELS = Column("seg", "pixel_accuracy", 1)
DEPTH = Column("depth", "absolute_error", -1)
UNKNOWN = Column("depth", "mystery")


def test_delta_m_averages_metrics_then_tasks():
    reference = {SEGMENTATION: 0.5, PIXELS: 0.8, DEPTH: 0.2, UNKNOWN: 1.0}
    scores = {SEGMENTATION: 0.6, PIXELS: 0.72, DEPTH: 0.25, UNKNOWN: 9.0}
    # seg: (+20 % - 10 %) / 2 = +5 %; depth: -25 %.
    assert delta_m(scores, reference) == pytest.approx((0.05 - 0.25) / 2)


def test_delta_m_needs_every_task_and_no_zero():
    assert delta_m({SEGMENTATION: 0.6, DEPTH: 0.2}, {SEGMENTATION: 0.5}) is None
    assert delta_m({DEPTH: 0.2}, {DEPTH: 0.0}) is None
    assert delta_m({UNKNOWN: 0.2}, {UNKNOWN: 0.1}) is None
    assert delta_m({}, {}) is None


@given(st.lists(st.tuples(*[st.floats(0.1, 10)] * 3), min_size=2, max_size=6))
def test_the_score_is_that_of_numpy(rows):
    columns = (SEGMENTATION, PIXELS, DEPTH)
    given_scores = [dict(zip(columns, row, strict=True)) for row in rows]
    matrix = np.array(rows) * [1, 1, -1]
    spans = np.ptp(matrix, axis=0)
    found = normalised_scores(given_scores)
    if (spans == 0).any():
        return
    scaled = (matrix - matrix.min(axis=0)) / spans
    expected = (scaled[:, :2].mean(axis=1) + scaled[:, 2]) / 2
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_a_metric_in_which_all_are_equal_is_left_out():
    rows = [
        {SEGMENTATION: 0.5, PIXELS: 0.1, DEPTH: 0.3},
        {SEGMENTATION: 0.5, PIXELS: 0.2, DEPTH: 0.2},
    ]
    assert normalised_scores(rows) == [0.0, 1.0]
    same = [{DEPTH: 0.3}, {DEPTH: 0.3}]
    assert normalised_scores(same) == [None, None]
