"""Layers of the published methods, saved and loaded like Keras's own."""

from keras_mtl.layers.cooperative_fusion import CooperativeFusion
from keras_mtl.layers.stop_gradient import StopGradient

__all__ = ["CooperativeFusion", "StopGradient"]
