import numpy as np
import pytest

from keras_mtl.retina import fuse_scores


def test_eyes_without_a_ratio_have_the_score_of_the_network():
    found = fuse_scores([0.2, 0.4, 1.0], [0.6, np.nan, 0.0])
    assert found == pytest.approx([0.4, 0.4, 0.5])


def test_lengths_must_agree():
    with pytest.raises(ValueError, match=r"same eyes.*\(1,\) and \(2,\)"):
        fuse_scores([0.5], [0.5, 0.5])
