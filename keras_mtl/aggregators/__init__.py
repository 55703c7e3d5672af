"""Aggregators: the gradients of several tasks become one direction."""

from keras_mtl.aggregators.aligned_mtl import AlignedMTL, aligned_mtl_weights
from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.cagrad import (
    CAGrad,
    cagrad_residual,
    cagrad_weights,
)
from keras_mtl.aggregators.con_fig import ConFIG, con_fig_weights
from keras_mtl.aggregators.constant import Constant, constant_weights
from keras_mtl.aggregators.cr_mogm import CRMOGM, cr_mogm_weights
from keras_mtl.aggregators.db_mtl import DBMTL, db_mtl_weights
from keras_mtl.aggregators.dualproj import DualProj, dualproj_weights
from keras_mtl.aggregators.excess_mtl import ExcessMTL, excess_mtl_weights
from keras_mtl.aggregators.fairgrad import FairGrad, fairgrad_weights
from keras_mtl.aggregators.graddrop import GradDrop, graddrop
from keras_mtl.aggregators.gradvac import GradVac, gradvac_weights
from keras_mtl.aggregators.great import GREAT, great_slopes
from keras_mtl.aggregators.imtl_g import IMTLG, imtl_g_weights
from keras_mtl.aggregators.krum import Krum, krum_weights
from keras_mtl.aggregators.mean import Mean, mean_weights
from keras_mtl.aggregators.mgda import MGDA, mgda_weights
from keras_mtl.aggregators.moco import MoCo
from keras_mtl.aggregators.modo import MoDo, modo_weights
from keras_mtl.aggregators.nash_mtl import NashMTL, nash_mtl_weights
from keras_mtl.aggregators.pcd import PCD, pcd_residual, pcd_weights
from keras_mtl.aggregators.pcgrad import PCGrad, pcgrad_weights
from keras_mtl.aggregators.random import Random, random_weights
from keras_mtl.aggregators.residuals import (
    bargain_residual,
    dualproj_residual,
    mgda_residual,
)
from keras_mtl.aggregators.sdmgrad import SDMGrad, sdmgrad_weights
from keras_mtl.aggregators.sum import Sum, sum_weights
from keras_mtl.aggregators.trimmed_mean import TrimmedMean, trimmed_mean
from keras_mtl.aggregators.upgrad import (
    UPGrad,
    upgrad_residual,
    upgrad_weights,
)

__all__ = [
    "CRMOGM",
    "DBMTL",
    "GREAT",
    "IMTLG",
    "MGDA",
    "PCD",
    "Aggregator",
    "AlignedMTL",
    "CAGrad",
    "ConFIG",
    "Constant",
    "DualProj",
    "ExcessMTL",
    "FairGrad",
    "GradDrop",
    "GradVac",
    "Krum",
    "Mean",
    "MoCo",
    "MoDo",
    "NashMTL",
    "PCGrad",
    "Random",
    "SDMGrad",
    "Sum",
    "TrimmedMean",
    "UPGrad",
    "aligned_mtl_weights",
    "bargain_residual",
    "cagrad_residual",
    "cagrad_weights",
    "con_fig_weights",
    "constant_weights",
    "cr_mogm_weights",
    "db_mtl_weights",
    "dualproj_residual",
    "dualproj_weights",
    "excess_mtl_weights",
    "fairgrad_weights",
    "graddrop",
    "gradvac_weights",
    "great_slopes",
    "imtl_g_weights",
    "krum_weights",
    "mean_weights",
    "mgda_residual",
    "mgda_weights",
    "modo_weights",
    "nash_mtl_weights",
    "pcd_residual",
    "pcd_weights",
    "pcgrad_weights",
    "random_weights",
    "sdmgrad_weights",
    "sum_weights",
    "trimmed_mean",
    "upgrad_residual",
    "upgrad_weights",
]
