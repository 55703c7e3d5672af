import keras
import numpy as np
import pytest

from keras_mtl.backend.stepping import _apply, allowed_to_step

YES, NO = keras.ops.convert_to_tensor(True), keras.ops.convert_to_tensor(False)


@pytest.mark.parametrize(
    ("losses", "present", "healthy", "expected"),
    [
        ([1.0, 2.0], None, None, True),
        ([1.0, np.nan], None, None, False),
        ([np.inf, 1.0], None, YES, False),
        ([1.0, 2.0], [False, True], None, True),
        ([0.0, 0.0], [False, False], YES, False),
        ([1.0, 2.0], None, NO, False),
    ],
)
def test_when_to_step(losses, present, healthy, expected):
    assert bool(allowed_to_step(losses, present, healthy)) is expected


def variables():
    return [keras.Variable(np.ones(2), name=name) for name in ("w", "v")]


def test_variables_without_gradient_are_left_alone():
    w, v = variables()
    optimizer = keras.optimizers.SGD(0.5, momentum=0.9)
    optimizer.build([w, v])
    for gradient in (np.ones(2), None):
        pairs = [(np.ones(2), w), (gradient, v)]
        _apply(optimizer, pairs, YES)
    np.testing.assert_allclose(v.numpy(), 0.5)
    _apply(optimizer, [(None, w)], YES)
    assert int(optimizer.iterations) == 2


def test_nothing_moves_where_stepping_is_not_allowed():
    w, v = variables()
    optimizer = keras.optimizers.Adam(0.5)
    optimizer.build([w, v])
    _apply(optimizer, [(np.ones(2), w), (np.ones(2), v)], NO)
    np.testing.assert_array_equal(w.numpy(), 1.0)
    assert int(optimizer.iterations) == 0


@pytest.mark.parametrize("scaled", [False, True])
def test_an_optimizer_of_several_parts_gets_zeros(scaled):
    w, v = variables()
    optimizer = keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(
            keras.optimizers.SGD(0.5), {"v": keras.optimizers.SGD(0.1)}
        )
    )
    if scaled:
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer, 1.0)
    optimizer.build([w, v])
    _apply(optimizer, [(keras.ops.ones(2), w), (None, v)], YES)
    np.testing.assert_allclose(w.numpy(), 0.5)
    np.testing.assert_allclose(v.numpy(), 1.0)
