"""What a weighting is: task losses in, task weights out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import keras
from keras import ops

from keras_mtl.aggregators.component import Component
from keras_mtl.aggregators.solvers import all_present
from keras_mtl.typing import Logs, Tensor


def share_out(positive: Tensor, present: Tensor) -> Tensor:
    """Scales non-negative numbers to sum to the number of present tasks.

    Args:
        positive: Float tensor, shape `(num_tasks,)`.
        present: Boolean tensor, shape `(num_tasks,)`.

    Returns:
        Tensor of the same shape: zero for absent tasks, equal for the others
        if all their numbers are 0.
    """
    mask = ops.cast(present, positive.dtype)
    positive = positive * mask
    total = ops.sum(positive)
    scaled = positive * ops.divide_no_nan(ops.sum(mask), total)
    return ops.where(ops.equal(total, 0.0), mask, scaled)


class Weighting(Component):
    """Turns the losses of several tasks into the weights of their sum.

    The trainer minimises `sum(weights * losses) + penalty`: in the network's
    gradient the weights are constants, and the trainable variables of the
    weighting (uncertainty's log variances) receive the gradient of the whole.
    State is made in `build_state`, changed in `update` and saved with the
    trainer.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    # Whether `update` wants the Gram matrix of the unweighted gradients.
    reads_gram: ClassVar[bool] = False
    # Whether `on_epoch_end` wants the validation metrics.
    reads_metrics: ClassVar[bool] = False

    def build_state(self, tasks: Sequence[str]) -> None:
        """Makes the state, once, before the first step.

        Args:
            tasks: Names of the tasks, sorted: the order of every `[T]` axis.

        Raises:
            ValueError: If the options do not fit these tasks.
        """
        self.tasks = tuple(tasks)
        self._task_of: dict[int, str] = {}
        self.built = True

    def add_trained(
        self, name: str, values: Sequence[float]
    ) -> list[keras.Variable]:
        """Makes a trainable number for each task.

        They are variables of their own, so that a step on some tasks leaves
        those of the others alone, momenta included.

        Args:
            name: First part of their names.
            values: What they start from, in the order of the tasks.

        Returns:
            Scalar variables, in the order of the tasks.
        """
        made = []
        for task, value in zip(self.tasks, values, strict=True):
            variable = self.add_weight(
                (),
                # `Constant` would round to float32.
                lambda shape, dtype, value=value: ops.convert_to_tensor(
                    value, dtype
                ),
                name=f"{name}_{task.replace('/', '_')}",
            )
            self._task_of[id(variable)] = task
            made.append(variable)
        return made

    @staticmethod
    def joined(variables: Sequence[keras.Variable]) -> Tensor:
        """Scalar variables as one tensor, shape `(num_tasks,)`."""
        # `stack` of scalar variables loses their gradient in eager mode.
        return ops.concatenate([ops.expand_dims(v, 0) for v in variables])

    def variables_of(self, tasks: Sequence[str]) -> list[keras.Variable]:
        """The trainable variables that a step on some tasks may move.

        Args:
            tasks: Names of the tasks of the step.

        Returns:
            All but those that `add_trained` made for other tasks.
        """
        return [
            variable
            for variable in self.trainable_variables
            if self._task_of.get(id(variable)) in (None, *tasks)
        ]

    def add_state(self, name: str, start: str = "zeros") -> keras.Variable:
        """Makes a variable with one number per task, which nothing trains.

        Args:
            name: Name of the variable.
            start: Initializer of its values.

        Returns:
            Variable of shape `(num_tasks,)`.
        """
        shape = (len(self.tasks),)
        return self.add_weight(shape, start, trainable=False, name=name)

    def usable(self, losses: Tensor, present: Tensor | None) -> Tensor:
        """Which tasks may change their state: present, if all is finite.

        Args:
            losses: As in `task_weights`.
            present: As in `task_weights`.

        Returns:
            Boolean tensor, shape `(num_tasks,)`.
        """
        mask = all_present(present, len(self.tasks))
        fine = ops.logical_or(ops.isfinite(losses), ops.logical_not(mask))
        return ops.logical_and(mask, ops.all(fine))

    def per_task(
        self, option: str, value: float | Mapping[str, float], default: float
    ) -> list[float]:
        """An option given as one number or by task, in the order of tasks.

        Args:
            option: Name of the option, for the error.
            value: A number for all tasks, or task name to number.
            default: For the tasks a mapping leaves out.

        Returns:
            One number per task.

        Raises:
            ValueError: If the mapping names a task that does not exist.
        """
        if not isinstance(value, Mapping):
            return [float(value)] * len(self.tasks)
        unknown = sorted(set(value) - set(self.tasks))
        if unknown:
            raise ValueError(
                f"`{option}` of {type(self).__name__} names tasks that the "
                f"model does not have: {unknown}. Expected some of "
                f"{list(self.tasks)}."
            )
        return [float(value.get(task, default)) for task in self.tasks]

    def task_weights(
        self, losses: Tensor, present: Tensor | None = None
    ) -> Tensor:
        """Weights of the tasks for this step.

        Args:
            losses: Float tensor, shape `(num_tasks,)`: unweighted losses,
                outside the gradient; zero for absent tasks.
            present: Boolean tensor, shape `(num_tasks,)`: the tasks with a
                label in this batch; `None` means all.

        Returns:
            Float tensor, shape `(num_tasks,)`. May depend on the trainable
            variables of the weighting.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must override `task_weights(losses, "
            "present)`."
        )

    def penalty(self, present: Tensor | None = None) -> Tensor:
        """What is added to the weighted losses: scalar, 0 by default."""
        return ops.zeros((), self.dtype)

    def update(
        self,
        losses: Tensor,
        present: Tensor | None = None,
        gram: Tensor | None = None,
    ) -> None:
        """Changes the state after a step; absent tasks keep theirs.

        Args:
            losses: As in `task_weights`.
            present: As in `task_weights`.
            gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products
                of the unweighted task gradients, if `reads_gram`.
        """

    @property
    def reads_losses_after(self) -> bool:
        """Whether `update_after` wants the batch's losses after the step.

        They cost a forward pass, made only then.
        """
        return False

    def update_after(
        self, losses: Tensor, after: Tensor, present: Tensor | None = None
    ) -> None:
        """Changes the state by what a step did, if `reads_losses_after`.

        Args:
            losses: As in `task_weights`.
            after: The losses of the same batch after the step, same shape.
            present: As in `task_weights`.
        """

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        """Changes the state after an epoch, outside the graph.

        Args:
            epoch: Index of the epoch, from 0.
            logs: `<task>_loss`, `<task>_<metric>` and their `val_` twins.
        """

    def call(self, losses: Tensor) -> Tensor:
        """The weighted sum of losses of shape `(num_tasks,)`: a scalar."""
        weights = self.task_weights(ops.stop_gradient(losses))
        return ops.sum(weights * losses) + self.penalty()
