"""The options of a component, read from its signature."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pydantic

from keras_mtl.datasets.registry import mode_options

# Handled by name and never an option: `name` is the registered name, dtypes
# follow the precision, and the rest is Keras's own bookkeeping.
_RESERVED = frozenset({"self", "name", "dtype", "trainable"})
# What is given to a component by the builder, kind by kind.
_GIVEN = {
    "callbacks": frozenset({"batches"}),
    "metrics": frozenset({"num_outputs"}),
    "models": frozenset({"tasks", "input_shape", "kinds"}),
    "trainers": frozenset(
        {"model", "telemetry", "shared_variables", "task_variables"}
    ),
}
# Given only where a parameter is called so: `**kwargs` do not ask for it.
_BY_NAME = frozenset({"kinds"})
_OPEN = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
# Keras does not annotate its constructors.
_KERAS_TYPES: dict[str, Any] = {
    "boundaries": list[int],
    "class_weights": list[float] | None,
    "clipnorm": float | None,
    "clipvalue": float | None,
    "decay_steps": int,
    "ema_overwrite_frequency": int | None,
    "first_decay_steps": int,
    "global_clipnorm": float | None,
    "gradient_accumulation_steps": int | None,
    "ignore_class": int | None,
    "loss_scale_factor": float | None,
    "values": list[float],
    "warmup_target": float | None,
    "weight_decay": float | None,
}


@dataclass(frozen=True)
class Option:
    """One option of a component.

    Args:
        name: Name of the option.
        annotation: Its type.
        default: Its default; meaningless if `required`.
        required: Whether it has no default.
    """

    name: str
    annotation: Any
    default: Any
    required: bool


@functools.cache
def options(component: Callable[..., Any], kind: str) -> tuple[Option, ...]:
    """What a configuration may set for a component.

    For a class that passes `**kwargs` on, the options of its base classes
    count too, up to Keras's own, whose arguments are not options.

    Args:
        component: Class or function.
        kind: Kind of component, for the arguments that the builder gives.

    Returns:
        The options, in the order of the signature.
    """
    hidden = _RESERVED | _GIVEN.get(kind, frozenset())
    found: dict[str, Option] = {}
    for function in _functions(component):
        hints = _hints(function)
        for parameter in inspect.signature(function).parameters.values():
            name = parameter.name
            if name in hidden or name in found or parameter.kind in _OPEN:
                continue
            found[name] = _option(parameter, hints)
    if kind == "datasets" and component is not mode_options:
        for option in options(mode_options, kind):
            found.setdefault(option.name, option)
    return tuple(found.values())


def accepts(component: Callable[..., Any], name: str) -> bool:
    """Whether a component takes an argument of this name."""
    parameters = inspect.signature(component).parameters
    if name in parameters or name in _BY_NAME:
        return name in parameters
    return any(
        parameter.kind is inspect.Parameter.VAR_KEYWORD
        for parameter in parameters.values()
    )


@functools.cache
def options_model(
    component: Callable[..., Any], kind: str, nested: tuple[str, ...] = ()
) -> type[pydantic.BaseModel]:
    """A pydantic model that checks the options of a component.

    Args:
        component: Class or function.
        kind: Kind of component.
        nested: Options that hold a component of their own: left unchecked.

    Returns:
        A model with a field an option. Unknown options are refused.
    """
    fields: dict[str, Any] = {}
    for option in options(component, kind):
        annotation = Any if option.name in nested else option.annotation
        default = ... if option.required else option.default
        # An alias: pydantic does not take every name as that of a field.
        fields[f"option_{option.name}"] = (
            annotation,
            pydantic.Field(default, alias=option.name),
        )
    config = pydantic.ConfigDict(
        extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True
    )
    return pydantic.create_model(
        getattr(component, "__name__", "Options"), __config__=config, **fields
    )


def _functions(component: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """The constructors whose arguments reach an instance, or the function."""
    if not inspect.isclass(component):
        yield component
        return
    own = component.__module__.split(".")[0]
    for base in component.__mro__:
        root = base.__module__.split(".")[0]
        if base is object or (root == "keras" and own != "keras"):
            return
        function = vars(base).get("__init__")
        if function is None:
            continue
        yield function
        if own == "keras" or not _is_open(function):
            return


def _is_open(function: Callable[..., Any]) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except Exception:  # annotations that only a type checker can import
        return {}


def _option(parameter: inspect.Parameter, hints: dict[str, Any]) -> Option:
    required = parameter.default is inspect.Parameter.empty
    default = None if required else parameter.default
    name = parameter.name
    if name in hints:
        annotation = _usable(hints[name])
    else:
        annotation = _guess(name, default, required)
    return Option(name, annotation, default, required)


def _usable(annotation: Any) -> Any:
    """The annotation, or `Any` where it is not a type of plain values."""
    try:
        schema = pydantic.TypeAdapter(annotation).json_schema()
    except Exception:  # pydantic and third-party types raise what they like
        return Any
    return annotation if schema else Any


def _guess(name: str, default: Any, required: bool) -> Any:
    """The type of an option that has no annotation."""
    if name in _KERAS_TYPES:
        return _KERAS_TYPES[name]
    if required or default is None:
        return float if name.endswith("learning_rate") else Any
    for plain in (bool, str):
        if isinstance(default, plain):
            return plain
    if isinstance(default, int | float):
        return float if isinstance(default, float) else int | float
    return Any
