"""MTAN: attention of each task on the features of a shared SegNet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from keras_mtl.layers import MaxPoolingWithIndices, MaxUnpooling
from keras_mtl.models.attention import Attention, Block
from keras_mtl.models.blocks import conv, norm_relu, padded
from keras_mtl.models.heads import (
    assemble,
    check_tasks,
    output_layer,
    pooled_output,
)
from keras_mtl.models.kinds import check_kinds, is_dense
from keras_mtl.models.segnet import check_levels


def mtan(
    tasks: Mapping[str, int],
    input_shape: Sequence[int] = (288, 384, 3),
    kinds: Mapping[str, str] | None = None,
    widths: Sequence[int] = (64, 128, 256, 512, 512),
    depths: Sequence[int] = (2, 2, 3, 3, 3),
    name: str = "mtan",
) -> Any:
    """A SegNet that all tasks share, and attention modules of each task.

    At every level a task weighs the last features of the shared network,
    channel by channel and pixel by pixel, by a mask made of the first ones
    and of its own attended features of the level before.

    Tasks with maps (segmentation, depth, ...) attend along encoder and
    decoder; tasks with a vector (classification, ...) along the encoder, and
    never run the decoder.

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

    Raises:
        ValueError: If `tasks` is empty, or an option is out of its range.

    Reference:
        [Liu et al., 2019](https://arxiv.org/abs/1803.10704)
    """
    check_tasks(tasks)
    kinds = check_kinds(tasks, kinds, default="segmentation")
    shape = check_levels(input_shape, widths, depths)
    image = keras.Input(shape, name="image")
    down = _encoder(image, widths, depths)
    has_maps = any(is_dense(kind) for kind in kinds.values())
    up = _decoder(down, widths, depths) if has_maps else []
    attention = Attention(down, up)
    outputs = {}
    for task, units in tasks.items():
        attended = attention.encoded(task)
        if is_dense(kinds[task]):
            x = attention.decoded(task, attended)
            x = conv(x, widths[0], 3, f"{task}_conv", use_bias=True)
            outputs[task] = output_layer(x, task, units)
        else:
            outputs[task] = pooled_output(attended, task, units)
    return assemble(image, outputs, name)


def _encoder(
    x: Any, widths: Sequence[int], depths: Sequence[int]
) -> list[Block]:
    blocks = []
    for level, (width, depth) in enumerate(zip(widths, depths, strict=True), 1):
        name = f"down{level}"
        first, last = _convolutions(x, int(width), depth, name)
        x, indices = MaxPoolingWithIndices(name=f"{name}_pool")(last)
        blocks.append(Block(name, first, last, x, indices))
    return blocks


def _decoder(
    down: Sequence[Block], widths: Sequence[int], depths: Sequence[int]
) -> list[Block]:
    blocks = []
    x = down[-1].pooled
    for level in range(len(widths), 0, -1):
        name, encoder = f"up{level}", down[level - 1]
        x = MaxUnpooling(name=f"{name}_unpool")([x, encoder.indices])
        first = padded(x, encoder.last, f"{name}_pad")
        width = int(widths[max(level - 2, 0)])
        _, x = _convolutions(first, width, depths[level - 1], name)
        blocks.append(Block(name, first, x, None, None))
    return blocks


def _convolutions(x: Any, width: int, depth: int, name: str) -> tuple[Any, Any]:
    """The first and the last features of a level."""
    features = []
    for index in range(1, depth + 1):
        prefix = f"{name}_{index}"
        x = norm_relu(conv(x, width, 3, prefix, use_bias=True), prefix)
        features.append(x)
    return features[0], features[-1]
