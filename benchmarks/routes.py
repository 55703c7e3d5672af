"""The aggregators' problems solved outside of TensorFlow, for comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import optimize

Weights = Callable[[np.ndarray], np.ndarray]


def root(gram: np.ndarray) -> np.ndarray:
    """A square matrix whose columns have this Gram matrix."""
    values, vectors = np.linalg.eigh(gram.astype("float64"))
    return np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T


def mgda(gram: np.ndarray) -> np.ndarray:
    columns = np.vstack([root(gram), np.ones(len(gram))])
    target = np.zeros(len(columns))
    target[-1] = 1.0
    found, _ = optimize.nnls(columns, target)
    return found / found.sum()


def upgrad(gram: np.ndarray) -> np.ndarray:
    columns = root(gram)
    each = [optimize.nnls(columns, -column)[0] for column in columns.T]
    return (np.sum(each, 0) + 1.0) / len(gram)


def dualproj(gram: np.ndarray) -> np.ndarray:
    columns = root(gram)
    return 1.0 / len(gram) + optimize.nnls(columns, -columns.mean(1))[0]


def cagrad(gram: np.ndarray, c: float = 0.5) -> np.ndarray:
    """The dual problem on the simplex, as published, by SLSQP."""
    gram = gram.astype("float64") / np.diag(gram).max()
    number = len(gram)
    start = np.full(number, 1.0 / number)
    mean = gram @ start
    radius = c * np.sqrt(start @ mean)

    def objective(x: np.ndarray) -> float:
        return float(x @ mean + radius * np.sqrt(x @ gram @ x))

    found = optimize.minimize(
        objective,
        start,
        bounds=[(0.0, 1.0)] * number,
        constraints={"type": "eq", "fun": lambda x: x.sum() - 1.0},
    ).x
    return start + radius * found / np.sqrt(found @ gram @ found)


def pcgrad(gram: np.ndarray) -> np.ndarray:
    weights = np.eye(len(gram))
    random = np.random.default_rng(0)
    for own, row in enumerate(weights):
        for other in random.permutation(len(gram)):
            product = row @ gram[other]
            if other != own and product < 0.0:
                row[other] -= product / gram[other, other]
    return weights.sum(0)


NUMPY: dict[str, Weights] = {
    "pcgrad": pcgrad,
    "mgda": mgda,
    "upgrad": upgrad,
    "dualproj": dualproj,
    "cagrad": cagrad,
}
TORCHJD = {
    "pcgrad": "PCGradWeighting",
    "mgda": "MGDAWeighting",
    "upgrad": "UPGradWeighting",
    "dualproj": "DualProjWeighting",
    "imtl_g": "IMTLGWeighting",
}


def torchjd_route(name: str, gram: np.ndarray) -> Callable[[], Any] | None:
    """The same with torchjd on a Gram matrix, if it is installed."""
    try:
        import torch
        from torchjd import aggregation
    except ImportError:
        return None
    kind = getattr(aggregation, TORCHJD.get(name, ""), None)
    if kind is None:
        return None
    weighting, given = kind(), torch.tensor(gram)
    return lambda: weighting(given)
