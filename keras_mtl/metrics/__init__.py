"""What Keras lacks in metrics: data-set level, under partial labels."""

from keras_mtl.metrics.absolute_error import AbsoluteError
from keras_mtl.metrics.auroc import AUROC
from keras_mtl.metrics.data_set_metric import DataSetMetric
from keras_mtl.metrics.dice import Dice
from keras_mtl.metrics.f1_score import F1Score
from keras_mtl.metrics.fovea_distance import FoveaDistance
from keras_mtl.metrics.mean_angle import MeanAngle
from keras_mtl.metrics.mean_iou import MeanIoU
from keras_mtl.metrics.median_angle import MedianAngle
from keras_mtl.metrics.pixel_accuracy import PixelAccuracy
from keras_mtl.metrics.precision import Precision
from keras_mtl.metrics.recall import Recall
from keras_mtl.metrics.relative_error import RelativeError
from keras_mtl.metrics.sensitivity import Sensitivity
from keras_mtl.metrics.specificity import Specificity
from keras_mtl.metrics.within_angle import WithinAngle

__all__ = [
    "AUROC",
    "AbsoluteError",
    "DataSetMetric",
    "Dice",
    "F1Score",
    "FoveaDistance",
    "MeanAngle",
    "MeanIoU",
    "MedianAngle",
    "PixelAccuracy",
    "Precision",
    "Recall",
    "RelativeError",
    "Sensitivity",
    "Specificity",
    "WithinAngle",
]
