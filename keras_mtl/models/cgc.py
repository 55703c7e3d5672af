"""Customized gate control: one level of shared and own experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.models.ple import ple


def cgc(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    num_experts: int = 2,
    num_shared_experts: int = 2,
    units: Sequence[int] = (64,),
    widths: Sequence[int] = (),
    head_units: Sequence[int] = (),
    activation: str = "relu",
    dropout: float = 0.0,
    name: str = "cgc",
) -> Any:
    """Experts of each task beside shared ones, joined by a gate per task.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Shape of one sample. More than one axis is flattened.
        num_experts: Number of experts of each task.
        num_shared_experts: Number of shared experts.
        units: Units of each dense layer of an expert, one or more.
        widths: Filters of the convolutions of an expert, each 3x3 and
            followed by a max-pooling; for images, empty for tables.
        head_units: Units of each hidden layer of a task's tower.
        activation: Name of the Keras activation of every hidden layer.
        dropout: Share of units dropped after every dense layer, in [0, 1).
        name: Name of the model.

    Returns:
        A Functional model, see `ple`.

    Raises:
        ValueError: If `tasks` is empty, or a number is out of its range.

    Reference:
        [Tang et al., 2020](https://doi.org/10.1145/3383313.3412236)
    """
    return ple(
        tasks,
        input_shape,
        1,
        num_experts,
        num_shared_experts,
        units,
        widths,
        head_units,
        activation,
        dropout,
        name,
    )
