"""What all networks have in common: checked options, heads, assembly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import keras
from keras import layers

from keras_mtl.models.kinds import is_dense


def check_tasks(tasks: Mapping[str, int]) -> None:
    """Refuses tasks that no head can be made for.

    Args:
        tasks: Task name to number of output units.

    Raises:
        ValueError: If there is no task, a name that no layer can have, or a
            task without output units.
    """
    if not isinstance(tasks, Mapping) or not tasks:
        raise ValueError(
            "`tasks` must map at least one task name to its number of output "
            f"units. Received: tasks={tasks!r}. Give for example "
            "`tasks={'left': 10, 'right': 10}`."
        )
    for task, units in tasks.items():
        if not isinstance(task, str) or not task or "/" in task:
            raise ValueError(
                "The names in `tasks` must be non-empty strings without '/', "
                f"since layers are named after them. Received: {task!r}. "
                "Rename the task."
            )
        if not _are_positive([units]):
            raise ValueError(
                f"`tasks[{task!r}]` must be the number of output units of the "
                f"task, a positive integer. Received: {units!r}. Give 1 for "
                "a regression, the number of classes for a classification."
            )


def check_units(argument: str, units: Sequence[int], least: int = 0) -> None:
    """Refuses layers of no or of less than no units.

    Args:
        argument: Name of the argument, for the message.
        units: Numbers of units, one per layer.
        least: How many layers there must be.

    Raises:
        ValueError: If `units` is not a sequence of `least` or more integers
            above 0.
    """
    if not _are_positive(units) or len(units) < least:
        raise ValueError(
            f"`{argument}` must be a list of {least} or more positive "
            f"integers, the units of each layer. Received: {units!r}. Give "
            "for example `[64, 64]`."
        )


def check_input_shape(
    input_shape: Sequence[int], num_axes: int | None = None, least: int = 1
) -> tuple[int, ...]:
    """Refuses shapes that a network cannot read.

    Args:
        input_shape: Shape of one sample, without the batch axis.
        num_axes: How many axes it must have, any number by default.
        least: Smallest height and width, where there are three axes.

    Returns:
        The shape as a tuple.

    Raises:
        ValueError: If the shape has another number of axes, an axis that is
            not a positive integer, or too small an image.
    """
    wanted = (
        "a tuple of one or more positive integers, such as (8,)"
        if num_axes is None
        else f"(height, width, channels), height and width {least} or more"
    )
    fits = _are_positive(input_shape) and len(input_shape) == (
        num_axes or max(1, len(input_shape))
    )
    if not fits or (num_axes == 3 and min(input_shape[:2]) < least):
        raise ValueError(
            f"`input_shape` must be {wanted}. Received: "
            f"input_shape={input_shape!r}. Give the shape of one sample, "
            "without the batch axis."
        )
    return tuple(int(size) for size in input_shape)


def check_dropout(dropout: float, argument: str = "dropout") -> None:
    """Refuses a rate that is no share of the units.

    Args:
        dropout: Share of the units that are dropped.
        argument: Name of the argument, for the message.

    Raises:
        ValueError: If it is not in [0, 1).
    """
    is_number = isinstance(dropout, Real) and not isinstance(dropout, bool)
    if not is_number or not 0 <= dropout < 1:
        raise ValueError(
            f"`{argument}` must be in [0, 1): the share of units dropped. "
            f"Received: {argument}={dropout!r}. Give 0 for none."
        )


def check_choice(argument: str, value: Any, known: Sequence[str]) -> None:
    """Refuses a word that is not among the choices.

    Args:
        argument: Name of the argument, for the message.
        value: What was given.
        known: The choices.

    Raises:
        ValueError: If `value` is none of `known`.
    """
    if value not in known:
        raise ValueError(
            f"`{argument}` must be one of {list(known)}. Received: "
            f"{argument}={value!r}."
        )


def output_layer(x: Any, task: str, units: int) -> Any:
    """The last layers of a task: a dense layer, in float32 or wider.

    Args:
        x: Features, shape `(batch, ..., channels)`.
        task: Name of the task, and of the last layer.
        units: Number of output units.

    Returns:
        Symbolic tensor of shape `(batch, ..., units)`, float32 under mixed
        precision, since a loss of half-precision logits is too coarse.
    """
    x = layers.Dense(int(units), name=f"{task}_logits")(x)
    return layers.Activation("linear", dtype=_output_dtype(), name=task)(x)


def pooled_output(
    x: Any, task: str, units: int, pooling: str = "average", dropout: float = 0
) -> Any:
    """The last layers of a task that answers a vector.

    Args:
        x: Features, shape `(batch, ..., channels)`: a map or a sequence is
            pooled first.
        task: Name of the task, and start of the names of the layers.
        units: Number of output units.
        pooling: `"average"` or `"max"`, over all positions.
        dropout: Share of the pooled features that is dropped, in [0, 1).

    Returns:
        Symbolic tensor of shape `(batch, units)`, see `output_layer`.
    """
    rank = len(x.shape)
    if rank > 2:
        word = "Max" if pooling == "max" else "Average"
        pool = getattr(layers, f"Global{word}Pooling{rank - 2}D")
        x = pool(name=f"{task}_pool")(x)
    if dropout:
        x = layers.Dropout(dropout, name=f"{task}_dropout")(x)
    return output_layer(x, task, units)


def map_output(x: Any, task: str, units: int, size: Sequence[int]) -> Any:
    """The last layers of a task that answers a map, whatever it reads.

    Args:
        x: Features, shape `(batch, height, width, channels)`.
        task: Name of the task, and start of the names of the layers.
        units: Number of output units.
        size: Height and width of the map.

    Returns:
        Symbolic tensor of shape `(batch, *size, units)`, resized bilinearly
        from what a dense layer makes of each position; see `output_layer`.
    """
    if tuple(x.shape[1:3]) == tuple(size):
        return output_layer(x, task, units)
    x = layers.Dense(int(units), name=f"{task}_logits")(x)
    dtype = _output_dtype()
    x = layers.Resizing(
        *size, interpolation="bilinear", dtype=dtype, name=f"{task}_resize"
    )(x)
    return layers.Activation("linear", dtype=dtype, name=task)(x)


def task_output(
    x: Any,
    task: str,
    units: int,
    kind: str,
    size: Sequence[int],
    dropout: float = 0.0,
) -> Any:
    """The last layers of a task of any kind.

    Args:
        x: Features, shape `(batch, ..., channels)`.
        task: Name of the task, and start of the names of the layers.
        units: Number of output units.
        kind: Kind of the task, see `kinds`.
        size: Height and width of a map.
        dropout: Share of the features of a vector that is dropped.

    Returns:
        Symbolic tensor of shape `(batch, *size, units)` or `(batch, units)`.
    """
    if is_dense(kind):
        return map_output(x, task, units, size)
    return pooled_output(x, task, units, dropout=dropout)


def assemble(inputs: Any, outputs: Mapping[str, Any], name: str) -> Any:
    """The Functional model of a network.

    Args:
        inputs: Symbolic input tensor.
        outputs: Task to symbolic tensor.
        name: Name of the model.

    Returns:
        A plain Keras model.

    Raises:
        ValueError: If a task is named as a shared layer of the network.
    """
    try:
        return keras.Model(inputs, dict(outputs), name=name)
    except ValueError as error:
        if "should be unique" not in str(error):
            raise
        raise ValueError(
            f"The tasks of {name!r} must not be named as its own layers. "
            f"Received: tasks {sorted(outputs)}. {error} Rename the task."
        ) from error


def _output_dtype() -> str:
    """Float32, or what the variables have if that is wider."""
    kept = keras.config.dtype_policy().variable_dtype
    return str(keras.backend.result_type(kept, "float32"))


def _are_positive(numbers: Any) -> bool:
    return isinstance(numbers, (list, tuple)) and all(
        isinstance(n, Integral) and not isinstance(n, bool) and int(n) > 0
        for n in numbers
    )
