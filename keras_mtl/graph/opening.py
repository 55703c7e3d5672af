"""The calls of a model, with nested models opened all the way down."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from keras_mtl.graph import walk
from keras_mtl.graph.flat_graph import Call, FlatGraph, Tasks


@dataclasses.dataclass(frozen=True, eq=False)
class OpenGraph:
    """A model as calls that follow one another.

    Args:
        structure: Symbolic input tensors, nested as in the model.
        inputs: The same tensors as a flat tuple.
        calls: Calls, in an order in which they can run.
        outputs: Task to symbolic tensor.
    """

    structure: Any
    inputs: tuple[Any, ...]
    calls: tuple[Call, ...]
    outputs: Mapping[str, Any]

    def users(self) -> dict[int, tuple[str, ...]]:
        """`id` of an operation to the sorted tasks that any call serves."""
        found: dict[int, Tasks] = {}
        for call in self.calls:
            key = id(call.node.operation)
            found[key] = found.get(key, frozenset()) | call.tasks
        return {key: tuple(sorted(tasks)) for key, tasks in found.items()}

    def readers(self) -> dict[int, list[Call]]:
        """`id` of a tensor to the calls that read it."""
        found: dict[int, list[Call]] = {}
        for call in self.calls:
            for tensor in call.inputs:
                found.setdefault(id(tensor), []).append(call)
        return found

    def makers(self) -> dict[int, Call]:
        """`id` of a tensor to the call that makes it."""
        return {id(x): call for call in self.calls for x in call.outputs}


def open_graph(graph: FlatGraph, wanted: Callable[[Any], bool]) -> OpenGraph:
    """Opens the nested models that hold certain operations.

    Args:
        graph: The flat graph of a model.
        wanted: Whether an operation must not be hidden in a nested model.

    Returns:
        The opened graph. Layers and variables are those of the model.
    """
    env = {id(tensor): tensor for tensor in graph.inputs}
    calls: list[Call] = []
    for call in graph.calls:
        _record(call.node, call.tasks, env, {}, calls, wanted)
    outputs = {task: env[id(x)] for task, x in graph.outputs.items()}
    return OpenGraph(graph.structure, graph.inputs, tuple(calls), outputs)


def _record(
    node: Any,
    tasks: Tasks,
    env: walk.Env,
    context: Mapping[str, Any],
    calls: list[Call],
    wanted: Callable[[Any], bool],
) -> None:
    inside = walk.entry(node)
    if inside is None or not _holds(inside.model, wanted):
        calls.append(_call(walk.copy_node(node, env, context), tasks))
        return
    everything = [True] * len(inside.arguments)
    inner, added = walk.enter(inside, env, everything)
    calls += [_call(x, tasks) for conversions in added for x in conversions]
    options = {k: v for k, v in inside.context.items() if v is not None}
    for nested in walk.nodes(inside.model):
        _record(nested, tasks, inner, {**options, **context}, calls, wanted)
    for outer, tensor in zip(node.outputs, inside.model.outputs, strict=True):
        env[id(outer)] = inner[id(tensor)]


def _holds(model: Any, wanted: Callable[[Any], bool]) -> bool:
    for node in walk.nodes(model):
        inside = walk.entry(node)
        if inside is None:
            if wanted(node.operation):
                return True
        elif _holds(inside.model, wanted):
            return True
    return False


def _call(node: Any, tasks: Tasks) -> Call:
    variables = walk.node_variables(node)
    return Call(node, tasks, any(v.trainable for v in variables))
