"""From YAML to a compiled trainer: `build(load("config.yaml"))`.

The only package that knows YAML, and with the command line the only one that
knows trainers and data sets. `load` checks and builds nothing; `build` needs
Keras, and is imported on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_mtl.config.build import build
    from keras_mtl.config.experiment import Experiment
    from keras_mtl.config.loading import Loaded, load, load_values
    from keras_mtl.config.schema import RunConfig

__all__ = [
    "Experiment",
    "Loaded",
    "RunConfig",
    "build",
    "load",
    "load_values",
]

_HOMES = {
    "Experiment": "experiment",
    "Loaded": "loading",
    "RunConfig": "schema",
    "build": "build",
    "load": "loading",
    "load_values": "loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}. Expected one of "
            f"{__all__}."
        )
    home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    # Not the submodule `build`, which the import has just set.
    found = globals()[name] = getattr(home, name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
