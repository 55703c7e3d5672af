"""The data sets by name, and `load`."""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from keras_mtl.errors import ConfigError

if TYPE_CHECKING:
    from keras_mtl.datasets.multi_task_data import MultiTaskData

# Name of the data set to where its loader is.
DATASETS = {
    "celeba": "keras_mtl.datasets.celeba:celeba",
    "cityscapes": "keras_mtl.datasets.cityscapes:cityscapes",
    "csv": "keras_mtl.datasets.csv:csv",
    "hrf_av": "keras_mtl.datasets.hrf_av:hrf_av",
    "idrid": "keras_mtl.datasets.idrid:idrid",
    "image_folder": "keras_mtl.datasets.image_folder:image_folder",
    "mnist_tasks": "keras_mtl.datasets.mnist_tasks:mnist_tasks",
    "multi_digits": "keras_mtl.datasets.multi_digits:multi_digits",
    "multi_fashion": "keras_mtl.datasets.multi_fashion:multi_fashion",
    "multi_mnist": "keras_mtl.datasets.multi_mnist:multi_mnist",
    "nyuv2": "keras_mtl.datasets.nyuv2:nyuv2",
    "refuge": "keras_mtl.datasets.refuge:refuge",
}

Loader = Callable[..., "MultiTaskData"]


def mode_options(
    mode: Literal["shared", "per_task", "alternate"] = "shared",
    length: Literal["max_size_cycle", "min_size"] = "max_size_cycle",
    turns: Literal["proportional", "uniform"] = "proportional",
) -> dict[str, str]:
    """Options of every data set: how its training samples are put together.

    Args:
        mode: `"shared"`: batches of samples with the labels that they have;
            `"per_task"`: a batch of its own samples for each task;
            `"alternate"`: a batch of one task after that of another.
        length: What ends an epoch of `per_task`: the task with the most
            samples (the others begin again), or that with the fewest.
        turns: How often each task has its turn in `alternate`: in proportion
            to its samples, or all as often.

    Returns:
        The three.
    """
    return {"mode": mode, "length": length, "turns": turns}


def find_loader(name: str | Loader) -> Loader:
    """The function that makes a data set.

    Args:
        name: A name of `DATASETS`, `"my_package.module:function"`, or the
            function itself.

    Raises:
        ConfigError: If there is no such data set or function.
    """
    if callable(name):
        return name
    target = DATASETS.get(name, name)
    if not isinstance(target, str) or ":" not in target:
        raise ConfigError(
            f"There is no data set {name!r}. Expected one of "
            f"{', '.join(DATASETS)}, or 'my_package.module:function'."
            + _nearest(str(name), DATASETS)
        )
    module_name, _, function = target.partition(":")
    try:
        found = getattr(importlib.import_module(module_name), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"The data set {name!r} cannot be imported: {error}. Expected "
            "'my_package.module:function', importable from here."
        ) from error
    if not callable(found):
        raise ConfigError(
            f"{name!r} is not a function: expected one that returns a "
            f"`MultiTaskData`. Received: {type(found).__name__}."
        )
    return found  # type: ignore[no-any-return]


def load(
    name: str | Loader,
    *,
    batch_size: int | None = None,
    seed: int = 0,
    dir: str | None = None,
    **options: Any,
) -> MultiTaskData:
    """Makes a data set.

    Args:
        name: A name of `DATASETS`, `"my_package.module:function"`, or a
            function that takes `batch_size`, `seed` and options of its own.
        batch_size: Samples in a batch. Defaults to the data set's own.
        seed: Seed of the order of the training samples, 0 or more.
        dir: Folder with the files of the data set, for those that read any.
        **options: Options of the data set; see its function. Every data set
            takes those of `mode_options` as well.

    Returns:
        The splits, tasks and shapes.

    Raises:
        ConfigError: If the name or an option is wrong.
        DataError: If files are missing or damaged.
        OfflineError: If files had to be downloaded and could not be.

    Example:
        >>> data = load("multi_digits", batch_size=64)
        >>> sorted(data.tasks)
        ['left', 'right']
    """
    loader = find_loader(name)
    arguments = {"seed": seed, **options}
    if batch_size is not None:
        arguments["batch_size"] = batch_size
    if dir is not None:
        arguments["dir"] = dir
    modes = _modes(loader, arguments)
    _check_arguments(str(name), loader, arguments)
    data = loader(**arguments)
    from keras_mtl.datasets.multi_task_data import MultiTaskData

    if not isinstance(data, MultiTaskData):
        raise ConfigError(
            f"The data set {name!r} must return a "
            f"`keras_mtl.datasets.MultiTaskData`. Received: "
            f"{type(data).__name__}."
        )
    if not modes:
        return data
    from keras_mtl.datasets.modes import arranged

    return arranged(data, **modes)


def _modes(loader: Loader, arguments: dict[str, Any]) -> dict[str, Any]:
    """Takes out the options of `mode_options` that are not the loader's."""
    own = inspect.signature(loader).parameters
    names = inspect.signature(mode_options).parameters
    taken = [name for name in names if name in arguments and name not in own]
    return {name: arguments.pop(name) for name in taken}


def _check_arguments(
    name: str, loader: Loader, arguments: Mapping[str, Any]
) -> None:
    parameters = inspect.signature(loader).parameters
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    unknown = [key for key in arguments if key not in parameters]
    if "dir" in unknown:
        raise ConfigError(
            f"The data set {name!r} reads no files. Remove `data.dir`."
        )
    if unknown:
        raise ConfigError(
            f"The data set {name!r} has no option {unknown[0]!r}. Expected "
            f"one of {', '.join(parameters)}."
            + _nearest(unknown[0], parameters)
        )


def _nearest(word: str, words: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(word, words, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
