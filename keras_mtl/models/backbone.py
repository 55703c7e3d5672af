"""Any backbone of keras-hub or keras.applications, with heads per task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import keras
from keras import layers

from keras_mtl.models.backbone_source import AUTO, load_backbone
from keras_mtl.models.blocks import conv, norm_relu
from keras_mtl.models.heads import (
    assemble,
    check_choice,
    check_dropout,
    check_input_shape,
    check_tasks,
    check_units,
    map_output,
    pooled_output,
)
from keras_mtl.models.kinds import check_kinds, is_dense
from keras_mtl.models.pyramid import pyramid_of


def backbone(
    tasks: Mapping[str, int],
    input_shape: Sequence[int],
    backbone: str,
    kinds: Mapping[str, str] | None = None,
    weights: str | None = AUTO,
    options: dict[str, Any] | None = None,
    decoder_width: int = 128,
    pooling: Literal["average", "max"] = "average",
    head_dropout: float = 0.0,
    name: str = "backbone",
) -> Any:
    """A published backbone by its name, with a head for every task.

    Tasks with a vector (classification, ...) read the pooled last features.
    Tasks with maps (segmentation, depth, ...) share a small decoder, which
    goes up the strides of the backbone: resize, join the features of that
    stride through a 1x1 convolution, convolve; their maps are resized to the
    image. The images must be scaled as the weights expect.

    Args:
        tasks: Task name to the number of output units of that task.
        input_shape: Height, width and channels of an image.
        backbone: A class of `keras_hub.models` (`"MiTBackbone"`), a function
            of `keras.applications` (`"MobileNetV2"`), the name of a keras-hub
            preset, or a folder that `save_to_preset` wrote. keras-hub comes
            with `pip install keras-mtl[backbones]`.
        kinds: Task name to kind, see `TaskSpec`. A task that is left out has
            a vector.
        weights: `"auto"`: those of the preset, and random ones for a class or
            function; `None`: random ones; a `.weights.h5` file; or the name
            of weights for a function (`"imagenet"`) or class (a preset).
        options: Arguments of the class or function.
        decoder_width: Filters of every convolution of the decoder.
        pooling: How the last features become a vector.
        head_dropout: Share of the pooled features that the head of a vector
            drops, in [0, 1).
        name: Name of the model.

    Returns:
        A Functional model from the input `image`, float, shape
        `(batch, *input_shape)`, to a dict, task to float32 logits (or
        values) of shape `(batch, height, width, units)`, or `(batch, units)`.

    Raises:
        ConfigError: If the backbone is unknown, or has no feature maps and a
            task needs them.
        OfflineError: If something had to be downloaded and could not be.
        ValueError: If `tasks` is empty, or an option is out of its range.
    """
    check_tasks(tasks)
    check_units("decoder_width", [decoder_width])
    check_choice("pooling", pooling, ("average", "max"))
    check_dropout(head_dropout, "head_dropout")
    kinds = check_kinds(tasks, kinds, default="classification")
    shape = check_input_shape(input_shape, num_axes=3)
    image = keras.Input(shape, name="image")
    network = load_backbone(backbone, shape, weights, options or {})
    has_maps = any(is_dense(kind) for kind in kinds.values())
    last, features = _features(network, image, has_maps)
    decoded = _decoder(features, decoder_width) if has_maps else None
    outputs = {
        task: map_output(decoded, task, units, shape[:2])
        if is_dense(kinds[task])
        else pooled_output(last, task, units, pooling, head_dropout)
        for task, units in tasks.items()
    }
    return assemble(image, outputs, name)


def _features(
    network: Any, image: Any, with_maps: bool
) -> tuple[Any, list[Any]]:
    """The last features, and those of the strides, in ascending order."""
    last = network.output
    if isinstance(last, Mapping):
        # Transformers of keras-hub name what they return.
        last = last.get("sequence_output", next(iter(last.values())))
    if not with_maps:
        return keras.Model(network.inputs, last, name="trunk")(image), []
    found = pyramid_of(network)
    if not found:
        raise ValueError(
            f"`backbone` {network.name!r} has no feature maps, which tasks "
            "with an output for every pixel need. Received: last features of "
            f"shape {tuple(last.shape)}. Choose a convolutional backbone, or "
            "one with `pyramid_outputs`, such as 'MiTBackbone'."
        )
    outputs = [last, *found.values()]
    last, *features = keras.Model(network.inputs, outputs, name="trunk")(image)
    return last, features


def _decoder(features: Sequence[Any], width: int) -> Any:
    """From the deepest features up to those of the smallest stride."""
    *shallow, x = features
    x = norm_relu(conv(x, width, 1, "decoder_top"), "decoder_top")
    for level in range(len(shallow), 0, -1):
        skip, prefix = shallow[level - 1], f"decoder{level}"
        x = layers.Resizing(
            *skip.shape[1:3],
            interpolation="bilinear",
            name=f"{prefix}_resize",
        )(x)
        skip = norm_relu(conv(skip, width, 1, f"{prefix}_skip"), f"{prefix}_s")
        x = layers.Concatenate(name=f"{prefix}_join")([skip, x])
        x = norm_relu(conv(x, width, 3, prefix), prefix)
    return x
