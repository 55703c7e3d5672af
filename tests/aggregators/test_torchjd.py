"""The same methods in torchjd, where that is installed."""

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

# Name, ours, arguments of theirs, tolerance relative to the largest gradient:
# theirs is regularised, or stops early.
CASES = [
    ("Sum", Sum, {}, 1e-6),
    ("Mean", Mean, {}, 1e-6),
    ("UPGrad", UPGrad, {}, 1e-2),
    ("DualProj", DualProj, {}, 1e-2),
    ("MGDA", MGDA, {}, 3e-2),
    ("IMTLG", IMTLG, {}, 1e-5),
    ("ConFIG", ConFIG, {}, 1e-5),
    ("AlignedMTL", AlignedMTL, {}, 1e-5),
    ("TrimmedMean", TrimmedMean, {"trim_number": 1}, 1e-6),
    ("CAGrad", CAGrad, {"c": 0.5}, 1e-2),
    ("FairGrad", FairGrad, {"alpha": 2.0}, 1e-3),
    ("NashMTL", NashMTL, {"n_tasks": 4}, 1e-2),
    ("PCD", PCD, {}, 1e-5),
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
