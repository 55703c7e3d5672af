"""Phases in an order that is drawn for every batch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from keras_mtl.backend.replicas import for_all_replicas
from keras_mtl.typing import Tensor


def run_in_order(
    steps: Sequence[Callable[[Any], Tensor]],
    order: Tensor,
    initial: Tensor,
    data: Any = (),
) -> Tensor:
    """Runs steps in an order known only in the graph.

    Args:
        steps: Functions of `data`; each returns a tensor like `initial`.
        order: Integer tensor, shape `(len(steps),)`: a permutation.
        initial: What to add the results to.
        data: Nested tensors.

    Returns:
        `initial` plus the sum of what they returned.
    """

    def loop(
        run: Callable[..., Tensor], own: Any, numbers: Tensor, first: Tensor
    ) -> Tensor:
        branches = [functools.partial(run, step, own) for step in steps]

        def body(index: Tensor, total: Tensor) -> tuple[Tensor, Tensor]:
            return index + 1, total + tf.switch_case(numbers[index], branches)

        return tf.while_loop(
            lambda index, _: index < len(steps),
            body,
            (tf.constant(0), first),
            maximum_iterations=len(steps),
        )[1]

    return for_all_replicas(loop, data, order, initial)


def shuffled_order(count: int, seed: int, step: Tensor) -> Tensor:
    """A permutation of `range(count)`, a function of seed and step alone.

    Args:
        count: How many to order.
        seed: Seed of the run.
        step: Integer scalar, index of the training batch.

    Returns:
        Int32 tensor, shape `(count,)`.
    """
    pair = tf.stack([tf.cast(seed, tf.int64), tf.cast(step, tf.int64)])
    # XLA has no `stateless_shuffle`, and makes other floats of the same bits.
    bits = tf.random.stateless_uniform(
        (count,), pair, minval=None, maxval=None, dtype=tf.int32, alg="philox"
    )
    return tf.argsort(bits)
