import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from keras_mtl.report.ranks import ranks

values = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=10)


@given(values, st.sampled_from([("average", "average"), ("minimum", "min")]))
def test_ties_are_those_of_scipy(scores, ties):
    ours, theirs = ties
    expected = stats.rankdata([-score for score in scores], method=theirs)
    np.testing.assert_array_equal(ranks(scores, 1, ours), expected)


@given(values)
def test_averages_keep_the_sum_and_share_among_equals(scores):
    found = ranks(scores, -1)
    count = len(scores)
    assert sum(found) == count * (count + 1) / 2
    for a, first in zip(scores, found, strict=True):
        for b, second in zip(scores, found, strict=True):
            assert (a == b) == (first == second)
            assert (a < b) == (first < second)


@given(
    values, st.permutations(range(10)), st.sampled_from(["average", "minimum"])
)
def test_a_rank_does_not_depend_on_the_place(scores, order, ties):
    order = [i for i in order if i < len(scores)]
    moved = ranks([scores[i] for i in order], 1, ties)
    found = ranks(scores, 1, ties)
    assert moved == [found[i] for i in order]


def test_the_mean_ranks_of_the_thesis_chapter_3():
    """Table 3.3, Cityscapes: GradNorm and MR.

    Those of MTL and MGDA-UB do not follow from the printed means (4.00 and
    2.75 here, 3.75 and 2.50 in print).
    """
    pixel_accuracy = [97.36, 97.37, 97.33, 97.24, 97.24, 97.37]
    relative_error = [43.99, 68.13, 25.09, 35.72, 31.47, 29.38]
    mean_iou = [56.57, 56.77, 56.19, 55.45, 56.52, 57.93]
    absolute_error = [0.0170, 0.0199, 0.0130, 0.0160, 0.0155, 0.0143]
    found = np.mean(
        [
            ranks(mean_iou, 1),
            ranks(pixel_accuracy, 1),
            ranks(absolute_error, -1),
            ranks(relative_error, -1),
        ],
        axis=0,
    )
    assert found[1] == pytest.approx(3.87, abs=0.006)
    assert found[5] == pytest.approx(1.62, abs=0.006)
    assert (found[0], found[2]) == (4.0, 2.75)


def test_the_mean_ranks_of_the_thesis_chapter_4():
    """Table 4.2, Cityscapes: what is in bold is equal to the best."""
    mean_iou = [69.79, 69.74, 69.52, 69.00, 69.73, 69.15]
    pixel_accuracy = [90.40, 90.22, 90.28, 90.17, 90.42, 89.79]
    bold = [{0, 1, 4}, {0, 2, 4}]
    # GradNorm and MR share the fifth place of the mIoU.
    equal = [bold[0], bold[1]]
    both = []
    for scores, best, more in (
        (mean_iou, equal[0], {3, 5}),
        (pixel_accuracy, equal[1], set()),
    ):

        def is_equal(a, b, best=best, more=more):
            return {a, b} <= best or {a, b} <= more

        both.append(ranks(scores, 1, "statistical", is_equal))
    found = np.mean(both, axis=0)
    np.testing.assert_allclose(found, [1.0, 2.5, 2.5, 5.0, 1.0, 5.5])
