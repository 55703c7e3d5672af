"""Images as windows that do not overlap."""

from __future__ import annotations

from keras import ops

from keras_mtl.typing import Tensor


def check_pool_size(pool_size: int) -> int:
    """Refuses windows whose places an int8 cannot count.

    Args:
        pool_size: Height and width of a window.

    Returns:
        The same.

    Raises:
        ValueError: If it is no integer from 2 to 11.
    """
    if not isinstance(pool_size, int) or not 2 <= pool_size <= 11:
        raise ValueError(
            "`pool_size` must be an integer from 2 to 11. Received: "
            f"pool_size={pool_size!r}."
        )
    return pool_size


def windows(x: Tensor, size: int) -> list[Tensor]:
    """Takes apart images by the place within a window.

    Args:
        x: Shape `(batch, height, width, channels)`.
        size: Height and width of a window.

    Returns:
        For each place of a window, row by row, a tensor of shape `(batch,
        height // size, width // size, channels)`. Rows and columns that fill
        no window are left out.
    """
    batch, height, width, channels = ops.shape(x)
    rows, columns = height // size, width // size
    x = x[:, : rows * size, : columns * size]
    x = ops.reshape(x, (batch, rows, size, columns, size, channels))
    every = range(size)
    return [x[:, :, row, :, column] for row in every for column in every]
