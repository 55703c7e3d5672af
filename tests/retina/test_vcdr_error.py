import math

import pytest

from keras_mtl.retina import vcdr_error

NAN = float("nan")


def test_undefined_predictions_are_counted_apart():
    found = vcdr_error([0.5, 0.2, NAN, 0.4], [0.75, NAN, 0.3, 0.3])
    assert found.value == pytest.approx((0.25 + 0.1) / 2)
    assert found[1:] == (2, 1)


def test_without_any_it_is_not_a_number():
    found = vcdr_error([0.5], [NAN])
    assert math.isnan(found.value)
    assert found[1:] == (0, 1)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="one length"):
        vcdr_error([0.5], [0.5, 0.6])
