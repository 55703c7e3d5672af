"""Weightings: the losses of several tasks become the weights of a sum."""

from keras_mtl.weightings.base import Weighting
from keras_mtl.weightings.static import Static
from keras_mtl.weightings.uncertainty import Uncertainty, uncertainty_weights

# Every method by the name it has in a configuration.
WEIGHTINGS: dict[str, type[Weighting]] = {
    "static": Static,
    "uncertainty": Uncertainty,
}

__all__ = [
    "WEIGHTINGS",
    "Static",
    "Uncertainty",
    "Weighting",
    "uncertainty_weights",
]
