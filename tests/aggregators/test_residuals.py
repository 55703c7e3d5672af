import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import (
    CRMOGM,
    MGDA,
    PCD,
    CAGrad,
    DualProj,
    FairGrad,
    NashMTL,
    PCGrad,
    UPGrad,
    exchange,
    interior_point,
)
from keras_mtl.aggregators.residuals import (
    bargain_residual,
    dualproj_residual,
    mgda_residual,
    projections_residual,
)

METHODS = {
    "upgrad": UPGrad,
    "upgrad_preferring": lambda: UPGrad(preference=[1, 2, 3, 4, 5]),
    "dualproj": DualProj,
    "dualproj_preferring": lambda: DualProj(preference=[1, 2, 3, 4, 5]),
    "cagrad": CAGrad,
    "cagrad_wide": lambda: CAGrad(c=1.5, rescale=1),
    "cagrad_sum": lambda: CAGrad(scale="sum"),
    "pcd": lambda: PCD(tau=0.3),
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
    weights = np.array(aggregator.rescaled(weights, None))
    assert 0.0 <= float(aggregator.residual(gram, weights)) < 1e-5
    if not isinstance(aggregator, CAGrad):
        # The unit of the weights does not matter.
        assert float(aggregator.residual(gram, 7.0 * weights)) < 1e-5


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_anything_else_has_some(method):
    rows = jacobian(num_params=8)
    gram = rows @ rows.T
    aggregator = method()
    weights = np.array(aggregator.task_weights(gram))
    weights = np.array(aggregator.rescaled(weights, None))
    residual = tf.function(lambda given: aggregator.residual(gram, given))
    for index in range(5):
        for factor in (0.8, 1.2):
            other = weights.copy()
            other[index] = factor * other[index] + 0.01
            assert float(residual(tf.constant(other))) > 1e-5


def test_a_projected_mean():
    gram = np.array([[1.0, -0.5], [-0.5, 4.0]], "float32")
    # The mean conflicts with none, whatever its unit.
    assert float(dualproj_residual(gram, np.ones(2))) == 0.0
    # g_2 alone: nothing of the mean, and of length 1 with itself.
    found = dualproj_residual(gram, np.array([0.0, 1.0]))
    assert float(found) == pytest.approx(1.0)
    # Opposite: g_2 - 4 g_1 / 5, of lengths 1 and 4 / 5; the product with g_1
    # is -1 + 4 / 5.
    gram = np.array([[1.0, -1.0], [-1.0, 1.0]], "float32")
    found = dualproj_residual(gram, np.array([0.8, 1.0]))
    assert float(found) == pytest.approx(0.2 / 1.8)


def test_projections_of_opposite_gradients():
    unit = np.array([[1.0, -0.5], [-0.5, 1.0]])
    assert float(projections_residual(unit, 0.5 * (1 - np.eye(2)))) == 0.0
    # Untouched they conflict by a half; twice too much leaves a product.
    found = projections_residual(unit, np.zeros((2, 2)))
    assert float(found) == pytest.approx(0.5)
    found = projections_residual(unit, 1 - np.eye(2))
    assert float(found) == pytest.approx(0.5 / 2 / 2)


def test_conditions_of_pcd_that_contradict_each_other():
    rows = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]], "float32")
    gram = rows @ rows.T
    aggregator = PCD(tau=0.5)
    weights = aggregator.task_weights(gram)
    # The primary gradient alone, and no progress of the required half.
    np.testing.assert_allclose(weights, [1, 0, 0])
    found = float(aggregator.residual(gram, weights))
    assert found == pytest.approx(0.5)


def test_cagrad_at_a_pareto_stationary_point():
    rows = np.array([[1.0, 0.0], [-1.0, 0.0], [-0.5, 0.0]], "float32")
    gram = rows @ rows.T
    aggregator = CAGrad()
    weights = aggregator.task_weights(gram)
    assert float(aggregator.residual(gram, weights)) < 1e-5


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
    aggregator.build_state(5, [])
    assert float(aggregator.residual(gram, np.zeros(5, "float32"))) == 0.0
    rows = jacobian()
    gram = rows @ rows.T
    gram[2] = gram[:, 2] = np.nan
    present = np.array([True, True, False, True, True])
    weights = aggregator.task_weights(gram, present)
    weights = aggregator.rescaled(weights, present)
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
    monkeypatch.setattr(exchange, "MAX_EXCHANGES", 1)
    monkeypatch.setattr(exchange, "MAX_SINGLE", 1)
    monkeypatch.setattr(interior_point, "MAX_STEPS", 1)
    assert found() > 1e-4


def test_methods_with_a_closed_form_have_none():
    gram, weights = np.eye(2, dtype="float32"), np.ones(2, "float32")
    for method in (PCGrad(), CRMOGM(MGDA()), MGDA(normalization="l2")):
        assert method.residual(gram, weights) is None
