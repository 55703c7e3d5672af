"""Small exact solvers on Gram matrices, shared by the aggregators.

All of them run inside the graph, in float64 whatever the Gram matrix comes
in, on matrices scaled by their own magnitude: no absolute epsilon anywhere.
"""

from __future__ import annotations

from collections.abc import Callable

from keras import ops

from keras_mtl.typing import Tensor

# Every solver works in this precision: a Gram matrix is at most 64 x 64, and
# its condition number is the square of that of the gradients.
WORK = "float64"


def check_gram(gram: Tensor) -> None:
    """Refuses anything but a square matrix.

    Args:
        gram: Tensor that should have shape `(num_tasks, num_tasks)`.

    Raises:
        ValueError: If it has not.
    """
    if len(gram.shape) != 2 or gram.shape[0] != gram.shape[1]:
        raise ValueError(
            "`gram` must have shape (num_tasks, num_tasks). Received: "
            f"gram.shape={tuple(gram.shape)}. For a gradient stack `g` of "
            "shape (num_tasks, num_params), pass `g @ ops.transpose(g)`."
        )


def all_present(present: Tensor | None, num_tasks: int) -> Tensor:
    """The mask of present tasks, shape `(num_tasks,)`; `None` means all."""
    if present is None:
        return ops.ones((num_tasks,), "bool")
    return ops.cast(present, "bool")


def outer(mask: Tensor) -> Tensor:
    """Mask of the pairs of present tasks, `(..., T)` to `(..., T, T)`."""
    return ops.logical_and(ops.expand_dims(mask, -1), ops.expand_dims(mask, -2))


def clean_gram(gram: Tensor, present: Tensor | None) -> Tensor:
    """The Gram matrix, with zeros for absent tasks whatever they hold."""
    present = all_present(present, gram.shape[0])
    return ops.where(outer(present), gram, ops.zeros_like(gram))


def one_over(values: Tensor) -> Tensor:
    """Elementwise inverse; 0 where the value is 0."""
    return ops.divide_no_nan(ops.ones_like(values), values)


def per_task(
    solver: Callable[[Tensor, Tensor], Tensor],
    gram: Tensor,
    present: Tensor | None = None,
    degree: float = 0.0,
) -> Tensor:
    """Runs a solver on a clean, scaled, float64 Gram matrix.

    Absent tasks are zeroed on the way in and out. A Gram matrix that is not
    finite gives weights that are not: whoever applies the update must see it.

    Args:
        solver: Function of `(gram, present)`: a float64 matrix whose largest
            diagonal entry is 1 (or which is zero), zero for absent tasks, and
            the mask of present tasks. Returns weights, shape `(num_tasks,)`.
        gram: Float tensor, shape `(num_tasks, num_tasks)`.
        present: Boolean tensor, shape `(num_tasks,)`; `None` means all.
        degree: The weights of `s**2 * gram` are `s**degree` times those of
            `gram`; 0 for weights that do not depend on the common scale.

    Returns:
        Tensor of shape `(num_tasks,)` and the dtype of `gram`.

    Raises:
        ValueError: If `gram` is not a square matrix.
    """
    gram = ops.convert_to_tensor(gram)
    check_gram(gram)
    present = all_present(present, gram.shape[0])
    clean = clean_gram(gram, present)
    finite = ops.all(ops.isfinite(clean))
    clean = ops.cast(ops.where(finite, clean, ops.zeros_like(clean)), WORK)
    # Products of independent gradients may be negative on the diagonal too.
    largest = ops.max(ops.abs(ops.diagonal(clean)))
    weights = solver(clean * one_over(largest), present)
    if degree:
        # A factor of 0 for an all-zero matrix, whose weights are 0 anyway.
        weights = weights * one_over(largest) ** (-degree / 2.0)
    weights = ops.where(present, weights, ops.zeros_like(weights))
    weights = ops.where(finite, weights, ops.full_like(weights, float("nan")))
    return ops.cast(weights, gram.dtype)


def correlation(gram: Tensor) -> tuple[Tensor, Tensor]:
    """Gram matrix of the unit gradients, and the norms.

    Args:
        gram: Tensor, shape `(num_tasks, num_tasks)`.

    Returns:
        The correlations (zero rows stay zero) and the norms, `(num_tasks,)`.
    """
    norms = ops.sqrt(ops.maximum(ops.diagonal(gram), 0.0))
    inverse = one_over(norms)
    return gram * inverse[:, None] * inverse[None, :], norms


