"""Data sets with several tasks, as `tf.data` pipelines.

One data set a file. `load(name, ...)` makes any of them; a data set of your
own is a function that returns a `MultiTaskData`, for instance by calling
`from_arrays`. What needs TensorFlow is imported on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from keras_mtl.datasets.registry import DATASETS, find_loader, load

if TYPE_CHECKING:
    from keras_mtl.datasets.arrays import from_arrays
    from keras_mtl.datasets.multi_task_data import MultiTaskData
    from keras_mtl.datasets.split import Split
    from keras_mtl.datasets.task_spec import TaskSpec
    from keras_mtl.datasets.task_streams import zip_tasks

__all__ = [
    "DATASETS",
    "MultiTaskData",
    "Split",
    "TaskSpec",
    "find_loader",
    "from_arrays",
    "load",
    "zip_tasks",
]

_HOMES = {
    "MultiTaskData": "multi_task_data",
    "Split": "split",
    "TaskSpec": "task_spec",
    "from_arrays": "arrays",
    "zip_tasks": "task_streams",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(
            f"module {__name__!r} has no attribute {name!r}. Expected one of "
            f"{__all__}."
        )
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
