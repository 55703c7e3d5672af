"""Several optimizers that callbacks see as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class TaskOptimizers(keras.optimizers.Optimizer):
    """One optimizer per group of tasks, each with slots of its own.

    Trainers step the members; this object is what `trainer.optimizer` shows,
    so that callbacks which read or set the learning rate act on all members.

    Args:
        members: Group name to optimizer.
        name: Name of the whole.
    """

    def __init__(
        self,
        members: Mapping[str, keras.optimizers.Optimizer],
        name: str = "task_optimizers",
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)
        self.members = dict(members)

    @property
    def variables(self) -> list[keras.Variable]:
        """Variables of all members, after its own."""
        own: list[keras.Variable] = list(self._variables)
        for member in self.members.values():
            own.extend(member.variables)
        return own

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the first member."""
        return next(iter(self.members.values())).learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        for member in self.members.values():
            member.learning_rate = value

    def build_members(
        self, variables: Mapping[str, Sequence[keras.Variable]]
    ) -> None:
        """Makes the slots of every member, for its variables only."""
        for name, member in self.members.items():
            member.build(list(variables[name]))
        self.built = True

    def count_step(self) -> None:
        """Counts one training batch, whatever the members do in it."""
        self.iterations.assign_add(1)

    def apply(
        self, grads: Sequence[Tensor], trainable_variables: Any = None
    ) -> None:
        """Refused: a step belongs to one member."""
        raise RuntimeError(
            "TaskOptimizers does not step by itself: use "
            f"`optimizer.members[...]`, one of {sorted(self.members)}."
        )

    def finalize_variable_values(self, var_list: Any) -> None:
        """Writes the moving averages of members that keep them.

        The average of a shared variable is the one kept by the last group.
        """
        for member in self.members.values():
            member.finalize_variable_values(trained_variables(member))

    def save_own_variables(self, store: Any) -> None:
        """Saves its counter; the members save themselves."""
        for index, variable in enumerate(self._variables):
            store[str(index)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Loads its counter; the members load themselves."""
        for index, variable in enumerate(self._variables):
            variable.assign(store[str(index)])

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            "members": {
                name: keras.saving.serialize_keras_object(member)
                for name, member in self.members.items()
            },
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> TaskOptimizers:
        """Rebuilds the members, without their slots."""
        members = {
            name: keras.saving.deserialize_keras_object(
                member, custom_objects=custom_objects
            )
            for name, member in config["members"].items()
        }
        return cls(members, name=config["name"])


def trained_variables(
    optimizer: keras.optimizers.Optimizer,
) -> list[keras.Variable]:
    """The variables that an optimizer was built for."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return list(inner._trainable_variables)


def copy_of(
    optimizer: keras.optimizers.Optimizer,
) -> keras.optimizers.Optimizer:
    """An optimizer with the same options and no state."""
    return type(optimizer).from_config(optimizer.get_config())


def loss_scaled(
    optimizer: keras.optimizers.Optimizer, needed: bool
) -> keras.optimizers.Optimizer:
    """The optimizer, with dynamic loss scaling where float16 needs it.

    Args:
        optimizer: The optimizer; it may scale already.
        needed: Whether gradients are float16.

    Returns:
        The optimizer itself, or a `LossScaleOptimizer` around it.
    """
    wrapped = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if wrapped or not needed:
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)
