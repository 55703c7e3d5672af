"""Random numbers that are functions of a seed and an epoch, not of history."""

from __future__ import annotations

import zlib

import numpy as np
import tensorflow as tf

from keras_mtl.datasets.options import integer
from keras_mtl.typing import Tensor


def key(seed: int, stream: str) -> int:
    """A well-mixed key for one use of a seed.

    Args:
        seed: The user's seed, 0 or more.
        stream: What the numbers are for. Two streams are independent.

    Returns:
        An integer in `[0, 2**63)`.

    Raises:
        ConfigError: If the seed is not an integer, 0 or more.
    """
    integer("seed", seed, minimum=0)
    sequence = np.random.SeedSequence([seed, zlib.crc32(stream.encode())])
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def permutation(size: int, key: int, epoch: Tensor) -> Tensor:
    """A uniformly random order, a function of `(key, epoch)` alone.

    Sorting random numbers takes about 10 ms for 60,000 samples, once an
    epoch. `tf.random.experimental.index_shuffle` would need no array, but its
    orders of consecutive epochs are visibly correlated.

    Args:
        size: Number of samples.
        key: From `key`.
        epoch: Int64 scalar.

    Returns:
        Int64 tensor, shape `(size,)`: each of `0..size-1` once.
    """
    numbers = tf.random.stateless_uniform(
        [size],
        seed=tf.stack([tf.constant(key, tf.int64), epoch]),
        minval=None,
        maxval=None,
        dtype=tf.int64,
        alg="philox",
    )
    return tf.cast(tf.argsort(numbers, stable=True), tf.int64)


def uniform(size: int, limit: int, key: int, epoch: Tensor) -> Tensor:
    """Uniform integers, a function of `(key, epoch)` alone.

    Args:
        size: How many.
        limit: Exclusive upper bound, 1 or more.
        key: From `key`.
        epoch: Int64 scalar.

    Returns:
        Int64 tensor, shape `(size,)`, values in `[0, limit)`.
    """
    return tf.random.stateless_uniform(
        [size],
        seed=tf.stack([tf.constant(key, tf.int64), epoch]),
        minval=0,
        maxval=limit,
        dtype=tf.int64,
        alg="philox",
    )


def fractions(size: int, width: int, key: int, epoch: Tensor) -> Tensor:
    """Uniform numbers, a function of `(key, epoch)` alone.

    Args:
        size: How many rows.
        width: How many in a row.
        key: From `key`.
        epoch: Int64 scalar.

    Returns:
        Float32 tensor, shape `(size, width)`, values in [0, 1).
    """
    return tf.random.stateless_uniform(
        [size, width],
        seed=tf.stack([tf.constant(key, tf.int64), epoch]),
        alg="philox",
    )
