"""The network that is exported: some tasks, single precision, no extras."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from keras_mtl.errors import ConfigError
from keras_mtl.graph import compressed, split
from keras_mtl.graph.stock import with_stock_layers
from keras_mtl.graph.walk import as_functional

_FLOATS = ("bfloat16", "float16", "float64", "mixed_bfloat16", "mixed_float16")


def deployable(
    model: keras.Model, tasks: Sequence[str] | None = None
) -> keras.Model:
    """Prunes a network to some tasks, for inference alone.

    Whatever no task needs is left out; for a single task of a partitioned
    model, the filters too that it does not use.

    Args:
        model: Model whose output is a dict, task to tensor. Functional,
            unless all tasks are wanted.
        tasks: Names of tasks; all by default.

    Returns:
        A model that computes in float32, made of Keras's own layers where
        `model` is, but for those of this package.

    Raises:
        ConfigError: If there is no such task, or the model is subclassed.
    """
    names = _checked(model, tasks)
    fixed = [x.name for x in model.inputs if x.shape[0] is not None]
    if fixed:
        raise ConfigError(
            f"The inputs {fixed} of the model have a fixed batch size. Make "
            "them without `batch_size`, so that batches of any size can be "
            "predicted."
        )
    if as_functional(model) is None:
        return model
    if len(names) == 1:
        network = compressed(model, names[0])
    else:
        network = split(model, allow_disjoint=True).forward(names)
    return in_single_precision(with_stock_layers(network))


def in_single_precision(model: keras.Model) -> keras.Model:
    """The network with float32 everywhere.

    Args:
        model: Functional model.

    Returns:
        The model itself if it computes in float32, else a copy.
    """
    if is_single_precision(model):
        return model
    config = _in_float32(keras.saving.serialize_keras_object(model))
    with _policy("float32"):
        copy: keras.Model = keras.saving.deserialize_keras_object(config)
    copy.set_weights(model.get_weights())
    return copy


@contextlib.contextmanager
def _policy(name: str) -> Iterator[None]:
    """The policy of layers that store none: inputs and nested models."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def is_single_precision(model: keras.Model) -> bool:
    """Whether a network takes, keeps and computes float32 alone."""
    dtypes = {x.dtype for x in (*model.inputs, *model.outputs)}
    for layer in _layers(model):
        dtypes |= {layer.compute_dtype, layer.variable_dtype}
    return not dtypes & set(_FLOATS)


def holds_our_layers(model: keras.Model) -> bool:
    """Whether a file of the network's layers needs this package."""
    modules = [type(layer).__module__ for layer in _layers(model)]
    return any(name.partition(".")[0] == "keras_mtl" for name in modules)


def _layers(model: keras.Model) -> Iterator[Any]:
    """All layers, those of nested models and layers too."""
    waiting = list(model.layers)
    while waiting:
        layer = waiting.pop()
        yield layer
        waiting += getattr(layer, "layers", ())


def _in_float32(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _in_float32(v, k) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_in_float32(v, key) for v in value)
    is_dtype = key in ("dtype", "name", "args", "config")
    return "float32" if is_dtype and value in _FLOATS else value


def _checked(
    model: keras.Model, tasks: Sequence[str] | None
) -> tuple[str, ...]:
    outputs = getattr(model, "output", None)
    if not isinstance(outputs, dict):
        raise ConfigError(
            f"Model {model.name!r} must have a dict of outputs, task to "
            f"tensor. Received: {type(outputs).__name__}. Build it with the "
            "Functional API, with `outputs={'task': tensor}`."
        )
    if tasks is None:
        return tuple(sorted(outputs))
    wanted = (tasks,) if isinstance(tasks, str) else tuple(tasks)
    unknown = [name for name in wanted if name not in outputs]
    if unknown or not wanted:
        raise ConfigError(
            f"`tasks` must name tasks among {sorted(outputs)}. Received: "
            f"{list(wanted)}."
        )
    return tuple(sorted(set(wanted)))
