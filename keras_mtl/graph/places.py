"""Where the filters of a model can be shared out among its tasks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras
from keras import layers

from keras_mtl.graph import walk
from keras_mtl.graph.flat_graph import Call
from keras_mtl.graph.opening import OpenGraph

Where = Literal["after_norm", "after_activation"]

_CONVOLUTIONS = (
    layers.Conv1D,
    layers.Conv2D,
    layers.Conv3D,
    layers.Conv1DTranspose,
    layers.Conv2DTranspose,
    layers.Conv3DTranspose,
    layers.DepthwiseConv1D,
    layers.DepthwiseConv2D,
    layers.SeparableConv1D,
    layers.SeparableConv2D,
)
# Zero where their input is zero: a mask may stand on either side.
_PRESERVING = (
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu"),
    *("gelu", "silu", "hard_silu", "mish", "tanh"),
)
_ELEMENTWISE = (*_PRESERVING, "sigmoid", "hard_sigmoid", "softplus")


@dataclasses.dataclass(frozen=True, eq=False)
class Place:
    """A convolution that tasks share, and what stands behind it.

    Args:
        convolution: The layer.
        normalization: The batch normalisation that alone reads it, if any.
        after: The operation behind which its filters are to be masked.
        tasks: Names of the tasks that use it, sorted.
        axis: Axis of the channels.
    """

    convolution: Any
    normalization: Any | None
    after: Any
    tasks: tuple[str, ...]
    axis: int

    @property
    def name(self) -> str:
        """Name of the convolution."""
        return str(self.convolution.name)


def is_convolution(operation: Any) -> bool:
    """Whether an operation is a convolution with filters of its own."""
    return isinstance(operation, _CONVOLUTIONS)


def hidden_convolutions(graph: OpenGraph) -> dict[str, int]:
    """Convolutions of shared layers that call them by themselves.

    Args:
        graph: An opened graph.

    Returns:
        Name of a layer to the number of convolutions inside.
    """
    users = graph.users()
    found: dict[str, int] = {}
    shared = [
        call.node.operation
        for call in graph.calls
        if len(users[id(call.node.operation)]) > 1
    ]
    while shared:
        operation = shared.pop(0)
        model = walk.as_functional(operation)
        if model is not None:
            shared += [node.operation for node in walk.nodes(model)]
        inner = sum(map(is_convolution, walk.inner_layers(operation)))
        if inner:
            found[str(operation.name)] = inner
    return found


def is_zero_preserving(operation: Any) -> bool:
    """Whether an operation is an activation that leaves zeros zero."""
    if isinstance(operation, layers.ReLU):
        return bool(operation.threshold <= 0)
    if isinstance(operation, layers.LeakyReLU):
        return True
    if not isinstance(operation, layers.Activation):
        return False
    return _is_one_of(operation.activation, _PRESERVING)


def is_elementwise(activation: Any) -> bool:
    """Whether an activation function treats every number by itself."""
    return activation is None or _is_one_of(activation, _ELEMENTWISE)


def _is_one_of(activation: Any, names: Sequence[str]) -> bool:
    name = getattr(activation, "__name__", "")
    # A function of the user may have the same name.
    mine = getattr(keras.activations, name, None) is activation
    return mine and name in names


def find_places(graph: OpenGraph, where: Where = "after_norm") -> list[Place]:
    """Finds every convolution that several tasks share.

    Args:
        graph: An opened graph.
        where: Whether to go past an activation that follows.

    Returns:
        The places, in the order in which the layers run. Convolutions with
        one normalisation in common are one place.
    """
    users, readers = graph.users(), graph.readers()
    outputs = {id(tensor) for tensor in graph.outputs.values()}
    found: dict[int, Place] = {}
    for operation in _shared_convolutions(graph, users):
        calls = [c for c in graph.calls if c.node.operation is operation]
        norms = [_norm_behind(call, readers, outputs) for call in calls]
        norm = norms[0] if all(n is norms[0] for n in norms) else None
        place = _place(graph, operation, norm, users)
        if where == "after_activation":
            place = _moved(graph, place, readers, outputs)
        found.setdefault(id(place.after), place)
    return list(found.values())


def _shared_convolutions(
    graph: OpenGraph, users: Mapping[int, tuple[str, ...]]
) -> list[Any]:
    found = {
        id(call.node.operation): call.node.operation
        for call in graph.calls
        if is_convolution(call.node.operation)
        and len(users[id(call.node.operation)]) > 1
    }
    return list(found.values())


def _place(
    graph: OpenGraph,
    operation: Any,
    norm: Any | None,
    users: Mapping[int, tuple[str, ...]],
) -> Place:
    after = operation if norm is None else norm
    first = operation.data_format == "channels_first"
    return Place(operation, norm, after, users[id(after)], 1 if first else -1)


def _norm_behind(
    call: Call, readers: Mapping[int, list[Call]], outputs: set[int]
) -> Any | None:
    reader = _only_reader(call, readers, outputs)
    if reader is None:
        return None
    operation = reader.node.operation
    if not isinstance(operation, layers.BatchNormalization):
        return None
    rank = len(call.outputs[0].shape)
    first = call.node.operation.data_format == "channels_first"
    same = operation.axis % rank == (1 if first else rank - 1)
    return operation if same else None


def _moved(
    graph: OpenGraph,
    place: Place,
    readers: Mapping[int, list[Call]],
    outputs: set[int],
) -> Place:
    """The place behind the activation that alone reads it, if there is one."""
    calls = [c for c in graph.calls if c.node.operation is place.after]
    behind = [_only_reader(call, readers, outputs) for call in calls]
    operations = {id(b.node.operation): b for b in behind if b is not None}
    if None in behind or len(operations) != 1:
        return place
    operation = next(iter(operations.values())).node.operation
    used = [c for c in graph.calls if c.node.operation is operation]
    if not is_zero_preserving(operation) or len(used) != len(calls):
        return place
    return dataclasses.replace(place, after=operation)


def _only_reader(
    call: Call, readers: Mapping[int, list[Call]], outputs: set[int]
) -> Call | None:
    (tensor,) = call.outputs
    found = readers.get(id(tensor), [])
    alone = len(found) == 1 and id(tensor) not in outputs
    return found[0] if alone else None
