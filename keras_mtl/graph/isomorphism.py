"""Whether two groups of tasks run the same computation on other variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from keras import KerasTensor, Variable, saving, tree

from keras_mtl.graph.flat_graph import FlatGraph

VariablePairs = list[tuple[Any, Any]]
# Where the name of a layer may stand in a configuration.
_REFERENCES = (
    "name",
    "keras_history",
    "inbound_nodes",
    "input_layers",
    "output_layers",
)


def isomorphism(
    graph: FlatGraph, first: Sequence[str], second: Sequence[str]
) -> VariablePairs | None:
    """Matches the variables of two groups of tasks, if they are alike.

    Two groups are alike if their outputs are made by the same calls in the
    same arrangement: shared operations are the same objects, others have the
    same class and configuration, names aside.

    Args:
        graph: The flat graph of a multi-task model.
        first: Names of tasks.
        second: As many names; each task is matched with that of its place.

    Returns:
        Every variable that the first group can read with its counterpart in
        the second, trainable or not; `None` if the groups differ.
    """
    operations = _matched_operations(graph, first, second)
    if operations is None:
        return None
    pairs: VariablePairs = []
    for one, other in operations:
        own = getattr(one, "variables", ()), getattr(other, "variables", ())
        if len(own[0]) != len(own[1]):
            return None
        pairs += zip(*own, strict=True)
    return pairs if is_one_to_one(pairs) else None


def is_one_to_one(pairs: VariablePairs) -> bool:
    """Whether pairs of like variables map each to one, and no two to one.

    Args:
        pairs: Pairs of variables; the same pair may come twice.

    Returns:
        False too if the shapes or dtypes of a pair differ.
    """
    there: dict[int, Any] = {}
    back: dict[int, Any] = {}
    for one, other in pairs:
        alike = (tuple(one.shape), one.dtype, one.trainable) == (
            tuple(other.shape),
            other.dtype,
            other.trainable,
        )
        if not alike or there.setdefault(id(one), other) is not other:
            return False
        if back.setdefault(id(other), one) is not one:
            return False
    return True


def _matched_operations(
    graph: FlatGraph, first: Sequence[str], second: Sequence[str]
) -> VariablePairs | None:
    """Operations of two groups, matched from the outputs backwards."""
    made: dict[int, Any] = {
        id(x): call.node for call in graph.calls for x in call.outputs
    }
    matched: dict[int, Any] = {}
    found: dict[int, tuple[Any, Any]] = {}
    stack = [
        (graph.outputs[one], graph.outputs[other])
        for one, other in zip(first, second, strict=True)
    ]
    while stack:
        one, other = stack.pop()
        known = matched.setdefault(id(one), other)
        nodes = made.get(id(one)), made.get(id(other))
        if known is not other or (None in nodes and one is not other):
            return None
        if None in nodes or id(nodes[0]) in found:
            continue
        read = _matched_arguments(one, other, *nodes)
        if read is None:
            return None
        stack += read
        node, twin = made[id(one)], made[id(other)]
        found[id(node)] = (node.operation, twin.operation)
    return list(found.values())


def _matched_arguments(
    one: Any, other: Any, node: Any, twin: Any
) -> VariablePairs | None:
    """Pairs of tensors that two like calls read; `None` if they differ."""
    if not _alike(node.operation, twin.operation):
        return None
    if _place(node, one) != _place(twin, other):
        return None
    arguments = [(n.arguments.args, n.arguments.kwargs) for n in (node, twin)]
    try:
        tree.assert_same_structure(*arguments)
    except (TypeError, ValueError):
        return None
    tensors = []
    for a, b in zip(*map(tree.flatten, arguments), strict=True):
        if isinstance(a, KerasTensor) and isinstance(b, KerasTensor):
            tensors.append((a, b))
        elif a is not b and not _equal(a, b):
            return None
    return tensors


def _place(node: Any, tensor: Any) -> int:
    return next(i for i, x in enumerate(node.outputs) if x is tensor)


def _equal(a: Any, b: Any) -> bool:
    """Whether two plain arguments of a call are the same value."""
    if type(a) is not type(b) or isinstance(a, (KerasTensor, Variable)):
        return False
    return bool(np.array_equal(a, b))


def _alike(one: Any, other: Any) -> bool:
    """Whether two operations compute the same, their variables aside."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    try:
        configs = [saving.serialize_keras_object(x) for x in (one, other)]
    except (NotImplementedError, TypeError, ValueError):
        return False
    return bool(unnamed(configs[0]) == unnamed(configs[1]))


def unnamed(config: Any) -> Any:
    """A configuration in which names are numbered as they appear.

    Args:
        config: Nested dicts, lists and plain values, as Keras serialises
            objects.

    Returns:
        The configuration with the names of layers replaced by their numbers
        (where a layer is named, and where the graph of a nested model refers
        to it), so that objects which differ by name alone are equal.
    """
    numbers = {name: i for i, name in enumerate(dict.fromkeys(_names(config)))}
    return _renamed(config, numbers, is_reference=False)


def _names(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        if _is_policy(config):
            return
        name = config.get("name")
        if isinstance(name, str):
            yield name
        for value in config.values():
            yield from _names(value)
    elif isinstance(config, (list, tuple)):
        for value in config:
            yield from _names(value)


def _is_policy(config: Any) -> bool:
    """Whether it is a dtype policy, whose name is what it does."""
    return str(config.get("class_name")).endswith("DTypePolicy")


def _renamed(config: Any, numbers: dict[str, int], is_reference: bool) -> Any:
    if isinstance(config, dict):
        if _is_policy(config):
            return config
        return {
            _renamed(key, numbers, is_reference): _renamed(
                value, numbers, is_reference or key in _REFERENCES
            )
            for key, value in config.items()
            # Shapes of the first call: those of the tensors are compared.
            if key != "build_config"
        }
    if isinstance(config, (list, tuple)):
        return [_renamed(value, numbers, is_reference) for value in config]
    if is_reference and isinstance(config, str) and config in numbers:
        return ("name", numbers[config])
    return config
