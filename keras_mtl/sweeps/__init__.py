"""Many runs from one table: methods x settings x seeds, a process each.

A sweep folder, which `keras-mtl sweep` makes and `keras-mtl compare` reads:

    sweeps/<name>/
      sweep.yaml      what was asked; a sweep file itself. `rows` holds the
                      labels of the methods in the order of the table
      trials.json     label, seed, folder and state of every trial
      trials/<trial>/ an ordinary run folder
      trials/<trial>.yaml  the configuration it was started with
      trials/<trial>.log   what it printed
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keras_mtl.sweeps.plan import Plan
    from keras_mtl.sweeps.planning import plan_sweep
    from keras_mtl.sweeps.record import Record
    from keras_mtl.sweeps.schema import SweepConfig
    from keras_mtl.sweeps.sources import is_sweep, load_sweep
    from keras_mtl.sweeps.sweep_folder import SweepFolder
    from keras_mtl.sweeps.trial import Trial

__all__ = [
    "Plan",
    "Record",
    "SweepConfig",
    "SweepFolder",
    "Trial",
    "is_sweep",
    "load_sweep",
    "plan_sweep",
]

_HOMES = {
    "Plan": "plan",
    "Record": "record",
    "SweepConfig": "schema",
    "SweepFolder": "sweep_folder",
    "Trial": "trial",
    "is_sweep": "sources",
    "load_sweep": "sources",
    "plan_sweep": "planning",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}. Expected one of "
            f"{__all__}."
        )
    home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    return getattr(home, name)


def __dir__() -> list[str]:
    return sorted(__all__)
