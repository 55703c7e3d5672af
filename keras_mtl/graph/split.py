"""Trunk, frontier and heads of a multi-task model."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras

from keras_mtl.graph import parts, walk
from keras_mtl.graph.flat_graph import NOBODY, FlatGraph, Tasks, flat_graph
from keras_mtl.graph.passes import is_batched
from keras_mtl.graph.ties import are_tied

Variables = tuple[Any, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """A multi-task model taken apart. Made by `split`.

    The parts are built when they are first asked for and share the layers
    and variables of the model, which stays as it is.

    Args:
        model: The model.
        tasks: Names of its tasks, sorted.
        shared_variables: Trainable variables that two tasks or more read, in
            the order of `model.trainable_variables`.
        task_variables: Task to the trainable variables it alone reads, in
            the same order.
        graph: The opened graph, `None` for a subclassed model.
    """

    model: Any
    tasks: tuple[str, ...]
    shared_variables: Variables
    task_variables: Mapping[str, Variables]
    graph: FlatGraph | None = dataclasses.field(default=None, repr=False)
    _reached: Mapping[int, Tasks] = dataclasses.field(
        default_factory=dict, repr=False
    )
    _forward: dict[tuple[str, ...], Any] = dataclasses.field(
        default_factory=dict, repr=False
    )

    @functools.cached_property
    def trunk(self) -> Any:
        """Model: the model's inputs → list of frontier tensors.

        With a single task it is the identity: the frontier is the inputs.
        """
        graph = self._open("trunk")
        return parts.build_trunk(graph, self._frontier)

    @functools.cached_property
    def heads(self) -> dict[str, Any]:
        """Per task, model: list of all frontier tensors → task's output.

        `heads[task](trunk(x))` is bit-equal to `model(x)[task]`.
        """
        graph = self._open("heads")
        return {
            task: parts.build_head(task, graph, self._frontier)
            for task in self.tasks
        }

    @property
    def frontier(self) -> tuple[Any, ...]:
        """Symbolic tensors that heads read, or that are an output.

        Outputs of layers that serve two tasks or more, and raw inputs.
        """
        return self._frontier.tensors

    @property
    def differentiable(self) -> tuple[bool, ...]:
        """Per frontier tensor, whether the trunk can learn from its gradient.

        True for a float tensor that depends on a trainable variable of the
        trunk; never for a raw input.
        """
        return self._frontier.differentiable

    @property
    def frontier_tasks(self) -> tuple[Tasks, ...]:
        """Per frontier tensor, the tasks whose heads use it."""
        return self._frontier.tasks

    @property
    def is_batched(self) -> bool:
        """Whether all tasks run as one batch, see `partition`."""
        return self.graph is not None and is_batched(self.graph)

    def reached_by(self, variable: Any) -> Tasks:
        """Tasks whose output reads a variable.

        Args:
            variable: Any variable of the model, trainable or not.

        Returns:
            Names of the tasks; empty if no output depends on it.
        """
        return self._reached.get(id(variable), NOBODY)

    def variables(self, tasks: Sequence[str]) -> list[Any]:
        """Trainable variables that any of some tasks reads.

        Args:
            tasks: Names of tasks.

        Returns:
            Variables in the order of `model.trainable_variables`.

        Raises:
            ValueError: If `tasks` is empty or names an unknown task.
        """
        wanted = set(self._check(tasks))
        return [
            variable
            for variable in self.model.trainable_variables
            if self.reached_by(variable) & wanted
        ]

    def forward(self, tasks: Sequence[str]) -> Any:
        """Model that computes some tasks and nothing they do not need.

        Args:
            tasks: Names of tasks.

        Returns:
            Model from the inputs of `model` to a dict, task to output, equal
            bit for bit to the same outputs of `model`. It is `model` itself
            for all the tasks, and for a subclassed model, whose every output
            is then computed. The same object each time.

        Raises:
            ValueError: If `tasks` is empty or names an unknown task.
        """
        key = self._check(tasks)
        if self.graph is None or key == self.tasks:
            return self.model
        if key not in self._forward:
            self._forward[key] = parts.build_forward(key, self.graph)
        return self._forward[key]

    @functools.cached_property
    def _frontier(self) -> parts.Frontier:
        return parts.find_frontier(self._open("frontier"))

    def _open(self, what: str) -> FlatGraph:
        if self.graph is None:
            raise ValueError(
                f"`{what}` needs the graph of the model. Received: "
                f"{self.model.name!r} of class {type(self.model).__name__}, "
                "a subclassed model, whose layers cannot be told apart. Build "
                "it with the Functional API, or choose a method that takes "
                "gradients at the weights (`gradients='weights'`)."
            )
        return self.graph

    def _check(self, tasks: Sequence[str]) -> tuple[str, ...]:
        if isinstance(tasks, str) or not tasks or set(tasks) - set(self.tasks):
            raise ValueError(
                "`tasks` must be a non-empty list of task names among "
                f"{list(self.tasks)}. Received: tasks={tasks!r}."
            )
        return tuple(sorted(set(tasks)))


def split(
    model: Any,
    shared_variables: Iterable[Any] | None = None,
    task_variables: Mapping[str, Iterable[Any]] | None = None,
    allow_disjoint: bool = False,
) -> Split:
    """Finds what the tasks of a model share and what each has of its own.

    Args:
        model: Functional model whose output is a dict, task to tensor. Its
            layers may be models in turn. Or a subclassed model, for which
            the next two arguments are needed.
        shared_variables: For a subclassed model, the trainable variables
            that all tasks use.
        task_variables: For a subclassed model, task to the trainable
            variables of that task alone; its keys are the tasks.
        allow_disjoint: Accept tasks that share no trainable variable.

    Returns:
        The parts of the model, see `Split`.

    Raises:
        ValueError: If the output is not a dict of tensors, if the tasks
            share no trainable variable (nor a layer whose loss ties theirs,
            such as `SoftSharing`), or if variables are named for a
            Functional model, or missing for a subclassed one.

    Example:
        >>> import keras, keras_mtl
        >>> x = keras.Input((4,), name="features")
        >>> h = keras.layers.Dense(3, name="trunk")(x)
        >>> outputs = {t: keras.layers.Dense(1, name=t)(h) for t in "ab"}
        >>> parts = keras_mtl.split(keras.Model(x, outputs))
        >>> [v.path for v in parts.shared_variables]
        ['trunk/kernel', 'trunk/bias']
        >>> sorted(parts.forward(["a"]).output)
        ['a']
    """
    functional = walk.as_functional(model)
    if functional is None:
        return _named_split(model, shared_variables, task_variables)
    if shared_variables is not None or task_variables is not None:
        raise ValueError(
            "`shared_variables` and `task_variables` are for subclassed "
            "models. Received them with a Functional model, where they are "
            "found: leave them out."
        )
    _check_outputs(functional)
    graph = flat_graph(functional)
    tasks = tuple(sorted(graph.outputs))
    shared, own = _sort_variables(model, tasks, graph.reached)
    alone = allow_disjoint or len(tasks) == 1
    if not (shared or alone or are_tied(graph)):
        raise ValueError(_nothing_shared(model, tasks))
    return Split(model, tasks, shared, own, graph, graph.reached)


def _sort_variables(
    model: Any, tasks: tuple[str, ...], reached: Mapping[int, Tasks]
) -> tuple[Variables, dict[str, Variables]]:
    trainable = [
        (variable, reached.get(id(variable), NOBODY))
        for variable in model.trainable_variables
    ]
    shared = tuple(v for v, users in trainable if len(users) > 1)
    own = {
        task: tuple(v for v, users in trainable if users == {task})
        for task in tasks
    }
    return shared, own


def _check_outputs(model: Any) -> None:
    output = model.output
    if isinstance(output, dict) and all(
        isinstance(task, str) and isinstance(tensor, keras.KerasTensor)
        for task, tensor in output.items()
    ):
        return
    received = keras.tree.map_structure(lambda x: x.name, output)
    raise ValueError(
        f"The output of model {model.name!r} must be a dict, task name to "
        f"tensor. Received: output={received}. Name the outputs where the "
        "model is made: `keras.Model(inputs, {'left': left, 'right': "
        "right})`."
    )


def _nothing_shared(model: Any, tasks: tuple[str, ...]) -> str:
    return (
        f"Tasks {list(tasks)} of model {model.name!r} must share a trainable "
        "variable. Received: none that two tasks reach. Let their heads read "
        "the output of a common layer, or train each task on a network of "
        "its own (`SingleTask`)."
    )


def _named_split(
    model: Any,
    shared_variables: Iterable[Any] | None,
    task_variables: Mapping[str, Iterable[Any]] | None,
) -> Split:
    """The split of a subclassed model, as its caller says."""
    if shared_variables is None or not task_variables:
        raise ValueError(
            f"Model {model.name!r} of class {type(model).__name__} is not a "
            "Functional model, so that what its tasks share cannot be found. "
            "Received: no `shared_variables` and `task_variables`. Name them: "
            "`split(model, shared_variables=model.encoder"
            ".trainable_variables, task_variables={'left': model.left"
            ".trainable_variables, ...})`, or build a Functional model."
        )
    tasks = tuple(sorted(task_variables))
    reached = {id(v): frozenset(tasks) for v in shared_variables}
    for task in tasks:
        for variable in task_variables[task]:
            reached[id(variable)] = reached.get(id(variable), NOBODY) | {task}
    shared, own = _sort_variables(model, tasks, reached)
    return Split(model, tasks, shared, own, None, reached)
