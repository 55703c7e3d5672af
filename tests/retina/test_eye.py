import math

import numpy as np
import pytest

from keras_mtl.retina import ratio_of, read_eye


def logits(*boxes, side=12):
    """Above 0 inside boxes of (top, bottom, left, right), ends included."""
    found = np.full((side, side, 1), -3.0, np.float32)
    for top, bottom, left, right in boxes:
        found[top : bottom + 1, left : right + 1] = 2.0
    return found


def test_masks_ratio_fovea_and_score():
    heat = np.zeros((12, 12, 1), np.float32)
    heat[3, 7] = 1.0
    eye = read_eye(
        {
            "disc": logits((0, 0, 0, 0), (2, 9, 2, 9)),
            "cup": logits((4, 5, 4, 6), (11, 11, 0, 1)),
            "fovea": heat,
            "glaucoma": np.array([math.log(3)]),
            "another": np.zeros(3),
        }
    )
    assert eye.masks["disc"].sum() == 64  # without the pixel in the corner
    assert eye.ratio.value == 2 / 8
    assert eye.fovea[:2] == (3, 7)
    assert eye.score == pytest.approx(0.75)


def test_what_was_not_looked_for_is_none():
    eye = read_eye({"disc": logits((2, 9, 2, 9))})
    assert (eye.ratio, eye.fovea, eye.score) == (None, None, None)
    assert ratio_of({}) is None


def test_without_a_disc_the_ratio_is_undefined_with_its_reason():
    eye = read_eye({"disc": logits(), "cup": logits((4, 5, 4, 6))})
    assert math.isnan(eye.ratio.value)
    assert eye.ratio.reason == "no optic disc was found"


def test_the_published_fovea_is_pulled_to_the_middle():
    heat = np.full((11, 11, 1), 0.1, np.float32)
    heat[1, 1] = 1.0
    near = read_eye({"fovea": heat}).fovea
    pulled = read_eye({"fovea": heat}, published=True).fovea
    assert near[:2] == (1, 1)
    assert 4 < pulled.row < 5
