"""Outputs a pixel in the words of a data set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import DataError


def map_predictions(
    outputs: NDArray[Any], task: dict[str, Any]
) -> list[dict[str, Any]]:
    """Turns output maps into maps of labels and values.

    Args:
        outputs: Shape `(num_samples, height, width, num_outputs)`: logits of
            classes and masks, or values.
        task: Its entry in the model card: `kind` and `class_names`.

    Returns:
        A row a sample with `maps`, name to array, shape `(height, width)`.
        Segmentation: `classes`, ids (uint8, or uint16 above 256 classes).
        Mask: 0 and 255 (uint8), for each name. Depth and heat map: float32.
        Normals: unit vectors, float32, shape `(height, width, 3)`.
        Segmentation and mask have `shares` too, name to the share of the
        pixels; heat maps `centers`, name to row and column in pixels.

    Raises:
        DataError: If the outputs are not one map a sample.
    """
    values = np.asarray(outputs, np.float32)
    if values.ndim != 4:
        raise DataError(
            f"expected maps of the {task['kind']} task, (num_samples, height, "
            f"width, num_outputs). Received: shape={values.shape}."
        )
    number = values.shape[-1]
    names = task["class_names"] or [str(i) for i in range(number)]
    row = {
        "segmentation": _classes,
        "mask": _masks,
        "depth": _depth,
        "normals": _normals,
        "heatmap": _heat_maps,
    }[task["kind"]]
    return [row(sample, names) for sample in values]


def _classes(logits: NDArray[np.float32], names: list[str]) -> dict[str, Any]:
    chosen = logits.argmax(axis=-1)
    counts = np.bincount(chosen.ravel(), minlength=len(names))
    small = "uint8" if len(names) <= 256 else "uint16"
    shares = dict(zip(names, (counts / chosen.size).tolist(), strict=True))
    return {"maps": {"classes": chosen.astype(small)}, "shares": shares}


def _masks(logits: NDArray[np.float32], names: list[str]) -> dict[str, Any]:
    maps = {
        name: np.where(logits[..., index] > 0, 255, 0).astype(np.uint8)
        for index, name in enumerate(names)
    }
    shares = {name: float((one > 0).mean()) for name, one in maps.items()}
    return {"maps": maps, "shares": shares}


def _depth(values: NDArray[np.float32], names: list[str]) -> dict[str, Any]:
    return {"maps": {"depth": values[..., 0]}}


def _normals(vectors: NDArray[np.float32], names: list[str]) -> dict[str, Any]:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return {"maps": {"normals": vectors / np.maximum(lengths, 1e-12)}}


def _heat_maps(values: NDArray[np.float32], names: list[str]) -> dict[str, Any]:
    from keras_mtl.retina import fovea_location

    maps = {name: values[..., index] for index, name in enumerate(names)}
    centers = {name: fovea_location(one)[:2] for name, one in maps.items()}
    return {"maps": maps, "centers": centers}
