"""Where samples come from that have to be read one by one."""

from __future__ import annotations

from typing import Any, Protocol

from keras_mtl.typing import Tensor


class SampleSource(Protocol):
    """Samples on disk: read in parallel, put together in a fixed order.

    Like `Source`, it keeps no state: what a sample is depends on its index
    and on what was drawn for it in that epoch.
    """

    @property
    def num_samples(self) -> int:
        """How many samples an epoch has."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one input, without the batch."""

    def columns(self, epoch: Tensor) -> dict[str, Tensor]:
        """What is drawn anew each epoch. See `Source.columns`."""

    def samples(self, rows: Any, batch_size: int, whole: bool) -> Any:
        """The batches of samples.

        Args:
            rows: Dataset of `(index, columns)`, as `Source.batch` takes them.
            batch_size: Samples in each of them, the last one perhaps less.
            whole: Whether all have `batch_size` samples.

        Returns:
            Dataset of `(x, {task: y}, {task: weight})`, a batch for each
            element of `rows`, in the same order.
        """
