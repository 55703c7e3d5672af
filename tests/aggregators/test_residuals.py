import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import (
    CRMOGM,
    MGDA,
    DualProj,
    FairGrad,
    NashMTL,
    PCGrad,
    UPGrad,
)
from keras_mtl.aggregators import nnls as nnls_module
from keras_mtl.aggregators.residuals import (
    bargain_residual,
    conflict_residual,
    mgda_residual,
)

METHODS = {
    "upgrad": UPGrad,
    "dualproj": DualProj,
    "mgda": MGDA,
    "nash": NashMTL,
    "fairgrad": lambda: FairGrad(alpha=2.0),
    "preferring": lambda: NashMTL(preference=[1.0, 2.0, 3.0, 4.0, 5.0]),
}


def jacobian(num_tasks=5, num_params=20, seed=0):
    numbers = np.random.default_rng(seed)
    return numbers.normal(size=(num_tasks, num_params)).astype("float32")


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_solutions_have_almost_none(method, scale):
    aggregator = method()
    rows = jacobian() * np.float32(scale)
    gram = rows @ rows.T
    weights = np.array(aggregator.task_weights(gram))
    assert 0.0 <= float(aggregator.residual(gram, weights)) < 1e-5
    # The unit of the weights does not matter.
    assert float(aggregator.residual(gram, 7.0 * weights)) < 1e-5


def test_conflict_is_relative_to_the_lengths():
    gram = np.array([[1.0, -0.5], [-0.5, 4.0]], "float32")
    # Combination g_1 + g_2: its product with g_1 / |g_1| is 1 - 0.5.
    assert float(conflict_residual(gram, np.ones(2))) == 0.0
    # g_2 alone: -0.5 with the unit gradient, of a length of 2.
    found = conflict_residual(gram, np.array([0.0, 1.0]))
    assert float(found) == pytest.approx(0.25)


def test_distance_from_the_min_norm_point():
    gram = np.diag([1.0, 9.0]).astype("float32")
    assert float(mgda_residual(gram, np.array([0.9, 0.1]))) < 1e-6
    # d = g_1: |d|**2 - <d, g_2> = 1, over 1 * (3 + 1).
    found = mgda_residual(gram, np.array([1.0, 0.0]))
    assert float(found) == pytest.approx(0.25)


def test_an_uneven_bargain():
    gram = np.diag([1.0, 4.0]).astype("float32")
    assert float(bargain_residual(gram, np.array([1.0, 0.5]))) < 1e-6
    # Products 1 and 4, mean 2.5.
    found = bargain_residual(gram, np.ones(2))
    assert float(found) == pytest.approx(0.6)
    found = bargain_residual(gram, np.ones(2), preference=np.array([1.0, 4.0]))
    assert float(found) < 1e-6
    # gram @ w = w ** -1/2: w = 1 and 4 ** (-2 / 3).
    weights = np.array([1.0, 4.0 ** (-2 / 3)])
    assert float(bargain_residual(gram, weights, power=0.5)) < 1e-6


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_nothing_is_wrong_with_zeros_and_absent_tasks(method):
    gram = np.zeros((5, 5), "float32")
    aggregator = method()
    assert float(aggregator.residual(gram, np.zeros(5, "float32"))) == 0.0
    rows = jacobian()
    gram = rows @ rows.T
    gram[2] = gram[:, 2] = np.nan
    present = np.array([True, True, False, True, True])
    weights = aggregator.task_weights(gram, present)
    assert float(aggregator.residual(gram, weights, present)) < 1e-5


def test_gradients_that_cancel_leave_no_bargain():
    rows = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], "float32")
    gram = rows @ rows.T
    for method in (NashMTL(), FairGrad(alpha=0.01)):
        found = float(method.residual(gram, method.task_weights(gram)))
        assert np.isfinite(found)
        assert found > 0.1


@pytest.mark.parametrize("method", [MGDA, UPGrad])
def test_a_solver_that_was_cut_short_is_visible(monkeypatch, method):
    """Many dependent rows, on which exchanges of the active set cycle."""
    rows = jacobian(64, 16)
    gram = rows @ rows.T

    def found():
        aggregator = method()
        weights = tf.function(aggregator.task_weights)(gram)
        return float(aggregator.residual(gram, weights))

    assert found() < 1e-5
    monkeypatch.setattr(nnls_module, "MAX_EXCHANGES", 1)
    monkeypatch.setattr(nnls_module, "MAX_INTERIOR", 1)
    assert found() > 1e-4


def test_methods_with_a_closed_form_have_none():
    gram, weights = np.eye(2, dtype="float32"), np.ones(2, "float32")
    for method in (PCGrad(), CRMOGM(MGDA()), MGDA(normalization="l2")):
        assert method.residual(gram, weights) is None
