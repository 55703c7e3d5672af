import keras
import numpy as np
import pytest

from keras_mtl.graph import split
from keras_mtl.models import mtan

SMALL = {"widths": (4, 6), "depths": (2, 1)}
TASKS = {"parts": 3, "room": 2}
KINDS = {"parts": "segmentation", "room": "classification"}


def small():
    return mtan(TASKS, (9, 8, 1), KINDS, **SMALL)


def features(model, *names):
    outputs = [model.get_layer(name).output for name in names]
    x = np.random.default_rng(0).random((2, 9, 8, 1), "float32")
    return [np.asarray(y) for y in keras.Model(model.input, outputs)(x)]


def test_features_are_weighed_by_masks():
    model = small()
    for level, last in (("down1", "down1_2"), ("up1", "up1_2")):
        mask, whole, found = features(
            model,
            f"parts_{level}_attention_mask",
            f"{last}_relu",
            f"parts_{level}_attention_apply",
        )
        assert ((mask > 0) & (mask < 1)).all()
        np.testing.assert_allclose(found, mask * whole, rtol=1e-5)


def test_shapes_of_odd_images():
    model = small()
    outputs = model(np.zeros((2, 9, 8, 1), "float32"))
    assert outputs["parts"].shape == (2, 9, 8, 3)
    assert outputs["room"].shape == (2, 2)


def test_masks_are_of_a_task_and_the_network_is_shared():
    parts = split(small())
    own = {v.path.split("_")[0] for v in parts.task_variables["room"]}
    assert own == {"room"}
    passed = [v for v in parts.model.variables if "down1_pass" in v.path]
    assert {parts.reached_by(v) for v in passed} == {frozenset(TASKS)}
    forward = parts.forward(["room"])
    assert not any("up" in layer.name for layer in forward.layers)


def test_vectors_alone_have_no_decoder():
    model = mtan({"a": 2}, (8, 8, 1), {"a": "binary"}, **SMALL)
    assert not any(layer.name.startswith("up") for layer in model.layers)


def test_the_published_network_has_segnet_inside():
    model = mtan({"a": 1}, (32, 32, 3))
    count = sum(
        int(np.prod(v.shape))
        for v in model.trainable_variables
        if not v.path.startswith("a_") and "pass" not in v.path
    )
    assert count == 24_943_296
    # Attention of the first level: two 1x1 convolutions of 64, normalised.
    first = sum(
        int(np.prod(v.shape))
        for v in model.trainable_variables
        if v.path.startswith("a_down1_attention")
    )
    assert first == 2 * (64 * 64 + 64 + 2 * 64)


def test_levels_that_do_not_fit():
    with pytest.raises(ValueError, match="one number for each level"):
        mtan(TASKS, (32, 32, 1), widths=(4, 4), depths=(1,))
