"""Aggregators: the gradients of several tasks become one direction."""

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.aggregators.mean import Mean, mean_weights
from keras_mtl.aggregators.mgda import MGDA, mgda_weights
from keras_mtl.aggregators.pcgrad import PCGrad, pcgrad_weights
from keras_mtl.aggregators.sum import Sum, sum_weights

# Every method by the name it has in a configuration.
AGGREGATORS: dict[str, type[Aggregator]] = {
    "mean": Mean,
    "mgda": MGDA,
    "pcgrad": PCGrad,
    "sum": Sum,
}

__all__ = [
    "AGGREGATORS",
    "MGDA",
    "Aggregator",
    "Mean",
    "PCGrad",
    "Sum",
    "mean_weights",
    "mgda_weights",
    "pcgrad_weights",
    "sum_weights",
]
