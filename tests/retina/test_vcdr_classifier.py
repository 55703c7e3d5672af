import json
from dataclasses import asdict

import numpy as np
import pytest
from scipy.optimize import minimize

from keras_mtl.retina import VCDRClassifier

NUMBERS = np.random.default_rng(0)
LABELS = NUMBERS.integers(0, 2, 60)
RATIOS = np.clip(0.4 + 0.25 * LABELS + 0.1 * NUMBERS.normal(size=60), 0, 1)


def penalised(values):
    """The objective of a logistic regression with an L2 penalty, C = 2."""
    slope, offset = values
    odds = (2 * LABELS - 1) * (slope * RATIOS + offset)
    return 2 * np.logaddexp(0, -odds).sum() + slope**2 / 2


def test_it_minimises_the_penalised_likelihood():
    found = VCDRClassifier.fit(RATIOS, LABELS, strength=2)
    best = minimize(penalised, [0, 0], method="BFGS").x
    assert (found.coefficient, found.intercept) == pytest.approx(best, rel=1e-3)


def test_probabilities_rise_with_the_ratio():
    model = VCDRClassifier(10.0, -5.0)
    found = model.probability([0.5, 0.6, np.nan, 1e6, -1e6])
    assert found[:2] == pytest.approx([0.5, 1 / (1 + np.exp(-1))])
    assert np.isnan(found[2])
    assert found[3:].tolist() == [1, 0]


def test_eyes_without_ratio_or_label_are_left_out():
    ratios = np.concatenate([RATIOS, [np.nan, 0.9]])
    labels = np.concatenate([LABELS, [1, np.nan]])
    assert VCDRClassifier.fit(ratios, labels) == VCDRClassifier.fit(
        RATIOS, LABELS
    )


def test_it_is_plain_data():
    model = VCDRClassifier.fit(RATIOS, LABELS)
    assert VCDRClassifier(**json.loads(json.dumps(asdict(model)))) == model


@pytest.mark.parametrize(
    ("ratios", "labels", "message"),
    [
        ([0.1, 0.2], [1], "one length"),
        ([0.1, 0.2], [1, 1], r"labels \[1.0\] of 2 eyes"),
        ([0.1, np.nan], [1, 0], r"labels \[1.0\] of 1 eyes"),
    ],
)
def test_what_cannot_be_fitted_is_refused(ratios, labels, message):
    with pytest.raises(ValueError, match=message):
        VCDRClassifier.fit(ratios, labels)
