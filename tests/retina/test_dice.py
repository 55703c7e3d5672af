import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score

from keras_mtl.retina import dice


@given(arrays("bool", (12,)), arrays("bool", (12,)))
def test_it_is_the_f1_score_of_pixels(first, second):
    expected = f1_score(first, second, zero_division=1)
    assert dice(first.reshape(3, 4), second.reshape(3, 4)) == pytest.approx(
        expected
    )


def test_both_empty_is_one():
    assert dice(np.zeros((2, 2)), np.zeros((2, 2))) == 1


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"\(2, 2\) and \(4,\)"):
        dice(np.zeros((2, 2)), np.zeros(4))
