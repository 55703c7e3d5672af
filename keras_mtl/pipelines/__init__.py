"""What is done with the outputs of a network, up to what a user asks for."""

from keras_mtl.pipelines.drawing import drawn
from keras_mtl.pipelines.exclusive_masks import ExclusiveMasks
from keras_mtl.pipelines.glaucoma import Glaucoma
from keras_mtl.pipelines.network import Network
from keras_mtl.pipelines.pipeline import Pipeline
from keras_mtl.pipelines.reading import Reading, Region
from keras_mtl.pipelines.vessels import Vessels

__all__ = [
    "ExclusiveMasks",
    "Glaucoma",
    "Network",
    "Pipeline",
    "Reading",
    "Region",
    "Vessels",
    "drawn",
]
