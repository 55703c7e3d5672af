"""Shared updates (SUS): all tasks in one step."""

from __future__ import annotations

import keras

from keras_mtl.trainers.trainer import Trainer


@keras.saving.register_keras_serializable(package="keras_mtl")
class Shared(Trainer):
    """One forward pass and one optimizer step for all tasks together.

    The gradients of the shared variables are added, or combined by an
    aggregator; a weighting may set the weights of the losses. The variables
    of one task follow that task's own (weighted) gradient. This is what
    is usually meant by multi-task training, and the place where gradient
    surgery and multi-objective optimisation apply.

    Args:
        model: Functional model whose output is a dict, task to tensor.
        aggregator: How the gradients are combined; `None` adds them.
        weighting: How the losses are weighted; `None` leaves them alone.
        gradients: `"weights"`, or `"representation"` (`MGDA` there is
            MGDA-UB).
        seed: Seed of what the scheme draws.
        telemetry: Whether to measure gradients that no method reads.
        shared_variables: As in `Trainer`.
        task_variables: As in `Trainer`.
        **kwargs: Arguments of `keras.Model`.

    Raises:
        ValueError: If the choices do not fit each other.

    Example:
        >>> import keras_mtl
        >>> model = keras_mtl.models.mlp({"a": 2, "b": 3}, input_shape=(4,))
        >>> trainer = keras_mtl.trainers.Shared(model)
        >>> trainer.groups
        (('a', 'b'),)

    Reference:
        Pascal, 2021 (PhD thesis), chapter 4: MTL-SUS
    """
