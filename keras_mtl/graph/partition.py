"""Shares the filters of a model out among its tasks."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import keras
import numpy as np

from keras_mtl.graph import walk
from keras_mtl.graph.opening import OpenGraph, open_graph
from keras_mtl.graph.partition_layers import (
    PARTITIONERS,
    Kind,
    Norm,
    NormLayers,
    Partitioner,
)
from keras_mtl.graph.passes import Batched, Sequential, Wiring, common_calls
from keras_mtl.graph.places import (
    Place,
    Where,
    find_places,
    hidden_convolutions,
    is_convolution,
)
from keras_mtl.graph.split import split
from keras_mtl.layers.filter_plan import check_ratio
from keras_mtl.layers.roaming_mask import RoamingMask
from keras_mtl.layers.squeeze_excite_gate import SqueezeExciteGate

Passes = Literal["sequential", "batched"]
Ratio = float | Sequence[float] | Mapping[str, float] | Callable[[float], float]

_PARTITIONED = (RoamingMask, SqueezeExciteGate)
_CHOICES: dict[str, tuple[str, ...]] = {
    "kind": ("roaming", "routing", "se"),
    "norm": ("batch", "task_batch", "group"),
    "where": ("after_norm", "after_activation"),
    "passes": ("sequential", "batched"),
}


def partition(
    model: keras.Model,
    p: Ratio = 0.8,
    *,
    kind: Kind = "roaming",
    norm: Norm = "task_batch",
    where: Where = "after_norm",
    passes: Passes = "sequential",
    seed: int = 0,
) -> keras.Model:
    """Gives every task a part of each shared convolution's filters.

    Behind each convolution that tasks share (behind its batch normalisation,
    if it has one) a layer is inserted that depends on the task. Heads and
    identity paths stay as they are. The shared part then runs once per task,
    so that `outputs[task]` sees the filters of that task. What was done, see
    `describe_partition`.

    Inputs and outputs are those of `model`, and every trainer, `evaluate`,
    `predict` and `save` work as before. The layers are shared with `model`,
    but for batch normalisations that are replaced, whose values are copied.
    Nested models are opened. Nothing that draws at random or trains before
    the first convolution is repeated.

    Args:
        model: Functional model whose output is a dict, task to tensor, with
            two tasks or more.
        p: Share of the filters that a task uses, in [0, 1]; per name of a
            convolution (others are left alone); or a function of the depth,
            from 0 for the first convolution to 1 for the last, also as a
            list of its values at even depths, straight lines between. With 1
            the outputs are those of `model`, bit for bit. Unused by gates.
        kind: `"roaming"`: masks that the `Roaming` callback changes;
            `"routing"`: masks that stay; `"se"`: a squeeze-and-excite gate
            for each task.
        norm: What becomes of the shared batch normalisations: `"batch"`
            keeps them, with moving averages over all tasks, which are wrong
            for each; `"task_batch"` keeps averages for each task; `"group"`
            replaces them by group normalisation.
        where: `"after_norm"`, or `"after_activation"`: past a ReLU or such
            that follows, which is the same for masks.
        passes: `"sequential"` runs the shared part once per task; a scheme
            that steps one task at a time runs the pass of that task alone.
            `"batched"` runs it once, on a batch of all tasks' samples, for
            schemes that step once for all tasks. Both give the same weights,
            but for what layers draw or measure over a batch: dropout, and
            `norm="batch"`, which then takes its statistics over all tasks.
        seed: Seed of the masks.

    Returns:
        A plain Keras model.

    Raises:
        ValueError: If an argument is out of its range, the model is
            partitioned already, or has no convolution that tasks share.

    Reference:
        [Pascal et al., 2021](https://arxiv.org/abs/2006.09762)
    """
    _check_choices(kind=kind, norm=norm, where=where, passes=passes)
    if kind == "se" and passes == "batched":
        raise ValueError(
            "Gates belong to one task each, so that kind='se' needs "
            "passes='sequential'. Received: passes='batched'."
        )
    graph = _opened(model)
    places = find_places(graph, where)
    if not places:
        raise ValueError(
            f"Model {model.name!r} has nothing to partition: expected a "
            "convolution that two tasks or more share. Received: "
            f"{_operations(graph)}.{_hidden(graph)}"
        )
    ratios = _ratios(p, places)
    kept = [place for place in places if place.name in ratios]
    if passes == "batched":
        _check_batch(model)
    partitioner = PARTITIONERS[kind](ratios, seed)
    return _wired(model, graph, kept, partitioner, norm, passes)


def _opened(model: keras.Model) -> OpenGraph:
    parts = split(model, allow_disjoint=True)
    if parts.graph is None:
        raise ValueError(
            f"Model {model.name!r} of class {type(model).__name__} is not a "
            "Functional model: layers can only be inserted into a graph. "
            "Build it with the Functional API, and call the layers of "
            "`keras_mtl.layers` in a subclassed model yourself."
        )
    graph = open_graph(parts.graph, _is_wanted)
    for call in graph.calls:
        operation = call.node.operation
        if isinstance(operation, _PARTITIONED):
            raise ValueError(
                f"The model holds the layer {operation.name!r} of class "
                f"{type(operation).__name__}: it is partitioned already. "
                "Partition the plain model."
            )
    return graph


def _is_wanted(operation: Any) -> bool:
    """Whether a nested model that holds the operation must be opened."""
    known = (keras.layers.BatchNormalization, *_PARTITIONED)
    return isinstance(operation, known) or is_convolution(operation)


def _wired(
    model: keras.Model,
    graph: OpenGraph,
    places: Sequence[Place],
    partitioner: Partitioner,
    norm: Norm,
    passes: Passes,
) -> keras.Model:
    norms = NormLayers(norm, graph)
    at = {id(place.after): place for place in places}

    def rewrite(wiring: Wiring, call: Any, env: walk.Env, group: Any) -> None:
        operation = call.node.operation
        if operation in norms:
            norms.record(wiring, call, env, group)
        else:
            walk.copy_node(call.node, env, {})
        place = at.get(id(operation))
        if place is not None:
            key = id(call.outputs[0])
            env[key] = partitioner.apply(wiring, place, env[key], group)

    differ = [place.after for place in places]
    common = common_calls(graph, differ)
    kinds = {"sequential": Sequential, "batched": Batched}
    outputs = kinds[passes](graph, common, rewrite).outputs()
    with warnings.catch_warnings():
        # The model's own inputs: it warned, if at all, when it was made.
        warnings.filterwarnings("ignore", "When providing `inputs` as a dict")
        return _assembled(graph.structure, outputs, model.name)


def _assembled(structure: Any, outputs: Any, name: str) -> keras.Model:
    try:
        return keras.Model(structure, outputs, name=name)
    except ValueError as error:
        if "should be unique" not in str(error):
            raise
        raise ValueError(
            f"The nested models of {name!r} are opened, so that their layers "
            f"stand side by side. {error} Rename one of them: `nested."
            "get_layer(old).name = new`."
        ) from error


def _ratios(p: Ratio, places: Sequence[Place]) -> dict[str, float]:
    """Name of a convolution to the share of its filters; others are out."""
    names = [place.name for place in places]
    if isinstance(p, Mapping):
        for name in p:
            if name not in names:
                close = difflib.get_close_matches(str(name), names, n=1)
                hint = f" Did you mean {close[0]!r}?" if close else ""
                raise ValueError(
                    "`p` names a convolution that tasks do not share: "
                    f"{name!r}. Expected names among {names}.{hint}"
                )
        if not p:
            raise ValueError(
                f"`p` must name at least one convolution among {names}. "
                "Received: p={}."
            )
        return {n: check_ratio(v, f"p[{n!r}]") for n, v in p.items()}
    if isinstance(p, (list, tuple)):
        p = _interpolated(p)
    if callable(p):
        depths = np.linspace(0.0, 1.0, len(names)) if names[1:] else [0.0]
        return {
            name: check_ratio(p(float(depth)), f"p({depth:.3g})")
            for name, depth in zip(names, depths, strict=True)
        }
    return dict.fromkeys(names, check_ratio(p))


def _interpolated(p: Sequence[float]) -> Callable[[float], float]:
    """Straight lines between values at even depths."""
    if not p:
        raise ValueError(
            "`p` must hold at least one share, for the first convolution. "
            f"Received: p={p!r}."
        )
    values = [check_ratio(x, f"p[{index}]") for index, x in enumerate(p)]
    depths = np.linspace(0.0, 1.0, len(values))
    return lambda depth: float(np.interp(depth, depths, values))


def _check_choices(**choices: Any) -> None:
    for name, value in choices.items():
        if value not in _CHOICES[name]:
            raise ValueError(
                f"`{name}` must be one of {list(_CHOICES[name])}. Received: "
                f"{name}={value!r}."
            )


def _check_batch(model: keras.Model) -> None:
    fixed = [x.name for x in model.inputs if x.shape[0] is not None]
    if fixed:
        raise ValueError(
            "passes='batched' changes the size of the batch, which must be "
            f"open. Received: inputs {fixed} of a fixed batch size. Make them "
            "without `batch_size`, or use passes='sequential'."
        )


def _operations(graph: OpenGraph) -> str:
    """What the shared part is made of, for a message."""
    shared = [c.node.operation for c in graph.calls if len(c.tasks) > 1]
    kinds = sorted({type(operation).__name__ for operation in shared})
    return f"shared layers {kinds}" if kinds else "no shared layer"


def _hidden(graph: OpenGraph) -> str:
    """Where there are convolutions out of reach, for a message."""
    names = list(hidden_convolutions(graph))
    if not names:
        return ""
    return (
        f" The layers {names} hold convolutions that they call by "
        "themselves, which no layer can be put behind."
    )
