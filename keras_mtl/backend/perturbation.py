"""Noise on variables that only a forward pass sees."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import tensorflow as tf
from keras import ops

from keras_mtl.typing import Tensor

Mapping = list[tuple[keras.Variable, Tensor]]
# XLA has a default of its own, which would draw other numbers.
_ALG = "philox"


@dataclass(frozen=True, eq=False)
class Perturbation:
    """Uniform noise in `[-bound, bound)` on every coordinate of variables.

    The noise is a function of seed, step, index and draw alone, so that a
    resumed run draws what it would have drawn. It is never written to the
    variables.

    Attributes:
        variables: What to perturb.
        bound: Largest size of the noise, in units of the variables.
        step: Counter of training batches, from 1; integer scalar.
        seed: Seed of the run.
        index: Tells the phases of a training batch apart.
        num_samples: Draws per phase.
        warmup: Training batches without noise.
    """

    variables: tuple[keras.Variable, ...]
    bound: float
    step: keras.Variable
    seed: int = 0
    index: int = 0
    num_samples: int = 1
    warmup: int = 0

    def draws(self) -> list[Mapping]:
        """The perturbed values of each draw, for a `StatelessScope`."""
        bound = bound_after(self.warmup, self.step.value, self.bound, 0.0)
        start = self.index * self.num_samples
        return [
            perturbed(self.variables, bound, self._key(start + draw))
            for draw in range(self.num_samples)
        ]

    def _key(self, number: int) -> Tensor:
        return noise_key(self.seed, self.step.value, number)


def bound_after(
    warmup: int, step: Tensor, bound: float, before: float
) -> Tensor:
    """A bound that holds once the first batches are over.

    Args:
        warmup: How many training batches come first.
        step: Integer scalar: the training batch, from 1.
        bound: The bound after them.
        before: The bound during them.

    Returns:
        Float scalar.
    """
    bound = ops.convert_to_tensor(bound, "float64")
    return ops.where(step > warmup, bound, before) if warmup else bound


def noise_key(seed: int, step: Tensor | int, number: int) -> Tensor:
    """The state of a stateless generator.

    Args:
        seed: Seed of the run.
        step: Integer scalar.
        number: Number of the draw within the step.

    Returns:
        Int64 tensor, shape `(2,)`; different for different arguments.
    """
    pair = tf.stack([tf.cast(seed, tf.int64), tf.cast(step, tf.int64)])
    return tf.random.experimental.stateless_fold_in(pair, number, alg=_ALG)


def perturbed(
    variables: Sequence[keras.Variable], bound: Tensor | float, key: Tensor
) -> Mapping:
    """Copies of variables with uniform noise on every coordinate.

    Args:
        variables: What to copy.
        bound: Float scalar: the largest size of the noise.
        key: As `noise_key` returns.

    Returns:
        Pairs of a variable and its perturbed value.
    """
    sizes = [math.prod(variable.shape) for variable in variables]
    dtype = "float64" if _is_double(variables) else "float32"
    # One draw for all: a call per variable takes longer than the numbers.
    noise = _uniform(sum(sizes), key, dtype) * ops.convert_to_tensor(
        bound, dtype
    )
    ends = list(itertools.accumulate(sizes))
    return [
        (variable, _added(variable, noise[end - size : end]))
        for variable, size, end in zip(variables, sizes, ends, strict=True)
    ]


def _uniform(size: int, key: Tensor, dtype: str) -> Tensor:
    """Numbers in [-1, 1), the same with XLA and without.

    XLA makes other floats of the same random bits, hence from integers: as
    many of their bits as a float holds.
    """
    bits, kept = (tf.int64, 53) if dtype == "float64" else (tf.int32, 24)
    drawn = tf.random.stateless_uniform(
        (size,), key, minval=None, maxval=None, dtype=bits, alg=_ALG
    )
    drawn = tf.bitwise.right_shift(drawn, bits.size * 8 - kept)
    return tf.cast(drawn, dtype) * 2.0 ** (1 - kept)


def _added(variable: keras.Variable, noise: Tensor) -> Tensor:
    noise = ops.cast(ops.reshape(noise, variable.shape), variable.dtype)
    return variable.value + noise


def _is_double(variables: Sequence[keras.Variable]) -> bool:
    return any(variable.dtype == "float64" for variable in variables)
