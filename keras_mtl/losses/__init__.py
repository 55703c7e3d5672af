"""What Keras lacks in losses: averages over labelled elements only."""

from keras_mtl.losses.cosine_distance import CosineDistance
from keras_mtl.losses.task_loss import TaskLoss
from keras_mtl.losses.valid_loss import ValidLoss
from keras_mtl.losses.valid_mean_absolute_error import ValidMeanAbsoluteError

__all__ = ["CosineDistance", "TaskLoss", "ValidLoss", "ValidMeanAbsoluteError"]
