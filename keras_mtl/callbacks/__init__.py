"""Callbacks of Keras, each with one duty."""

from __future__ import annotations

from keras_mtl.callbacks.anneal_temperature import AnnealTemperature
from keras_mtl.callbacks.checkpoint_writer import CheckpointWriter
from keras_mtl.callbacks.covered_distance import CoveredDistance
from keras_mtl.callbacks.flatness_probe import FlatnessProbe
from keras_mtl.callbacks.history_csv import HistoryCSV
from keras_mtl.callbacks.progress_line import ProgressLine
from keras_mtl.callbacks.roaming import Roaming
from keras_mtl.callbacks.stop_on_divergence import StopOnDivergence
from keras_mtl.callbacks.stop_on_signal import StopOnSignal
from keras_mtl.callbacks.task_weight_logger import TaskWeightLogger
from keras_mtl.callbacks.tensorboard import TensorBoard

__all__ = [
    "AnnealTemperature",
    "CheckpointWriter",
    "CoveredDistance",
    "FlatnessProbe",
    "HistoryCSV",
    "ProgressLine",
    "Roaming",
    "StopOnDivergence",
    "StopOnSignal",
    "TaskWeightLogger",
    "TensorBoard",
]
