"""Finding the phases of a step that one traced function can serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.backend.phase import Phase
from keras_mtl.graph import Split
from keras_mtl.graph.isomorphism import (
    VariablePairs,
    is_one_to_one,
    isomorphism,
    unnamed,
)
from keras_mtl.losses import TaskLoss
from keras_mtl.trainers.task_optimizers import trained_variables

# From how many like phases on a traced function of their own pays.
MANY = 4
Served = dict[str, tuple[Any, tuple[keras.Variable, ...]]]


def traced_phases(
    whole: Split, phases: Sequence[Phase], losses: Mapping[str, TaskLoss]
) -> Served:
    """Traced functions for phases that are alike, if there are many.

    Args:
        whole: Split of the whole model.
        phases: The phases of a step.
        losses: Task to its loss.

    Returns:
        Name of a phase to its function, which `MANY` phases or more share,
        and the variables to call it with; others are left out.
    """
    served: Served = {}
    for template, members in _classes(whole, phases, losses):
        if len(members) < MANY:
            continue
        # Late, so that TensorFlow is imported on first use.
        from keras_mtl.backend.traced_phase import TracedPhase

        places = _places_that_differ([pairs for _, pairs in members])
        own = [members[0][1][place][0] for place in places]
        function = TracedPhase(template, own, losses)
        for phase, pairs in members:
            theirs = tuple(pairs[place][1] for place in places)
            served[phase.name] = (function, theirs)
    return served


def _places_that_differ(members: Sequence[VariablePairs]) -> list[int]:
    """Where any member has another variable; each variable once."""
    first = {id(one): place for place, (one, _) in enumerate(members[0])}
    return [
        place
        for place in sorted(first.values())
        if any(pairs[place][0] is not pairs[place][1] for pairs in members)
    ]


def _classes(
    whole: Split, phases: Sequence[Phase], losses: Mapping[str, TaskLoss]
) -> list[tuple[Phase, list[tuple[Phase, VariablePairs]]]]:
    """Phases by what they are alike to, with pairs in one order for each."""
    classes: list[tuple[Phase, list[tuple[Phase, VariablePairs]]]] = []
    for phase in phases:
        for template, members in classes:
            pairs = matched_variables(whole, template, phase, losses)
            if pairs is None:
                continue
            if not members:
                members.append((template, [(one, one) for one, _ in pairs]))
            members.append((phase, pairs))
            break
        else:
            classes.append((phase, []))
    return classes


def matched_variables(
    whole: Split, template: Phase, phase: Phase, losses: Mapping[str, TaskLoss]
) -> VariablePairs | None:
    """Variables of a phase, by those of another that does the same.

    Args:
        whole: Split of the whole model.
        template: A phase.
        phase: Another one.
        losses: Task to its loss.

    Returns:
        Pairs of a variable of the template and its counterpart, for all that
        a step of them reads or writes; `None` if they differ in more than
        variables.
    """
    if whole.graph is None or not _same_options(template, phase, losses):
        return None
    pairs = isomorphism(whole.graph, template.tasks, phase.tasks)
    if pairs is None:
        return None
    counterpart = {id(one): other for one, other in pairs}
    expected = [counterpart.get(id(v)) for v in template.variables]
    if not _are_same(expected, phase.variables):
        return None
    slots = _optimizer_pairs(template, phase)
    if slots is None:
        return None
    pairs = [*pairs, *slots, *_state_pairs(template, phase)]
    return pairs if is_one_to_one(pairs) else None


def _same_options(
    one: Phase, other: Phase, losses: Mapping[str, TaskLoss]
) -> bool:
    """Whether phases differ in tasks and variables alone."""
    if len(one.tasks) != len(other.tasks) or one.weighting_variables:
        return False
    if one.perturbation is not None or one.projection is not None:
        return False
    return bool(_options(one, losses) == _options(other, losses))


def _options(phase: Phase, losses: Mapping[str, TaskLoss]) -> tuple[Any, ...]:
    telemetry = phase.telemetry
    return (
        [_described(losses[task].loss) for task in phase.tasks],
        [phase.loss_weights.get(task, 1.0) for task in phase.tasks],
        _described(phase.aggregator),
        phase.split is None,
        None if telemetry is None else telemetry.gradients,
        id(phase.weighting),
        id(getattr(phase, "movement", None)),
    )


def _described(component: Any) -> Any:
    """What a component does, its name aside; itself if it cannot tell."""
    if not hasattr(component, "get_config"):
        return component
    try:
        return unnamed(keras.saving.serialize_keras_object(component))
    except (NotImplementedError, TypeError, ValueError):
        return component


def _state_pairs(one: Phase, other: Phase) -> VariablePairs:
    states = one.aggregator.variables, other.aggregator.variables
    pairs = list(zip(*states, strict=True))
    if one.telemetry is not None and other.telemetry is not None:
        members = one.telemetry.variables, other.telemetry.variables
        pairs += zip(*members, strict=True)
    return pairs


def _are_same(found: Sequence[Any], expected: Sequence[Any]) -> bool:
    pairs = zip(found, expected, strict=False)
    return len(found) == len(expected) and all(a is b for a, b in pairs)


def _optimizer_pairs(one: Phase, other: Phase) -> VariablePairs | None:
    """Slots and counters of the two phases' optimizers."""
    if one.optimizer is other.optimizer:
        return _slot_pairs(one, other)
    options = [_without_rate(_described(p.optimizer)) for p in (one, other)]
    members = one.optimizer.variables, other.optimizer.variables
    trained = [trained_variables(p.optimizer) for p in (one, other)]
    if options[0] != options[1] or len(members[0]) != len(members[1]):
        return None
    if len(trained[0]) != len(trained[1]):
        return None
    return [*zip(*members, strict=True), *zip(*trained, strict=True)]


def _without_rate(config: Any) -> Any:
    """Options without a learning rate that is kept in a variable."""
    if not isinstance(config, dict):
        return config
    return {
        key: _without_rate(value)
        for key, value in config.items()
        if key != "learning_rate" or not isinstance(value, float)
    }


def _slot_pairs(one: Phase, other: Phase) -> VariablePairs | None:
    """Slots of two phases in an optimizer that serves both."""
    optimizer = getattr(one.optimizer, "inner_optimizer", one.optimizer)
    if optimizer.use_ema:  # every step averages all variables
        return None
    trained = trained_variables(optimizer)
    slots = [
        listed
        for name, listed in vars(optimizer).items()
        if name != "_trainable_variables" and _is_slot_list(listed, trained)
    ]
    known = {id(v) for listed in slots for v in listed}
    scalars = {id(v) for v in optimizer.variables if len(v.shape) == 0}
    if {id(v) for v in optimizer.variables} - known - scalars:
        return None
    place = {id(variable): index for index, variable in enumerate(trained)}
    return [
        (listed[place[id(a)]], listed[place[id(b)]])
        for listed in slots
        for a, b in zip(one.variables, other.variables, strict=True)
        if listed[place[id(a)]] is not None
    ]


def _is_slot_list(listed: Any, trained: Sequence[keras.Variable]) -> bool:
    """Whether it holds one slot, or none, for each variable."""
    if not isinstance(listed, (list, tuple)) or len(listed) != len(trained):
        return False
    return all(
        slot is None
        or (isinstance(slot, keras.Variable) and slot.shape == variable.shape)
        for slot, variable in zip(listed, trained, strict=True)
    )
