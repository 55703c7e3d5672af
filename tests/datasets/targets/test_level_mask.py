import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.datasets.targets.class_map import id_table
from keras_mtl.datasets.targets.level_mask import LevelMask
from keras_mtl.datasets.task_spec import TaskSpec

LEVELS = np.array([[[0, 128], [255, 0]]] * 2, np.uint8)[..., None]


def fields(levels):
    return {
        "map": tf.constant(levels),
        "path:map": tf.constant(["a.png", "b.png"]),
        "known": tf.constant([True, False]),
        "view": tf.constant([[[255, 255], [255, 0]]] * 2, tf.uint8)[..., None],
    }


def target(inside=None):
    table = tuple(id_table({0: 1, 128: 1, 255: 0}, ()))
    spec = TaskSpec("disc", "mask", 1)
    return LevelMask(spec, "map", table, "known", inside)


def test_levels_are_a_yes_or_a_no():
    # The level 0 is a yes: a missing file must not be read as one.
    masks, weights = target()(fields(LEVELS))
    assert masks.numpy()[..., 0].tolist() == [
        [[1, 1], [0, 1]],
        [[0, 0], [0, 0]],
    ]
    assert weights.numpy().mean(axis=(1, 2)).tolist() == [1, 0]


def test_only_the_field_of_view_counts():
    _, weights = target("view")(fields(LEVELS))
    assert weights.numpy()[0].tolist() == [[1, 1], [1, 0]]


def test_an_unknown_level_stops_with_the_file():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"a\.png has ids"):
        target()(fields(LEVELS + np.uint8(3)))
