"""An optimizer with learning rates part by part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import keras

from keras_mtl.transfer.learning_rate_part import LearningRatePart
from keras_mtl.transfer.scaled_schedule import ScaledSchedule
from keras_mtl.typing import Tensor

_Schedule = keras.optimizers.schedules.LearningRateSchedule


@keras.saving.register_keras_serializable(package="keras_mtl")
class LayerwiseOptimizer(keras.optimizers.MultiOptimizer):
    """Keras's `MultiOptimizer`, with one optimizer and several rates.

    Every part is stepped by a copy of the optimizer, at its learning rate
    times the multiplier of the part, and at 0 before the first epoch of the
    part (see `GradualUnfreezing`). Unlike its base class it steps on some of
    its variables as well, as schemes with a step for each task do, and shows
    a `learning_rate`, that of the variables in no part: setting it sets those
    of all parts. `global_clipnorm` clips each part by itself.

    Args:
        optimizer: The optimizer. It steps the variables in no part.
        parts: Parts that share no variable.
        name: Name of the whole.
    """

    # What schemes with a step for each task ask.
    steps_in_parts = True

    def __init__(
        self,
        optimizer: Any,
        parts: Sequence[LearningRatePart],
        name: str = "layerwise_optimizer",
    ) -> None:
        base = keras.optimizers.get(optimizer)
        members = [_member(base, part) for part in parts]
        paths = ["|".join(map(re.escape, part.paths)) for part in parts]
        super().__init__(
            keras.optimizers.OptimizerMap(
                base, dict(zip(paths, members, strict=True))
            ),
            loss_scale_factor=base.loss_scale_factor,
            name=name,
        )
        self.base = base
        self.members_of_parts = members
        self.parts = tuple(parts)
        self.epoch = 0

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the variables in no part."""
        return self.base.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.base.learning_rate = value
        self.set_epoch(self.epoch)

    def set_epoch(self, epoch: int) -> None:
        """Sets the learning rates of the parts to those of an epoch.

        Args:
            epoch: The epoch, counted from 0.
        """
        self.epoch = epoch
        for part, member in zip(self.parts, self.members_of_parts, strict=True):
            factor = part.multiplier if epoch >= part.start_epoch else 0.0
            if isinstance(member._learning_rate, ScaledSchedule):
                member._learning_rate.factor.assign(factor)
            else:
                member.learning_rate = float(self.base.learning_rate) * factor

    def apply(
        self,
        grads: Sequence[Tensor],
        trainable_variables: Sequence[keras.Variable] | None = None,
    ) -> None:
        """Steps on some or all of the variables it was built for.

        Args:
            grads: A gradient for each variable.
            trainable_variables: The variables; all of them by default.
        """
        variables = trainable_variables or self._trainable_variables
        if not self.built:
            self.build(variables)
        for member in self.optimizers:
            own = [
                (gradient, variable)
                for gradient, variable in zip(grads, variables, strict=True)
                if self._optimizer_map(variable) is member
            ]
            if own:
                member.apply(*map(list, zip(*own, strict=True)))
        self.iterations.assign_add(1)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            "optimizer": keras.saving.serialize_keras_object(self.base),
            "parts": [asdict(part) for part in self.parts],
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> LayerwiseOptimizer:
        """Rebuilds optimizer and parts, without their slots."""
        optimizer = keras.saving.deserialize_keras_object(
            config["optimizer"], custom_objects=custom_objects
        )
        parts = [
            LearningRatePart(**{**part, "paths": tuple(part["paths"])})
            for part in config["parts"]
        ]
        return cls(optimizer, parts, name=config["name"])


def _member(base: Any, part: LearningRatePart) -> Any:
    """The optimizer of a part, at its rate in the first epoch."""
    factor = part.multiplier if part.start_epoch <= 0 else 0.0
    config = base.get_config()
    if isinstance(base._learning_rate, _Schedule):
        del config["learning_rate"]
        rate: Any = ScaledSchedule(base._learning_rate, factor)
        return type(base).from_config({**config, "learning_rate": rate})
    rate = float(base.learning_rate) * factor
    return type(base).from_config({**config, "learning_rate": rate})
