import keras
import numpy as np
import pytest

from keras_mtl.models import unet
from keras_mtl.pipelines import Network


def test_another_size_with_the_same_weights():
    options = {"kinds": {"a": "mask", "b": "binary"}, "widths": (2, 3)}
    tasks = {"a": 1, "b": 2}
    model = unet(tasks, (8, 8, 3), **options)
    larger = Network.of(model).at((16, 12))
    assert larger.input_shape == (16, 12, 3)
    assert all(
        any(weight is other for other in model.weights)
        for weight in larger.model.weights
    )
    same = unet(tasks, (16, 12, 3), **options)
    same.set_weights(model.get_weights())
    images = np.random.default_rng(0).normal(size=(1, 16, 12, 3))
    expected = same.predict_on_batch(images)
    for task, values in larger(images).items():
        np.testing.assert_allclose(values, expected[task], atol=1e-5)
    network = Network.of(model)
    assert network.at((8, 8)) is network
    assert network.at((16, 8)) is network.at((16, 8))


def test_a_network_whose_size_is_fixed():
    network = Network(lambda images: {"a": images}, (8, 8, 3))
    with pytest.raises(ValueError, match=r"images of \(8, 8\) only"):
        network.at((16, 16))
    image = keras.Input((8, 8, 1))
    flat = keras.layers.Dense(1)(keras.layers.Flatten()(image))
    with pytest.raises(ValueError, match="expected axis -1"):
        Network.of(keras.Model(image, {"a": flat})).at((16, 16))
