"""How long a way the shared weights go, beside the shortest."""

from __future__ import annotations

import math
from typing import Any

import keras

from keras_mtl.backend.movement import Movement
from keras_mtl.typing import Logs


class CoveredDistance(keras.callbacks.Callback):
    """Logs how far the shared weights went, and how far they got.

    `distance_total` is the sum of the lengths of all optimizer steps: `T` per
    batch where every one of `T` tasks makes its own. `distance_shortest` is
    the Euclidean distance from where training began, `distance_ratio` their
    quotient (1 or more; NaN before anything moved) and `distance_per_step`
    the mean length of a step: schemes with more steps per batch go longer
    ways for that reason alone. All in units of the weights.

    The shared weights are those that two tasks or more use, without the ones
    of batch normalisation. The way is measured in the graph of the training
    step and saved with the trainer, so that a resumed run goes on with it:
    before loading a checkpoint into a new trainer, call `set_model`.

    For trainers of `keras_mtl.trainers`. List it before the loggers.

    Raises:
        ValueError: If the model is no such trainer, its tasks share
            nothing, or it makes several steps per batch on several devices.

    Reference:
        Pascal, 2021 (PhD thesis), section 4.3.4
    """

    def set_model(self, model: Any) -> None:
        """Makes the trainer measure its steps."""
        super().set_model(model)
        if not hasattr(model, "follow"):
            raise ValueError(
                "CoveredDistance needs a compiled trainer of "
                "`keras_mtl.trainers`, which measures its own steps. "
                f"Received: {type(model).__name__}."
            )
        replicas = model.distribute_strategy.num_replicas_in_sync
        if replicas > 1 and len(model.phases) > 1:
            raise ValueError(
                "CoveredDistance cannot follow several steps a batch on "
                f"several devices. Received: {len(model.phases)} steps on "
                f"{replicas} devices. Train on one device, or leave it out."
            )
        movement = model.movement
        if movement is None:
            followed = _shared_weights(model)
            with model.distribute_strategy.scope():
                movement = Movement(followed, name="movement")
        model.follow(movement)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Remembers the start."""
        self.model.movement.begin()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Logs the way so far."""
        if logs is not None:
            logs.update(self.state())

    def state(self) -> dict[str, float]:
        """The way so far, by the names in the logs."""
        movement = self.model.movement
        total = float(movement.total.numpy())
        steps = int(movement.steps.numpy())
        shortest = movement.shortest()
        return {
            "distance_total": total,
            "distance_shortest": shortest,
            "distance_ratio": _quotient(total, shortest),
            "distance_per_step": _quotient(total, steps),
        }


def _quotient(one: float, other: float) -> float:
    return one / other if other else math.nan


def _shared_weights(trainer: Any) -> list[keras.Variable]:
    """What is followed, in the order of the model."""
    left_out = {
        id(variable)
        for layer in trainer.model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization)
        for variable in layer.variables
    }
    shared = [
        v for v in trainer.split.shared_variables if id(v) not in left_out
    ]
    if not shared:
        raise ValueError(
            "CoveredDistance measures the weights that tasks share. Received: "
            f"a trainer {type(trainer).__name__} whose tasks {trainer.tasks} "
            "share none. Leave the callback out."
        )
    return shared
