import numpy as np

from keras_mtl.models import cgc


def test_outputs_are_those_of_the_equations(dense, softmax):
    model = cgc({"a": 2, "b": 1}, (5,), 1, 1, units=(4,))
    x = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    shared = np.maximum(dense(model, "shared_level1_expert1_dense1", x), 0)
    for task, output in model(x).items():
        own = np.maximum(dense(model, f"{task}_level1_expert1_dense1", x), 0)
        gate = softmax(dense(model, f"{task}_level1_gate", x))
        mixed = gate[:, :1] * own + gate[:, 1:] * shared
        expected = dense(model, f"{task}_logits", mixed)
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)
