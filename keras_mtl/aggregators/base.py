"""What an aggregator is: task gradients in, one direction out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from keras import ops

from keras_mtl.aggregators.component import Component
from keras_mtl.aggregators.component import state_dtype as state_dtype
from keras_mtl.typing import Shape, Tensor

# "nothing": one backward pass serves; "gram": the inner products of the task
# gradients; "stack": the gradients themselves, one variable at a time.
Reads = Literal["nothing", "gram", "stack"]
Scale = Literal["native", "sum"]
Granularity = Literal["whole", "layer", "matrix"]
GUARANTEES = frozenset(
    {
        "non-conflicting",
        "scale-equivariant",
        "permutation-equivariant",
        "deterministic",
    }
)


class Aggregator(Component):
    """Turns the gradients of several tasks into one direction.

    A subclass declares in `reads` what it needs and the trainer computes no
    more. It overrides `task_weights` (methods that read nothing or the Gram
    matrix) or `combine` (methods that read the gradients elementwise), and
    makes its state in `build_state`.

    Calling an aggregator on a Jacobian gives the combined gradient, which is
    what one wants in a notebook; trainers call `task_weights` and `combine`.

    Args:
        scale: `"native"`, the published length, or `"sum"`: rescaled so that
            `T` identical gradients `g` give `T * g`, which makes learning
            rates comparable between methods.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `scale` is unknown.
    """

    reads: ClassVar[Reads] = "gram"
    # Whether `transform` changes the gradients before the Gram matrix.
    transforms: ClassVar[bool] = False
    # Whether gradients at the frontier may stand in for those at the weights.
    representation: ClassVar[bool] = True
    # Subset of `GUARANTEES`.
    guarantees: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, scale: Scale = "native", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if scale not in ("native", "sum"):
            raise ValueError(
                "`scale` must be 'native' (as published) or 'sum' (identical "
                f"gradients add up). Received: scale={scale!r}."
            )
        self.scale = scale

    @property
    def reads_losses(self) -> bool:
        """Whether `task_weights` looks at the values of the task losses."""
        return False

    @property
    def independent(self) -> bool:
        """Whether products are those of two halves of a batch, see `MoDo`."""
        return False

    @property
    def granularity(self) -> Granularity:
        """Over which variables one set of weights is computed."""
        return "whole"

    def native_sum(self, num_present: Tensor) -> Tensor:
        """Sum of the native weights when all gradients are identical.

        Args:
            num_present: Scalar tensor, number of tasks in the batch.

        Returns:
            Scalar tensor: `T` for methods with the length of a sum, 1 (the
            default) for means and convex combinations.
        """
        return ops.ones_like(num_present)

    def check_tasks(
        self, tasks: Sequence[str], among: Sequence[str] | None = None
    ) -> None:
        """Refuses the tasks it cannot serve, when the trainer is built.

        Args:
            tasks: Names of the tasks, sorted: the order of every `[T]` axis.
            among: Names of all tasks, sorted, where `tasks` is one group of
                them: what options by task are given for. `None`: `tasks`.

        Raises:
            ValueError: If the options do not fit these tasks.
        """

    def build_state(
        self, num_tasks: int, shapes: Sequence[Shape], num_blocks: int = 1
    ) -> None:
        """Makes the state, once, before the first step.

        Args:
            num_tasks: Number of tasks, `T`.
            shapes: Shapes of the shared variables (or frontier tensors).
            num_blocks: How many sets of weights a step asks for, above 1 only
                where `granularity` is not `"whole"`.
        """
        self._num_tasks = int(num_tasks)
        self.built = True

    def num_tasks(self, gram: Tensor | None) -> int:
        """Number of tasks of a Gram matrix, or of the state if `None`.

        Raises:
            ValueError: See `check_number`.
        """
        built = getattr(self, "_num_tasks", None)
        return self.check_number(built if gram is None else int(gram.shape[0]))

    def check_number(self, num_tasks: int | None) -> int:
        """Refuses a number of tasks that the state was not made for.

        Raises:
            ValueError: If it is not known, or not that of the state.
        """
        built = getattr(self, "_num_tasks", None)
        if num_tasks is None or built not in (None, num_tasks):
            raise ValueError(
                f"{type(self).__name__} was built for {built} tasks. Received: "
                f"gradients of {num_tasks}. Call `build_state(num_tasks, "
                "shapes)` first, and use one aggregator per set of tasks."
            )
        return num_tasks

    def task_weights(
        self,
        gram: Tensor | None,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights of the combination, one per task.

        Args:
            gram: Float tensor, shape `(num_tasks, num_tasks)`: inner products
                of the gradients. `None` where `reads` is `"nothing"`.
            present: Boolean tensor, shape `(num_tasks,)`: the tasks with a
                label in this batch; `None` means all. Result and state are
                what they would be if the others did not exist.
            losses: Float tensor, shape `(num_tasks,)`, if `reads_losses`.

        Returns:
            Float tensor, shape `(num_tasks,)`; zero for absent tasks.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must override `task_weights(gram, present, "
            "losses)`, or `combine` if it reads the gradient stack."
        )

    def residual(
        self, gram: Tensor, weights: Tensor, present: Tensor | None = None
    ) -> Tensor | None:
        """How far weights are from solving the problem. See `residuals`.

        Returns:
            Relative scalar; `None` where nothing is solved for.
        """
        return None

    def block_weights(
        self,
        grams: Tensor,
        present: Tensor | None = None,
        losses: Tensor | None = None,
    ) -> Tensor:
        """Weights for each block of variables.

        Args:
            grams: Float tensor, shape `(num_blocks, num_tasks, num_tasks)`.
            present: As in `task_weights`.
            losses: As in `task_weights`.

        Returns:
            Float tensor, shape `(num_blocks, num_tasks)`.
        """
        each = ops.unstack(grams)
        return ops.stack([self.task_weights(g, present, losses) for g in each])

    def transform(
        self, stack: Tensor, index: int, present: Tensor | None = None
    ) -> Tensor:
        """Replaces the gradients of one variable, if `transforms`.

        Args:
            stack: Float tensor, shape `(num_tasks, *variable_shape)`.
            index: Position of the variable in `build_state`'s `shapes`.
            present: As in `task_weights`.

        Returns:
            Tensor like `stack`.
        """
        return stack

    def combine(
        self, stack: Tensor, index: int = 0, present: Tensor | None = None
    ) -> Tensor:
        """Combines the gradients of one variable, if `reads` is `"stack"`.

        Args:
            stack: Float tensor, shape `(num_tasks, *variable_shape)`.
            index: Position of the variable in `build_state`'s `shapes`.
            present: As in `task_weights`.

        Returns:
            Tensor of shape `variable_shape`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not combine elementwise: it "
            f"reads {self.reads!r}."
        )

    def combine_at(
        self,
        stack: Tensor,
        features: Tensor,
        index: int = 0,
        present: Tensor | None = None,
    ) -> Tensor:
        """Combines the gradients at a frontier tensor: as `combine`, here.

        Args:
            stack: As in `combine`, like `index` and `present`.
            features: The tensor, shape `(batch, *feature_shape)`.
            index: As in `combine`.
            present: As in `combine`.
        """
        return self.combine(stack, index, present)

    def rescaled(self, weights: Tensor, present: Tensor | None) -> Tensor:
        """Applies `scale` to native weights (or to a combined gradient).

        Args:
            weights: Float tensor of any shape.
            present: Boolean tensor, shape `(num_tasks,)`, or `None` with
                weights whose last axis is the tasks.

        Returns:
            Tensor of the same shape.
        """
        if self.scale == "native":
            return weights
        if present is None:
            present = ops.ones(weights.shape[-1:], "bool")
        count = ops.sum(ops.cast(present, weights.dtype))
        return weights * ops.divide_no_nan(count, self.native_sum(count))

    def call(self, jacobian: Tensor, losses: Tensor | None = None) -> Tensor:
        """The combined gradient of a Jacobian, shape `(num_parameters,)`.

        Args:
            jacobian: Float tensor, shape `(num_tasks, num_parameters)`.
            losses: Float tensor, shape `(num_tasks,)`, if `reads_losses`.

        Raises:
            ValueError: If `jacobian` does not have two axes.
        """
        self.check_number(int(jacobian.shape[0]))
        if self.reads == "stack":
            present = ops.ones(jacobian.shape[:1], "bool")
            return self.rescaled(self.combine(jacobian), present)
        jacobian = self.transform(jacobian, 0)
        gram = None
        if self.reads == "gram":
            gram = ops.matmul(jacobian, ops.transpose(jacobian))
        weights = self.rescaled(self.task_weights(gram, losses=losses), None)
        return ops.matmul(weights, jacobian)

    def build(self, input_shape: Shape) -> None:
        """Makes the state for a Jacobian, on the first call."""
        if len(input_shape) != 2:
            raise ValueError(
                "An aggregator is called on a Jacobian of shape (num_tasks, "
                f"num_parameters). Received: shape={tuple(input_shape)}. "
                "Flatten the gradient of each task to one row."
            )
        self.build_state(int(input_shape[0] or 0), [tuple(input_shape[1:])])

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "scale": self.scale}
