"""A multi-task model as one list of calls, each with the tasks it serves."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.graph import walk

Tasks = frozenset[str]
NOBODY: Tasks = frozenset()


@dataclasses.dataclass(frozen=True, eq=False)
class Call:
    """One call of an operation.

    Args:
        node: The call, as `walk` returns it.
        tasks: Tasks whose output needs it. Never empty.
        trainable: Whether it reads a trainable variable.
    """

    node: Any
    tasks: Tasks
    trainable: bool

    @property
    def inputs(self) -> list[Any]:
        """Symbolic tensors that the call reads."""
        return walk.node_inputs(self.node)

    @property
    def outputs(self) -> list[Any]:
        """Symbolic tensors that the call makes."""
        return list(self.node.outputs)


@dataclasses.dataclass(frozen=True, eq=False)
class FlatGraph:
    """The graph of a multi-task model, opened where tasks part ways.

    Args:
        structure: Symbolic input tensors, nested as in the model.
        inputs: The same tensors as a flat tuple.
        calls: Calls that some task needs, in an order in which they can run.
            A nested model whose parts all serve the same tasks is one call;
            any other nested model is replaced by the calls inside it.
        outputs: Task to symbolic tensor.
        reached: `id` of a variable to the tasks whose output reads it.
    """

    structure: Any
    inputs: tuple[Any, ...]
    calls: tuple[Call, ...]
    outputs: Mapping[str, Any]
    reached: Mapping[int, Tasks]


@dataclasses.dataclass(eq=False)
class _Visit:
    node: Any
    tasks: Tasks
    inside: walk.Entry | None = None
    level: _Level | None = None


@dataclasses.dataclass(eq=False)
class _Level:
    visits: list[_Visit]
    input_tasks: list[Tasks]

    def serves(self, tasks: Tasks) -> bool:
        """Whether every part, used or not, serves just these tasks."""
        return all(x == tasks for x in self.input_tasks) and all(
            visit.tasks == tasks and visit.level is None
            for visit in self.visits
        )

    def has_open(self) -> bool:
        return any(visit.level is not None for visit in self.visits)


def flat_graph(model: Any) -> FlatGraph:
    """Finds which tasks need which calls and variables.

    Args:
        model: Functional model (see `walk.as_functional`) whose output is a
            dict, task to tensor.

    Returns:
        The opened graph. If nothing had to be opened, its tensors are those
        of the model.
    """
    owner = {id(tensor): NOBODY for tensor in model.outputs}
    for task, tensor in model.output.items():
        owner[id(tensor)] |= {task}
    reached: dict[int, Tasks] = defaultdict(frozenset)
    needs = [owner[id(tensor)] for tensor in model.outputs]
    level = _backward(model, needs, reached)
    env = {id(tensor): tensor for tensor in model.inputs}
    calls: list[Call] = []
    _forward(level, env, {}, calls, copy=level.has_open())
    outputs = {
        task: env.get(id(tensor), tensor)
        for task, tensor in model.output.items()
    }
    return FlatGraph(
        structure=model.input,
        inputs=tuple(model.inputs),
        calls=tuple(calls),
        outputs=outputs,
        reached=dict(reached),
    )


def _backward(
    model: Any, output_tasks: Sequence[Tasks], reached: dict[int, Tasks]
) -> _Level:
    """Passes the tasks from the outputs of a model to its inputs."""
    need: dict[int, Tasks] = defaultdict(frozenset)
    for tensor, tasks in zip(model.outputs, output_tasks, strict=True):
        need[id(tensor)] |= tasks
    visits = []
    for node in reversed(walk.nodes(model)):
        visit = _visit(node, [need[id(x)] for x in node.outputs], reached)
        visits.append(visit)
        if visit.inside is None or visit.level is None:
            for tensor in walk.node_inputs(node):
                need[id(tensor)] |= visit.tasks
            continue
        for tensor, tasks in zip(
            visit.inside.arguments, visit.level.input_tasks, strict=True
        ):
            need[id(tensor)] |= tasks
    visits.reverse()
    return _Level(visits, [need[id(tensor)] for tensor in model.inputs])


def _visit(
    node: Any, output_tasks: list[Tasks], reached: dict[int, Tasks]
) -> _Visit:
    tasks = NOBODY.union(*output_tasks)
    inside = walk.entry(node)
    if inside is None:
        for variable in walk.node_variables(node):
            reached[id(variable)] |= tasks
        return _Visit(node, tasks)
    level = _backward(inside.model, output_tasks, reached)
    if not tasks or level.serves(tasks):
        return _Visit(node, tasks)
    return _Visit(node, tasks, inside, level)


def _forward(
    level: _Level,
    env: walk.Env,
    context: Mapping[str, Any],
    calls: list[Call],
    copy: bool,
) -> None:
    """Lists the calls of a level and fills `env` with what they make."""
    for visit in level.visits:
        if not visit.tasks:
            continue
        if visit.inside is not None and visit.level is not None:
            _open(visit.node, visit.inside, visit.level, env, context, calls)
            continue
        node = visit.node
        if copy:
            node = walk.copy_node(node, env, context)
        calls.append(_call(node, visit.tasks))


def _open(
    node: Any,
    inside: walk.Entry,
    level: _Level,
    env: walk.Env,
    context: Mapping[str, Any],
    calls: list[Call],
) -> None:
    """Replaces the call of a nested model by the calls inside it."""
    needed = [bool(tasks) for tasks in level.input_tasks]
    inner, added = walk.enter(inside, env, needed)
    for conversions, tasks in zip(added, level.input_tasks, strict=True):
        calls += [_call(conversion, tasks) for conversion in conversions]
    options = {k: v for k, v in inside.context.items() if v is not None}
    _forward(level, inner, {**options, **context}, calls, copy=True)
    for outer, tensor in zip(node.outputs, inside.model.outputs, strict=True):
        if id(tensor) in inner:
            env[id(outer)] = inner[id(tensor)]


def _call(node: Any, tasks: Tasks) -> Call:
    variables = walk.node_variables(node)
    return Call(node, tasks, any(v.trainable for v in variables))
