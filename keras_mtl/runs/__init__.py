"""Run folders: training that can be stopped, resumed and looked at."""

from __future__ import annotations

from keras_mtl.runs.checkpoint import Checkpoint
from keras_mtl.runs.checkpoints import Checkpoints
from keras_mtl.runs.folder import RunFolder
from keras_mtl.runs.train import train

__all__ = ["Checkpoint", "Checkpoints", "RunFolder", "train"]
