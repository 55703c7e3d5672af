"""U-Net for several tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras
from keras import layers

from keras_mtl.models.blocks import conv, norm_relu, padded
from keras_mtl.models.heads import (
    assemble,
    check_choice,
    check_dropout,
    check_input_shape,
    check_tasks,
    check_units,
    output_layer,
    pooled_output,
)
from keras_mtl.models.kinds import check_kinds, is_dense


def unet(
    tasks: Mapping[str, int],
    input_shape: Sequence[int] = (256, 256, 3),
    kinds: Mapping[str, str] | None = None,
    widths: Sequence[int] = (64, 128, 256, 512, 512),
    pooling: Literal["average", "max"] = "average",
    head_dropout: float = 0.0,
    name: str = "unet",
) -> Any:
    """An encoder and a decoder that all tasks share, joined by skips.

    Tasks with maps (segmentation, depth, ...) read the last features of the
    decoder; tasks with a vector (classification, ...) read the bottleneck
    and never run the decoder.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Height, width and channels of an image. Any height and
            width that the levels can halve down to a pixel: where a half is
            not whole, the decoder pads.
        kinds: Task name to kind, see `TaskSpec`. A task that is left out has
            a map.
        widths: Filters of the two 3x3 convolutions of each level; the last
            level is the bottleneck.
        pooling: How the bottleneck becomes a vector.
        head_dropout: Share of the pooled features that the head of a vector
            drops, in [0, 1).
        name: Name of the model.

    Returns:
        A Functional model from the input `image`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 logits (or
        values) of shape `(batch, height, width, units)`, or `(batch, units)`.
        With the default widths the shared layers hold 17,267,328 parameters
        for images of 3 channels.

    Raises:
        ValueError: If `tasks` is empty, or an option is out of its range.

    Reference:
        [Ronneberger et al., 2015](https://arxiv.org/abs/1505.04597);
        [Pascal, 2021](https://hal.science/tel-03783509), chapter 5
    """
    check_tasks(tasks)
    check_units("widths", widths, least=2)
    check_choice("pooling", pooling, ("average", "max"))
    check_dropout(head_dropout, "head_dropout")
    kinds = check_kinds(tasks, kinds, default="segmentation")
    least = 2 ** (len(widths) - 1)
    shape = check_input_shape(input_shape, num_axes=3, least=least)
    image = keras.Input(shape, name="image")
    skips = _encoder(image, widths)
    has_maps = any(is_dense(kind) for kind in kinds.values())
    decoded = _decoder(skips, widths) if has_maps else None
    outputs = {
        task: output_layer(decoded, task, units)
        if is_dense(kinds[task])
        else pooled_output(skips[-1], task, units, pooling, head_dropout)
        for task, units in tasks.items()
    }
    return assemble(image, outputs, name)


def _encoder(x: Any, widths: Sequence[int]) -> list[Any]:
    """The features of every level; those of the bottleneck come last."""
    features = []
    for level, width in enumerate(widths, 1):
        if level > 1:
            x = layers.MaxPooling2D(2, name=f"down{level}_pool")(x)
        x = _block(x, (width, width), f"down{level}")
        features.append(x)
    return features


def _decoder(skips: Sequence[Any], widths: Sequence[int]) -> Any:
    x = skips[-1]
    for index in range(len(skips) - 2, -1, -1):
        name = f"up{index + 1}"
        x = layers.UpSampling2D(
            2, interpolation="bilinear", name=f"{name}_resize"
        )(x)
        x = padded(x, skips[index], f"{name}_pad")
        x = layers.Concatenate(name=f"{name}_skip")([skips[index], x])
        x = _block(x, (widths[index], widths[max(index - 1, 0)]), name)
    return x


def _block(x: Any, widths: Sequence[int], name: str) -> Any:
    """Two convolutions, each with batch normalisation and ReLU."""
    for letter, width in zip("ab", widths, strict=True):
        x = conv(x, int(width), 3, f"{name}{letter}", use_bias=True)
        x = norm_relu(x, f"{name}{letter}")
    return x
