import types

import numpy as np
import pytest

from keras_mtl.aggregators import Mean
from keras_mtl.backend.bookkeeping import measure, update_weighting, wants_gram
from keras_mtl.backend.combination import Combination
from keras_mtl.backend.telemetry import Telemetry, TelemetryGroup
from keras_mtl.weightings.base import Weighting

ROWS = np.array([[1.0, 0.0], [1.0, 2.0]], "float32")
FACTORS = np.array([2.0, 0.5], "float32")
WEIGHTED = ROWS * FACTORS[:, None]


class Recorder(Weighting):
    """Remembers what it was told."""

    reads_gram = True

    def update(self, losses, present=None, gram=None):
        self.told = [
            None if v is None else np.array(v) for v in (losses, present, gram)
        ]


def phase(num_tasks=2, positions=(0, 1), weighting=None, telemetry=None):
    return types.SimpleNamespace(
        tasks=("a", "b"),
        positions=positions,
        aggregator=Mean(),
        num_tasks=num_tasks,
        weighting=weighting,
        telemetry=telemetry,
    )


def objective():
    result = types.SimpleNamespace(losses=np.array([3.0, 4.0], "float32"))
    return types.SimpleNamespace(result=result, weights=FACTORS)


def combination():
    return Combination([], np.ones(2, "float32"), WEIGHTED @ WEIGHTED.T)


def test_who_wants_the_gram_matrix():
    assert not wants_gram(phase())
    assert not wants_gram(phase(telemetry=Telemetry(("a", "b"), False)))
    assert wants_gram(phase(telemetry=Telemetry(("a", "b"))))
    assert wants_gram(phase(weighting=Recorder()))


def test_a_weighting_reads_the_gram_matrix_of_unweighted_gradients():
    weighting = Recorder()
    update_weighting(
        phase(weighting=weighting), objective(), combination(), None
    )
    losses, present, gram = weighting.told
    assert losses.tolist() == [3.0, 4.0]
    assert present is None
    np.testing.assert_allclose(gram, ROWS @ ROWS.T, rtol=1e-6)


def test_a_group_leaves_the_places_of_the_others_empty():
    weighting = Recorder()
    group = phase(3, (0, 2), weighting)
    update_weighting(group, objective(), combination(), None)
    losses, present, gram = weighting.told
    assert losses.tolist() == [3.0, 0.0, 4.0]
    assert present.tolist() == [True, False, True]
    expected = np.zeros((3, 3))
    expected[np.ix_([0, 2], [0, 2])] = ROWS @ ROWS.T
    np.testing.assert_allclose(gram, expected, rtol=1e-6)


def test_without_rows_there_is_no_gram_matrix():
    weighting = Recorder()
    update_weighting(phase(weighting=weighting), objective(), None, None)
    assert weighting.told[2] is None


def test_telemetry_multiplies_both_kinds_of_weights():
    telemetry = Telemetry(("a", "b"))
    measure(phase(telemetry=telemetry), objective(), combination(), None)
    found = TelemetryGroup([telemetry]).result()
    assert found["weight/a"] == 2.0
    assert found["gradient_norm/b"] == pytest.approx(0.5 * 5**0.5)


def test_telemetry_of_weights_alone():
    telemetry = Telemetry(("a", "b"), gradients=False)
    present = np.array([True, False])
    measure(phase(telemetry=telemetry), objective(), None, present)
    assert TelemetryGroup([telemetry]).result() == {"weight/a": 2.0}
    measure(phase(), objective(), None, None)
