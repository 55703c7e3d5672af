"""Labels and outputs a pixel as colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
Pair = tuple[NDArray[Any], NDArray[Any]]
# Where there is no label.
_MISSING = 0.5


def palette() -> NDArray[np.uint8]:
    """A colour for each of 256 classes, shape `(256, 3)`.

    Neighbouring ids differ: the bits of an id are dealt out to red, green and
    blue, the lowest to the brightest. The first is black.

    Reference:
        [Everingham et al., 2010](https://doi.org/10.1007/s11263-009-0275-4),
        the colours of PASCAL VOC
    """
    ids = np.arange(256)
    colours = np.zeros((256, 3), np.uint8)
    for bit in range(8):
        channel, brightness = bit % 3, 7 - bit // 3
        colours[:, channel] |= ((ids >> bit & 1) << brightness).astype(np.uint8)
    return colours


def input_picture(values: NDArray[Any]) -> Picture:
    """An input, stretched from its least to its largest value.

    Args:
        values: Shape `(height, width, channels)`; red, green and blue if
            there are three, else their mean is drawn.

    Returns:
        Shape `(height, width, 3)`, in [0, 1].
    """
    if values.shape[-1] != 3:
        values = values.mean(axis=-1, keepdims=True)
    return _rgb(_stretched(values, values))


def map_pictures(
    target: NDArray[Any],
    output: NDArray[Any],
    kind: str,
    weight: NDArray[Any] | None = None,
) -> tuple[Picture, Picture]:
    """Target and output of a dense task, in the same colours.

    Args:
        target: Label of one sample, see `TaskSpec`.
        output: Of the network, shape `(height, width, num_outputs)`: logits
            of classes and masks, or values.
        kind: Kind of the task, one of `DENSE_KINDS`.
        weight: 0 where there is no label, shape `(height, width)` or `()`.

    Returns:
        Two of shape `(height, width, 3)`, in [0, 1]. Depth is drawn between
        the least and the largest value of the target, a normal n as
        (n + 1) / 2, and of several maps the strongest in its colour. The
        target is grey where it is missing.
    """
    known = np.ones(()) if weight is None else np.asarray(weight)
    if kind in ("depth", "normals"):  # zeros are missing
        known = known * np.any(target, axis=-1)
    known = np.broadcast_to(known, output.shape[:2])[..., None] > 0
    one, other = (np.clip(p, 0, 1) for p in _DRAWN[kind](target, output))
    shown = np.where(known, one, _MISSING)
    return shown.astype(np.float32), other.astype(np.float32)


def _segmentation(target: Any, output: Any) -> Pair:
    return _classes(target), _classes(output.argmax(axis=-1))


def _classes(ids: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(palette()[ids.astype(int) % 256] / 255)


def _masks(target: Any, output: Any) -> Pair:
    return _strongest(target), _strongest((output > 0).astype(np.float32))


def _heatmaps(target: Any, output: Any) -> Pair:
    return _strongest(target), _strongest(output)


def _strongest(maps: NDArray[Any]) -> NDArray[Any]:
    """The strongest of the maps; one alone is grey."""
    strength = maps.max(axis=-1, keepdims=True)
    if maps.shape[-1] == 1:
        return _rgb(strength)
    colours = palette()[1 + maps.argmax(axis=-1) % 255] / 255
    return np.asarray(colours * strength)


def _depth(target: Any, output: Any) -> Pair:
    scale = target[target > 0] if np.any(target > 0) else output
    return _rgb(_stretched(target, scale)), _rgb(_stretched(output, scale))


def _normals(target: Any, output: Any) -> Pair:
    lengths = np.linalg.norm(output, axis=-1, keepdims=True)
    units = output / np.maximum(lengths, 1e-12)
    return (target + 1) / 2, (units + 1) / 2


_DRAWN = {
    "segmentation": _segmentation,
    "mask": _masks,
    "depth": _depth,
    "normals": _normals,
    "heatmap": _heatmaps,
}
DENSE_KINDS = tuple(_DRAWN)


def _stretched(values: NDArray[Any], scale: NDArray[Any]) -> NDArray[Any]:
    """Values in [0, 1] from the least to the largest finite of a scale."""
    finite = scale[np.isfinite(scale)]
    low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
    shares = (values - low) / (high - low if high > low else 1)
    return np.clip(np.nan_to_num(shares, posinf=1, neginf=0), 0, 1)


def _rgb(grey: NDArray[Any]) -> Picture:
    wide = np.broadcast_to(grey, (*grey.shape[:2], 3))
    return wide.astype(np.float32)
