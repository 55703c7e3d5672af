import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.callbacks.slots import (
    clear_slots,
    filter_kernel,
    filter_variables,
    filters_first,
)

X = keras.Input((8, 8, 3))


@pytest.mark.parametrize(
    ("layer", "filters"),
    [
        (layers.Conv2D(5, 3), 5),
        (layers.Conv2DTranspose(5, 3), 5),
        (layers.SeparableConv2D(5, 3), 5),
        (layers.DepthwiseConv2D(3), 3),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), 6),
    ],
)
def test_each_filter_of_a_kernel_makes_one_channel(layer, filters):
    y = layer(X)
    kernel, axis = filter_kernel(layer)
    values = kernel.numpy().copy()
    assert filters_first(values, axis).shape[0] == y.shape[-1] == filters
    filters_first(values, axis)[1] = 0
    kernel.assign(values)
    image = np.random.default_rng(0).normal(size=(1, 8, 8, 3))
    y = layer(image).numpy()
    assert not y[..., 1].any()
    assert np.delete(y, 1, axis=-1).any(axis=(0, 1, 2)).all()


def test_only_the_slots_of_the_filters_are_cleared():
    convolution, norm = layers.Conv2D(4, 3), layers.BatchNormalization()
    model = keras.Model(X, norm(convolution(X)))
    optimizer = keras.optimizers.Adam(use_ema=True)
    optimizer.build(model.trainable_variables)
    for variable in optimizer.variables[2:]:
        variable.assign(np.ones(variable.shape))
    pairs = filter_variables(convolution, norm)
    assert len(pairs) == 4
    for variable, axis in pairs:
        clear_slots(optimizer, variable, axis, [0, 3])
    slots = [*optimizer._momentums, *optimizer._velocities]
    for slot in slots:
        found = slot.numpy().reshape(-1, 4)
        np.testing.assert_array_equal(found, [[0, 1, 1, 0]] * len(found))
    for average in optimizer._model_variables_moving_average:
        assert average.numpy().all()


def test_frozen_variables_have_no_slots():
    convolution = layers.Conv2D(4, 3, trainable=False)
    convolution(X)
    assert filter_variables(convolution, None) == []
