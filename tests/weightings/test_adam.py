import keras
import numpy as np

from keras_mtl.weightings.adam import Adam
from keras_mtl.weightings.base import Weighting


def test_it_is_the_adam_of_keras():
    weighting = Weighting()
    weighting.build_state(["a", "b"])
    adam = Adam(weighting, 0.1)
    reference = keras.Variable([1.0, -2.0])
    optimizer = keras.optimizers.Adam(0.1, epsilon=1e-8)
    optimizer.build([reference])
    values = np.array([1.0, -2.0], "float32")
    rng = np.random.default_rng(0)
    for _ in range(5):
        slope = rng.normal(size=2).astype("float32")
        values = values + np.asarray(adam.change(slope, np.ones(2, bool)))
        optimizer.apply([keras.ops.convert_to_tensor(slope)], [reference])
    np.testing.assert_allclose(values, reference, rtol=1e-5)


def test_a_masked_task_keeps_its_state():
    weighting = Weighting()
    weighting.build_state(["a", "b"])
    adam = Adam(weighting, 0.1)
    slope = np.ones(2, "float32")
    change = adam.change(slope, np.array([True, False]))
    np.testing.assert_allclose(change, [-0.1, 0], rtol=1e-5)
    assert [float(v[1]) for v in weighting.variables] == [0, 0, 0]
