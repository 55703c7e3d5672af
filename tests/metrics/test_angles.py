import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.metrics.angles import angles


@given(st.floats(0, 180), st.floats(0.01, 100))
def test_small_angles_and_any_length(degrees, length):
    radians = np.radians(degrees)
    label = np.array([[0.0, 0.0, 1.0]], "float32")
    output = length * np.array([[np.sin(radians), 0, np.cos(radians)]])
    found, valid = angles(label, output.astype("float32"))
    np.testing.assert_allclose(found, [degrees], atol=2e-4)
    assert bool(valid[0])


def test_no_direction_is_no_agreement():
    up = np.array([[0.0, 0.0, 1.0]], "float32")
    found, _ = angles(up, np.zeros((1, 3), "float32"))
    assert float(found[0]) == 90
    _, valid = angles(np.zeros((1, 3), "float32"), up)
    assert not bool(valid[0])
