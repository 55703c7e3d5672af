import numpy as np
import pytest

from keras_mtl.cli.contact_sheet import draw_map, palette
from keras_mtl.datasets import TaskSpec

PICTURE = np.full((2, 3, 3), 0.5, np.float32)
KNOWN = np.array([[1, 1, 1], [1, 1, 0]], np.float32)


@pytest.mark.parametrize(
    ("kind", "count", "label"),
    [
        ("segmentation", 3, np.array([[0, 1, 2], [0, 1, 2]])),
        ("mask", 2, np.eye(6, 2).reshape(2, 3, 2)),
        ("heatmap", 1, np.linspace(0, 1, 6).reshape(2, 3, 1)),
        ("depth", 1, np.arange(6.0).reshape(2, 3, 1)),
        ("normals", 3, np.full((2, 3, 3), 3**-0.5)),
    ],
)
def test_labels_are_drawn_and_missing_ones_are_dark(kind, count, label):
    spec = TaskSpec("task", kind, count)
    drawn = draw_map(PICTURE, label, KNOWN, spec)
    assert drawn.shape == PICTURE.shape
    assert 0 <= drawn.min() <= drawn.max() <= 1
    np.testing.assert_allclose(drawn[1, 2], 0.125)
    assert not np.allclose(drawn[0, 0], drawn[1, 2])


def test_a_mask_leaves_the_rest_of_the_picture():
    label = np.zeros((2, 3, 1))
    label[0, 0] = 1
    drawn = draw_map(PICTURE, label, np.ones((2, 3)), TaskSpec("m", "mask", 1))
    assert not np.allclose(drawn[0, 0], 0.5)
    np.testing.assert_allclose(drawn[1], 0.5)


def test_colours_differ():
    colours = palette(13)
    distances = np.abs(colours[:, None] - colours[None]).max(-1)
    assert (distances + np.eye(13)).min() > 0.1
