"""SegNet for several tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.layers import MaxPoolingWithIndices, MaxUnpooling
from keras_mtl.models.blocks import conv, norm_relu, padded
from keras_mtl.models.heads import (
    assemble,
    check_input_shape,
    check_tasks,
    check_units,
    output_layer,
    pooled_output,
)
from keras_mtl.models.kinds import check_kinds, is_dense


def segnet(
    tasks: Mapping[str, int],
    input_shape: Sequence[int] = (288, 384, 3),
    kinds: Mapping[str, str] | None = None,
    widths: Sequence[int] = (64, 128, 256, 512, 512),
    depths: Sequence[int] = (2, 2, 3, 3, 3),
    name: str = "segnet",
) -> Any:
    """An encoder of max-poolings, and a decoder that undoes them by indices.

    Tasks with maps (segmentation, depth, ...) have two convolutions of their
    own on the decoder; tasks with a vector (classification, ...) read the
    pooled bottleneck and never run the decoder.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Height, width and channels of an image. Any height and
            width that the levels can halve down to a pixel.
        kinds: Task name to kind, see `TaskSpec`. A task that is left out has
            a map.
        widths: Filters of the 3x3 convolutions of each level.
        depths: Number of convolutions of each level, in the encoder as in
            the decoder.
        name: Name of the model.

    Returns:
        A Functional model from the input `image`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 logits (or
        values) of shape `(batch, height, width, units)`, or `(batch, units)`.
        With the default widths the shared layers hold 24,943,296 parameters
        for images of 3 channels.

    Raises:
        ValueError: If `tasks` is empty, or an option is out of its range.

    Reference:
        [Badrinarayanan et al., 2017](https://arxiv.org/abs/1511.00561), with
        the layers of [Liu et al., 2019](https://arxiv.org/abs/1803.10704)
    """
    check_tasks(tasks)
    kinds = check_kinds(tasks, kinds, default="segmentation")
    shape = check_levels(input_shape, widths, depths)
    image = keras.Input(shape, name="image")
    x, pools = _encoder(image, widths, depths)
    has_maps = any(is_dense(kind) for kind in kinds.values())
    decoded = _decoder(x, pools, widths, depths) if has_maps else None
    outputs = {}
    for task, units in tasks.items():
        if is_dense(kinds[task]):
            own = conv(decoded, widths[0], 3, f"{task}_conv", use_bias=True)
            outputs[task] = output_layer(own, task, units)
        else:
            outputs[task] = pooled_output(x, task, units)
    return assemble(image, outputs, name)


def check_levels(
    input_shape: Sequence[int], widths: Sequence[int], depths: Sequence[int]
) -> tuple[int, ...]:
    """Refuses levels that do not fit each other or the images.

    Args:
        input_shape: Height, width and channels of an image.
        widths: Filters of each level.
        depths: Number of convolutions of each level.

    Returns:
        The shape of an image as a tuple.

    Raises:
        ValueError: If a number is out of its range.
    """
    check_units("widths", widths, least=1)
    check_units("depths", depths, least=1)
    if len(widths) != len(depths):
        raise ValueError(
            "`widths` and `depths` must have one number for each level. "
            f"Received: widths={list(widths)}, depths={list(depths)}."
        )
    return check_input_shape(input_shape, 3, least=2 ** len(widths))


def convolutions(x: Any, width: int, depth: int, name: str) -> Any:
    """Convolutions, each with batch normalisation and ReLU.

    Args:
        x: Symbolic tensor, shape `(batch, height, width, channels)`.
        width: Filters of each.
        depth: How many.
        name: Start of the names of the layers.

    Returns:
        Symbolic tensor, shape `(batch, height, width, width)`.
    """
    for index in range(1, depth + 1):
        prefix = f"{name}_{index}"
        x = norm_relu(conv(x, int(width), 3, prefix, use_bias=True), prefix)
    return x


def _encoder(
    x: Any, widths: Sequence[int], depths: Sequence[int]
) -> tuple[Any, list[tuple[Any, Any]]]:
    """The bottleneck; per level, features before pooling and indices."""
    pools = []
    for level, (width, depth) in enumerate(zip(widths, depths, strict=True), 1):
        before = convolutions(x, width, depth, f"down{level}")
        pool = MaxPoolingWithIndices(name=f"down{level}_pool")
        x, indices = pool(before)
        pools.append((before, indices))
    return x, pools


def _decoder(
    x: Any,
    pools: Sequence[tuple[Any, Any]],
    widths: Sequence[int],
    depths: Sequence[int],
) -> Any:
    for level in range(len(widths), 0, -1):
        before, indices = pools[level - 1]
        x = MaxUnpooling(name=f"up{level}_unpool")([x, indices])
        x = padded(x, before, f"up{level}_pad")
        width = widths[max(level - 2, 0)]
        x = convolutions(x, width, depths[level - 1], f"up{level}")
    return x
