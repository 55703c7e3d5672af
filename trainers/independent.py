"""Independent optimizers (IO): one step and one optimizer per task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from keras_mtl.backend.phase import Batch
from keras_mtl.trainers.alternating import Alternating
from keras_mtl.trainers.compilation import check_tasks
from keras_mtl.trainers.task_optimizers import (
    TaskOptimizers,
    copy_of,
    loss_scaled,
)
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class Independent(Alternating):
    """As `Alternating`, with one optimizer per task (or group).

    The momenta of each optimizer only ever see its own group's gradients,
    and its slots cover the shared variables that the group reaches and the
    group's heads only. `compile` takes one optimizer, copied for every group,
    or a dict from group name (tasks joined by `+`) to optimizer.
    Its arguments are those of `Alternating`.

    Reference:
        Pascal, 2021 (PhD thesis), chapter 4: MTL-IO, eq. 4.7
    """

    def make_optimizers(
        self, optimizer: Any
    ) -> tuple[
        keras.optimizers.Optimizer, dict[str, keras.optimizers.Optimizer]
    ]:
        """One optimizer per group."""
        names = ["+".join(group) for group in self.groups]
        members = {
            name: loss_scaled(member, self.scales_losses)
            for name, member in _members(optimizer, names).items()
        }
        whole = TaskOptimizers(members)
        variables = {}
        for group in self.groups:
            extra = []
            if self.weighting is not None:
                extra = self.weighting.variables_of(group)
            variables["+".join(group)] = [*self.variables_of(group), *extra]
        whole.build_members(variables)
        return whole, members

    def variables_of(self, group: tuple[str, ...]) -> list[keras.Variable]:
        """What the optimizer of a group has slots for."""
        return self.split.variables(group)

    def train_batch(self, batch: Batch) -> Tensor:
        """Runs the phases, each with its own optimizer."""
        self.optimizer.count_step()
        return super().train_batch(batch)


def _members(
    optimizer: Any, names: list[str]
) -> dict[str, keras.optimizers.Optimizer]:
    """Group name to optimizer."""
    if isinstance(optimizer, TaskOptimizers):
        optimizer = optimizer.members
    if isinstance(optimizer, Mapping) and "class_name" not in optimizer:
        check_tasks("optimizer", optimizer, names)
        missing = sorted(set(names) - set(optimizer))
        if missing:
            raise ValueError(
                f"`optimizer` must hold one optimizer for each of the groups "
                f"{sorted(names)}. Missing: {missing}."
            )
        return {name: keras.optimizers.get(optimizer[name]) for name in names}
    first = keras.optimizers.get(optimizer)
    if first.built:
        return {name: copy_of(first) for name in names}
    rest = {name: copy_of(first) for name in names[1:]}
    return {names[0]: first, **rest}
