"""From the gradients of several tasks to one, as an aggregator asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from keras import ops

from keras_mtl.aggregators.base import Aggregator
from keras_mtl.backend.replicas import summed
from keras_mtl.typing import Tensor

# The stacks of one variable in two halves of a batch.
Pair = tuple[Tensor, Tensor]


class Combination(NamedTuple):
    """A combined gradient and how it came about.

    Attributes:
        gradients: One tensor per variable.
        weights: Float tensor, shape `(num_tasks,)`, or `None` where the
            method works elementwise; the mean over blocks of variables.
        gram: Float tensor, shape `(num_tasks, num_tasks)`, in the units of
            the gradients before loss scaling, or `None`.
    """

    gradients: list[Tensor]
    weights: Tensor | None
    gram: Tensor | None


def gram_matrix(stack: Tensor, dtype: str) -> Tensor:
    """Inner products of the rows of one variable's gradient stack.

    Args:
        stack: Float tensor, shape `(num_tasks, ...)`.
        dtype: Dtype to accumulate in.

    Returns:
        Tensor of shape `(num_tasks, num_tasks)`.
    """
    rows = ops.reshape(ops.cast(stack, dtype), (stack.shape[0], -1))
    return ops.matmul(rows, ops.transpose(rows))


def cross_products(first: Tensor, second: Tensor, dtype: str) -> Tensor:
    """Inner products of gradients of one half with those of the other.

    Their expectation is the Gram matrix of the true gradients: the noise of
    a single batch would add to its diagonal.

    Args:
        first: Float tensor, shape `(num_tasks, ...)`: gradients of a variable.
        second: The same, of the other half.
        dtype: Dtype to accumulate in.

    Returns:
        Symmetric tensor, shape `(num_tasks, num_tasks)`, maybe indefinite.
    """
    size = (first.shape[0], -1)
    one = ops.reshape(ops.cast(first, dtype), size)
    other = ops.reshape(ops.cast(second, dtype), size)
    products = ops.matmul(one, ops.transpose(other))
    return (products + ops.transpose(products)) / 2.0


def blocks_of(
    aggregator: Aggregator, paths: Sequence[str]
) -> tuple[list[int], int]:
    """Which set of weights each variable takes.

    Args:
        aggregator: Its `granularity` decides.
        paths: `layer/variable` path of each variable.

    Returns:
        The block of each variable, and the number of blocks.
    """
    if aggregator.granularity == "whole":
        return [0] * len(paths), 1
    keys = list(paths)
    if aggregator.granularity == "layer":
        keys = [path.rpartition("/")[0] for path in paths]
    order = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    return [order[key] for key in keys], len(order)


def combine(
    aggregator: Aggregator,
    stacks: Sequence[Tensor],
    blocks: Sequence[int],
    num_blocks: int,
    *,
    present: Tensor | None = None,
    losses: Tensor | None = None,
    features: Sequence[Tensor] | None = None,
    halves: Sequence[Pair] | None = None,
    scale: Tensor | None = None,
    measure: bool = False,
) -> Combination:
    """Combines the task gradients of every variable.

    Args:
        aggregator: The method.
        stacks: Per variable, a float tensor `(num_tasks, *shape)`.
        blocks: Per variable, its block.
        num_blocks: How many blocks there are.
        present: Boolean tensor, shape `(num_tasks,)`, or `None` for all.
        losses: Float tensor, shape `(num_tasks,)`: unweighted losses.
        features: The frontier tensors, where the gradients are taken there;
            `None` for gradients of variables.
        halves: Per variable, the stacks of both halves of the batch, whose
            sum is in `stacks`: the method then sees products of one with the
            other, as if each were the whole. `None`: those of `stacks`.
        scale: Float scalar by which the gradients are scaled (float16), or
            `None`. The methods see true magnitudes, so that their state
            outlives a change of the scale; the result stays scaled.
        measure: Whether the Gram matrix is wanted even by a method that does
            not read it.

    Returns:
        The combined gradients, still scaled, and their origin.
    """
    if scale is not None and _sees_gradients(aggregator):
        return _combine_unscaled(
            aggregator,
            stacks,
            blocks,
            num_blocks,
            present=present,
            losses=losses,
            features=features,
            scale=scale,
            measure=measure,
        )
    if stacks:
        aggregator.check_number(int(stacks[0].shape[0]))
    stacks = _transformed(aggregator, stacks, present)
    add_up = partial(
        _grams,
        blocks=blocks,
        num_blocks=num_blocks,
        dtype=aggregator.dtype,
        scale=scale,
    )
    grams, gram = None, None
    if measure or (aggregator.reads == "gram" and halves is None):
        grams = add_up(_products(stacks, aggregator.dtype, features))
        gram = sum(grams[1:], grams[0])
    if halves is not None:
        dtype = aggregator.dtype
        grams = add_up([4.0 * cross_products(*pair, dtype) for pair in halves])
    if aggregator.reads == "stack":
        gradients = _elementwise(aggregator, stacks, present, features)
        return Combination(gradients, None, gram)
    weights = _weights(aggregator, grams, present, losses)
    gradients = [
        ops.tensordot(ops.cast(weights[block], stack.dtype), stack, axes=1)
        for stack, block in zip(stacks, blocks, strict=True)
    ]
    return Combination(gradients, sum(weights) / len(weights), gram)


def _transformed(
    aggregator: Aggregator, stacks: Sequence[Tensor], present: Tensor | None
) -> Sequence[Tensor]:
    """What an aggregator makes of the gradients before it compares them."""
    if not _sees_gradients(aggregator):
        return stacks
    return [
        aggregator.transform(stack, index, present)
        for index, stack in enumerate(_all_or_none(stacks, present))
    ]


def _products(
    stacks: Sequence[Tensor], dtype: str, features: Sequence[Tensor] | None
) -> list[Tensor]:
    """Inner products of the global batch, variable by variable."""
    products = [gram_matrix(stack, dtype) for stack in stacks]
    # At the frontier each replica has samples of its own.
    return products if features is None else summed(products)


def _elementwise(
    aggregator: Aggregator,
    stacks: Sequence[Tensor],
    present: Tensor | None,
    features: Sequence[Tensor] | None,
) -> list[Tensor]:
    """What an aggregator without weights makes of each stack."""
    found = []
    for index, stack in enumerate(stacks):
        if features is None:
            combined = aggregator.combine(stack, index, present)
        else:
            combined = aggregator.combine_at(
                stack, features[index], index, present
            )
        everyone = _all_present(stack, present)
        found.append(aggregator.rescaled(combined, everyone))
    return found


def _sees_gradients(aggregator: Aggregator) -> bool:
    """Whether it reads more of the gradients than their Gram matrix."""
    return aggregator.transforms or aggregator.reads == "stack"


def _combine_unscaled(
    aggregator: Aggregator,
    stacks: Sequence[Tensor],
    blocks: Sequence[int],
    num_blocks: int,
    *,
    scale: Tensor,
    **options: Any,
) -> Combination:
    """As `combine`, with true gradients in the aggregator's precision."""
    dtype = aggregator.dtype
    scale = ops.cast(scale, dtype)
    true = [ops.cast(stack, dtype) / scale for stack in stacks]
    found = combine(aggregator, true, blocks, num_blocks, **options)
    gradients = [
        ops.cast(ops.cast(gradient, dtype) * scale, stack.dtype)
        for gradient, stack in zip(found.gradients, stacks, strict=True)
    ]
    return found._replace(gradients=gradients)


