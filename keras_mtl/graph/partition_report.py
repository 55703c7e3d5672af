"""What `partition` did to a model."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import keras

from keras_mtl.graph import walk
from keras_mtl.graph.flat_graph import flat_graph
from keras_mtl.graph.opening import OpenGraph, open_graph
from keras_mtl.graph.places import hidden_convolutions, is_convolution
from keras_mtl.layers.roaming_mask import RoamingMask
from keras_mtl.layers.squeeze_excite_gate import SqueezeExciteGate
from keras_mtl.layers.tile_tasks import TileTasks


@dataclasses.dataclass(frozen=True, eq=False)
class MaskedLayer:
    """One convolution whose filters are shared out.

    Args:
        convolution: The convolution.
        normalization: The normalisation between it and `layer`, if any.
        layer: The mask, or a gate.
        tasks: Names of the tasks, in the order of the rows of the mask.
        filters: Number of filters.
        filters_per_task: How many of them each task uses.
    """

    convolution: Any
    normalization: Any | None
    layer: Any
    tasks: tuple[str, ...]
    filters: int
    filters_per_task: int


@dataclasses.dataclass(frozen=True, eq=False)
class Partition:
    """What is partitioned in a model. `str` gives a table.

    Args:
        kind: `"roaming"`, `"routing"` or `"se"`.
        passes: `"sequential"` or `"batched"`.
        layers: The masks or gates, in the order in which they run.
        hidden: Name of a shared layer to the number of convolutions that it
            calls by itself, so that nothing can be put behind them.
    """

    kind: Literal["roaming", "routing", "se"]
    passes: Literal["sequential", "batched"]
    layers: tuple[MaskedLayer, ...]
    hidden: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        rows = [("convolution", "behind", "filters", "per task", "tasks")]
        rows += [
            (
                row.convolution.name,
                (row.normalization or row.convolution).name,
                str(row.filters),
                str(row.filters_per_task),
                ", ".join(row.tasks),
            )
            for row in self.layers
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width)
                for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in rows
        ]
        head = f"{self.kind}, {self.passes} passes"
        left = [
            f"not reached: {count} convolutions inside {name}"
            for name, count in self.hidden.items()
        ]
        return "\n".join([head, *lines, *left])


def describe_partition(model: keras.Model) -> Partition:
    """Tells which filters of a model are shared out, and how.

    Args:
        model: Model that `partition` returned, or one loaded from its file.

    Returns:
        The masks or gates with their convolutions.

    Raises:
        ValueError: If the model is not partitioned.
    """
    found = find_partition(model)
    if found is None:
        raise ValueError(
            f"Model {model.name!r} is not partitioned. Expected a model that "
            "`keras_mtl.graph.partition` returned."
        )
    return found


def find_partition(model: Any) -> Partition | None:
    """As `describe_partition`, `None` for a model without a partition."""
    functional = walk.as_functional(model)
    if functional is None or not isinstance(functional.output, dict):
        return None
    graph = open_graph(flat_graph(functional), _is_partition)
    users, makers = graph.users(), graph.makers()
    rows: dict[int, MaskedLayer] = {}
    for call in graph.calls:
        layer = call.node.operation
        if _is_partition(layer) and id(layer) not in rows:
            convolution, norm = _upstream(call, makers)
            rows[id(layer)] = MaskedLayer(
                convolution,
                norm,
                layer,
                users[id(layer)],
                _channels(call, layer),
                _kept(call, layer),
            )
    if not rows:
        return None
    hidden = hidden_convolutions(graph)
    return Partition(_kind(rows), _passes(graph), tuple(rows.values()), hidden)


def _is_partition(operation: Any) -> bool:
    return isinstance(operation, (RoamingMask, SqueezeExciteGate))


def _kind(
    rows: dict[int, MaskedLayer],
) -> Literal["roaming", "routing", "se"]:
    masks = [
        row.layer for row in rows.values() if isinstance(row.layer, RoamingMask)
    ]
    if not masks:
        return "se"
    return "roaming" if any(mask.roaming for mask in masks) else "routing"


def _passes(graph: OpenGraph) -> Literal["sequential", "batched"]:
    tiled = any(isinstance(c.node.operation, TileTasks) for c in graph.calls)
    return "batched" if tiled else "sequential"


def _upstream(call: Any, makers: dict[int, Any]) -> tuple[Any, Any]:
    """The convolution and the normalisation that a mask stands behind."""
    norm = None
    while True:
        call = makers.get(id(call.inputs[0]))
        if call is None:
            return None, norm
        operation = call.node.operation
        if is_convolution(operation):
            return operation, norm
        if hasattr(operation, "gamma"):
            norm = operation


def _channels(call: Any, layer: Any) -> int:
    return int(call.outputs[0].shape[layer.axis])


def _kept(call: Any, layer: Any) -> int:
    if isinstance(layer, RoamingMask):
        return layer.filters_per_task
    return _channels(call, layer)
