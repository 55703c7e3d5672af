"""Weightings: the losses of several tasks become the weights of a sum."""

from keras_mtl.weightings.base import Weighting
from keras_mtl.weightings.cosmos import COSMOS, cosmos_weights
from keras_mtl.weightings.dtp import DTP, dtp_weights
from keras_mtl.weightings.dwa import DWA, dwa_weights
from keras_mtl.weightings.famo import FAMO, famo_weights
from keras_mtl.weightings.gls import GLS, gls_weights
from keras_mtl.weightings.gradnorm import GradNorm, gradnorm_slope
from keras_mtl.weightings.imtl_l import IMTLL, imtl_l_weights
from keras_mtl.weightings.lbtw import LBTW, lbtw_weights
from keras_mtl.weightings.log import Log, log_weights
from keras_mtl.weightings.pbi import PBI, pbi_weights
from keras_mtl.weightings.rlw import RLW, rlw_weights
from keras_mtl.weightings.static import Static
from keras_mtl.weightings.stch import STCH, stch_weights
from keras_mtl.weightings.uncertainty import Uncertainty, uncertainty_weights

__all__ = [
    "COSMOS",
    "DTP",
    "DWA",
    "FAMO",
    "GLS",
    "IMTLL",
    "LBTW",
    "PBI",
    "RLW",
    "STCH",
    "GradNorm",
    "Log",
    "Static",
    "Uncertainty",
    "Weighting",
    "cosmos_weights",
    "dtp_weights",
    "dwa_weights",
    "famo_weights",
    "gls_weights",
    "gradnorm_slope",
    "imtl_l_weights",
    "lbtw_weights",
    "log_weights",
    "pbi_weights",
    "rlw_weights",
    "stch_weights",
    "uncertainty_weights",
]
