"""From finished runs to a table: statistics, ranks and scores of methods.

Nothing here loads Keras or TensorFlow.
"""

from __future__ import annotations

from keras_mtl.report.column import Column
from keras_mtl.report.comparison import Comparison, compare
from keras_mtl.report.method import Method
from keras_mtl.report.options import Options
from keras_mtl.report.reading import Reading, read_runs
from keras_mtl.report.run import Run

__all__ = [
    "Column",
    "Comparison",
    "Method",
    "Options",
    "Reading",
    "Run",
    "compare",
    "read_runs",
]
