import numpy as np
import pytest

from keras_mtl.cli.predictions import predictions
from keras_mtl.errors import DataError

NUMBERS = np.random.default_rng(0)


def row(kind, outputs, names=None):
    task = {"kind": kind, "class_names": names}
    (found,) = predictions(outputs[None], task)
    return found


def test_classes_are_the_highest_logits():
    logits = NUMBERS.normal(size=(4, 5, 3))
    found = row("segmentation", logits, ["a", "b", "c"])
    np.testing.assert_array_equal(found["maps"]["classes"], logits.argmax(-1))
    assert found["maps"]["classes"].dtype == np.uint8
    assert found["shares"]["b"] == (logits.argmax(-1) == 1).mean()


def test_many_classes_need_two_bytes():
    logits = np.zeros((1, 2, 300))
    logits[0, 1, 299] = 1
    classes = row("segmentation", logits)["maps"]["classes"]
    assert classes.dtype == np.uint16
    assert classes.tolist() == [[0, 299]]


def test_masks_hold_above_one_half():
    logits = np.array([[[1.0, -1.0], [-1.0, -1.0]]])
    found = row("mask", logits, ["disc", "cup"])
    assert found["maps"]["disc"].tolist() == [[255, 0]]
    assert found["shares"] == {"disc": 0.5, "cup": 0}


def test_depth_and_normals_are_values():
    depth = NUMBERS.uniform(size=(4, 5, 1)).astype("float32")
    np.testing.assert_array_equal(
        row("depth", depth)["maps"]["depth"], depth[..., 0]
    )
    vectors = NUMBERS.normal(size=(4, 5, 3))
    vectors[0, 0] = 0
    normals = row("normals", vectors)["maps"]["normals"]
    lengths = np.linalg.norm(normals, axis=-1)
    assert lengths[0, 0] == 0
    np.testing.assert_allclose(lengths.ravel()[1:], 1, rtol=1e-6)


def test_heat_maps_have_a_centre():
    heat = np.zeros((5, 7, 1))
    heat[2, 4] = 1
    assert row("heatmap", heat, ["fovea"])["centers"] == {"fovea": (2, 4)}


def test_other_shapes_are_refused():
    task = {"kind": "depth", "class_names": None}
    with pytest.raises(DataError, match=r"maps of the depth .*\(2, 3\)"):
        predictions(np.zeros((2, 3)), task)
