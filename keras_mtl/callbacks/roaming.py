"""Maximum Roaming: every filter gets to work for every task."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras
import numpy as np

from keras_mtl.callbacks.roaming_masks import masks_of, state_of
from keras_mtl.callbacks.roaming_schedule import RoamingSchedule
from keras_mtl.callbacks.slots import (
    clear_slots,
    filter_kernel,
    filter_variables,
    filters_first,
)
from keras_mtl.callbacks.training_step import training_step
from keras_mtl.graph import describe_partition
from keras_mtl.layers import RoamingMask
from keras_mtl.layers.filter_plan import (
    check_ratio,
    planned_updates,
    random_scores,
    similarity_scores,
    swap,
)
from keras_mtl.typing import Logs

Selection = Literal["random", "similarity"]
# A task by its row, the filter it gained and the filter it lost.
Swaps = Sequence[tuple[int, int, int]]
_START, _EPOCH = 1, 2  # places in `RoamingMask.plan`


@dataclasses.dataclass(eq=False)
class _Roamer:
    """A mask with its plan, as numbers on the host."""

    layer: RoamingMask
    planned: int
    start: int
    steps_per_epoch: int
    done: int


class Roaming(keras.callbacks.Callback):
    """Swaps a filter of each task, in every layer, at a steady pace.

    In one update, a task gains a filter that it has not used yet and loses
    one of those it uses. After `S - n` updates (`S` filters, of which a task
    uses `n`), it has used them all, and keeps its last ones.

    The state is in the layers and saved with the weights, so that a resumed
    run makes the same swaps. List the callback before those that save or
    write the logs, into which it puts `roaming_occupancy` (share of the
    filters that a task uses), `roaming_overlap` (share that a pair of tasks
    uses both), `roaming_completion` (share of the plan done, in [0, 1]), all
    means over the layers, and `roaming_unused` (filters that no task uses).

    Args:
        every: `{"epochs": number}`, which may be a fraction, or `{"steps":
            integer}`: time between two updates.
        finish_by: `{"steps": integer}` instead: every layer goes at its own
            pace, and all end that many training steps after the first.
        update_ratio: Share of the `S - n` updates to make, in [0, 1].
        selection: `"random"`; or `"similarity"`: gain the filter least
            aligned with those in use and lose the most redundant one, by the
            cosines of their kernels.
        keep_coverage: Lose only filters that another task uses too, where
            there are such, so that no filter is left without a task.
        reset_slots: Clear the slots of swapped filters in the optimizer of
            the task. For `Independent`, where every task has its own.
        seed: Seed of the draws, beside those of the layers; at least 0.

    Raises:
        ValueError: If an argument is out of its range; in training, if there
            is nothing that roams.

    Reference:
        [Pascal et al., 2021](https://arxiv.org/abs/2006.09762)
    """

    def __init__(
        self,
        every: Mapping[str, float] | None = None,
        finish_by: Mapping[str, int] | None = None,
        update_ratio: float = 1.0,
        selection: Selection = "random",
        keep_coverage: bool = True,
        reset_slots: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.schedule = RoamingSchedule.read(every, finish_by)
        self.update_ratio = check_ratio(update_ratio, "update_ratio")
        if selection not in ("random", "similarity"):
            raise ValueError(
                "`selection` must be 'random' or 'similarity'. Received: "
                f"selection={selection!r}."
            )
        self.every = every
        self.finish_by = finish_by
        self.selection = selection
        self.keep_coverage = keep_coverage
        self.reset_slots = reset_slots
        self.seed = seed
        self._roamers: list[_Roamer] = []
        self._origin = 0
        self._rows: dict[int, Any] = {}

    # When ------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Reads where every layer stands; begins the plan of new ones."""
        self._origin = training_step(self.model)
        masks = [m for m in masks_of(self.model) if m.roaming]
        if not masks:
            raise ValueError(
                "Roaming needs masks that may change. Received a model with "
                "none: use `keras_mtl.graph.partition(model, kind='roaming')`."
            )
        self._prepare(masks)
        fresh = [mask for mask in masks if mask.plan.numpy()[_START] < 0]
        for mask in fresh:
            self._begin(mask)
        self._roamers = [self._roamer(mask) for mask in masks]
        if len(fresh) == len(masks):
            self._check_time(epoch)

    def on_train_batch_begin(
        self, batch: int, logs: Logs | None = None
    ) -> None:
        """Makes the swaps that are due.

        Before a step and not after the last one, so that what is validated,
        tested or saved has trained with the filters it uses.
        """
        self.advance(self._origin + batch)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Logs what the masks look like."""
        if logs is not None:
            logs.update(self.state())

    def advance(self, step: int) -> None:
        """Makes the swaps that are due before the next training step.

        Args:
            step: Training batches done in the life of the model.
        """
        for roamer in self._roamers:
            due = self.schedule.due(
                step - roamer.start, roamer.planned, roamer.steps_per_epoch
            )
            if due > roamer.done:
                self._update(roamer, due)

    def _begin(self, mask: RoamingMask) -> None:
        plan = mask.plan.numpy()
        plan[_START] = self._origin
        plan[_EPOCH] = self.params.get("steps") or 0
        if self.schedule.in_epochs and plan[_EPOCH] == 0:
            raise ValueError(
                f"{self.schedule} needs the number of steps of an epoch, "
                "which the data does not tell. Pass `steps_per_epoch` to "
                "`fit`, or use `every={'steps': ...}`."
            )
        mask.plan.assign(plan)

    def _roamer(self, mask: RoamingMask) -> _Roamer:
        _, start, steps_per_epoch = mask.plan.numpy()
        filters = int(mask.mask.shape[1])
        planned = planned_updates(
            filters, mask.filters_per_task, self.update_ratio
        )
        done = int(mask.updates.numpy().min())
        return _Roamer(mask, planned, int(start), int(steps_per_epoch), done)

    def _check_time(self, epoch: int) -> None:
        """Warns of a plan that the run is too short for."""
        steps = self.params.get("steps")
        if not steps or not self.params.get("epochs"):
            return
        epochs = self.params["epochs"] - epoch
        last = max(self._roamers, key=lambda roamer: roamer.planned)
        needed = self.schedule.needed(last.planned, steps)
        if needed >= epochs * steps:
            warnings.warn(
                f"Roaming will not finish: {self.schedule} makes the "
                f"{last.planned} swaps of {last.layer.name!r} (update_ratio="
                f"{self.update_ratio:g} of {last.layer.mask.shape[1]} - "
                f"{last.layer.filters_per_task} filters) in {needed:,} steps, "
                f"the last before one more step, but the run has {epochs} "
                f"epochs of {steps} steps = {epochs * steps:,}.",
                stacklevel=2,
            )

    # What ------------------------------------------------------------------

    def _update(self, roamer: _Roamer, due: int) -> None:
        """Brings every task of a layer to `due` swaps."""
        layer = roamer.layer
        mask, visited = layer.mask.numpy() > 0.5, layer.visited.numpy()
        updates = layer.updates.numpy()
        seed = int(layer.plan.numpy()[0])
        while (update := int(updates.min())) < due:
            rows = np.flatnonzero(updates == update).tolist()
            scores = self._scores(layer, mask, [seed, self.seed, update])
            swaps = swap(mask, visited, rows, scores, self.keep_coverage)
            updates[rows] += 1
            if self.reset_slots:
                self._reset(layer, mask, swaps)
        layer.mask.assign(mask.astype(layer.mask.dtype))
        layer.visited.assign(visited)
        layer.updates.assign(updates)
        roamer.done = due

    def _scores(self, layer: Any, mask: Any, seeds: list[int]) -> Any:
        if self.selection == "random":
            *seeds, update = seeds
            return random_scores(seeds, update, *mask.shape)
        kernel, axis = filter_kernel(self._rows[id(layer)].convolution)
        kernels = filters_first(kernel.numpy(), axis)
        return similarity_scores(kernels.reshape(mask.shape[1], -1), mask)

    def _reset(self, layer: RoamingMask, mask: Any, swaps: Swaps) -> None:
        row = self._rows[id(layer)]
        for task, *filters in swaps:
            name = row.tasks[task]
            optimizer, group = self._optimizer(name)
            others = [
                mask[index]
                for index, other in enumerate(row.tasks)
                if other in group and other != name
            ]
            free = [f for f in filters if not any(o[f] for o in others)]
            variables = filter_variables(row.convolution, row.normalization)
            for variable, axis in variables:
                clear_slots(optimizer, variable, axis, free)

    def _optimizer(self, task: str) -> tuple[Any, list[str]]:
        """The optimizer of a task, and the tasks it steps for."""
        for name, optimizer in self.model.optimizers.items():
            group = name.split("+")
            if task in group:
                return optimizer, group
        raise KeyError(task)

    def _prepare(self, masks: Sequence[RoamingMask]) -> None:
        """Finds the convolutions, where they are needed."""
        if self.reset_slots:
            optimizers = getattr(self.model, "optimizers", {}).values()
            if len({id(o) for o in optimizers}) < 2:
                raise ValueError(
                    "reset_slots=True clears the slots of one task's "
                    "optimizer. Received: one optimizer for all tasks. Use "
                    "the `Independent` scheme, or reset_slots=False."
                )
        if not self.reset_slots and self.selection == "random":
            return
        report = describe_partition(getattr(self.model, "model", self.model))
        self._rows = {id(row.layer): row for row in report.layers}
        missing = [mask.name for mask in masks if id(mask) not in self._rows]
        if missing:
            raise ValueError(
                "selection='similarity' and reset_slots need masks behind "
                f"convolutions. Received: {missing}."
            )

    def state(self) -> dict[str, float]:
        """What the masks look like, by the names in the logs."""
        return state_of([roamer.layer for roamer in self._roamers])
