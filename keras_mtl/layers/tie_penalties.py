"""How far apart the weights of several networks are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from keras import ops

from keras_mtl.typing import Tensor

Flattening = Literal["last_axis", "tucker", "tensor_train"]
FLATTENINGS = ("last_axis", "tucker", "tensor_train")


def squared_distance(kernels: Sequence[Tensor]) -> Tensor:
    """Squared distances of the kernels to their mean, added up.

    Args:
        kernels: One float tensor per task, all of one shape.

    Returns:
        Float scalar, in squared units of the kernels. Zero if all are equal.

    Reference:
        [Duong et al., 2015](https://aclanthology.org/P15-2139)
    """
    stacked = ops.stack(list(kernels))
    mean = ops.mean(stacked, axis=0, keepdims=True)
    return ops.sum(ops.square(stacked - mean))


def trace_norm(
    kernels: Sequence[Tensor], flattening: Flattening = "last_axis"
) -> Tensor:
    """Trace norm of the kernels side by side: small where they are alike.

    The kernels are stacked along a new last axis, and the tensor is
    flattened to matrices, whose singular values are added up.

    Args:
        kernels: One float tensor per task, all of one shape.
        flattening: `"last_axis"`: one matrix, a column per task. `"tucker"`:
            a matrix for each axis, which makes its rows. `"tensor_train"`: a
            matrix for each cut between two axes. The last two take singular
            values of large matrices at every step.

    Returns:
        Float scalar, in units of the kernels.

    Reference:
        [Yang & Hospedales, 2017](https://arxiv.org/abs/1606.04038)
    """
    stacked = ops.stack(list(kernels), axis=-1)
    rank = len(stacked.shape)
    if flattening == "last_axis":
        matrices = [_cut(stacked, rank - 1)]
    elif flattening == "tucker":
        matrices = [
            _cut(ops.moveaxis(stacked, axis, 0), 1) for axis in range(rank)
        ]
    else:
        matrices = [_cut(stacked, axes) for axes in range(1, rank)]
    norms = [_nuclear_norm(matrix) for matrix in matrices]
    return sum(norms[1:], norms[0])


def _cut(tensor: Tensor, axes: int) -> Tensor:
    """A matrix: the first axes make the rows, the others the columns."""
    rows = int(np.prod(tensor.shape[:axes]))
    return ops.reshape(tensor, (rows, -1))


def _nuclear_norm(matrix: Tensor) -> Tensor:
    return ops.sum(ops.svd(matrix, compute_uv=False))
