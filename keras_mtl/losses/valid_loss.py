"""Losses whose labels say themselves where they are missing."""

from __future__ import annotations

from abc import abstractmethod

import keras

from keras_mtl.losses.task_loss import TaskLoss
from keras_mtl.typing import Tensor


class ValidLoss(keras.losses.Loss):
    """Base of losses that a value of the label leaves out of the mean.

    With sample weights, an element counts where it is valid and its weight is
    not zero; so it does in plain Keras and in the trainers of this package.

    Subclasses define `call`, which gives one value per element, and `valid`.
    """

    @abstractmethod
    def valid(self, y_true: Tensor) -> Tensor:
        """Where there is a label.

        Args:
            y_true: Labels, shape `(batch, ..., channels)`.

        Returns:
            Boolean tensor, shape `(batch, ...)`, that of `call`'s result.
        """

    def __call__(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor = None
    ) -> Tensor:
        """The mean over the valid elements; 0 where there is none.

        Args:
            y_true: Labels, shape `(batch, ..., channels)`.
            y_pred: Outputs, of the same shape.
            sample_weight: Float tensor of the leading axes of the labels, or
                `None`.

        Returns:
            Float scalar.
        """
        loss = TaskLoss(self, self.name, self.dtype)
        return loss(y_true, y_pred, sample_weight).value
