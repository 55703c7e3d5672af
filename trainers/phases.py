"""Building the phases of a step from a split model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras

from keras_mtl.aggregators import Sum
from keras_mtl.aggregators.base import Aggregator
from keras_mtl.backend.combination import blocks_of
from keras_mtl.backend.phase import Gradients, Phase
from keras_mtl.backend.telemetry import Telemetry
from keras_mtl.graph import Split, split
from keras_mtl.weightings.base import Weighting

Group = tuple[str, ...]


def check_choices(
    groups: Sequence[Group],
    aggregator: Aggregator | None,
    weighting: Weighting | None,
    gradients: Gradients,
) -> None:
    """Refuses choices that would silently do nothing.

    Args:
        groups: Tasks of each phase.
        aggregator: As given by the user.
        weighting: As given by the user.
        gradients: `"weights"` or `"representation"`.

    Raises:
        ValueError: Names the choice and the reason.
    """
    if gradients not in ("weights", "representation"):
        raise ValueError(
            "`gradients` must be 'weights' or 'representation'. Received: "
            f"gradients={gradients!r}."
        )
    joint = any(len(group) > 1 for group in groups)
    if len(groups) > 1 and not joint:
        _refuse_joint_only(aggregator, weighting, gradients)
    alone = [group[0] for group in groups if len(group) == 1]
    if alone and weighting is not None and weighting.reads_gram:
        raise ValueError(
            f"weighting={type(weighting).__name__} compares the gradients of "
            f"the tasks of a step. Stepped alone: {alone}. Use groups of two "
            "tasks or more, and the `Shared` scheme for all in one."
        )
    if gradients == "representation":
        _check_representation(aggregator)


def _refuse_joint_only(
    aggregator: Aggregator | None,
    weighting: Weighting | None,
    gradients: Gradients,
) -> None:
    """Every group holds one task: nothing is combined."""
    needless = []
    if aggregator is not None:
        needless.append(f"aggregator={type(aggregator).__name__}")
    if weighting is not None and weighting.reads_gram:
        needless.append(f"weighting={type(weighting).__name__}")
    if gradients == "representation":
        needless.append("gradients='representation'")
    if needless:
        raise ValueError(
            f"{', '.join(needless)} compares the gradients of several tasks, "
            "but every group of this scheme holds one task. Use `groups` "
            "with several tasks each, or the `Shared` scheme."
        )


def _check_representation(aggregator: Aggregator | None) -> None:
    if aggregator is None or isinstance(aggregator, Sum):
        raise ValueError(
            "gradients='representation' needs an aggregator that looks at "
            "gradients (MGDA makes it MGDA-UB). A sum is the same at the "
            "weights, and costs one backward pass there."
        )
    if not aggregator.representation or aggregator.reads == "nothing":
        raise ValueError(
            f"{type(aggregator).__name__} does not work on gradients at the "
            "frontier: use gradients='weights'."
        )


def copies_of(
    aggregator: Aggregator | None,
    groups: Sequence[Group],
    tasks: Sequence[str],
) -> list[Aggregator | None]:
    """One aggregator per group, each with state of its own.

    Args:
        aggregator: As given by the user; it serves the first group.
        groups: Tasks of each phase.
        tasks: Names of all tasks, sorted: what options by task are for.

    Returns:
        As many aggregators, or `None`s.

    Raises:
        ValueError: If the options do not fit the tasks.
    """
    if aggregator is None:
        return [None] * len(groups)
    config = aggregator.get_config()
    kind = type(aggregator)
    copies = [aggregator, *(kind.from_config(config) for _ in groups[1:])]
    for copy, group in zip(copies, groups, strict=True):
        if len(group) > 1:
            copy.check_tasks(group, tasks)
    return list(copies)


def make_phase(
    whole: Split,
    group: Group,
    optimizer: keras.optimizers.Optimizer,
    *,
    aggregator: Aggregator | None = None,
    weighting: Weighting | None = None,
    gradients: Gradients = "weights",
    telemetry: Telemetry | None = None,
    loss_weights: Mapping[str, float] | None = None,
) -> Phase:
    """The phase of one group of tasks.

    Args:
        whole: Split of the whole model.
        group: Names of its tasks, sorted.
        optimizer: Steps for it; built.
        aggregator: Combines its gradients; `None` adds them.
        weighting: Weighting of all tasks.
        gradients: `"weights"` or `"representation"`.
        telemetry: Where to measure, or `None`.
        loss_weights: Task to constant factor.

    Returns:
        The phase; the state of its aggregator is made.
    """
    _check_passes(whole, group, gradients)
    _check_shared(whole, aggregator, weighting)
    forward = whole.forward(group)
    shared, own = _variables(whole, group)
    joint = len(group) > 1
    at_frontier = None
    if joint and gradients == "representation":
        at_frontier = whole
        if group != whole.tasks:
            at_frontier = split(forward, allow_disjoint=True)
        _check_frontier(at_frontier, group)
    aggregator = aggregator if joint and aggregator is not None else Sum()
    _build_aggregator(aggregator, len(group), shared, at_frontier)
    return Phase(
        tasks=group,
        positions=tuple(whole.tasks.index(task) for task in group),
        num_tasks=len(whole.tasks),
        forward=forward,
        shared=shared,
        own=own,
        optimizer=optimizer,
        aggregator=aggregator,
        weighting=weighting,
        split=at_frontier,
        telemetry=telemetry,
        loss_weights=dict(loss_weights or {}),
    )


def _check_passes(whole: Split, group: Group, gradients: Gradients) -> None:
    """Refuses a partitioned model whose tasks run as one batch."""
    if not whole.is_batched:
        return
    if group != whole.tasks:
        raise ValueError(
            "A model partitioned with passes='batched' runs all tasks at "
            f"once, but this scheme steps {list(group)} alone. Partition it "
            "with passes='sequential', or use the `Shared` scheme."
        )
    if gradients == "representation":
        raise ValueError(
            "gradients='representation' needs features that all tasks read. "
            "In a model partitioned with passes='batched' every task reads "
            "samples of its own: use gradients='weights'."
        )


def _check_shared(
    whole: Split, aggregator: Aggregator | None, weighting: Weighting | None
) -> None:
    """Refuses to combine gradients of variables that there are none of."""
    needless = []
    if aggregator is not None and not isinstance(aggregator, Sum):
        needless.append(f"aggregator={type(aggregator).__name__}")
    if weighting is not None and weighting.reads_gram:
        needless.append(f"weighting={type(weighting).__name__}")
    if needless and len(whole.tasks) > 1 and not whole.shared_variables:
        raise ValueError(
            f"{', '.join(needless)} compares the gradients of the tasks at "
            "the variables they share, but the tasks of this model share "
            "none: each has a network of its own. Leave it out."
        )


def _check_frontier(at_frontier: Split, group: Group) -> None:
    if not any(at_frontier.differentiable):
        raise ValueError(
            "gradients='representation' needs features that all tasks read "
            f"and that trainable layers made. The tasks {list(group)} share "
            "layers only within their heads: use gradients='weights'."
        )


def _variables(
    whole: Split, group: Group
) -> tuple[tuple[keras.Variable, ...], dict[str, tuple[keras.Variable, ...]]]:
    """Variables shared within the group, and those of one task in it."""
    shared = []
    own: dict[str, list[keras.Variable]] = {task: [] for task in group}
    for variable in whole.variables(group):
        owners = sorted(whole.reached_by(variable) & set(group))
        if len(owners) > 1:
            shared.append(variable)
        else:
            own[owners[0]].append(variable)
    return tuple(shared), {task: tuple(v) for task, v in own.items()}


def _build_aggregator(
    aggregator: Aggregator,
    num_tasks: int,
    shared: Sequence[keras.Variable],
    at_frontier: Split | None,
) -> None:
    if aggregator.built:
        aggregator.check_number(num_tasks)
        return
    shapes = [tuple(variable.shape) for variable in shared]
    paths = [variable.path for variable in shared]
    if at_frontier is not None:
        uses = zip(
            at_frontier.frontier, at_frontier.differentiable, strict=True
        )
        shapes = [tuple(tensor.shape) for tensor, use in uses if use]
        paths = [f"frontier/{index}" for index in range(len(shapes))]
    _, num_blocks = blocks_of(aggregator, paths)
    aggregator.build_state(num_tasks, shapes, num_blocks)


def make_telemetry(
    groups: Sequence[Group],
    aggregator: Aggregator | None,
    weighting: Weighting | None,
    everything: bool,
) -> dict[Group, Telemetry]:
    """Telemetry of the phases that have something to tell.

    Args:
        groups: Tasks of each phase.
        aggregator: As given by the user.
        weighting: As given by the user.
        everything: Whether to measure gradients that no method reads.

    Returns:
        Group to its telemetry; groups without are left out.
    """
    reads = aggregator.reads if aggregator is not None else "nothing"
    found = {}
    for group in groups:
        joint = len(group) > 1
        # Elementwise methods have no weights to report.
        gradients = joint and (
            reads == "gram"
            or (reads == "nothing" and everything)
            or (weighting is not None and weighting.reads_gram)
        )
        if (
            gradients
            or weighting is not None
            or (joint and reads == "nothing" and aggregator is not None)
        ):
            suffix = f"/{'+'.join(group)}" if len(groups) > 1 else ""
            found[group] = Telemetry(group, gradients, suffix)
    return found
