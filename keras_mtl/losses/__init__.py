"""What Keras lacks in losses: reduction over labelled elements only."""

from keras_mtl.losses.task_loss import TaskLoss

__all__ = ["TaskLoss"]
