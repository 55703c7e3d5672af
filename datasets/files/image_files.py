"""Images on disk, decoded and resized inside the graph."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.errors import DataError
from keras_mtl.typing import Tensor

# What TensorFlow decodes; Pillow does the rest.
NATIVE = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
_MODES = {1: "L", 3: "RGB"}


@dataclass(frozen=True)
class ImageFiles:
    """One image a sample: JPEG, PNG or BMP, or anything that Pillow reads.

    Args:
        paths: The files; an empty path stands for a missing image.
        size: Height and width after the resize.
        channels: 1 (grey or ids) or 3 (RGB).
        smooth: Resize by antialiased bilinear interpolation; else by nearest
            neighbour, for labels and whatever must not be mixed.
        dtype: `"uint8"`, or `"uint16"` for PNGs of 16 bits.
    """

    paths: tuple[str, ...]
    size: tuple[int, int]
    channels: int = 3
    smooth: bool = True
    dtype: str = "uint8"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        return (*self.size, self.channels)

    def decode(self, path: Tensor) -> Tensor:
        """The pixels of an image. See `Files.decode`."""
        if "" not in self.paths:
            return self._decode(path)
        return tf.cond(
            tf.equal(path, ""),
            lambda: tf.zeros(self.shape, self.dtype),
            lambda: self._decode(path),
        )

    def verify(self, index: int) -> None:
        """Decodes one image. See `Files.verify`."""
        path = self.paths[index]
        if path:
            self._verify(path)

    def take(self, index: Sequence[int]) -> ImageFiles:
        """The images of some samples."""
        paths = tuple(self.paths[i] for i in index)
        return dataclasses.replace(self, paths=paths)

    def describe(self) -> dict[str, Any]:
        """Size, channels, interpolation and dtype."""
        described = dataclasses.asdict(self)
        del described["paths"]
        return described

    def _decode(self, path: Tensor) -> Tensor:
        pixels = self._resized(self._pixels(path))
        return tf.ensure_shape(pixels, self.shape)

    def _pixels(self, path: Tensor) -> Tensor:
        if not all(p.lower().endswith(NATIVE) for p in self.paths if p):
            pixels = tf.numpy_function(
                self._by_pillow, [path], tf.as_dtype(self.dtype), False
            )
            return tf.ensure_shape(pixels, [None, None, self.channels])
        data = tf.io.read_file(path)
        if self.dtype == "uint16":
            return tf.io.decode_png(data, self.channels, tf.uint16)
        # The decoder of JPEG recognises the other formats by their content.
        return tf.io.decode_jpeg(data, self.channels)

    def _resized(self, pixels: Tensor) -> Tensor:
        same = tf.reduce_all(tf.equal(tf.shape(pixels)[:2], self.size))
        return tf.cond(same, lambda: pixels, lambda: self._resize(pixels))

    def _resize(self, pixels: Tensor) -> Tensor:
        if not self.smooth:
            return tf.image.resize(pixels, self.size, "nearest")
        resized = tf.image.resize(pixels, self.size, antialias=True)
        return tf.saturate_cast(tf.round(resized), self.dtype)

    def _by_pillow(self, path: bytes) -> NDArray[Any]:
        from PIL import Image

        name = path.decode()
        with Image.open(name) as image:
            mode = _MODES[self.channels]
            pixels = np.asarray(image.convert(mode), self.dtype)
        return pixels.reshape(*pixels.shape[:2], self.channels)

    def _verify(self, path: str) -> None:
        try:
            self._decode(tf.constant(path))
        except (tf.errors.OpError, ValueError) as error:
            raise damaged(path, error) from error


def damaged(path: str, error: Exception) -> DataError:
    """The error for a file that cannot be decoded.

    Args:
        path: The file.
        error: What the decoder said.
    """
    reason = str(getattr(error, "message", error)).splitlines()[0][:200]
    return DataError(
        f"{path} cannot be decoded: {reason} Get the original file again, or "
        "leave out what cannot be read with `data.on_corrupt: skip`."
    )


def image_size(path: str) -> tuple[int, int]:
    """Height and width of an image, from its header.

    Args:
        path: The file.

    Raises:
        DataError: If it is missing or no image.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            width, height = image.size
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(
            f"{path} is not a readable image ({error}). Get the original "
            "file again."
        ) from error
    return cast(tuple[int, int], (height, width))
