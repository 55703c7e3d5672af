"""Files that hold one thing of every sample: its image, its depth, ..."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from keras_mtl.typing import Tensor


class Files(Protocol):
    """One file a sample, all decoded to one shape and dtype."""

    @property
    def paths(self) -> tuple[str, ...]:
        """The files, by sample; an empty path stands for a missing one."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of what `decode` gives."""

    @property
    def dtype(self) -> str:
        """Dtype of what `decode` gives."""

    def decode(self, path: Tensor) -> Tensor:
        """Reads and decodes a file, inside the graph.

        Args:
            path: String scalar.

        Returns:
            Tensor of `shape` and `dtype`; zeros for an empty path.
        """

    def verify(self, index: int) -> None:
        """Decodes the file of one sample, to see that it can be done.

        Raises:
            DataError: If not, with the path and what to do.
        """

    def take(self, index: Sequence[int]) -> Files:
        """The files of some samples."""

    def describe(self) -> dict[str, Any]:
        """The options that what `decode` gives depends on."""
