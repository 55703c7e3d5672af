"""The same methods in torchjd, where that is installed."""

import functools

import numpy as np
import pytest

from keras_mtl.aggregators import (
    IMTLG,
    MGDA,
    PCD,
    AlignedMTL,
    CAGrad,
    ConFIG,
    DualProj,
    FairGrad,
    Mean,
    NashMTL,
    PCGrad,
    Sum,
    TrimmedMean,
    UPGrad,
)

torch = pytest.importorskip("torch")
torchjd = pytest.importorskip("torchjd.aggregation")
pytestmark = pytest.mark.torchjd
MEDIAN = functools.partial(AlignedMTL, eigen_scale="median")
RMSE = functools.partial(AlignedMTL, eigen_scale="rmse")

# Name, ours, arguments of theirs, tolerance relative to the largest gradient:
# theirs is regularised (UPGrad, DualProj, CAGrad) or stops early (MGDA, Nash).
# Krum is left out: theirs adds up distances, the paper their squares.
CASES = [
    ("Sum", Sum, {}, 1e-12),
    ("Mean", Mean, {}, 1e-12),
    ("UPGrad", UPGrad, {}, 1e-3),
    ("DualProj", DualProj, {}, 1e-3),
    ("MGDA", MGDA, {"epsilon": 1e-9, "max_iters": 5000}, 2e-3),
    ("IMTLG", IMTLG, {}, 1e-9),
    ("ConFIG", ConFIG, {}, 1e-9),
    ("AlignedMTL", AlignedMTL, {}, 1e-9),
    ("AlignedMTL", MEDIAN, {"scale_mode": "median"}, 1e-9),
    ("AlignedMTL", RMSE, {"scale_mode": "rmse"}, 1e-9),
    ("TrimmedMean", TrimmedMean, {"trim_number": 1}, 1e-12),
    ("CAGrad", CAGrad, {"c": 0.5}, 1e-3),
    ("FairGrad", FairGrad, {"alpha": 2.0}, 1e-6),
    ("NashMTL", NashMTL, {"n_tasks": 4}, 1e-6),
    ("PCD", PCD, {}, 1e-6),
]


@pytest.mark.parametrize(("name", "ours", "options", "tolerance"), CASES)
def test_it_agrees(name, ours, options, tolerance):
    try:
        theirs = getattr(torchjd, name)(**options)
    except ImportError as error:
        pytest.skip(str(error))
    for seed in range(5):
        rng = np.random.default_rng(seed)
        jacobian = rng.normal(size=(4, 9)) + 0.2
        expected = fresh(theirs)(torch.tensor(jacobian)).numpy()
        found = np.asarray(ours(dtype="float64")(jacobian))
        limit = tolerance * np.linalg.norm(jacobian, axis=1).max()
        np.testing.assert_allclose(found, expected, atol=limit)


def fresh(aggregator):
    """The same, without what it remembers."""
    if hasattr(aggregator, "reset"):
        aggregator.reset()
    return aggregator


def test_two_tasks_of_pcgrad_agree():
    jacobian = np.array([[1.0, 0.5], [-1.0, 0.2]])
    expected = torchjd.PCGrad()(torch.tensor(jacobian)).numpy()
    np.testing.assert_allclose(
        PCGrad(dtype="float64")(jacobian), expected, rtol=1e-6
    )
