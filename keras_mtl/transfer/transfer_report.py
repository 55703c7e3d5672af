"""Which layers took over weights, and which start at random."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["matched", "mismatched", "random"]


@dataclass(frozen=True)
class LayerTransfer:
    """What became of one layer.

    Args:
        layer: Name of the layer.
        state: `"matched"`: it has the weights of `source`; `"mismatched"`:
            those have other shapes; `"random"`: nothing was found for it. Both
            of the latter keep their weights.
        source: Name of the layer of the trained network, if there is one.
        shapes: Shapes of the weights of the layer.
        source_shapes: Shapes of those of the trained layer.
    """

    layer: str
    state: State
    source: str | None
    shapes: tuple[tuple[int, ...], ...]
    source_shapes: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class TransferReport:
    """What became of every layer with weights.

    Args:
        source: Where the weights come from.
        layers: One entry a layer, in the order of the model.
        unused: Layers of the trained network that no layer took.
    """

    source: str
    layers: tuple[LayerTransfer, ...]
    unused: tuple[str, ...] = ()

    columns = ("layer", "state", "from", "shapes")

    def named(self, state: State) -> list[str]:
        """Names of the layers in a state."""
        return [one.layer for one in self.layers if one.state == state]

    def rows(self) -> list[list[str]]:
        """A table: layer, state, source layer, shapes."""
        return [
            [one.layer, one.state, one.source or "-", _shapes(one)]
            for one in self.layers
        ]

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "source": self.source,
            "layers": [asdict(one) for one in self.layers],
            "unused": list(self.unused),
        }

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(self.as_dict(), indent=2)

    def __str__(self) -> str:
        counts = ", ".join(
            f"{len(self.named(state))} {state}"
            for state in ("matched", "mismatched", "random")
        )
        lines = [f"{self.source}: {counts}, {len(self.unused)} unused"]
        lines += [_line(row) for row in self.rows()]
        return "\n".join(lines)


def _shapes(one: LayerTransfer) -> str:
    text = _joined(one.shapes)
    if one.state == "mismatched":
        text += f", not {_joined(one.source_shapes)}"
    return text


def _joined(shapes: Sequence[Sequence[int]]) -> str:
    return " ".join("x".join(map(str, shape)) or "scalar" for shape in shapes)


def _line(row: Sequence[str]) -> str:
    layer, state, source, shapes = row
    return f"{state:<10}  {layer} <- {source}  ({shapes})"
