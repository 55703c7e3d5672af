"""What an augmentation may change."""

from __future__ import annotations

from typing import Protocol

from keras_mtl.typing import Tensor


class Geometric(Protocol):
    """Moves pixels: flips, shifts, zooms, turns."""

    num_draws: int

    def matrix(self, draws: Tensor, size: tuple[int, int]) -> Tensor:
        """Where each pixel of the result comes from.

        Args:
            draws: Float32, shape `(batch, num_draws)`, uniform in [0, 1).
            size: Height and width.

        Returns:
            Float32, shape `(batch, 3, 3)`: maps `(column, row, 1)` of the
            result to the one of the image. A similarity: it keeps angles.
        """


class Photometric(Protocol):
    """Changes the values of pixels."""

    num_draws: int

    def pixels(self, images: Tensor, draws: Tensor) -> Tensor:
        """The changed images.

        Args:
            images: Float32 in [0, 1], shape `(batch, height, width,
                channels)`.
            draws: Float32, shape `(batch, num_draws)`, uniform in [0, 1).

        Returns:
            The same shape, in [0, 1].
        """
