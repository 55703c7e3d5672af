"""Published networks as backbones, with random weights."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.graph import split


def network(build, flat):
    options = {"weights": None, "include_top": False}
    if flat:
        x = keras.Input((32, 32, 3), name="image")
        body = build(input_tensor=x, **options)
        h = body.output
    else:
        x = keras.Input((32, 32, 3), name="image")
        body = build(input_shape=(32, 32, 3), **options)
        h = body(x)
    pooled = layers.GlobalAveragePooling2D(name="pool")(h)
    dense = layers.Conv2D(4, 1, name="map")(h)
    outputs = {"class": layers.Dense(5, name="class")(pooled), "map": dense}
    return keras.Model(x, outputs), body


@pytest.mark.parametrize(
    ("name", "flat"),
    [
        ("MobileNetV2", True),
        ("ResNet50", False),
        ("EfficientNetB0", True),
        ("DenseNet121", False),
    ],
)
def test_backbones(name, flat, checked_split):
    model, body = network(getattr(keras.applications, name), flat)
    image = np.random.default_rng(0).random((2, 32, 32, 3), "float32")
    parts = checked_split(model, image)
    shared = {id(v) for v in parts.shared_variables}
    assert shared == {id(v) for v in body.trainable_variables}
    assert [len(v) for v in parts.task_variables.values()] == [2, 2]
    assert len(parts.frontier) == 1


def test_a_pyramid_cut_in_the_middle_of_skip_connections():
    x = keras.Input((32, 32, 3), name="image")
    full = keras.applications.MobileNetV2(
        input_tensor=x, weights=None, include_top=False
    )
    # Before and after the addition that closes a residual block.
    early = full.get_layer("block_4_project_BN").output
    late = full.get_layer("block_6_project").output
    levels = keras.Model(x, [early, late], name="pyramid")
    image = keras.Input((32, 32, 3), name="image")
    first, second = levels(image)
    outputs = {
        "early": layers.Conv2D(1, 1, name="early")(first),
        "late": layers.Conv2D(1, 1, name="late")(second),
    }
    parts = split(keras.Model(image, outputs))
    names = {v.path for v in parts.task_variables["late"]}
    assert any("block_6_project" in name for name in names)
    assert not any("block_6" in v.path for v in parts.shared_variables)
    data = np.random.default_rng(0).random((2, 32, 32, 3), "float32")
    expected = parts.model(data)
    features = parts.trunk(data)
    # The block's own input comes with the branch that the early task reads.
    assert len(features) == 2
    for task in parts.tasks:
        np.testing.assert_array_equal(
            parts.heads[task](features), expected[task]
        )
    kept = [layer.name for layer in parts.forward(["early"]).layers]
    assert not any("block_6" in name for name in kept)
