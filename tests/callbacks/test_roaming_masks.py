import keras
import numpy as np
import pytest

from keras_mtl.callbacks.roaming_masks import masks_of, state_of
from keras_mtl.layers import RoamingMask


@pytest.fixture
def nested():
    """A model in a model; the first mask is used twice."""
    x = keras.Input((4,))
    task = keras.Input((), dtype="int32", name="task")
    mask = RoamingMask(2, p=0.5, name="first")
    inner = keras.Model([x, task], mask(mask(x, task), task))
    outer = keras.Input((4,))
    fixed = RoamingMask(2, p=0.5, roaming=False, name="second")
    return keras.Model([outer, task], fixed(inner([outer, task]), task))


def test_every_mask_is_found_once(nested):
    assert sorted(m.name for m in masks_of(nested)) == ["first", "second"]
    assert masks_of(object()) == []


def test_the_state_is_a_mean_over_masks(nested):
    first, second = masks_of(nested)
    first.mask.assign([[1, 1, 0, 0], [1, 1, 0, 0]])
    second.mask.assign([[1, 1, 0, 0], [0, 0, 1, 1]])
    first.updates.assign([2, 2])
    assert state_of([first, second]) == {
        "roaming_occupancy": 0.5,
        "roaming_overlap": pytest.approx(np.mean([0.5, 0.0])),
        "roaming_completion": 0.5,
        "roaming_unused": 2.0,
    }