def _all_or_none(
    stacks: Sequence[Tensor], present: Tensor | None
) -> list[Tensor]:
    """The stacks, none of them finite if a present task's is not.

    A step that overflowed is skipped as a whole, and a state that is kept
    variable by variable has to know.
    """
    finite = ops.ones((), "bool")
    for stack in stacks:
        axes = tuple(range(1, len(stack.shape)))
        rows = ops.all(ops.isfinite(stack), axis=axes)
        absent = ops.logical_not(_all_present(stack, present))
        usable = ops.all(ops.logical_or(rows, absent))
        finite = ops.logical_and(finite, usable)
    return [
        ops.where(finite, stack, ops.full_like(stack, float("nan")))
        for stack in stacks
    ]


def _grams(
    products: Sequence[Tensor],
    blocks: Sequence[int],
    num_blocks: int,
    dtype: str,
    scale: Tensor | None,
) -> list[Tensor]:
    """One Gram matrix per block, accumulated variable by variable."""
    grams: list[Tensor] = [0.0] * num_blocks
    for product, block in zip(products, blocks, strict=True):
        grams[block] = grams[block] + product
    if scale is None:
        return grams
    unscale = ops.square(ops.cast(1.0, dtype) / ops.cast(scale, dtype))
    return [gram * unscale for gram in grams]


def _weights(
    aggregator: Aggregator,
    grams: list[Tensor] | None,
    present: Tensor | None,
    losses: Tensor | None,
) -> list[Tensor]:
    """One vector of weights per block, non-finite where the Gram matrix is."""
    if aggregator.reads == "nothing" or grams is None:
        weights = [aggregator.task_weights(None, present, losses)]
    elif len(grams) == 1:
        weights = [aggregator.task_weights(grams[0], present, losses)]
    else:
        blocks = aggregator.block_weights(ops.stack(grams), present, losses)
        weights = ops.unstack(blocks, len(grams))
    weights = [aggregator.rescaled(weight, present) for weight in weights]
    if aggregator.reads != "gram" or grams is None:
        return weights
    # An overflow must reach the optimizer, which then skips the step; a
    # solver that clips or compares would hide it.
    return [
        weight + 0.0 * ops.sum(gram)
        for weight, gram in zip(weights, grams, strict=True)
    ]


def _all_present(stack: Tensor, present: Tensor | None) -> Tensor:
    return ops.ones(stack.shape[:1], "bool") if present is None else present
