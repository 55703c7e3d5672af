"""Where the samples of a split come from."""

from __future__ import annotations

from typing import Any, Protocol

from keras_mtl.typing import Tensor


class Source(Protocol):
    """Samples in memory, gathered a batch at a time inside the graph.

    Both methods run inside the `tf.data` graph and keep no state, so that
    any epoch and batch can be reached directly.
    """

    @property
    def num_samples(self) -> int:
        """How many samples an epoch has."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one input, without the batch."""

    def columns(self, epoch: Tensor) -> dict[str, Tensor]:
        """What is drawn anew each epoch.

        Args:
            epoch: Int64 scalar.

        Returns:
            Tensors of shape `(num_samples,)`, by name. Often empty.
        """

    def batch(self, index: Tensor, columns: dict[str, Tensor]) -> Any:
        """The samples of a batch.

        Args:
            index: Int64 tensor, shape `(batch,)`, in `[0, num_samples)`.
            columns: The values of `columns` for these samples.

        Returns:
            `(x, {task: y})`, or `(x, {task: y}, {task: weight})` where
            labels are missing.
        """
