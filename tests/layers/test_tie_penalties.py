import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.layers.tie_penalties import squared_distance, trace_norm


def kernels(shape=(3, 4), count=3):
    generator = np.random.default_rng(0)
    return [generator.normal(size=shape) for _ in range(count)]


def nuclear(matrix):
    return np.linalg.svd(matrix, compute_uv=False).sum()


def test_squared_distance():
    found = float(squared_distance([[[1.0]], [[3.0]], [[5.0]]]))
    assert found == 8.0
    same = [kernels()[0]] * 3
    assert float(squared_distance(same)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("shape", [(3, 4), (2, 2, 3, 4)])
def test_trace_norm_is_that_of_the_flattenings(shape):
    given = kernels(shape)
    stacked = np.stack(given, axis=-1)
    last = nuclear(stacked.reshape(-1, 3))
    tucker = sum(
        nuclear(np.moveaxis(stacked, axis, 0).reshape(stacked.shape[axis], -1))
        for axis in range(stacked.ndim)
    )
    train = sum(
        nuclear(stacked.reshape(int(np.prod(stacked.shape[:axes])), -1))
        for axes in range(1, stacked.ndim)
    )
    for flattening, expected in (
        ("last_axis", last),
        ("tucker", tucker),
        ("tensor_train", train),
    ):
        found = float(trace_norm(given, flattening))
        assert found == pytest.approx(expected, rel=1e-5), flattening


def test_like_kernels_cost_less_than_unlike_ones_of_their_size():
    one, other = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert float(trace_norm([one, one])) == pytest.approx(np.sqrt(2))
    assert float(trace_norm([one, other])) == pytest.approx(2)


def test_the_gradient_is_finite_where_kernels_are_equal():
    kernel = tf.constant(kernels()[0])
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        found = trace_norm([kernel, kernel])
    gradient = tape.gradient(found, kernel).numpy()
    expected = np.sqrt(2) * kernel.numpy() / np.linalg.norm(kernel)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)
