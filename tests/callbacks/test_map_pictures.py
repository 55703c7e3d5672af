import numpy as np
import pytest

from keras_mtl.callbacks.map_pictures import (
    DENSE_KINDS,
    input_picture,
    map_pictures,
    palette,
)
from keras_mtl.datasets.task_spec import DENSE_KINDS as KINDS

RANDOM = np.random.default_rng(0)


def one_hot_logits(ids, count):
    return 9.0 * (ids[..., None] == np.arange(count)) - 4.0


def examples():
    """Kind, label, and an output that says the same."""
    ids = RANDOM.integers(0, 5, (4, 6))
    yield "segmentation", ids, one_hot_logits(ids, 5)
    masks = (RANDOM.random((4, 6, 2)) > 0.5).astype("float32")
    yield "mask", masks, 8 * masks - 4
    depth = RANDOM.uniform(1, 7, (4, 6, 1)).astype("float32")
    yield "depth", depth, depth
    normals = RANDOM.normal(size=(4, 6, 3))
    units = normals / np.linalg.norm(normals, axis=-1, keepdims=True)
    yield "normals", units, 3 * units
    heat = RANDOM.random((4, 6, 2)).astype("float32")
    yield "heatmap", heat, heat


@pytest.mark.parametrize(("kind", "label", "output"), list(examples()))
def test_a_right_output_looks_like_its_target(kind, label, output):
    target, found = map_pictures(label, output, kind)
    assert target.shape == found.shape == (4, 6, 3)
    assert target.min() >= 0
    assert target.max() <= 1
    np.testing.assert_allclose(found, target, atol=1e-6)
    assert np.ptp(target) > 0.3


def test_there_is_a_picture_of_every_dense_kind():
    assert DENSE_KINDS == KINDS


def test_missing_labels_are_grey():
    label = np.array([[[2.0], [0.0], [4.0]]])
    target, found = map_pictures(label, label, "depth", np.array([[1, 1, 0]]))
    np.testing.assert_allclose(target[0], [[0] * 3, [0.5] * 3, [0.5] * 3])
    np.testing.assert_allclose(found[0, 2], 1.0)
    ids = np.zeros((1, 3), int)
    logits = one_hot_logits(ids, 2)
    target, _ = map_pictures(ids, logits, "segmentation", np.float32(0))
    assert np.all(target == 0.5)


def test_depth_is_drawn_on_the_scale_of_the_target():
    label = np.array([[[1.0], [3.0]]])
    _, found = map_pictures(label, np.array([[[2.0], [9.0]]]), "depth")
    np.testing.assert_allclose(found[0, :, 0], [0.5, 1.0])


def test_classes_have_the_colours_of_the_palette():
    ids = np.array([[0, 3]])
    target, _ = map_pictures(ids, one_hot_logits(ids, 4), "segmentation")
    np.testing.assert_allclose(target[0] * 255, palette()[[0, 3]], atol=1e-4)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_inputs_are_stretched(channels):
    values = RANDOM.normal(size=(3, 4, channels)) * 50
    picture = input_picture(values)
    assert picture.shape == (3, 4, 3)
    assert (picture.min(), picture.max()) == (0, 1)


def test_what_is_not_finite_can_be_drawn():
    values = np.array([[[np.nan], [np.inf], [1.0], [2.0]]])
    np.testing.assert_allclose(input_picture(values)[0, :, 0], [0, 1, 0, 1])
    _, found = map_pictures(np.zeros((1, 4, 1)), values, "depth")
    assert np.all(np.isfinite(found))
