"""Published multi-task networks as builders of plain Keras models."""

from keras_mtl.models.backbone import backbone
from keras_mtl.models.cgc import cgc
from keras_mtl.models.convnet9 import convnet9
from keras_mtl.models.cooperative import cooperative
from keras_mtl.models.cross_stitch import cross_stitch
from keras_mtl.models.dselect_k import dselect_k
from keras_mtl.models.learning_to_branch import learning_to_branch
from keras_mtl.models.lenet import lenet
from keras_mtl.models.mlp import mlp
from keras_mtl.models.mmoe import mmoe
from keras_mtl.models.mtan import mtan
from keras_mtl.models.nddr import nddr
from keras_mtl.models.ple import ple
from keras_mtl.models.resnet18 import resnet18
from keras_mtl.models.segnet import segnet
from keras_mtl.models.soft_sharing import soft_sharing
from keras_mtl.models.unet import unet

__all__ = [
    "backbone",
    "cgc",
    "convnet9",
    "cooperative",
    "cross_stitch",
    "dselect_k",
    "learning_to_branch",
    "lenet",
    "mlp",
    "mmoe",
    "mtan",
    "nddr",
    "ple",
    "resnet18",
    "segnet",
    "soft_sharing",
    "unet",
]
