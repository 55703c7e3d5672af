"""Images on disk, decoded and resized inside the graph."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.errors import DataError
from keras_mtl.typing import Tensor

# What TensorFlow decodes; Pillow does the rest. Of BMP and GIF, TensorFlow
# decodes colours only, no grey levels.
NATIVE = (".jpg", ".jpeg", ".png")
_RATIOS = (1, 2, 4, 8)
# Where in TensorFlow an error comes from.
_INSIDE = re.compile(r"\{\{.*?\}\}|\[Op:\w*\]")
_JPEG = (".jpg", ".jpeg")
_MODES = {1: "L", 3: "RGB"}


@dataclass(frozen=True)
class ImageFiles:
    """One image a sample: JPEG or PNG, or anything that Pillow reads.

    Args:
        paths: The files; an empty path stands for a missing image.
        size: Height and width after the resize.
        channels: 1 (grey or ids) or 3 (RGB).
        smooth: Make smaller by averages over areas, and larger by bilinear
            interpolation; else by nearest neighbour, for labels and whatever
            must not be mixed.
        dtype: `"uint8"`, or `"uint16"` for PNGs of 16 bits.
        stored: Height and width that all images have, if that is known: what
            to do is then decided once, and not for every image.
    """

    paths: tuple[str, ...]
    size: tuple[int, int]
    channels: int = 3
    smooth: bool = True
    dtype: str = "uint8"
    stored: tuple[int, int] | None = None

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
        if self.stored is not None and self._are_jpeg():
            pixels = self._known(tf.io.read_file(path), self.stored)
        else:
            pixels = self._resized(self._pixels(path))
        return tf.ensure_shape(pixels, self.shape)

    def _are_jpeg(self) -> bool:
        return self.smooth and all(
            path.lower().endswith(_JPEG) for path in self.paths
        )

    def _known(self, data: Tensor, stored: tuple[int, int]) -> Tensor:
        """Decodes and resizes a JPEG of known size."""
        fits = min(stored[0] // self.size[0], stored[1] // self.size[1])
        ratio = max(r for r in _RATIOS if r <= max(fits, 1))
        # Smooth colours at twice the resolution would be averaged away.
        pixels = tf.io.decode_jpeg(
            data, self.channels, ratio=ratio, fancy_upscaling=ratio == 1
        )
        sides = [-(-side // ratio) for side in stored]
        pixels = tf.ensure_shape(pixels, [*sides, self.channels])
        if tuple(sides) == self.size:
            return pixels
        if fits >= 1:
            return self._rounded(self._shrunk(pixels))
        return self._rounded(self._smooth(pixels))

    def _pixels(self, path: Tensor) -> Tensor:
        if not all(p.lower().endswith(NATIVE) for p in self.paths if p):
            pixels = tf.numpy_function(
                self._by_pillow, [path], tf.as_dtype(self.dtype), False
            )
            return tf.ensure_shape(pixels, [None, None, self.channels])
        data = tf.io.read_file(path)
        if self.dtype == "uint16":
            return tf.io.decode_png(data, self.channels, tf.uint16)
        if self._are_jpeg():
            is_jpeg = tf.equal(tf.strings.substr(data, 0, 2), b"\xff\xd8")
            return tf.cond(
                is_jpeg,
                lambda: self._shrunk_jpeg(data),
                lambda: tf.io.decode_image(
                    data, self.channels, expand_animations=False
                ),
            )
        # The decoder of JPEG recognises the other formats by their content.
        return tf.io.decode_jpeg(data, self.channels)

    def _shrunk_jpeg(self, data: Tensor) -> Tensor:
        """Decodes at 1/2, 1/4 or 1/8 where that is still large enough.

        The frequencies that a resize would take out are then not computed:
        several times faster for photographs made small.
        """
        height, width = self.size
        stored = tf.image.extract_jpeg_shape(data)
        fits = tf.minimum(stored[0] // height, stored[1] // width)
        power = tf.reduce_sum(tf.cast(fits >= [2, 4, 8], tf.int32))
        return tf.switch_case(
            power,
            [
                functools.partial(
                    tf.io.decode_jpeg, data, self.channels, ratio=ratio
                )
                for ratio in _RATIOS
            ],
        )

    def _resized(self, pixels: Tensor) -> Tensor:
        same = tf.reduce_all(tf.equal(tf.shape(pixels)[:2], self.size))
        return tf.cond(same, lambda: pixels, lambda: self._resize(pixels))

    def _resize(self, pixels: Tensor) -> Tensor:
        if not self.smooth:
            return tf.image.resize(pixels, self.size, "nearest")
        shrinks = tf.reduce_all(tf.shape(pixels)[:2] >= self.size)
        resized = tf.cond(
            shrinks,
            lambda: self._shrunk(pixels),
            lambda: self._smooth(pixels),
        )
        return self._rounded(resized)

    def _shrunk(self, pixels: Tensor) -> Tensor:
        # Averages over areas cost half of what antialiased splines do.
        return tf.raw_ops.ResizeArea(images=pixels[None], size=self.size)[0]

    def _smooth(self, pixels: Tensor) -> Tensor:
        return tf.image.resize(pixels, self.size, antialias=True)

    def _rounded(self, pixels: Tensor) -> Tensor:
        return tf.cast(pixels + 0.5, self.dtype)  # the nearest: none is < 0

    def _by_pillow(self, path: Any) -> NDArray[Any]:
        from PIL import Image

        # Bytes in a graph, an array of text outside of it.
        name = path.decode() if isinstance(path, bytes) else str(path)
        with Image.open(name) as image:
            mode = _MODES[self.channels]
            pixels = np.asarray(image.convert(mode), self.dtype)
        return pixels.reshape(*pixels.shape[:2], self.channels)

    def _verify(self, path: str) -> None:
        try:
            self._decode(tf.constant(path))
        except (tf.errors.OpError, OSError, SyntaxError, ValueError) as error:
            raise damaged(path, error) from error


def damaged(path: str, error: Exception) -> DataError:
    """The error for a file that cannot be decoded.

    Args:
        path: The file.
        error: What the decoder said.
    """
    reason = str(getattr(error, "message", error)).splitlines()[0]
    reason = _INSIDE.sub("", reason).strip()[:200].rstrip(".")
    return DataError(
        f"{path} cannot be decoded: {reason}. Get the original file again, or "
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
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:
        raise DataError(
            f"{path} is not a readable image ({error}). Get the original "
            "file again."
        ) from error
    return height, width
