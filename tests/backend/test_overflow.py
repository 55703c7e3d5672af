from types import SimpleNamespace

import keras
import numpy as np
import pytest

from keras_mtl.backend.overflow import kept_on_overflow
from keras_mtl.config import registry

LOSSES = np.array([1.0, 2.0, 0.5], "float32")
GRAM = np.diag([1.0, 4.0, 0.25]).astype("float32")


def scaling():
    return keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1))


def trained(weighting, optimizer, overflows):
    """The state before and after a step that overflows, or does not."""
    variables = weighting.variables
    before = [np.array(variable) for variable in variables]
    with kept_on_overflow(
        SimpleNamespace(optimizer=optimizer, weighting=weighting)
    ):
        weighting.task_weights(LOSSES)
        if overflows:
            optimizer.dynamic_scale.assign(optimizer.dynamic_scale / 2)
        weighting.update(LOSSES, None, GRAM)
        if weighting.reads_losses_after:
            weighting.update_after(LOSSES, 0.5 * LOSSES)
    after = [np.array(variable) for variable in variables]
    return [np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


@pytest.mark.parametrize("name", registry.names("weightings"))
def test_no_weighting_notices_a_step_that_was_skipped(name):
    options = {"metric": "loss"} if name == "dtp" else {}
    weighting = registry.resolve("weightings", name)(**options)
    weighting.build_state(("a", "b", "c"))
    optimizer = scaling()
    optimizer.build([keras.Variable(1.0)])
    assert all(trained(weighting, optimizer, overflows=True))


@pytest.mark.parametrize("scales", [True, False])
def test_other_steps_change_the_state(scales):
    weighting = registry.resolve("weightings", "famo")()
    weighting.build_state(("a", "b", "c"))
    optimizer = scaling() if scales else keras.optimizers.SGD(0.1)
    optimizer.build([keras.Variable(1.0)])
    assert not all(trained(weighting, optimizer, overflows=False))
