import numpy as np

from keras_mtl.aggregators import Random, random_weights


def test_weights_are_a_softmax_over_the_present():
    normal = np.array([0.0, 5.0, np.log(3.0)], "float32")
    present = np.array([True, False, True])
    weights = random_weights(normal, present)
    np.testing.assert_allclose(weights, [0.25, 0, 0.75], rtol=1e-6)


def test_the_seed_decides_the_weights():
    one, same, other = Random(1), Random(1), Random(2)
    for aggregator in (one, same, other):
        aggregator.build_state(3, [])
    first = np.asarray(one.task_weights(None))
    np.testing.assert_array_equal(first, same.task_weights(None))
    assert not np.allclose(first, other.task_weights(None))
    assert not np.allclose(first, one.task_weights(None))
