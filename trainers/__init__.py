"""Update schemes: how the tasks of a batch become optimizer steps."""

from keras_mtl.trainers.alternating import Alternating
from keras_mtl.trainers.cooperative import Cooperative
from keras_mtl.trainers.flatness import flatness
from keras_mtl.trainers.independent import Independent
from keras_mtl.trainers.shared import Shared
from keras_mtl.trainers.single_task import SingleTask
from keras_mtl.trainers.trainer import Trainer

__all__ = [
    "Alternating",
    "Cooperative",
    "Independent",
    "Shared",
    "SingleTask",
    "Trainer",
    "flatness",
]
