import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.layers import RoamingMask, TaskBatchNormalization
from keras_mtl.layers.affine import Affine, recall, remember

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 4, 4, 5)).astype("float32")
IDS = np.array([1, 0, 1, 2, 0, 1])


def test_the_value_by_hand():
    affine = Affine(X, np.arange(5.0, dtype="float32"), X[:, 0, 0], -1)
    expected = X * np.arange(5) + X[:, :1, :1]
    np.testing.assert_allclose(affine.value(), expected, rtol=1e-6)
    row = np.array([1, 0, 0, 1, 1], "float32")
    np.testing.assert_allclose(
        affine.scaled(row).value(), expected * row, rtol=1e-6
    )


def test_notes_are_for_graphs_and_for_one_axis():
    affine = Affine(X, X[0, 0, 0], X[0, 0, 0], -1)
    eager = keras.ops.convert_to_tensor(X)
    remember(eager, affine)
    assert recall(eager, -1) is None

    @tf.function
    def trace(x):
        remember(x, affine)
        assert recall(x, -1) is affine
        assert recall(x, 3) is affine
        assert recall(x, 1) is None
        return x

    trace(eager)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("task", [1, IDS])
def test_a_mask_behind_a_normalisation_is_the_product(task, policy):
    norm = TaskBatchNormalization(3, dtype=policy)
    mask = RoamingMask(3, 0.5, dtype=policy)
    x = keras.ops.cast(X, norm.compute_dtype)
    for layer in (norm, mask):
        layer.build(x.shape)
    norm.gamma.assign(RNG.uniform(0.5, 1.5, 5))
    norm.beta.assign(RNG.uniform(0.5, 1.5, 5))
    variables = [v.value for v in norm.trainable_variables]

    def results(fused):
        with tf.GradientTape() as tape:
            tape.watch(x)
            h = norm(x, task=task, training=True)
            h = h if fused else tf.identity(h)
            y = mask(h, task=task)
            loss = tf.reduce_sum(tf.cast(y * y * x, "float32"))
        return y, tape.gradient(loss, [x, *variables])

    (y, gradients), (expected, others) = (
        tf.function(results)(fused) for fused in (True, False)
    )
    np.testing.assert_array_equal(y, expected)
    for found, other in zip(gradients, others, strict=True):
        scale = float(np.abs(np.asarray(other, "float32")).max())
        np.testing.assert_allclose(
            np.asarray(found, "float32"),
            np.asarray(other, "float32"),
            atol=scale * (1e-5 if policy == "float32" else 1e-2),
        )
    if np.ndim(task) == 0:
        off = mask.mask.numpy()[task] == 0
        for gradient in gradients[1:]:
            np.testing.assert_array_equal(gradient.numpy()[off], 0)


def test_no_pass_over_the_features_is_left():
    norm, mask = TaskBatchNormalization(2), RoamingMask(2)

    @tf.function
    def network(x):
        return mask(norm(x, task=0), task=0)

    def multiplications(function):
        graph = function.get_concrete_function(tf.TensorSpec(X.shape)).graph
        found = [op for op in graph.get_operations() if op.type == "Mul"]
        # Those that the outputs need.
        needed, waiting = set(), [x.op for x in graph.outputs]
        while waiting:
            op = waiting.pop()
            if op.name not in needed:
                needed.add(op.name)
                waiting += [x.op for x in op.inputs]
        return sum(
            op.name in needed and len(op.outputs[0].shape) == 4 for op in found
        )

    assert multiplications(network) == 1
