"""The two networks of cooperative learning: LeNet and U-Net."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from keras import layers

from keras_mtl.models.cooperative_encoders import Block, CooperativeEncoders
from keras_mtl.models.heads import output_layer


def lenet_outputs(
    encoders: CooperativeEncoders,
    tasks: Mapping[str, int],
    widths: Sequence[int],
    head_units: Sequence[int],
    dropout: float,
    normalize: bool,
) -> dict[str, Any]:
    """Convolutions, one dense level, and a dense head per task.

    Args:
        encoders: Encoders that have read nothing but the image.
        tasks: Task to number of output units.
        widths: Filters of each convolution, then units of the dense level.
        head_units: Units of each hidden layer of a head.
        dropout: Share of units dropped before every layer of a head.
        normalize: Whether batch normalisation follows every level.

    Returns:
        Task to symbolic logits, shape `(batch, units)`.
    """
    convolution = _convolution(5, "valid", normalize)

    def pooled(x: Any, units: int, prefix: str) -> Any:
        x = convolution(x, units, prefix)
        return layers.MaxPooling2D(2, name=f"{prefix}_pool")(x)

    for index, width in enumerate(widths[:-1], 1):
        encoders.level(pooled, width, f"conv{index}")
    encoders.level(_flat_dense(normalize), widths[-1], "dense")
    return {
        task: _classifier(
            encoders.fused(task), task, units, head_units, dropout
        )
        for task, units in tasks.items()
    }


def unet_outputs(
    encoders: CooperativeEncoders,
    tasks: Mapping[str, int],
    widths: Sequence[int],
    head_units: Sequence[int],
    dropout: float,
    normalize: bool,
    classification: Collection[str],
) -> dict[str, Any]:
    """Two convolutions a level; a decoder or a classifier per task.

    Args:
        encoders: Encoders that have read nothing but the image.
        tasks: Task to number of output units.
        widths: Filters of each level; the last is the bottleneck.
        head_units: Units of each hidden layer of a classifier.
        dropout: Share of units dropped in classifiers.
        normalize: Whether batch normalisation follows every convolution.
        classification: Tasks whose head is a classifier on the bottleneck.

    Returns:
        Task to symbolic logits: `(batch, units)` for a classification,
        `(batch, height, width, units)` for a segmentation.
    """
    block = _convolution(3, "same", normalize)
    segmentation = [task for task in tasks if task not in classification]
    skips: list[dict[str, Any]] = []
    for index, width in enumerate(widths, 1):
        if index > 1:
            skips.append({task: encoders.fused(task) for task in segmentation})
            encoders.apply(_pool, f"pool{index - 1}")
        encoders.level(block, width, f"conv{index}a")
        encoders.level(block, width, f"conv{index}b")
    outputs = {}
    for task, units in tasks.items():
        x = encoders.fused(task)
        if task in classification:
            x = layers.GlobalAveragePooling2D(name=f"{task}_average")(x)
            outputs[task] = _classifier(x, task, units, head_units, dropout)
            continue
        for index in range(len(skips), 0, -1):
            prefix = f"{task}_up{index}"
            x = layers.UpSampling2D(
                2, interpolation="bilinear", name=f"{prefix}_resize"
            )(x)
            x = layers.Concatenate(name=f"{prefix}_skip")(
                [skips[index - 1][task], x]
            )
            x = block(x, widths[index - 1], f"{prefix}a")
            x = block(x, widths[index - 1], f"{prefix}b")
        outputs[task] = output_layer(x, task, units)
    return outputs


def _convolution(kernel: int, padding: str, normalize: bool) -> Block:
    def block(x: Any, units: int, prefix: str) -> Any:
        x = layers.Conv2D(units, kernel, padding=padding, name=prefix)(x)
        return _activated(x, prefix, normalize)

    return block


def _flat_dense(normalize: bool) -> Block:
    def block(x: Any, units: int, prefix: str) -> Any:
        x = layers.Flatten(name=f"{prefix}_flatten")(x)
        x = layers.Dense(units, name=prefix)(x)
        return _activated(x, prefix, normalize)

    return block


def _activated(x: Any, prefix: str, normalize: bool) -> Any:
    if normalize:
        x = layers.BatchNormalization(name=f"{prefix}_norm")(x)
    return layers.ReLU(name=f"{prefix}_relu")(x)


def _pool(x: Any, units: int, prefix: str) -> Any:
    return layers.MaxPooling2D(2, name=prefix)(x)


def _classifier(
    x: Any, task: str, units: int, head_units: Sequence[int], dropout: float
) -> Any:
    for index, number in enumerate(head_units, 1):
        prefix = f"{task}_hidden{index}"
        x = _dropped(x, dropout, f"{prefix}_dropout")
        x = layers.Dense(int(number), activation="relu", name=prefix)(x)
    return output_layer(_dropped(x, dropout, f"{task}_dropout"), task, units)


def _dropped(x: Any, dropout: float, name: str) -> Any:
    return layers.Dropout(dropout, name=name)(x) if dropout else x
