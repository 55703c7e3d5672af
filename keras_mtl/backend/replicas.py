"""Sums over the replicas of a `tf.distribute` strategy.

Every replica sees its part of the global batch. What is summed here is the
same on every replica afterwards, so that whatever is computed of it (Gram
matrices, weights, states) needs no communication of its own.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_mtl.losses.task_loss import LossValue
from keras_mtl.typing import Tensor

_counters: list[CollectiveBytes] = []


class CollectiveBytes:
    """How many bytes the replicas sum in a step.

    Attributes:
        total: Bytes of all tensors that one replica gives into sums.
    """

    def __init__(self) -> None:
        self.total = 0

    @contextlib.contextmanager
    def counting(self) -> Iterator[None]:
        """Counts the sums that are traced inside, anew."""
        if _is_first():
            self.total = 0
        _counters.append(self)
        try:
            yield
        finally:
            _counters.remove(self)


def num_replicas() -> int:
    """Number of replicas of the strategy in force, 1 without one."""
    return int(tf.distribute.get_strategy().num_replicas_in_sync)


def summed(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Sums of tensors over all replicas, in one collective operation.

    Args:
        tensors: Tensors of the same shapes on every replica.

    Returns:
        The sums, the same on every replica; without replicas, the tensors.
    """
    if num_replicas() == 1 or not tensors:
        return list(tensors)
    if _is_first():
        _count(tensors)
    context = tf.distribute.get_replica_context()
    found = context.all_reduce(tf.distribute.ReduceOp.SUM, list(tensors))
    return list(found)


def _is_first() -> bool:
    """Whether this is the first replica, or the only one."""
    context = tf.distribute.get_replica_context()
    number = context.replica_id_in_sync_group
    return bool(tf.get_static_value(number) == 0)


def _count(tensors: Sequence[Tensor]) -> None:
    for counter in _counters[-1:]:
        for tensor in tensors:
            dtype = tf.as_dtype(tensor.dtype)
            shape = [size or 1 for size in tensor.shape]
            counter.total += math.prod(shape) * dtype.size


def anywhere(flags: Tensor | None) -> Tensor | None:
    """Whether something is true on any replica.

    Args:
        flags: Boolean tensor, or `None` on every replica.

    Returns:
        Boolean tensor of the same shape, or `None`.
    """
    if flags is None or num_replicas() == 1:
        return flags
    return summed([ops.cast(flags, "int32")])[0] > 0


def place_among(size: Tensor) -> tuple[Tensor, Tensor]:
    """Where the samples of this replica stand in the global batch.

    Args:
        size: Integer scalar: how many samples this replica has.

    Returns:
        How many the replicas before it have, and all of them together.
    """
    number = num_replicas()
    if number == 1:
        return 0, size
    context = tf.distribute.get_replica_context()
    own = tf.range(number) == context.replica_id_in_sync_group
    (sizes,) = summed([tf.where(own, size, 0)])
    before = tf.cumsum(sizes, exclusive=True)
    return before[context.replica_id_in_sync_group], tf.reduce_sum(sizes)


def summed_pairs(pairs: Sequence[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Sums of gradients over all replicas.

    Args:
        pairs: Gradient, or `None` on every replica, and its variable.

    Returns:
        The pairs with the sums.
    """
    known = [gradient for gradient, _ in pairs if gradient is not None]
    sums = iter(summed(known))
    return [(None if g is None else next(sums), v) for g, v in pairs]


def shares(
    values: Sequence[LossValue], reductions: Sequence[str]
) -> list[LossValue]:
    """Losses of the replicas as shares of the losses of the global batch.

    Args:
        values: Losses of the tasks on this replica's part of the batch, and
            what each was averaged over; it may be nothing.
        reductions: How each loss reduces its elements.

    Returns:
        Losses that add up, over the replicas, to those of the global batch,
        with the global counts. Without replicas, the values.
    """
    if num_replicas() == 1:
        return list(values)
    (counts,) = summed([ops.stack([value.count for value in values])])
    found = []
    for index, (value, reduction) in enumerate(
        zip(values, reductions, strict=True)
    ):
        share = value.value
        if reduction != "sum":
            part = ops.divide_no_nan(value.count, counts[index])
            # The mean over no elements is not a number.
            share = ops.where(value.count > 0, share, 0.0) * part
        found.append(LossValue(share, counts[index]))
    return found


def share(tensor: Tensor | None) -> Tensor | None:
    """What one replica contributes to a value that all of them know."""
    replicas = num_replicas()
    return tensor if tensor is None or replicas == 1 else tensor / replicas


def apply(
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[Tensor],
    variables: Sequence[keras.Variable],
    allowed: Tensor,
) -> None:
    """Steps on gradients that are the same on every replica, if allowed.

    Keras would sum them over the replicas (once more) after clipping. A
    choice that leads to an update must be made for all replicas at once.

    Args:
        optimizer: A built optimizer.
        gradients: Gradients of the global batch.
        variables: As many variables.
        allowed: Boolean scalar, the same on every replica.
    """

    def together(strategy: Any, allowed: Any, gradients: Any) -> None:
        (first, *_) = strategy.experimental_local_results(allowed)

        def step() -> Tensor:
            with _without_sums(optimizer):
                strategy.extended.call_for_each_replica(
                    lambda own: optimizer.apply(list(own), list(variables)),
                    args=(gradients,),
                )
            return ops.ones((), "bool")

        ops.cond(first, step, lambda: ops.zeros((), "bool"))

    context = tf.distribute.get_replica_context()
    context.merge_call(together, args=(allowed, tuple(gradients)))


@contextlib.contextmanager
def _without_sums(optimizer: keras.optimizers.Optimizer) -> Iterator[None]:
    """Keeps Keras's optimizers from summing gradients over the replicas."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    members = getattr(inner, "optimizers", [inner])
    for member in members:
        member._all_reduce_sum_gradients = list
    try:
        yield
    finally:
        for member in members:
            del member._all_reduce_sum_gradients


def for_all_replicas(
    function: Callable[..., Tensor], data: Any, *common: Tensor
) -> Tensor:
    """Runs control flow around steps outside of the replicas.

    A step updates variables, which a replica may not do inside of a loop or
    a condition of its own.

    Args:
        function: Called with a function, `data` and `common`. That function
            takes a step and `data`, runs the step on every replica's own, and
            returns what the first replica returned.
        data: Nested tensors of a replica.
        *common: Tensors that are the same on every replica.

    Returns:
        What `function` returned, for every replica.
    """
    if num_replicas() == 1:
        return function(lambda step, own: step(own), data, *common)

    def together(strategy: Any, merged: Any, common: Any) -> Tensor:
        def on_each(step: Callable[..., Any], own: Any) -> Tensor:
            found = strategy.extended.call_for_each_replica(step, args=(own,))
            return strategy.experimental_local_results(found)[0]

        firsts = [strategy.experimental_local_results(x)[0] for x in common]
        return function(on_each, merged, *firsts)

    context = tf.distribute.get_replica_context()
    return context.merge_call(together, args=(data, common))
