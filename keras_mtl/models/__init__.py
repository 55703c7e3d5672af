"""Published multi-task networks as builders of plain Keras models."""

from keras_mtl.models.lenet import lenet
from keras_mtl.models.mlp import mlp

__all__ = ["lenet", "mlp"]
