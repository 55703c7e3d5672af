"""Runs the calls of a model once per task, in a new model.

Two wirings exist. `Sequential` makes
one copy of the calls for every task. `Batched` repeats the batch for every
task instead, and each task takes its part of what comes out.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import Any

from keras_mtl.graph import walk
from keras_mtl.graph.flat_graph import Call, FlatGraph
from keras_mtl.graph.opening import OpenGraph
from keras_mtl.layers.select_tasks import SelectTasks
from keras_mtl.layers.task_ids import TaskIds
from keras_mtl.layers.tile_tasks import TileTasks

Group = tuple[str, ...]
# Repeats a call on other tensors, and adds to it; `None` copies it.
Rewrite = Callable[["Wiring", Call, walk.Env, Group], None]


class Wiring(abc.ABC):
    """Builds the outputs of a model in which tasks run apart.

    Args:
        graph: The calls of the model.
        common: `id` of the calls that are the same for every task, and run
            once.
        rewrite: Records a call for a group of tasks: fills the environment
            it is given with the tensors that stand for the call's outputs.
    """

    def __init__(
        self, graph: OpenGraph, common: set[int], rewrite: Rewrite
    ) -> None:
        self.graph = graph
        self.common = common
        self.rewrite = rewrite
        self.users = graph.users()

    @abc.abstractmethod
    def outputs(self) -> dict[str, Any]:
        """Task to the symbolic tensor of its output."""

    @abc.abstractmethod
    def task(self, operation: Any, group: Group, features: Any) -> Any:
        """The `task` argument of a layer.

        Args:
            operation: The layer of the original model it stands for, whose
                users are the rows of the layer.
            group: Tasks whose samples `features` holds.
            features: Symbolic tensor.

        Returns:
            An integer, or a symbolic tensor.
        """

    def rows(self, operation: Any, group: Group) -> list[int]:
        """Rows of the tasks of a group in a layer for `operation`."""
        users = self.users[id(operation)]
        return [users.index(task) for task in group]

    def start(self) -> walk.Env:
        """Tensors that are the same for all tasks, standing for themselves."""
        env = {id(x): x for x in self.graph.inputs}
        for call in self.graph.calls:
            if id(call) in self.common:
                env.update({id(x): x for x in call.outputs})
        return env

    def separate(self) -> list[Call]:
        """Calls that differ from task to task."""
        return [c for c in self.graph.calls if id(c) not in self.common]


class Sequential(Wiring):
    """One copy of the calls for every task."""

    def outputs(self) -> dict[str, Any]:
        """Task to the symbolic tensor of its output."""
        return {task: self._run(task) for task in self.graph.outputs}

    def _run(self, task: str) -> Any:
        env = self.start()
        for call in self.separate():
            if task in call.tasks:
                self.rewrite(self, call, env, (task,))
        return env[id(self.graph.outputs[task])]

    def task(self, operation: Any, group: Group, features: Any) -> Any:
        """The row of the one task of the group."""
        (row,) = self.rows(operation, group)
        return row


class Batched(Wiring):
    """One pass with the batch repeated for every task."""

    def __init__(
        self, graph: OpenGraph, common: set[int], rewrite: Rewrite
    ) -> None:
        super().__init__(graph, common, rewrite)
        self._groups: dict[int, Group | None] = {}
        self._parts: dict[tuple[int, Group], Any] = {}
        self._ids: dict[tuple[Group, tuple[int, ...]], Any] = {}

    def outputs(self) -> dict[str, Any]:
        """Task to the symbolic tensor of its output."""
        env = self.start()
        self._groups = {id(x): None for x in env.values()}
        for call in self.separate():
            group = tuple(sorted(call.tasks))
            inner = {id(x): self.part(env[id(x)], group) for x in call.inputs}
            self.rewrite(self, call, inner, group)
            for tensor in call.outputs:
                env[id(tensor)] = inner[id(tensor)]
                self._groups[id(inner[id(tensor)])] = group
        return {
            task: self.part(env[id(tensor)], (task,))
            for task, tensor in self.graph.outputs.items()
        }

    def part(self, tensor: Any, group: Group) -> Any:
        """The samples of some tasks, of a tensor that holds those of more."""
        have = self._groups[id(tensor)]
        if have == group or (have is None and len(group) == 1):
            return tensor
        key = (id(tensor), group)
        if key not in self._parts:
            self._parts[key] = self._taken(tensor, have, group)
        return self._parts[key]

    def _taken(self, tensor: Any, have: Group | None, group: Group) -> Any:
        name = f"tasks_{len(self._parts)}"
        if have is None:
            return TileTasks(len(group), name=f"tile_{name}")(tensor)
        tasks = [have.index(task) for task in group]
        select = SelectTasks(len(have), tasks, name=f"select_{name}")
        return select(tensor)

    def task(self, operation: Any, group: Group, features: Any) -> Any:
        """The row of every sample."""
        rows = self.rows(operation, group)
        if len(rows) == 1:
            return rows[0]
        key = (group, tuple(rows))
        if key not in self._ids:
            name = f"task_ids_{len(self._ids)}"
            self._ids[key] = TaskIds(rows, name=name)(features)
        return self._ids[key]


def is_batched(graph: FlatGraph) -> bool:
    """Whether tasks run apart, on one batch that holds all their samples."""
    return any(isinstance(c.node.operation, TileTasks) for c in graph.calls)


def common_calls(graph: OpenGraph, masked: Sequence[Any]) -> set[int]:
    """Calls that give every task the same, and train nothing.

    Args:
        graph: An opened graph.
        masked: Operations behind which tasks differ.

    Returns:
        `id` of each such call.
    """
    differ = {id(operation) for operation in masked}
    apart: set[int] = set()
    common = set()
    for call in graph.calls:
        same = not call.trainable and id(call.node.operation) not in differ
        if same and not any(id(x) in apart for x in call.inputs):
            common.add(id(call))
        else:
            apart.update(id(x) for x in call.outputs)
    return common
