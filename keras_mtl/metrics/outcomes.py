"""What was labelled, predicted, and both: counts for each class or map."""

from __future__ import annotations

from typing import NamedTuple

from keras import ops

from keras_mtl.metrics.data_set_metric import weights_like
from keras_mtl.typing import Tensor


class Outcomes(NamedTuple):
    """Weighted counts of elements, image by image, for each output.

    Float64 tensors, shape `(images, num_outputs)`. The samples of a task
    without pixels count as one image.

    Attributes:
        hits: Labelled and predicted (true positives).
        labelled: Labelled: of this class, or yes.
        predicted: Predicted.
        total: All elements with a label.
    """

    hits: Tensor
    labelled: Tensor
    predicted: Tensor
    total: Tensor


def are_classes(y_true: Tensor, y_pred: Tensor) -> bool:
    """Whether labels are class ids, rather than yes/no for each output.

    Args:
        y_true: Labels, shape `(batch, ...)` or `(batch, ..., n)`.
        y_pred: Outputs, shape `(batch, ..., n)`.
    """
    if y_pred.shape[-1] == 1:
        return False
    ranks = len(y_true.shape), len(y_pred.shape)
    return ranks[0] < ranks[1] or y_true.shape[-1] == 1


def count_outcomes(
    y_true: Tensor, y_pred: Tensor, weight: Tensor | None, threshold: float
) -> Outcomes:
    """Counts a batch.

    Args:
        y_true: Class ids, shape `(batch, ...)`, or 0 and 1, of the shape of
            the outputs. Ids outside 0..n-1 count as unlabelled.
        y_pred: Outputs, shape `(batch, ..., n)`. The highest is the class, or
            each above the threshold is a yes.
        weight: Float tensor of the leading axes of the labels, or `None`.
        threshold: Above it an output is a yes; 0 for logits.

    Returns:
        Counts for each image and output.
    """
    if are_classes(y_true, y_pred):
        return _of_classes(y_true, y_pred, weight)
    return _of_labels(y_true, y_pred, weight, threshold)


def _of_classes(
    y_true: Tensor, y_pred: Tensor, weight: Tensor | None
) -> Outcomes:
    number = y_pred.shape[-1]
    if len(y_true.shape) == len(y_pred.shape):
        y_true = ops.squeeze(y_true, -1)
    truth = ops.cast(y_true, "int32")
    chosen = ops.cast(ops.argmax(y_pred, -1), "int32")
    known = ops.logical_and(truth >= 0, truth < number)
    weight = weights_like(weight, truth, "float64")
    weight = ops.where(known, weight, 0.0)
    pairs = ops.where(known, truth * number + chosen, 0)
    confusion = _confusion(by_image(pairs), by_image(weight), number)
    hits = ops.diagonal(confusion, axis1=1, axis2=2)
    labelled = ops.sum(confusion, axis=2)
    everything = ops.sum(labelled, axis=1, keepdims=True)
    return Outcomes(
        hits,
        labelled,
        ops.sum(confusion, axis=1),
        ops.broadcast_to(everything, ops.shape(labelled)),
    )


def _confusion(pairs: Tensor, weight: Tensor, number: int) -> Tensor:
    """Confusion matrices, shape `(images, number, number)`."""
    images = ops.shape(pairs)[0]
    first = ops.expand_dims(ops.arange(images, dtype="int32"), 1)
    places = ops.reshape(first * number**2 + pairs, (-1,))
    counts = ops.segment_sum(
        ops.reshape(weight, (-1,)), places, images * number**2
    )
    return ops.reshape(counts, (-1, number, number))


def _of_labels(
    y_true: Tensor, y_pred: Tensor, weight: Tensor | None, threshold: float
) -> Outcomes:
    if len(y_true.shape) < len(y_pred.shape):
        y_true = ops.expand_dims(y_true, -1)
    number = y_pred.shape[-1]
    weight = by_image(weights_like(weight, y_pred, "float32"), number)
    yes = ops.cast(y_true, "float32") > 0.5
    labelled = by_image(ops.cast(yes, "float32"), number) * weight
    chosen = by_image(ops.cast(y_pred > threshold, "float32"), number)
    parts = (labelled * chosen, labelled, weight * chosen, weight)
    # Exact in float32 up to 16.7 million pixels an image.
    return Outcomes(*(_sums(part) for part in parts))


def _sums(values: Tensor) -> Tensor:
    return ops.cast(ops.sum(values, axis=1), "float64")


def by_image(values: Tensor, channels: int | None = None) -> Tensor:
    """Flattens the pixels of each image; samples without pixels are one.

    Args:
        values: Tensor, shape `(batch, ...)`, or `(batch, ..., channels)`
            where `channels` is given.
        channels: Length of the last axis, which stays.

    Returns:
        Tensor, shape `(images, pixels)`, or `(images, pixels, channels)`.
    """
    last = () if channels is None else (channels,)
    if len(values.shape) == 1 + len(last):
        return ops.expand_dims(values, 0)
    batch = ops.shape(values)[0]
    count = 1
    for length in ops.shape(values)[1 : len(values.shape) - len(last)]:
        count = count * length
    return ops.reshape(values, (batch, count, *last))
