"""What is done with the outputs of a network, up to what a user asks for."""

from keras_mtl.pipelines.glaucoma import Glaucoma
from keras_mtl.pipelines.pipeline import Pipeline

__all__ = ["Glaucoma", "Pipeline"]
