import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.datasets.targets.colour_masks import ColourMasks
from keras_mtl.datasets.task_spec import TaskSpec


def target():
    spec = TaskSpec("artery_vein", "mask", 2, ("artery", "vein"))
    return ColourMasks(spec, "map", ((4, 2), (1, 2)), (7,), "known")


def fields(pixels):
    return {
        "map": tf.constant(np.array(pixels, np.uint8)[None, None]),
        "path:map": tf.constant(["a.png"]),
        "known": tf.constant([True]),
    }


def test_colours_are_maps():
    pixels = [[250, 3, 0], [0, 0, 255], [0, 200, 0], [255] * 3, [9, 9, 9]]
    masks, weights = target()(fields(pixels))
    assert masks.numpy()[0, 0].tolist() == [
        [1, 0],
        [0, 1],
        [1, 1],
        [0, 0],
        [0, 0],
    ]
    assert weights.numpy()[0, 0].tolist() == [1, 1, 1, 0, 1]


def test_another_colour_stops_with_the_file():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"a\.png has a"):
        target()(fields([[255, 255, 0]]))
