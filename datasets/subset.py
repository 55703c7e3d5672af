"""Some of the samples of a source."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_mtl.typing import Tensor


class Subset:
    """Some samples of a source, in the order given.

    A sample is the same as in the whole: what is drawn for it goes by its
    index there.

    Args:
        source: A `Source` or a `SampleSource`.
        index: The samples, shape `(num_samples,)`.
    """

    def __init__(self, source: Any, index: NDArray[np.int64]) -> None:
        self.whole = source
        self.index = np.asarray(index, np.int64)
        with tf.device("/CPU:0"):
            self._index = tf.constant(self.index)
        if hasattr(source, "samples"):
            self.samples = self._samples
        for name in ("standardise", "prepare", "verify"):
            if hasattr(source, name):
                setattr(self, name, getattr(source, name))

    @property
    def num_samples(self) -> int:
        """How many samples there are."""
        return len(self.index)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one input."""
        return self.whole.shape  # type: ignore[no-any-return]

    def columns(self, epoch: Tensor) -> dict[str, Tensor]:
        """See `Source.columns`."""
        drawn = self.whole.columns(epoch)
        return {name: tf.gather(v, self._index) for name, v in drawn.items()}

    def batch(self, index: Tensor, columns: dict[str, Tensor]) -> Any:
        """See `Source.batch`."""
        return self.whole.batch(tf.gather(self._index, index), columns)

    def _samples(self, rows: Any, batch_size: int, whole: bool) -> Any:
        """See `SampleSource.samples`."""
        mapped = rows.map(lambda i, c: (tf.gather(self._index, i), c))
        return self.whole.samples(mapped, batch_size, whole)
