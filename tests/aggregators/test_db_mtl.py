import numpy as np
import pytest

from keras_mtl.aggregators import DBMTL, db_mtl_weights


def test_gradients_are_stretched_to_the_longest():
    gram = np.diag([4.0, 1.0, 0.0]).astype("float32")
    np.testing.assert_allclose(db_mtl_weights(gram), [1, 2, 0])


def test_without_averaging_the_gradients_are_left_alone():
    aggregator = DBMTL(beta=0.0)
    jacobian = np.array([[3.0, 0.0], [0.0, 1.0]], "float32")
    np.testing.assert_allclose(aggregator(jacobian), [3, 3], rtol=1e-6)


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="`beta` must be at least 0"):
        DBMTL(beta=1.0)
