"""Moves the pixels of images and of their labels together."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import tensorflow as tf

from keras_mtl.datasets.augmentation.matrices import turn_of, zoom_of
from keras_mtl.datasets.task_spec import TaskSpec
from keras_mtl.typing import Tensor

_NEAREST = ("segmentation", "mask", "depth", "normals")


def warp(
    images: Tensor,
    labels: Mapping[str, Tensor],
    weights: Mapping[str, Tensor],
    matrix: Tensor,
    tasks: Mapping[str, TaskSpec],
    disparities: Collection[str] = (),
) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
    """Moves images by bilinear interpolation, and what belongs to them.

    Classes, masks, depth and normals are taken from the nearest pixel, so
    that no value is invented; heat maps are interpolated. Depth is divided by
    the zoom, and normals turn with the image. What comes from outside of the
    image is 0 and has weight 0. Labels of a whole image stay.

    Args:
        images: Float32, shape `(batch, height, width, channels)`.
        labels: Task to its labels.
        weights: Task to its weights.
        matrix: From result to image, see `Geometric.matrix`.
        tasks: Task to what it predicts.
        disparities: Tasks whose depth is inverse: multiplied by the zoom.

    Returns:
        Images, labels and weights.
    """
    transforms = tf.reshape(matrix, [-1, 9])[:, :8]
    dense = [task for task in labels if tasks[task].is_dense]
    near = [task for task in dense if tasks[task].kind in _NEAREST]
    smooth = [task for task in dense if task not in near]
    maps = {task: _with_channels(labels[task]) for task in dense}
    masks = {task: weights[task][..., None] for task in dense}
    nearest = _moved(
        [*(maps[task] for task in near), *masks.values()],
        transforms,
        "NEAREST",
    )
    heat = _moved(
        [images, *(maps[task] for task in smooth)], transforms, "BILINEAR"
    )
    moved = dict(zip(near, nearest[: len(near)], strict=True))
    moved |= dict(zip(smooth, heat[1:], strict=True))
    counted = nearest[len(near) :]
    new_labels, new_weights = dict(labels), dict(weights)
    for task, weight in zip(dense, counted, strict=True):
        new_weights[task] = weight[..., 0]
        changed = _changed(
            moved[task], tasks[task].kind, matrix, task in disparities
        )
        shaped = tf.reshape(changed, tf.shape(labels[task]))
        shaped = tf.ensure_shape(shaped, labels[task].shape)
        new_labels[task] = tf.cast(shaped, labels[task].dtype)
    return heat[0], new_labels, new_weights


def _changed(
    values: Tensor, kind: str, matrix: Tensor, is_disparity: bool
) -> Tensor:
    """What a move does to the values themselves."""
    if kind == "depth":
        zoom = zoom_of(matrix)[:, None, None, None]
        return values * zoom if is_disparity else values / zoom
    if kind == "normals":
        turned = tf.einsum("bhwc,bdc->bhwd", values[..., :2], turn_of(matrix))
        return tf.concat([turned, values[..., 2:]], axis=-1)
    return values


def _with_channels(labels: Tensor) -> Tensor:
    labels = tf.cast(labels, tf.float32)
    return labels if len(labels.shape) == 4 else labels[..., None]


def _moved(
    maps: list[Tensor], transforms: Tensor, interpolation: str
) -> list[Tensor]:
    """All maps in one go, as channels of one image."""
    if not maps:
        return []
    sizes = [one.shape[-1] for one in maps]
    stacked = tf.concat(maps, axis=-1)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=stacked,
        transforms=transforms,
        output_shape=tf.shape(stacked)[1:3],
        interpolation=interpolation,
        fill_mode="CONSTANT",
        fill_value=0.0,
    )
    moved = tf.ensure_shape(moved, stacked.shape)
    return list(tf.split(moved, sizes, axis=-1))
