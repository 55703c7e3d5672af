"""Trained networks as files that run without this package."""

from keras_mtl.exporting.export import export
from keras_mtl.exporting.exported import Exported
from keras_mtl.exporting.exported_model import ExportedModel
from keras_mtl.exporting.formats import FORMATS

__all__ = ["FORMATS", "Exported", "ExportedModel", "export"]
