import pytest

from keras_mtl.metrics import WithinAngle


@pytest.mark.parametrize(
    ("degrees", "name"),
    [(11.25, "within_11_25"), (22.5, "within_22_5"), (30, "within_30")],
)
def test_the_name_holds_the_angle(degrees, name):
    assert WithinAngle(degrees).name == name


@pytest.mark.parametrize("degrees", [0, 181])
def test_angles_out_of_range_are_refused(degrees):
    with pytest.raises(ValueError, match=f"degrees={degrees}"):
        WithinAngle(degrees)
