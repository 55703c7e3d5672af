import numpy as np
import pytest

from keras_mtl import models
from keras_mtl.models.columns import Columns

TASKS = {"a": 1, "b": 3}
KINDS = {"a": "depth", "b": "classification"}
BUILDERS = [
    models.cross_stitch,
    models.learning_to_branch,
    models.nddr,
    models.soft_sharing,
]
every_builder = pytest.mark.parametrize(
    "build", BUILDERS, ids=lambda build: build.__name__
)


@every_builder
def test_maps_and_vectors_of_images(build):
    model = build(TASKS, (9, 8, 3), KINDS, widths=(4, 6), depth=1)
    x = np.ones((2, 9, 8, 3), "float32")
    outputs = model(x)
    assert outputs["a"].shape == (2, 9, 8, 1)
    assert outputs["b"].shape == (2, 3)
    assert model.input.name == "image"


@every_builder
def test_tables(build):
    model = build(TASKS, (5,), widths=(4, 6), depth=1)
    assert model.output["b"].shape == (None, 3)
    assert model.input.name == "features"


def test_stages_of_images():
    columns = Columns((9, 8, 3), (4, 6), 2)
    x = columns.stage(columns.input(), 0, "one")
    assert x.shape == (None, 9, 8, 4)
    assert columns.stage(x, 1, "two").shape == (None, 4, 4, 6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_shape": (5, 5)}, "of an image or"),
        ({"input_shape": (1, 8, 3)}, "height and width 2 or more"),
        ({"input_shape": (5,), "kinds": KINDS}, r"\['a'\] need an output for"),
        ({"widths": ()}, "`widths` must be"),
        ({"depth": 0}, "`depth` must be"),
    ],
)
def test_options_out_of_range(options, message):
    options = {
        "input_shape": (8, 8, 3),
        "kinds": None,
        "widths": (4, 6),
        "depth": 1,
        **options,
    }
    with pytest.raises(ValueError, match=message):
        Columns.checked(TASKS, **options)
