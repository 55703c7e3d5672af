"""Networks of cooperative learning: an encoder per task, features fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras

from keras_mtl.models.cooperative_encoders import CooperativeEncoders
from keras_mtl.models.cooperative_networks import lenet_outputs, unet_outputs
from keras_mtl.models.heads import (
    assemble,
    check_choice,
    check_dropout,
    check_input_shape,
    check_tasks,
    check_units,
)


def cooperative(
    tasks: Mapping[str, int],
    input_shape: Sequence[int] = (28, 28, 1),
    widths: Sequence[int] = (10, 20, 50),
    design: Literal["cooperative", "joint"] = "cooperative",
    fusion: Literal["cross", "late"] = "cross",
    stop_gradients: bool = True,
    network: Literal["lenet", "unet"] = "lenet",
    classification: Sequence[str] = (),
    head_units: Sequence[int] = (),
    dropout: float = 0.0,
    batch_normalization: bool = False,
    name: str = "cooperative",
) -> Any:
    """An encoder per task; every task reads all of them and trains its own.

    The network of the `Cooperative` trainer. `design="joint"` is the shared
    network of the same widths, for the baselines. With `fusion="cross"` both
    have exactly the same number of parameters: the filters of each level are
    dealt out to the tasks, and with `stop_gradients=False` the two compute
    the same functions.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Height, width and channels of an image.
        widths: Units of each level, all encoders together. LeNet: filters of
            each 5x5 convolution, then units of a dense level. U-Net: filters
            of the two 3x3 convolutions of each level; the last level is the
            bottleneck. Multiples of the number of tasks, unless
            `design="joint"`.
        design: `"cooperative"`, or `"joint"`: one encoder for all tasks.
        fusion: `"cross"`: every layer of an encoder from the second on reads
            the features of all tasks; `"late"`: an encoder reads its own,
            and only heads (and skip connections) read all.
        stop_gradients: Whether a task's gradients stop before the other
            tasks' features. `False` gives a network for ordinary trainers.
        network: `"lenet"`, or `"unet"`: a decoder per segmentation task.
        classification: U-Net only: the tasks with a classifier on the
            bottleneck. All others are segmentations.
        head_units: Units of each hidden layer of a classifier.
        dropout: Share of units dropped before every layer of a classifier,
            in [0, 1).
        batch_normalization: Whether every level is normalised.
        name: Name of the model.

    Returns:
        A Functional model from the input `image`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 logits of shape
        `(batch, units)`, or `(batch, height, width, units)`.

    Raises:
        ValueError: If `tasks` is empty, or an option is out of its range.

    Reference:
        [Wu et al., 2023](https://arxiv.org/abs/2309.12090)
    """
    check_tasks(tasks)
    check_dropout(dropout)
    check_units("head_units", head_units)
    check_choice("design", design, ("cooperative", "joint"))
    check_choice("fusion", fusion, ("cross", "late"))
    check_choice("network", network, ("lenet", "unet"))
    _check_widths(widths, len(tasks) if design == "cooperative" else 1)
    _check_classification(classification, tasks, network)
    shape = _check_image(input_shape, len(widths), network)
    image = keras.Input(shape, name="image")
    encoders = CooperativeEncoders(
        list(tasks), image, design, fusion, stop_gradients
    )
    options = (widths, head_units, dropout, batch_normalization)
    if network == "lenet":
        outputs = lenet_outputs(encoders, tasks, *options)
    else:
        outputs = unet_outputs(encoders, tasks, *options, set(classification))
    return assemble(image, outputs, name=name)


def _check_widths(widths: Sequence[int], num_encoders: int) -> None:
    check_units("widths", widths, least=2)
    if any(width % num_encoders for width in widths):
        raise ValueError(
            f"`widths` must be multiples of {num_encoders}, the number of "
            "tasks, since each level is dealt out to their encoders. "
            f"Received: widths={list(widths)}. Change them, or choose "
            "design='joint'."
        )


def _check_classification(
    classification: Sequence[str], tasks: Mapping[str, int], network: str
) -> None:
    if isinstance(classification, str) or set(classification) - set(tasks):
        raise ValueError(
            "`classification` must be a list of task names among "
            f"{sorted(tasks)}. Received: classification={classification!r}."
        )
    if classification and network == "lenet":
        raise ValueError(
            "`classification` tells apart the heads of a U-Net; every head of "
            "a LeNet is a classifier. Received: "
            f"classification={list(classification)}. Leave it out, or choose "
            "network='unet'."
        )


def _check_image(
    input_shape: Sequence[int], num_levels: int, network: str
) -> tuple[int, ...]:
    if network == "lenet":
        # Backwards from one pixel: a pool doubles, a 5x5 kernel adds 4.
        least = 1
        for _ in range(num_levels - 1):
            least = 2 * least + 4
        return check_input_shape(input_shape, num_axes=3, least=least)
    factor = 2 ** (num_levels - 1)
    shape = check_input_shape(input_shape, num_axes=3, least=factor)
    if any(size % factor for size in shape[:2]):
        raise ValueError(
            f"`input_shape` must have a height and a width that {num_levels} "
            f"levels can halve: multiples of {factor}. Received: "
            f"input_shape={shape}. Crop or resize the images, or give fewer "
            "`widths`."
        )
    return shape
