"""Writes maps, each file whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.callbacks.map_pictures import palette
from keras_mtl.runs.atomic import replacing


def write_maps(stem: Path, maps: dict[str, NDArray[Any]]) -> dict[str, str]:
    """Writes the maps of one sample and task.

    Labels become PNG files whose pixels are the class ids (in colour, by a
    palette) or 0 and 255. Values become a `.npy` file, float32, and a PNG to
    look at: grey from the least to the largest value, or normals as
    127.5 (1 + n).

    Args:
        stem: Path of the files without their endings. The name of a map
            follows it where there are several.
        maps: Name to array, as `map_predictions` gives them.

    Returns:
        Name to the name of the file that holds the map exactly.

    Raises:
        DataError: If the disk is full or read-only.
    """
    written = {}
    for name, values in maps.items():
        own = stem
        if len(maps) > 1:
            own = stem.with_name(f"{stem.name}.{_plain(name)}")
        written[name] = _write_map(own, values, is_class=name == "classes")
    return written


def _write_map(stem: Path, values: NDArray[Any], is_class: bool) -> str:
    image = stem.with_name(f"{stem.name}.png")
    if values.dtype.kind == "u":
        _write_image(image, values, is_class and values.dtype == np.uint8)
        return image.name
    _write_image(image, _visible(values), has_palette=False)
    array = stem.with_name(f"{stem.name}.npy")
    with replacing(array) as temporary:
        np.save(temporary, values, allow_pickle=False)
    return array.name


def _write_image(path: Path, values: NDArray[Any], has_palette: bool) -> None:
    from PIL import Image

    image = Image.fromarray(values)
    if has_palette:
        image.putpalette(palette().tobytes())
    with replacing(path) as temporary:
        image.save(temporary)


def _visible(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Values as pixels to look at; the least for what is not finite."""
    if values.ndim == 3:
        shares = (values + 1) / 2
    else:
        finite = values[np.isfinite(values)]
        low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
        shares = (values - low) / (high - low if high > low else 1)
    shares = np.nan_to_num(shares, nan=0, posinf=0, neginf=0)
    return np.asarray(np.rint(255 * np.clip(shares, 0, 1)), np.uint8)


def _plain(name: str) -> str:
    """A name without characters that a file may not have."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)
