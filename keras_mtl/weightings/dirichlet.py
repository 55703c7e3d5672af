"""Random points of a simplex, drawn in a way that XLA compiles."""

from __future__ import annotations

import keras
from keras import ops

from keras_mtl.typing import Tensor

# Each is accepted with a probability above 0.95.
CANDIDATES = 12


def dirichlet(alpha: Tensor, seed: keras.random.SeedGenerator) -> Tensor:
    """A draw from a Dirichlet distribution.

    Gamma variates of `alpha + 1` by rejection, among a fixed number of
    candidates, brought down to `alpha` in logarithms, which do not underflow.

    Args:
        alpha: Positive float tensor, shape `(size,)`: its parameters.
        seed: Generator of the random numbers.

    Returns:
        Float tensor, shape `(size,)`: non-negative, sums to 1.

    Reference:
        [Marsaglia & Tsang, 2000](https://doi.org/10.1145/358407.358414)
    """
    alpha = ops.convert_to_tensor(alpha)
    options = {"dtype": keras.backend.standardize_dtype(alpha.dtype)}
    shape = (CANDIDATES, alpha.shape[0])
    mode = alpha + 2.0 / 3.0
    normal = keras.random.normal(shape, seed=seed, **options)
    root = 1.0 + normal / ops.sqrt(9.0 * mode)
    cube = ops.where(root > 0.0, root, 1.0) ** 3
    chance = ops.log1p(-keras.random.uniform(shape, seed=seed, **options))
    bound = normal**2 / 2.0 + mode * (1.0 - cube + ops.log(cube))
    accepted = ops.logical_and(root > 0.0, chance < bound)
    first = ops.argmax(ops.cast(accepted, "int32"), axis=0)
    chosen = ops.take_along_axis(cube, first[None, :], axis=0)[0]
    boost = ops.log1p(-keras.random.uniform(alpha.shape, seed=seed, **options))
    score = ops.log(mode * chosen) + boost / alpha
    weights = ops.exp(score - ops.max(score))
    return weights / ops.sum(weights)
