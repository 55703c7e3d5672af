"""The loss of one task, averaged over its labelled elements."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
from keras import ops

from keras_mtl.typing import Tensor

_REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum")


class LossValue(NamedTuple):
    """The loss of a batch, and what it was averaged over.

    Attributes:
        value: Float scalar; 0 where no element is labelled.
        count: Float scalar, number of labelled elements; the sum of their
            weights where the reduction divides by it.
    """

    value: Tensor
    count: Tensor


class TaskLoss:
    """Reduces a Keras loss over the labelled elements of a batch.

    A sample weight of zero means "no label": such an element adds nothing to
    the loss, to its gradient or to the count that the loss is divided by,
    whatever its label holds (NaN included). So does an element that the loss
    itself calls missing, see `ValidLoss`.

    Args:
        loss: Name of a Keras loss, a `keras.losses.Loss`, or a function of
            `(y_true, y_pred)` that returns one value per sample or element.
        task: Name of the task, for messages.
        dtype: Dtype of the result.

    Raises:
        ValueError: If the loss is unknown, or its reduction is `None`.
    """

    def __init__(self, loss: Any, task: str, dtype: str = "float32") -> None:
        self.task = task
        self.dtype = dtype
        self.loss = self._resolved(loss)
        self.reduction = getattr(self.loss, "reduction", "sum_over_batch_size")
        if self.reduction not in _REDUCTIONS:
            raise ValueError(
                f"The loss of task {task!r} must reduce to a scalar: expected "
                f"`reduction` in {list(_REDUCTIONS)}. Received: "
                f"reduction={self.reduction!r}."
            )

    def _resolved(self, loss: Any) -> Any:
        try:
            found = keras.losses.get(loss)
        except ValueError as error:
            raise ValueError(
                f"The loss of task {self.task!r} is not a loss that Keras "
                f"knows. Received: loss={loss!r}. Give the name of one of "
                "`keras.losses`, a `keras.losses.Loss`, or a function of "
                "(y_true, y_pred)."
            ) from error
        if found is None:
            raise ValueError(
                f"Task {self.task!r} has no loss. Give one in "
                f"`compile(loss={{{self.task!r}: ...}})`."
            )
        return found

    def elements(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Losses before reduction, shape `(batch, ...)`."""
        is_object = isinstance(self.loss, keras.losses.Loss)
        dtype = self.dtype
        if is_object and dtype != "float64":
            dtype = self.loss.dtype
        function = self.loss.call if is_object else self.loss
        return function(
            ops.convert_to_tensor(y_true, dtype),
            ops.convert_to_tensor(y_pred, dtype),
        )

    def __call__(
        self, y_true: Tensor, y_pred: Tensor, weight: Tensor | None = None
    ) -> LossValue:
        """The loss of a batch.

        Args:
            y_true: Labels, shape `(batch, ...)`.
            y_pred: Output of the task, shape `(batch, ...)`.
            weight: Float tensor of the leading axes of the loss, usually
                `(batch,)` or one weight per pixel; `None` means that every
                element is labelled.

        Returns:
            The loss and what it was divided by.

        Raises:
            ValueError: If `weight` has more axes than the unreduced loss.
        """
        weight = self._with_valid(y_true, weight)
        if weight is not None:
            y_true = labelled(y_true, weight)
        values = ops.cast(self.elements(y_true, y_pred), self.dtype)
        if weight is None:
            return self._unweighted(values)
        return self._weighted(values, ops.cast(weight, self.dtype))

    def _with_valid(
        self, y_true: Tensor, weight: Tensor | None
    ) -> Tensor | None:
        """The weight, zero where the loss takes a label for missing."""
        if not hasattr(self.loss, "valid"):
            return weight
        valid = ops.cast(self.loss.valid(y_true), self.dtype)
        if weight is None:
            return valid
        return valid * self._broadcast(ops.cast(weight, self.dtype), valid)

    def _unweighted(self, values: Tensor) -> LossValue:
        count = ops.cast(ops.size(values), self.dtype)
        if self.reduction == "sum":
            return LossValue(ops.sum(values), count)
        return LossValue(ops.mean(values), count)

    def _weighted(self, values: Tensor, weight: Tensor) -> LossValue:
        weight = self._broadcast(weight, values)
        valid = ops.cast(weight > 0, self.dtype)
        count = ops.sum(valid)
        total = ops.sum(ops.where(weight > 0, values * weight, 0.0))
        if self.reduction == "sum":
            return LossValue(total, count)
        if self.reduction == "mean_with_sample_weight":
            count = ops.sum(weight * valid)
        return LossValue(ops.divide_no_nan(total, count), count)

    def _broadcast(self, weight: Tensor, values: Tensor) -> Tensor:
        rank = len(values.shape)
        if len(weight.shape) == rank + 1 and weight.shape[-1] == 1:
            weight = ops.squeeze(weight, -1)
        if len(weight.shape) > rank:
            raise ValueError(
                f"The sample weight of task {self.task!r} must have at most "
                f"the {rank} axes of its unreduced loss. Received: "
                f"weight.shape={tuple(weight.shape)}, "
                f"loss.shape={tuple(values.shape)}. A loss that returns a "
                "scalar cannot leave out unlabelled elements: return one "
                "value per sample."
            )
        return ops.broadcast_to(_trailing(weight, rank), ops.shape(values))


def labelled(y_true: Tensor, weight: Tensor) -> Tensor:
    """Replaces the labels of unlabelled elements by zero.

    Args:
        y_true: Labels, shape `(batch, ...)`.
        weight: Float tensor of the leading axes of `y_true`.

    Returns:
        Tensor like `y_true`, without the values (NaN, -1, 255, ...) that
        stand where `weight` is zero.
    """
    y_true = ops.convert_to_tensor(y_true)
    weight = ops.convert_to_tensor(weight)
    while len(weight.shape) > len(y_true.shape) and weight.shape[-1] == 1:
        weight = ops.squeeze(weight, -1)
    if len(weight.shape) > len(y_true.shape):
        return y_true
    valid = _trailing(weight, len(y_true.shape)) > 0
    return ops.where(valid, y_true, ops.zeros_like(y_true))


def _trailing(weight: Tensor, rank: int) -> Tensor:
    """`weight` with axes of length 1 appended up to `rank`."""
    for _ in range(rank - len(weight.shape)):
        weight = ops.expand_dims(weight, -1)
    return weight
