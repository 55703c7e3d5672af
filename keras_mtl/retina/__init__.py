"""From maps of the optic disc, cup and fovea to measurements of an eye.

Pure functions of NumPy arrays. `largest_component` needs SciPy: install
`keras-mtl[medical]`.
"""

from keras_mtl.retina.challenge_ranking import challenge_ranking
from keras_mtl.retina.cup_to_disc import CupToDisc, vertical_cup_to_disc_ratio
from keras_mtl.retina.dice import dice
from keras_mtl.retina.eye import Eye, ratio_of, read_eye
from keras_mtl.retina.fovea import Fovea, fovea_distance, fovea_location
from keras_mtl.retina.fusion import fuse_scores
from keras_mtl.retina.largest_component import largest_component
from keras_mtl.retina.vcdr_classifier import VCDRClassifier
from keras_mtl.retina.vcdr_error import VCDRError, vcdr_error

__all__ = [
    "CupToDisc",
    "Eye",
    "Fovea",
    "VCDRClassifier",
    "VCDRError",
    "challenge_ranking",
    "dice",
    "fovea_distance",
    "fovea_location",
    "fuse_scores",
    "largest_component",
    "ratio_of",
    "read_eye",
    "vcdr_error",
    "vertical_cup_to_disc_ratio",
]
