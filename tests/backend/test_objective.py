import types

import keras
import numpy as np
import pytest

from keras_mtl.backend.objective import among_all, objective_of
from keras_mtl.backend.phase import Batch, Phase
from keras_mtl.losses import TaskLoss
from keras_mtl.weightings import Uncertainty

TASKS = ("a", "b", "c")
OUTPUTS = {"a": np.full((2, 1), 2.0), "c": np.full((2, 1), 3.0)}
LOSSES = {task: TaskLoss("mse", task) for task in TASKS}


def phase(optimizer=None, **options):
    return Phase(
        tasks=("a", "c"),
        positions=(0, 2),
        num_tasks=3,
        forward=None,
        shared=(),
        own={"a": (), "c": ()},
        optimizer=optimizer or keras.optimizers.SGD(),
        aggregator=None,
        **options,
    )


def objective(phase, weight=None, losses=()):
    labels = {task: np.zeros((2, 1)) for task in TASKS}
    batch = Batch(None, labels, {"a": None, "b": None, "c": weight})
    present = None if weight is None else np.array([True, weight.any()])
    model = types.SimpleNamespace(losses=list(losses))
    return objective_of(phase, batch, LOSSES, present, OUTPUTS, model)


def test_the_plain_objective_is_the_losses():
    found = objective(phase())
    assert [float(task) for task in found.tasks] == [4.0, 9.0]
    assert found.weights.numpy().tolist() == [1.0, 1.0]
    assert found.rest is None
    assert float(found.total()) == 13.0
    assert found.result.counts.numpy().tolist() == [2.0, 2.0]


def test_loss_weights_weigh_the_objective_and_not_the_loss():
    found = objective(phase(loss_weights={"c": 0.5}))
    assert [float(task) for task in found.tasks] == [4.0, 4.5]
    assert found.result.losses.numpy().tolist() == [4.0, 9.0]


def test_losses_of_layers_belong_to_no_task():
    found = objective(phase(), losses=[np.float32(0.5), np.float32(0.25)])
    assert float(found.extra) == 0.75
    assert float(found.total()) == 13.75
    assert float(found.total([np.float32(1.0)])) == 1.75
    assert float(found.result.extra) == 0.75


def test_a_weighting_of_all_tasks_serves_a_group():
    weighting = Uncertainty(init={"a": np.log(2.0), "b": 7.0, "c": 0.0})
    weighting.build_state(TASKS)
    found = objective(phase(weighting=weighting, loss_weights={"c": 2.0}))
    assert [float(task) for task in found.tasks] == pytest.approx([2.0, 18.0])
    assert float(found.penalty) == pytest.approx(np.log(2.0) / 2)


def test_everything_is_scaled_for_float16_but_the_reported_losses():
    optimizer = keras.optimizers.SGD(loss_scale_factor=8.0)
    found = objective(phase(optimizer), losses=[np.float32(0.5)])
    assert [float(task) for task in found.tasks] == [32.0, 72.0]
    assert float(found.extra) == 4.0
    assert found.result.losses.numpy().tolist() == [4.0, 9.0]
    assert float(found.result.extra) == 0.5


def test_values_take_their_places_among_all_tasks():
    values, mask = among_all(phase(), np.array([1.0, 2.0], "float32"), None)
    assert values.numpy().tolist() == [1.0, 0.0, 2.0]
    assert mask.numpy().tolist() == [True, False, True]
    present = np.array([False, True])
    _, mask = among_all(phase(), np.zeros(2, "float32"), present)
    assert mask.numpy().tolist() == [False, False, True]
