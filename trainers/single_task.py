"""Single-task learning (STL): one network per task."""

from __future__ import annotations

from typing import Any

import keras

from keras_mtl.graph import Split, split
from keras_mtl.trainers.independent import Independent


@keras.saving.register_keras_serializable(package="keras_mtl")
class SingleTask(Independent):
    """Every task on a full network of its own, trained side by side.

    The networks are copies of the part of `model` that each task uses and
    start from its weights. `trainer.model` holds all of them, and answers for
    all tasks in one call. The baseline that multi-task methods are measured
    against.

    Args:
        model: Functional model whose output is a dict, task to tensor.
        seed: Kept for symmetry with the other schemes.
        separate: Whether to make the copies; `False` says that the tasks of
            `model` share nothing already.
        **kwargs: Arguments of `keras.Model`.

    Raises:
        ValueError: If `separate` is false and tasks share variables.

    Reference:
        Pascal, 2021 (PhD thesis), chapter 4: STL
    """

    def __init__(
        self,
        model: keras.Model,
        seed: int = 0,
        separate: bool = True,
        **kwargs: Any,
    ) -> None:
        if separate:
            model = separated(model)
        super().__init__(model, seed=seed, **kwargs)
        if self.split.shared_variables:
            names = [v.path for v in self.split.shared_variables[:3]]
            raise ValueError(
                "separate=False needs a model whose tasks share no variable. "
                f"Shared: {names}, ... Use separate=True."
            )

    def _split(self) -> Split:
        return split(self.model, allow_disjoint=True)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor; the networks are separate already."""
        config = super().get_config()
        for name in ("groups", "order", "aggregator", "weighting"):
            del config[name]
        for name in ("gradients", "telemetry"):
            del config[name]
        return {**config, "separate": False}


def separated(model: keras.Model) -> keras.Model:
    """A model with a full copy of the network for each task.

    Args:
        model: Functional model with named outputs.

    Returns:
        Functional model of the same inputs and outputs, whose tasks share no
        variable, and whose weights are copies of those of `model`.
    """
    parts = split(model, allow_disjoint=True)
    _check_untied(model)
    outputs = {}
    inputs = keras.tree.map_structure(_fresh_input, model._inputs_struct)
    for task in parts.tasks:
        single = parts.forward((task,))
        copy = keras.models.clone_model(single)
        copy.set_weights(single.get_weights())
        copy.name = f"{task}_network"
        outputs[task] = copy(inputs)[task]
    return keras.Model(inputs, outputs, name=model.name)


def _check_untied(model: keras.Model) -> None:
    """A copy for one task would stay tied to weights that nobody trains."""
    for layer in model.layers:
        if hasattr(layer, "call_variables"):
            raise ValueError(
                "Networks of single tasks must not be tied to each other. "
                f"Received: {model.name!r} with the layer {layer.name!r} of "
                f"class {type(layer).__name__}. Use a network without it, or "
                "the `Independent` scheme, which keeps the tie."
            )


def _fresh_input(tensor: keras.KerasTensor) -> keras.KerasTensor:
    return keras.Input(
        batch_shape=tensor.shape, dtype=tensor.dtype, name=tensor.name
    )
