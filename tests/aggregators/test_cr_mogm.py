import numpy as np
import pytest

from keras_mtl.aggregators import CRMOGM, MGDA, GradDrop, Sum


def test_weights_are_averaged_from_the_first():
    aggregator = CRMOGM(MGDA(), decay=0.75)
    first = np.diag([1.0, 3.0]).astype("float32")
    second = np.diag([3.0, 1.0]).astype("float32")
    np.testing.assert_allclose(
        aggregator.task_weights(first), [0.75, 0.25], rtol=1e-6
    )
    np.testing.assert_allclose(
        aggregator.task_weights(second), [0.625, 0.375], rtol=1e-6
    )


def test_it_reads_what_the_other_reads():
    assert CRMOGM(Sum()).reads == "nothing"
    assert CRMOGM(MGDA(normalization="loss")).reads_losses


def test_what_gives_no_weights_is_refused():
    with pytest.raises(ValueError, match="GradDrop gives no weights"):
        CRMOGM(GradDrop())
    with pytest.raises(ValueError, match="must be an aggregator"):
        CRMOGM("mgda")
    with pytest.raises(ValueError, match="`decay` must be"):
        CRMOGM(Sum(), decay=1.0)
