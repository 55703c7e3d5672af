"""Multi-task learning for Keras 3: task losses become one update.

Submodules load on first use, so that `import keras_mtl` stays cheap.
"""

from __future__ import annotations

import importlib
from typing import Any

from keras_mtl.version import __version__

_MODULES = (
    "aggregators",
    "callbacks",
    "datasets",
    "graph",
    "layers",
    "losses",
    "metrics",
    "models",
    "retina",
    "trainers",
    "transfer",
    "weightings",
)
_FUNCTIONS = {
    "export": "keras_mtl.exporting",
    "partition": "keras_mtl.graph",
    "split": "keras_mtl.graph",
}

__all__ = ["__version__", *_MODULES, *_FUNCTIONS]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"keras_mtl.{name}")
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(_FUNCTIONS[name]), name)
    raise AttributeError(
        f"module 'keras_mtl' has no attribute {name!r}. Expected one of "
        f"{sorted(__all__)}."
    )


def __dir__() -> list[str]:
    return sorted(__all__)
