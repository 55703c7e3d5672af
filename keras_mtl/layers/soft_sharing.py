"""One layer per task, whose weights are drawn to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import keras

from keras_mtl.layers.tie_penalties import (
    FLATTENINGS,
    Flattening,
    squared_distance,
    trace_norm,
)
from keras_mtl.typing import Shape, Tensor

Penalty = Literal["l2", "trace_norm"]


@keras.saving.register_keras_serializable(package="keras_mtl")
class SoftSharing(keras.layers.Layer):
    """A copy of a layer for each task, with a penalty on how they differ.

    Call it once per task, on that task's features. The penalty is a loss of
    the model; biases are left out of it.

    Args:
        layer: The layer to copy, such as `Dense` or `Conv2D`; not built yet.
        tasks: Names of the tasks.
        penalty: `"l2"`: squared distances of the kernels to their mean;
            `"trace_norm"`: trace norm of the kernels side by side, which
            draws them to a common low-dimensional space.
        strength: Factor of the penalty, at least 0.
        flattening: Of the trace norm: `"last_axis"`, `"tucker"` or
            `"tensor_train"`, see `trace_norm`.
        **kwargs: Arguments of `keras.layers.Layer`.

    Call arguments:
        inputs: What the layer takes.
        task: Name of the task, a string.

    Raises:
        ValueError: If an argument is out of its range.

    Reference:
        [Duong et al., 2015](https://aclanthology.org/P15-2139);
        [Yang & Hospedales, 2017](https://arxiv.org/abs/1606.04038)
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        tasks: Sequence[str],
        penalty: Penalty = "l2",
        strength: float = 1e-3,
        flattening: Flattening = "last_axis",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check(penalty, strength, flattening)
        self.template = keras.saving.serialize_keras_object(layer)
        self.tasks = tuple(tasks)
        self.penalty = penalty
        self.strength = strength
        self.flattening: Flattening = flattening
        config = layer.get_config()
        self.copies = [
            type(layer).from_config({**config, "name": f"{task}_{layer.name}"})
            for task in self.tasks
        ]

    def build(self, inputs_shape: Shape) -> None:
        """Builds every copy, and ties their kernels."""
        for copy in self.copies:
            copy.build(inputs_shape)
        for variables in zip(
            *(copy.trainable_variables for copy in self.copies), strict=True
        ):
            if len(variables[0].shape) > 1:
                self._tie(variables)

    def _tie(self, variables: Sequence[Any]) -> None:
        """Gives every kernel its even share of the penalty."""

        def share(_: Tensor) -> Tensor:
            kernels = [variable.value for variable in variables]
            if self.penalty == "l2":
                found = squared_distance(kernels)
            else:
                found = trace_norm(kernels, self.flattening)
            return self.strength / len(variables) * found

        # Where Keras looks for the penalty of a weight. In a model of one
        # task it finds all of them: the layer belongs to it as a whole.
        for variable in variables:
            variable.regularizer = share

    def call(self, inputs: Tensor, task: str) -> Tensor:
        """What the copy of one task makes of its features."""
        return self._copy(task)(inputs)

    def call_variables(self, inputs: Tensor, task: str) -> list[Any]:
        """Variables that a call reads, for `keras_mtl.split`."""
        return list(self._copy(task).variables)

    def _copy(self, task: str) -> Any:
        if task not in self.tasks:
            raise ValueError(
                f"Layer {self.name!r} must be called for one of the tasks "
                f"{list(self.tasks)}. Received: task={task!r}."
            )
        return self.copies[self.tasks.index(task)]

    def compute_output_shape(self, inputs_shape: Shape) -> Shape:
        """The output shape of the layer."""
        return tuple(self.copies[0].compute_output_shape(inputs_shape))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            **super().get_config(),
            "layer": self.template,
            "tasks": list(self.tasks),
            "penalty": self.penalty,
            "strength": self.strength,
            "flattening": self.flattening,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SoftSharing:
        """Makes the layer of what `get_config` returned."""
        layer = keras.saving.deserialize_keras_object(config["layer"])
        return cls(**{**config, "layer": layer})


def _check(penalty: str, strength: float, flattening: str) -> None:
    if penalty not in ("l2", "trace_norm"):
        raise ValueError(
            "`penalty` must be 'l2' or 'trace_norm'. Received: "
            f"penalty={penalty!r}."
        )
    if flattening not in FLATTENINGS:
        raise ValueError(
            f"`flattening` must be one of {list(FLATTENINGS)}. Received: "
            f"flattening={flattening!r}."
        )
    if strength < 0:
        raise ValueError(
            f"`strength` must be 0 or more. Received: strength={strength!r}."
        )
