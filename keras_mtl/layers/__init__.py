"""Layers of the published methods, saved and loaded like Keras's own."""

from keras_mtl.layers.branch_selection import BranchSelection
from keras_mtl.layers.cooperative_fusion import CooperativeFusion
from keras_mtl.layers.cross_stitch import CrossStitch
from keras_mtl.layers.dselect_k_gate import DSelectKGate
from keras_mtl.layers.expert_mixture import ExpertMixture
from keras_mtl.layers.max_pooling_with_indices import MaxPoolingWithIndices
from keras_mtl.layers.max_unpooling import MaxUnpooling
from keras_mtl.layers.nddr import NDDR
from keras_mtl.layers.roaming_mask import RoamingMask
from keras_mtl.layers.select_tasks import SelectTasks
from keras_mtl.layers.soft_sharing import SoftSharing
from keras_mtl.layers.squeeze_excite_gate import SqueezeExciteGate
from keras_mtl.layers.stop_gradient import StopGradient
from keras_mtl.layers.task_batch_normalization import TaskBatchNormalization
from keras_mtl.layers.task_ids import TaskIds
from keras_mtl.layers.tile_tasks import TileTasks

__all__ = [
    "NDDR",
    "BranchSelection",
    "CooperativeFusion",
    "CrossStitch",
    "DSelectKGate",
    "ExpertMixture",
    "MaxPoolingWithIndices",
    "MaxUnpooling",
    "RoamingMask",
    "SelectTasks",
    "SoftSharing",
    "SqueezeExciteGate",
    "StopGradient",
    "TaskBatchNormalization",
    "TaskIds",
    "TileTasks",
]
