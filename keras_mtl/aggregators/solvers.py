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
# Shift of the diagonal (of order 1) that makes every system solvable; its
# effect is removed to second order by one step of iterative refinement.
RIDGE = 1e-9
# Feasibility of the active-set solver, relative to the size of the solution.
TOLERANCE = 1e-9


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
    clean = ops.where(outer(present), gram, ops.zeros_like(gram))
    finite = ops.all(ops.isfinite(clean))
    clean = ops.cast(ops.where(finite, clean, ops.zeros_like(clean)), WORK)
    largest = ops.max(ops.diagonal(clean))
    weights = solver(clean * one_over(largest), present)
    if degree:
        weights = weights * one_over(largest) ** (-degree / 2)
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


def masked_solve(matrix: Tensor, targets: Tensor, mask: Tensor) -> Tensor:
    """Solves one system per mask, on the unmasked rows and columns.

    Args:
        matrix: Positive semi-definite float64 tensor, shape `(T, T)`, with a
            diagonal of order 1.
        targets: Tensor, shape `(B, T)`: one right-hand side per system.
        mask: Boolean tensor, shape `(B, T)`: what takes part.

    Returns:
        Tensor, shape `(B, T)`, zero where masked. Dependent rows share.
    """
    eye = ops.eye(matrix.shape[0], dtype=matrix.dtype)
    systems = ops.where(outer(mask), matrix + RIDGE * eye, eye)
    rhs = ops.where(mask, targets, ops.zeros_like(targets))
    once = ops.solve(systems, rhs[..., None])[..., 0]
    again = ops.solve(systems, (rhs + RIDGE * once)[..., None])[..., 0]
    return ops.where(mask, again, ops.zeros_like(again))


def nnls(matrix: Tensor, targets: Tensor) -> Tensor:
    """Minimises `x @ matrix @ x / 2 - target @ x` over `x >= 0`.

    Non-negative least squares on the normal equations, exact by block
    principal pivoting: a few linear systems, whatever the number of
    tasks. The number of pivots is bounded; a problem that has not converged
    then (none is known) is returned clipped to be feasible.

    Args:
        matrix: Positive semi-definite float64 tensor, shape `(T, T)`, with a
            diagonal of order 1 (or zero).
        targets: Float64 tensor, shape `(B, T)`: one problem per row.

    Returns:
        Float64 tensor, shape `(B, T)`.

    Reference:
        [Kim & Park, 2011](https://doi.org/10.1137/110821172)
    """
    num_tasks = matrix.shape[0]
    size = ops.max(ops.abs(targets), axis=-1, keepdims=True)
    targets = targets * one_over(size)
    index = ops.arange(num_tasks)

    def infeasible(x: Tensor, passive: Tensor) -> Tensor:
        margin = TOLERANCE * (1.0 + ops.max(ops.abs(x), -1, keepdims=True))
        slack = ops.matmul(x, matrix) - targets
        return ops.where(passive, x, slack) < -margin

    def pivot(
        step: Tensor,
        passive: Tensor,
        best: Tensor,
        chances: Tensor,
        x: Tensor,
        wrong: Tensor,
    ) -> tuple[Tensor, ...]:
        count = ops.sum(ops.cast(wrong, "int32"), -1, keepdims=True)
        better = count < best
        chances = ops.where(better, 3, chances - 1)
        best = ops.minimum(best, count)
        # Murty's rule (the last index only) ends cycles of block exchanges.
        last = ops.max(ops.where(wrong, index, -1), -1, keepdims=True)
        block = ops.logical_or(chances >= 0, index == last)
        passive = ops.logical_xor(passive, ops.logical_and(wrong, block))
        x = masked_solve(matrix, targets, passive)
        return step + 1, passive, best, chances, x, infeasible(x, passive)

    passive = targets > 0
    x = masked_solve(matrix, targets, passive)
    count = ops.full_like(ops.cast(size, "int32"), num_tasks + 1)
    state = (0, passive, count, 3 + 0 * count, x, infeasible(x, passive))
    state = ops.while_loop(
        lambda step, passive, best, chances, x, wrong: ops.any(wrong),
        pivot,
        state,
        maximum_iterations=8 * num_tasks + 32,
    )
    return ops.maximum(state[4], 0.0) * size
