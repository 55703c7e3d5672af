import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import MoDo, mgda_weights, modo_weights


def test_one_step_by_hand():
    gram = np.diag([1.0, 3.0])
    found = modo_weights(gram, np.array([0.5, 0.5]), gamma=0.1, rho=0.0)
    np.testing.assert_allclose(found, [0.55, 0.45])


def test_many_steps_on_one_matrix_lead_to_mgda():
    jacobian = np.random.default_rng(0).normal(size=(3, 9))
    gram = (jacobian @ jacobian.T).astype("float32")
    aggregator = MoDo(gamma=0.05, rho=0.0)
    aggregator.build_state(3, [])
    step = tf.function(aggregator.task_weights)
    for _ in range(300):
        found = step(gram)
    np.testing.assert_allclose(found, mgda_weights(gram), atol=1e-4)


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="`gamma` must be positive"):
        MoDo(gamma=0.0)
