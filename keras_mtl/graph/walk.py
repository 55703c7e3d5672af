"""The one place that reads Keras's Functional graph.

A Functional model is a list of `Node`s: each is one call of an operation on
symbolic tensors. Nothing of that is public API, so the rest of the package
sees only what this file returns. Checked with the Keras versions named in
`tests/graph/test_walk.py`.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import keras
from keras import tree
from keras.src.models.functional import Functional

# Symbolic tensors by the `id` of the tensor they stand for.
Env = dict[int, Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Entry:
    """How a call enters a nested model: one argument per nested input.

    Args:
        model: The nested Functional model.
        arguments: Outer tensors, in the order of `model.inputs`.
        context: Call options the nested layers inherit (`training=False`).
    """

    model: Any
    arguments: tuple[Any, ...]
    context: Mapping[str, Any]


def as_functional(operation: Any) -> Any | None:
    """The Functional graph that runs when `operation` is called.

    Args:
        operation: Any Keras operation, layer or model.

    Returns:
        A Functional model, or `None` if calling the operation may do
        anything else (a subclassed model or layer, a `call` of its own).
    """
    kind = type(operation)
    if kind.__call__ is not keras.layers.Layer.__call__:
        return None
    if isinstance(operation, keras.Sequential):
        own_call = kind.call is not keras.Sequential.call
        return None if own_call else operation._functional
    if isinstance(operation, Functional) and kind.call is Functional.call:
        return operation
    return None


def nodes(model: Any) -> list[Any]:
    """The calls of a Functional model, in the order in which they run.

    Args:
        model: A model returned by `as_functional`.

    Returns:
        Keras nodes, without those of the inputs.
    """
    depths = sorted(model._nodes_by_depth, reverse=True)
    return [
        node
        for depth in depths
        for node in model._nodes_by_depth[depth]
        if not node.is_input
    ]


def inner_layers(operation: Any) -> list[Any]:
    """Layers inside a layer, at any depth, which calls them by itself.

    Args:
        operation: Any Keras operation.

    Returns:
        None for what `as_functional` or the graph of a model shows.
    """
    if as_functional(operation) is not None:
        return []
    flatten = getattr(operation, "_flatten_layers", None)
    return [] if flatten is None else list(flatten(include_self=False))


def node_inputs(node: Any) -> list[Any]:
    """Symbolic tensors that a call reads, in the order of its arguments."""
    return list(node.arguments.keras_tensors)


def node_option(node: Any, name: str) -> Any:
    """A keyword argument of a call, `None` if it was not given."""
    return node.arguments.kwargs.get(name)


def takes_list(node: Any) -> bool:
    """Whether the first argument of a call is a list of tensors."""
    return isinstance(node.arguments.args[0], (list, tuple))


def node_variables(node: Any) -> list[Any]:
    """Variables that a call can read: its operation's and its arguments'.

    An operation that reads some of its variables only, depending on how it
    is called, has a method `call_variables` that takes the arguments of a
    call and returns them.
    """
    args, kwargs = node.arguments.args, node.arguments.kwargs
    found = [
        x for x in tree.flatten((args, kwargs)) if isinstance(x, keras.Variable)
    ]
    if hasattr(node.operation, "call_variables"):
        return [*node.operation.call_variables(*args, **kwargs), *found]
    return [*getattr(node.operation, "variables", ()), *found]


def entry(node: Any) -> Entry | None:
    """Looks inside a call of a nested model.

    Args:
        node: A node returned by `nodes`.

    Returns:
        The nested graph, or `None` if the call must be taken as a whole.
    """
    model = as_functional(node.operation)
    rematerialised = getattr(node.operation, "_remat_mode", None)
    if model is None or rematerialised is not None:
        return None
    known = getattr(node.operation, "_call_context_args", ())
    options = dict(node.arguments.kwargs)
    context = {k: options.pop(k) for k in known if k in options}
    masked = any(x is not None for x in tree.flatten(options.pop("mask", None)))
    if masked or options or len(node.arguments.args) != 1:
        return None
    arguments = _by_position(node.arguments.args[0], model)
    if not _fit(arguments, model.inputs):
        return None
    return Entry(model, tuple(arguments), context)


def _by_position(structure: Any, model: Any) -> list[Any]:
    if isinstance(structure, dict) and not isinstance(model.input, dict):
        named = [structure.get(tensor.name) for tensor in model.inputs]
        return [tensor for tensor in named if tensor is not None]
    return list(tree.flatten(structure))


def _fit(arguments: Sequence[Any], inputs: Sequence[Any]) -> bool:
    """Whether the arguments enter as they are, but for their dtype."""
    return len(arguments) == len(inputs) and all(
        isinstance(x, keras.KerasTensor) and len(x.shape) == len(y.shape)
        for x, y in zip(arguments, inputs, strict=True)
    )


def enter(
    inside: Entry, env: Env, needed: Sequence[bool]
) -> tuple[Env, list[list[Any]]]:
    """Converts the inputs of a nested model as Keras does on a call.

    Args:
        inside: What `entry` returned for the call.
        env: Tensors that stand for the outer model's.
        needed: Per input of the nested model, whether anything needs it.

    Returns:
        Tensors that stand for the nested model's needed inputs, and per
        input the calls that were added to convert it.
    """
    inner: Env = {}
    added: list[list[Any]] = []
    pairs = zip(inside.arguments, inside.model.inputs, strict=True)
    for (argument, target), use in zip(pairs, needed, strict=True):
        added.append([])
        if not use:
            continue
        x = env[id(argument)]
        if x.dtype != target.dtype:
            x = keras.ops.cast(x, target.dtype)
            added[-1].append(_maker(x))
        inner[id(target)] = x
    return inner, added


def _maker(tensor: Any) -> Any:
    """The node that made a symbolic tensor."""
    history = tensor._keras_history
    return history.operation._inbound_nodes[history.node_index]


def copy_node(node: Any, env: Env, context: Mapping[str, Any]) -> Any:
    """Records the same call once more, on other tensors.

    Nothing is computed and no layer is called: layers, variables and
    arguments are those of `node`.

    Args:
        node: The call to repeat.
        env: Tensors that stand for the arguments. Gets those of the outputs.
        context: Call options inherited from enclosing models.

    Returns:
        The new node.
    """

    def renew(x: Any) -> Any:
        return env[id(x)] if isinstance(x, keras.KerasTensor) else x

    args, kwargs = node.arguments.convert(renew)
    known = getattr(node.operation, "_call_context_args", ())
    inherited = {
        k: v for k, v in context.items() if k in known and v is not None
    }
    outputs = [_twin(x) for x in node.outputs]
    copy = type(node)(
        node.operation,
        call_args=args,
        call_kwargs={**kwargs, **inherited},
        outputs=outputs,
    )
    for old, new in zip(node.outputs, outputs, strict=True):
        env[id(old)] = new
    return copy


def _twin(x: Any) -> Any:
    return keras.KerasTensor(
        shape=x.shape,
        dtype=x.dtype,
        sparse=x.sparse,
        ragged=x.ragged,
        name=x.name,
    )


def input_like(tensor: Any, name: str) -> Any:
    """A new `keras.Input` that takes values of a given symbolic tensor.

    Args:
        tensor: Symbolic tensor.
        name: Name of the input.

    Returns:
        A symbolic tensor of the same shape and dtype.
    """
    made_by = tensor._keras_history.operation
    return keras.Input(
        batch_shape=tensor.shape,
        dtype=tensor.dtype,
        sparse=tensor.sparse,
        ragged=tensor.ragged,
        name=name,
        optional=bool(getattr(made_by, "optional", False)),
    )


@contextlib.contextmanager
def unique_names(calls: Iterable[Any], inputs: Any) -> Iterator[None]:
    """Lets operations of equal name stand in one model while it is built.

    Keras refuses two operations of one name in a model, which happens when
    two nested models are opened. The names are put back on leaving.

    Args:
        calls: Nodes of the model to build (more of them do no harm).
        inputs: Structure of its symbolic inputs.
    """
    sources = [x._keras_history.operation for x in tree.flatten(inputs)]
    sources += [node.operation for node in calls]
    operations = list({id(op): op for op in sources}.values())
    count = Counter(operation.name for operation in operations)
    renamed = [(op, op.name) for op in operations if count[op.name] > 1]
    try:
        for index, (operation, name) in enumerate(renamed):
            operation.name = f"{name}__{index}"
        yield
    finally:
        for operation, name in renamed:
            operation.name = name