def rounding(gram: Tensor) -> float:
    """Relative rounding error to expect in a Gram matrix of this dtype."""
    name = str(gram.dtype).rsplit(".", maxsplit=1)[-1]
    return float(gram.shape[0]) * (1e-15 if "64" in name else 1.2e-7)


def positive_part(matrix: Tensor) -> Tensor:
    """Nearest positive semi-definite matrix: rounding made it otherwise.

    Args:
        matrix: Symmetric tensor, shape `(num_tasks, num_tasks)`.

    Returns:
        Tensor of the same shape.
    """
    values, vectors = ops.linalg.eigh(matrix)
    return ops.matmul(
        vectors * ops.maximum(values, 0.0), ops.transpose(vectors)
    )


def independent(matrix: Tensor, tolerance: float) -> tuple[Tensor, ...]:
    """Eigenvalues, eigenvectors, and which eigenvalues count as non-zero.

    Args:
        matrix: Positive semi-definite float64 tensor, shape `(T, T)`.
        tolerance: Relative to the largest eigenvalue; see `rounding`.

    Returns:
        Ascending eigenvalues `(T,)`, eigenvectors `(T, T)` in columns, and a
        boolean tensor `(T,)`.
    """
    values, vectors = ops.linalg.eigh(matrix)
    return values, vectors, values > tolerance * ops.max(values)


def pinv_times(matrix: Tensor, target: Tensor, tolerance: float) -> Tensor:
    """Pseudo-inverse of a positive semi-definite matrix, times a vector.

    Args:
        matrix: Float64 tensor, shape `(T, T)`.
        target: Float64 tensor, shape `(T,)`.
        tolerance: Relative to the largest eigenvalue; see `rounding`.

    Returns:
        Float64 tensor, shape `(T,)`.
    """
    values, vectors, keep = independent(matrix, tolerance)
    inverse = ops.where(keep, one_over(values), ops.zeros_like(values))
    return ops.matmul(vectors, inverse * ops.matmul(target, vectors))


def project_on_simplex(values: Tensor, present: Tensor) -> Tensor:
    """Nearest point of the simplex of the present tasks.

    Args:
        values: Float tensor, shape `(num_tasks,)`.
        present: Boolean tensor, shape `(num_tasks,)`.

    Returns:
        Tensor of the same shape: non-negative, sums to 1 if any is present.

    Reference:
        [Duchi et al., 2008](https://doi.org/10.1145/1390156.1390191)
    """
    mask = ops.cast(present, values.dtype)
    least = ops.min(values) - 2.0
    ordered = -ops.sort(-ops.where(present, values, least))
    rank = ops.cast(ops.arange(1, values.shape[0] + 1), values.dtype)
    excess = (ops.cumsum(ordered) - 1.0) / rank
    inside = ops.logical_and(ordered > excess, rank <= ops.sum(mask))
    last = ops.maximum(ops.sum(ops.cast(inside, "int32")) - 1, 0)
    return ops.maximum(values - ops.take(excess, last), 0.0) * mask


def shares(
    present: Tensor, preference: Tensor | None = None, dtype: str = WORK
) -> Tensor:
    """Preferences of the present tasks, summing to 1; equal by default.

    Args:
        present: Boolean tensor, shape `(num_tasks,)`.
        preference: Non-negative float tensor, shape `(num_tasks,)`.
        dtype: Dtype of the result.

    Returns:
        Tensor, shape `(num_tasks,)`.
    """
    mask = ops.cast(present, dtype)
    if preference is not None:
        mask = mask * ops.cast(preference, dtype)
    return mask * one_over(ops.sum(mask))


def kept(old: Tensor, found: Tensor, present: Tensor) -> Tensor:
    """New state with one value per task: absent tasks keep theirs.

    Args:
        old: Float tensor, shape `(num_tasks,)`.
        found: Float tensor, shape `(num_tasks,)`.
        present: Boolean tensor, shape `(num_tasks,)`.

    Returns:
        Tensor like `old`; `old` itself if `found` is not finite.
    """
    found = ops.cast(found, old.dtype)
    usable = ops.logical_and(present, ops.all(ops.isfinite(found)))
    return ops.where(usable, found, old)
