"""Telling the encoders of a cooperative network apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras

from keras_mtl.graph import Split

Variables = tuple[keras.Variable, ...]
_HOW = (
    "Build the model with `keras_mtl.models.cooperative(...)`, or give every "
    "task an encoder of its own and let each task read the other tasks' "
    "features through `keras_mtl.layers.CooperativeFusion` or `StopGradient`."
)


@dataclass(frozen=True, eq=False)
class Encoders:
    """What each task trains.

    Attributes:
        encoders: Task to the variables of its encoder: the task trains them,
            and other tasks read them.
        heads: Task to the variables that it trains and no other task reads.
    """

    encoders: Mapping[str, Variables]
    heads: Mapping[str, Variables]

    def of(self, task: str) -> Variables:
        """What one task trains: its encoder, then its head."""
        return (*self.encoders[task], *self.heads[task])

    def others(self, task: str) -> Variables:
        """The encoders of all other tasks, by task name."""
        return tuple(
            variable
            for other in sorted(self.encoders)
            if other != task
            for variable in self.encoders[other]
        )


def find_encoders(split: Split) -> Encoders:
    """Finds the encoder of each task by where its gradients go.

    Args:
        split: Split of a Functional model of two tasks or more.

    Returns:
        The encoders and heads.

    Raises:
        ValueError: If a variable is trained by several tasks, or a task has
            no encoder that others read; says how to build a model that fits.
    """
    # Late, so that TensorFlow is imported on first use.
    from keras_mtl.backend.connectivity import trained_by

    if split.graph is None or len(split.tasks) < 2:
        raise ValueError(
            "Cooperative training needs a Functional model of two tasks or "
            f"more. Received: {split.model.name!r} with the tasks "
            f"{list(split.tasks)}, {_kind(split)}. {_HOW}"
        )
    variables = list(split.model.trainable_variables)
    trained = trained_by(split.model, variables)
    own: dict[str, list[keras.Variable]] = {task: [] for task in split.tasks}
    for index, variable in enumerate(variables):
        owners = [task for task in split.tasks if index in trained[task]]
        if len(owners) > 1:
            raise ValueError(
                "Cooperative training needs an encoder for each task that "
                f"no other task trains. Received: {variable.path!r} of model "
                f"{split.model.name!r}, which the losses of {owners} all "
                f"train. {_HOW}"
            )
        for task in owners:
            own[task].append(variable)
    return _sorted_out(split, own)


def _sorted_out(
    split: Split, own: Mapping[str, list[keras.Variable]]
) -> Encoders:
    encoders, heads = {}, {}
    for task, variables in own.items():
        read = [len(split.reached_by(v) - {task}) > 0 for v in variables]
        pairs = list(zip(variables, read, strict=True))
        encoders[task] = tuple(v for v, others in pairs if others)
        heads[task] = tuple(v for v, others in pairs if not others)
    lacking = [task for task, variables in encoders.items() if not variables]
    if lacking:
        raise ValueError(
            "Cooperative training needs an encoder for each task, with "
            "trainable variables whose features another task reads. "
            f"Received: model {split.model.name!r}, where {lacking} have "
            f"none. {_HOW}"
        )
    return Encoders(encoders, heads)


def _kind(split: Split) -> str:
    return "a subclassed model" if split.graph is None else "Functional"
