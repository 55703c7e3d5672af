import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.layers import MaxPoolingWithIndices, MaxUnpooling


def pooled(x, size):
    """Maxima and their first places, window by window."""
    batch, height, width, channels = x.shape
    shape = (batch, height // size, width // size, channels)
    maxima, indices = np.zeros(shape, x.dtype), np.zeros(shape, int)
    for b, i, j, c in itertools.product(*map(range, shape)):
        window = x[
            b, i * size : (i + 1) * size, j * size : (j + 1) * size, c
        ].ravel()
        indices[b, i, j, c] = np.argmax(window)
        maxima[b, i, j, c] = window.max()
    return maxima, indices


def unpooled(y, indices, size):
    batch, height, width, channels = y.shape
    x = np.zeros((batch, height * size, width * size, channels), y.dtype)
    for b, i, j, c in itertools.product(*map(range, y.shape)):
        row, column = divmod(int(indices[b, i, j, c]), size)
        x[b, i * size + row, j * size + column, c] = y[b, i, j, c]
    return x


def features(height, width, low=-9, high=9):
    # Few different values, so that there are ties.
    generator = np.random.default_rng(height * width)
    return generator.integers(low, high, (2, height, width, 3)).astype("f4")


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize(("height", "width"), [(6, 6), (7, 8), (4, 5), (3, 11)])
@pytest.mark.parametrize("high", [9, -7])
def test_maxima_places_and_the_way_back(height, width, size, high):
    x = features(height, width, high=high)
    y, indices = MaxPoolingWithIndices(size)(x)
    expected, places = pooled(x, size)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(indices, places)
    np.testing.assert_array_equal(
        MaxUnpooling(size)([y, indices]), unpooled(expected, places, size)
    )


def test_gradients_reach_the_maxima_alone():
    x = tf.constant(np.random.default_rng(0).random((2, 5, 4, 3), "float32"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, indices = MaxPoolingWithIndices()(x)
        total = tf.reduce_sum(2.0 * MaxUnpooling()([y, indices]))
    hits = unpooled(np.full(y.shape, 2.0), indices.numpy(), 2)
    expected = np.pad(hits, ((0, 0), (0, 1), (0, 0), (0, 0)))
    np.testing.assert_array_equal(tape.gradient(total, x), expected)


@pytest.mark.parametrize("jit", [False, True])
def test_any_batch_and_any_size_in_one_trace(jit):
    image = keras.Input((None, None, 3))
    y, indices = MaxPoolingWithIndices()(image)
    z = MaxUnpooling()([y, indices])
    assert y.shape == indices.shape == (None, None, None, 3)
    assert z.shape == (None, None, None, 3)
    assert indices.dtype == "int8"
    model = keras.Model(image, [y, indices, z])
    spec = tf.TensorSpec((None, None, None, 3))
    run = tf.function(model, input_signature=[spec], jit_compile=jit)
    for height, width in [(4, 6), (5, 2)]:
        x = features(height, width)
        expected, places = pooled(x, 2)
        found = run(x)
        np.testing.assert_array_equal(found[0], expected)
        np.testing.assert_array_equal(found[1], places)
        np.testing.assert_array_equal(found[2], unpooled(expected, places, 2))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_other_dtypes(dtype):
    x = features(4, 6)
    y, indices = MaxPoolingWithIndices(dtype=dtype)(x)
    z = MaxUnpooling(dtype=dtype)([y, indices])
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    assert keras.backend.standardize_dtype(z.dtype) == dtype
    expected, places = pooled(x, 2)
    np.testing.assert_array_equal(indices, places)
    np.testing.assert_array_equal(
        keras.ops.cast(z, "float32"), unpooled(expected, places, 2)
    )


@pytest.mark.parametrize("layer", [MaxPoolingWithIndices, MaxUnpooling])
@pytest.mark.parametrize("size", [1, 12, 2.0])
def test_a_window_out_of_range(layer, size):
    with pytest.raises(ValueError, match="integer from 2 to 11"):
        layer(size)
