"""Convolutions against PyTorch's definition, written out in NumPy."""

import keras
import numpy as np
import pytest

from keras_mtl.models import blocks


def torch_conv(x, kernel, strides):
    """Cross-correlation with `kernel_size // 2` zeros on every side."""
    size = kernel.shape[0]
    half = size // 2
    x = np.pad(x, ((0, 0), (half, half), (half, half), (0, 0)))
    rows = range(0, x.shape[1] - size + 1, strides)
    columns = range(0, x.shape[2] - size + 1, strides)
    patches = [
        [x[:, i : i + size, j : j + size] for j in columns] for i in rows
    ]
    return np.einsum("ijnhwc,hwcf->nijf", np.array(patches), kernel)


@pytest.mark.parametrize("height", [7, 8])
@pytest.mark.parametrize(("size", "strides"), [(3, 1), (3, 2), (7, 2), (1, 2)])
def test_padding(size, strides, height):
    inputs = keras.Input((height, 6, 2))
    model = keras.Model(inputs, blocks.conv(inputs, 3, size, "c", strides))
    (kernel,) = model.get_weights()
    x = np.random.default_rng(0).normal(size=(2, height, 6, 2))
    expected = torch_conv(x, kernel, strides)
    assert expected.shape[1] == -(-height // strides)
    np.testing.assert_allclose(
        model(x.astype("float32")), expected, rtol=1e-4, atol=1e-5
    )


def test_normalisation_is_that_of_pytorch():
    inputs = keras.Input((5,))
    model = keras.Model(inputs, blocks.norm_relu(inputs, "n"))
    x = np.random.default_rng(0).normal(size=(8, 5)).astype("float32")
    expected = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
    np.testing.assert_allclose(
        model(x, training=True), np.maximum(expected, 0), rtol=1e-4, atol=1e-6
    )
    moved = model.get_layer("n_norm").moving_mean
    np.testing.assert_allclose(moved, 0.1 * x.mean(0), rtol=1e-4, atol=1e-7)


def test_without_relu():
    inputs = keras.Input((5,))
    model = keras.Model(inputs, blocks.norm_relu(inputs, "n", relu=False))
    assert (np.array(model(-np.ones((1, 5), "float32"))) < 0).all()
