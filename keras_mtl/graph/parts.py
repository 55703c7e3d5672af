"""Cuts a flat graph into trunk and heads."""

from __future__ import annotations

import dataclasses
import warnings
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import keras

from keras_mtl.graph import walk
from keras_mtl.graph.flat_graph import NOBODY, FlatGraph, Tasks
from keras_mtl.graph.stage import Stage


@dataclasses.dataclass(frozen=True, eq=False)
class Frontier:
    """Where the trunk ends.

    Args:
        tensors: Symbolic tensors that heads read, raw inputs first.
        differentiable: Per tensor, whether it is a float that depends on a
            trainable variable of the trunk.
        tasks: Per tensor, the tasks whose head reads it or is it.
    """

    tensors: tuple[Any, ...]
    differentiable: tuple[bool, ...]
    tasks: tuple[Tasks, ...]


def find_frontier(graph: FlatGraph) -> Frontier:
    """Finds what the heads read of the trunk.

    Args:
        graph: The flat graph of a multi-task model.

    Returns:
        The tensors made by calls that serve two tasks or more, and the raw
        inputs, which a call of a single task reads or which are an output.
    """
    readers: dict[int, Tasks] = defaultdict(frozenset)
    for task, tensor in graph.outputs.items():
        readers[id(tensor)] |= {task}
    trained: set[int] = set()
    candidates = list(graph.inputs)
    for call in graph.calls:
        if len(call.tasks) == 1:
            for tensor in call.inputs:
                readers[id(tensor)] |= call.tasks
            continue
        candidates += call.outputs
        if call.trainable or any(id(x) in trained for x in call.inputs):
            trained.update(id(x) for x in call.outputs)
    tensors = tuple(x for x in candidates if readers.get(id(x), NOBODY))
    return Frontier(
        tensors,
        tuple(
            id(x) in trained and keras.backend.is_float_dtype(x.dtype)
            for x in tensors
        ),
        tuple(readers[id(x)] for x in tensors),
    )


def build_trunk(graph: FlatGraph, frontier: Frontier) -> Any:
    """Model from the inputs to the list of frontier tensors.

    Args:
        graph: The flat graph of the model.
        frontier: Its frontier.

    Returns:
        A Keras model that shares the layers and variables of the model.
    """
    return _build(
        Stage, graph.structure, list(frontier.tensors), graph, "trunk"
    )


def build_head(task: str, graph: FlatGraph, frontier: Frontier) -> Any:
    """Model from the list of frontier tensors to the output of a task.

    Args:
        task: Name of the task.
        graph: The flat graph of the model.
        frontier: Its frontier.

    Returns:
        A Keras model that shares the layers and variables of the model.
    """
    inputs = [
        walk.input_like(tensor, f"frontier_{index}")
        for index, tensor in enumerate(frontier.tensors)
    ]
    env = {
        id(old): new for old, new in zip(frontier.tensors, inputs, strict=True)
    }
    for call in graph.calls:
        if call.tasks == {task}:
            walk.copy_node(call.node, env, {})
    output = env[id(graph.outputs[task])]
    return _build(Stage, inputs, output, graph, f"{task}_head")


def build_forward(tasks: Iterable[str], graph: FlatGraph) -> Any:
    """Model from the inputs to the outputs of some tasks.

    Args:
        tasks: Names of the tasks.
        graph: The flat graph of the model.

    Returns:
        A plain Keras model with dict outputs that shares the layers and
        variables of the model, and has no layer that the tasks do not need.
    """
    outputs = {t: graph.outputs[t] for t in tasks}
    name = "_".join(["forward", *outputs])
    return _build(keras.Model, graph.structure, outputs, graph, name)


def _build(
    kind: Any, inputs: Any, outputs: Any, graph: FlatGraph, name: str
) -> Any:
    calls = [call.node for call in graph.calls]
    with walk.unique_names(calls, inputs), warnings.catch_warnings():
        # The model's own inputs: it warned, if at all, when it was made.
        warnings.filterwarnings("ignore", "When providing `inputs` as a dict")
        return kind(inputs, outputs, name=name.replace("/", "_"))
