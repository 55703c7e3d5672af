from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import MGDA, GradDrop
from keras_mtl.losses import TaskLoss
from keras_mtl.trainers.compilation import (
    check_replicas,
    check_tasks,
    per_task_losses,
    per_task_metrics,
    resolve_metric,
)

TASKS = ("left", "right")


def losses(loss="mse"):
    return per_task_losses(loss, TASKS, "float32")


def test_one_loss_serves_all_tasks():
    assert {task: loss.task for task, loss in losses().items()} == {
        "left": "left",
        "right": "right",
    }


def test_a_loss_for_each_task():
    given = {"right": keras.losses.Huber(), "left": "mae"}
    found = losses(given)
    assert list(found) == list(TASKS)
    assert found["right"].loss is given["right"]


def test_a_task_without_loss_is_named():
    with pytest.raises(ValueError, match=r"Missing: \['right'\]"):
        losses({"left": "mse"})
    with pytest.raises(ValueError, match="'right' has no loss"):
        losses({"left": "mse", "right": None})
    with pytest.raises(ValueError, match="Received: loss=None"):
        losses(None)


def test_a_loss_of_no_task_gets_the_nearest_name():
    with pytest.raises(ValueError, match=r"'rihgt'.*Did you mean 'right'"):
        losses({"left": "mse", "right": "mse", "rihgt": "mse"})


def test_names_that_are_far_from_any_get_no_hint():
    with pytest.raises(ValueError, match=r"'zzz'. Expected .*'right'\]\.$"):
        check_tasks("loss", ["zzz"], TASKS)


def test_a_loss_that_keras_does_not_know_is_named():
    with pytest.raises(ValueError, match=r"task 'left'.*loss='mze'"):
        losses({"left": "mze", "right": "mse"})


def test_metrics_by_task_and_for_all():
    found = per_task_metrics("metrics", {"right": "mae"}, losses())
    assert [m.name for m in found["right"]] == ["mae"]
    assert "left" not in found
    found = per_task_metrics("metrics", ["mae", "mse"], losses())
    assert [m.name for m in found["left"]] == ["mae", "mse"]
    assert found["left"][0] is not found["right"][0]
    assert per_task_metrics("metrics", None, losses()) == {}
    found = per_task_metrics("metrics", {"left": None, "right": []}, losses())
    assert found == {"left": [], "right": []}


def test_a_metric_object_cannot_serve_all_tasks():
    metric = keras.metrics.MeanSquaredError()
    with pytest.raises(ValueError, match="'mean_squared_error' in `metrics`"):
        per_task_metrics("metrics", [metric], losses())


def test_a_metric_of_no_task_gets_the_nearest_name():
    with pytest.raises(ValueError, match=r"`metrics` names .*'lefd'.*'left'"):
        per_task_metrics("metrics", {"lefd": "mae"}, losses())


def test_an_unknown_metric_is_named_with_its_task():
    with pytest.raises(ValueError, match="'aucc' of task 'left'"):
        per_task_metrics("metrics", {"left": "aucc"}, losses())


def test_a_function_becomes_a_metric_of_its_name():
    def twice(y_true, y_pred):
        return 2.0 * y_true

    metric = resolve_metric(twice, TaskLoss("mse", "left"))
    metric.update_state(np.array([1.0, 2.0]), np.zeros(2))
    assert metric.name == "twice"
    assert float(metric.result()) == 3.0


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        ("sparse_categorical_crossentropy", "SparseCategoricalAccuracy"),
        (
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            "SparseCategoricalAccuracy",
        ),
        (keras.losses.CategoricalCrossentropy(), "CategoricalAccuracy"),
        ("kl_divergence", "CategoricalAccuracy"),
        (keras.losses.BinaryCrossentropy(), "BinaryAccuracy"),
        ("hinge", "BinaryAccuracy"),
    ],
)
def test_accuracy_is_the_one_that_fits_the_loss(loss, kind):
    metric = resolve_metric("accuracy", TaskLoss(loss, "left"))
    assert type(metric).__name__ == kind
    assert metric.name == "accuracy"


@pytest.mark.parametrize(("logits", "threshold"), [(True, 0.0), (False, 0.5)])
def test_binary_accuracy_knows_logits(logits, threshold):
    loss = keras.losses.BinaryCrossentropy(from_logits=logits)
    metric = resolve_metric("acc", TaskLoss(loss, "left"))
    metric.update_state(np.array([[1.0]]), np.array([[threshold + 0.1]]))
    metric.update_state(np.array([[0.0]]), np.array([[threshold - 0.1]]))
    assert float(metric.result()) == 1.0


def test_accuracy_of_a_regression_is_refused():
    with pytest.raises(ValueError, match="loss 'mean_squared_error'"):
        resolve_metric("accuracy", TaskLoss("mse", "left"))


def strategy(kind, replicas=2):
    made = type(kind, (), {})()
    made.num_replicas_in_sync = replicas
    return made


def phase(optimizer=None, method=None, at_frontier=False):
    return SimpleNamespace(
        optimizer=optimizer or keras.optimizers.SGD(),
        aggregator=method or MGDA(),
        split=object() if at_frontier else None,
    )


def test_strategies_of_several_machines_are_refused_with_the_way_out():
    check_replicas(strategy("MirroredStrategy"), [phase()], "auto")
    with pytest.raises(ValueError, match=r"Received: MultiWorker.*one run per"):
        check_replicas(strategy("CollectiveAllReduceStrategy"), [], "auto")
    assert tf.distribute.MultiWorkerMirroredStrategy.__name__ == (
        "CollectiveAllReduceStrategy"
    )


def test_what_replicas_cannot_do_is_refused():
    mirrored = strategy("MirroredStrategy")
    with pytest.raises(ValueError, match="Received: jit_compile=True"):
        check_replicas(mirrored, [phase()], True)
    gathering = keras.optimizers.SGD(gradient_accumulation_steps=2)
    with pytest.raises(ValueError, match="gradient_accumulation_steps=2"):
        check_replicas(mirrored, [phase(gathering)], "auto")
    check_replicas(mirrored, [phase(at_frontier=True)], "auto")
    dropping = phase(method=GradDrop(), at_frontier=True)
    with pytest.raises(ValueError, match="GradDrop looks at single samples"):
        check_replicas(mirrored, [dropping], "auto")
    check_replicas(strategy("MirroredStrategy", 1), [dropping], True)
