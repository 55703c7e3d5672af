"""Where every component lives, by kind and name, without importing it.

Adding a component adds one row here. A configuration may also name
`my_package.module:Class`, or a component of another package that declares an
entry point `<kind>.<name>` in the group `keras_mtl.plugins`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from keras_mtl.datasets.registry import DATASETS
from keras_mtl.errors import ConfigError

PLUGIN_GROUP = "keras_mtl.plugins"

_ROWS: dict[str, dict[str, str]] = {
    "aggregators": {
        "aligned_mtl": "keras_mtl.aggregators.aligned_mtl:AlignedMTL",
        "cagrad": "keras_mtl.aggregators.cagrad:CAGrad",
        "con_fig": "keras_mtl.aggregators.con_fig:ConFIG",
        "constant": "keras_mtl.aggregators.constant:Constant",
        "cr_mogm": "keras_mtl.aggregators.cr_mogm:CRMOGM",
        "db_mtl": "keras_mtl.aggregators.db_mtl:DBMTL",
        "dualproj": "keras_mtl.aggregators.dualproj:DualProj",
        "excess_mtl": "keras_mtl.aggregators.excess_mtl:ExcessMTL",
        "fairgrad": "keras_mtl.aggregators.fairgrad:FairGrad",
        "graddrop": "keras_mtl.aggregators.graddrop:GradDrop",
        "gradvac": "keras_mtl.aggregators.gradvac:GradVac",
        "imtl_g": "keras_mtl.aggregators.imtl_g:IMTLG",
        "krum": "keras_mtl.aggregators.krum:Krum",
        "mean": "keras_mtl.aggregators.mean:Mean",
        "mgda": "keras_mtl.aggregators.mgda:MGDA",
        "moco": "keras_mtl.aggregators.moco:MoCo",
        "modo": "keras_mtl.aggregators.modo:MoDo",
        "nash_mtl": "keras_mtl.aggregators.nash_mtl:NashMTL",
        "pcd": "keras_mtl.aggregators.pcd:PCD",
        "pcgrad": "keras_mtl.aggregators.pcgrad:PCGrad",
        "random": "keras_mtl.aggregators.random:Random",
        "sdmgrad": "keras_mtl.aggregators.sdmgrad:SDMGrad",
        "sum": "keras_mtl.aggregators.sum:Sum",
        "trimmed_mean": "keras_mtl.aggregators.trimmed_mean:TrimmedMean",
        "upgrad": "keras_mtl.aggregators.upgrad:UPGrad",
    },
    "weightings": {
        "cosmos": "keras_mtl.weightings.cosmos:COSMOS",
        "dtp": "keras_mtl.weightings.dtp:DTP",
        "dwa": "keras_mtl.weightings.dwa:DWA",
        "famo": "keras_mtl.weightings.famo:FAMO",
        "gls": "keras_mtl.weightings.gls:GLS",
        "gradnorm": "keras_mtl.weightings.gradnorm:GradNorm",
        "imtl_l": "keras_mtl.weightings.imtl_l:IMTLL",
        "lbtw": "keras_mtl.weightings.lbtw:LBTW",
        "log": "keras_mtl.weightings.log:Log",
        "pbi": "keras_mtl.weightings.pbi:PBI",
        "rlw": "keras_mtl.weightings.rlw:RLW",
        "static": "keras_mtl.weightings.static:Static",
        "stch": "keras_mtl.weightings.stch:STCH",
        "uncertainty": "keras_mtl.weightings.uncertainty:Uncertainty",
    },
    "trainers": {
        "alternating": "keras_mtl.trainers.alternating:Alternating",
        "independent": "keras_mtl.trainers.independent:Independent",
        "shared": "keras_mtl.trainers.shared:Shared",
        "single_task": "keras_mtl.trainers.single_task:SingleTask",
    },
    "models": {
        "convnet9": "keras_mtl.models.convnet9:convnet9",
        "cooperative": "keras_mtl.models.cooperative:cooperative",
        "lenet": "keras_mtl.models.lenet:lenet",
        "mlp": "keras_mtl.models.mlp:mlp",
        "resnet18": "keras_mtl.models.resnet18:resnet18",
    },
    "layers": {},
    # The data sets list themselves, for `keras_mtl.datasets.load`.
    "datasets": DATASETS,
    "losses": {
        "binary_crossentropy": "keras.losses:BinaryCrossentropy",
        "binary_focal_crossentropy": "keras.losses:BinaryFocalCrossentropy",
        "categorical_crossentropy": "keras.losses:CategoricalCrossentropy",
        "huber": "keras.losses:Huber",
        "log_cosh": "keras.losses:LogCosh",
        "mean_absolute_error": "keras.losses:MeanAbsoluteError",
        "mean_squared_error": "keras.losses:MeanSquaredError",
        "sparse_categorical_crossentropy": (
            "keras.losses:SparseCategoricalCrossentropy"
        ),
    },
    "metrics": {
        "accuracy": "keras_mtl.config.accuracy:accuracy",
        "auc": "keras.metrics:AUC",
        "binary_accuracy": "keras.metrics:BinaryAccuracy",
        "mean_absolute_error": "keras.metrics:MeanAbsoluteError",
        "mean_squared_error": "keras.metrics:MeanSquaredError",
        "root_mean_squared_error": "keras.metrics:RootMeanSquaredError",
        "sparse_categorical_accuracy": (
            "keras.metrics:SparseCategoricalAccuracy"
        ),
        "sparse_top_k_categorical_accuracy": (
            "keras.metrics:SparseTopKCategoricalAccuracy"
        ),
    },
    "callbacks": {},
    "optimizers": {
        "adadelta": "keras.optimizers:Adadelta",
        "adafactor": "keras.optimizers:Adafactor",
        "adagrad": "keras.optimizers:Adagrad",
        "adam": "keras.optimizers:Adam",
        "adamax": "keras.optimizers:Adamax",
        "adamw": "keras.optimizers:AdamW",
        "lamb": "keras.optimizers:Lamb",
        "lion": "keras.optimizers:Lion",
        "nadam": "keras.optimizers:Nadam",
        "rmsprop": "keras.optimizers:RMSprop",
        "sgd": "keras.optimizers:SGD",
    },
    "schedules": {
        "cosine_decay": "keras.optimizers.schedules:CosineDecay",
        "cosine_decay_restarts": (
            "keras.optimizers.schedules:CosineDecayRestarts"
        ),
        "exponential_decay": "keras.optimizers.schedules:ExponentialDecay",
        "inverse_time_decay": "keras.optimizers.schedules:InverseTimeDecay",
        "piecewise_constant_decay": (
            "keras.optimizers.schedules:PiecewiseConstantDecay"
        ),
        "polynomial_decay": "keras.optimizers.schedules:PolynomialDecay",
    },
}

# What a component of a kind must derive from, where that can be checked.
_BASES = {
    "aggregators": "keras_mtl.aggregators.base:Aggregator",
    "weightings": "keras_mtl.weightings.base:Weighting",
    "losses": "keras.losses:Loss",
    "optimizers": "keras.optimizers:Optimizer",
    "schedules": "keras.optimizers.schedules:LearningRateSchedule",
}


def kinds() -> list[str]:
    """Every kind of component, sorted."""
    return sorted(_ROWS)


def names(kind: str) -> list[str]:
    """Names of the components of one kind that come with the package."""
    return sorted(_rows(kind))


def suggestion(name: str, known: Iterable[str]) -> str:
    """`" Did you mean 'x'?"` for the nearest known name, or nothing."""
    close = get_close_matches(name, sorted(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def target(kind: str, name: str, plugins: bool = True) -> str:
    """Finds where a component lives; imports nothing.

    Args:
        kind: One of `kinds()`.
        name: A registered name, the name of a plugin of that kind, or
            `"my_package.module:Class"`.
        plugins: Whether the last two are allowed.

    Returns:
        `"module:attribute"`.

    Raises:
        ConfigError: If there is no such component, or it is forbidden.
    """
    rows = _rows(kind)
    if name in rows:
        return rows[name]
    if ":" in name:
        return _foreign(kind, name, plugins)
    found = _plugins(kind) if plugins else {}
    if name in found:
        return found[name]
    known = sorted({*rows, *found})
    raise ConfigError(
        f"expected one of {known}, or 'my_package.module:Class'. Received: "
        f"{name!r}.{suggestion(name, known)}"
    )


def resolve(kind: str, name: str, plugins: bool = True) -> Any:
    """Imports a component.

    Args:
        kind: As in `target`.
        name: As in `target`.
        plugins: As in `target`.

    Returns:
        The class or function.

    Raises:
        ConfigError: If there is no such component, it cannot be imported,
            or it is not of that kind.
    """
    where = target(kind, name, plugins)
    component = _import(where)
    _check_kind(kind, where, component)
    return component


def _rows(kind: str) -> dict[str, str]:
    if kind not in _ROWS:
        raise ConfigError(
            f"expected a kind of component, one of {kinds()}. Received: "
            f"{kind!r}.{suggestion(kind, _ROWS)}"
        )
    return _ROWS[kind]


def _foreign(kind: str, name: str, plugins: bool) -> str:
    if plugins:
        return name
    raise ConfigError(
        f"{name!r} would run code from outside this package, which "
        f"--no-plugins forbids. Expected one of {names(kind)}."
    )


def _plugins(kind: str) -> dict[str, str]:
    """Plugins of one kind: name to `"module:attribute"`."""
    prefix = f"{kind}."
    return {
        point.name.removeprefix(prefix): point.value
        for point in importlib.metadata.entry_points(group=PLUGIN_GROUP)
        if point.name.startswith(prefix)
    }


def _import(where: str) -> Any:
    module_name, _, attribute = where.partition(":")
    try:
        found = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # a plugin may raise anything when imported
        raise ConfigError(
            f"{where!r} cannot be imported: {type(error).__name__}: {error}. "
            "Expected 'module:Class', importable from the current folder or "
            "from an installed package."
        ) from error
    return found


def _check_kind(kind: str, where: str, component: Any) -> None:
    if not (inspect.isclass(component) or inspect.isroutine(component)):
        raise ConfigError(
            f"{where!r} must be a class or a function. Received: "
            f"{type(component).__name__}."
        )
    try:
        inspect.signature(component)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{where!r} does not tell its options: {error}. Expected a class "
            "or function written in Python."
        ) from error
    if kind not in _BASES:
        return
    base = _import(_BASES[kind])
    if not (inspect.isclass(component) and issubclass(component, base)):
        raise ConfigError(
            f"{where!r} must be a subclass of {base.__name__} to serve among "
            f"the {kind}. Received: {component!r}."
        )
