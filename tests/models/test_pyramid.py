import keras
from keras import layers

from keras_mtl.models.pyramid import pyramid_of


def strided(x, filters, strides=2, padding="same"):
    return layers.Conv2D(filters, 3, strides, padding=padding)(x)


def shapes(model):
    found = pyramid_of(model)
    return {stride: y.shape[1:] for stride, y in found.items()}


def test_last_features_of_each_stride():
    x = image = keras.Input((20, 30, 3))
    x = strided(strided(x, 1), 2, 1)
    # Not the padding before the next step.
    x = strided(layers.ZeroPadding2D(1)(x), 3, padding="valid")
    x = strided(x, 4)
    assert shapes(keras.Model(image, x)) == {
        2: (10, 15, 2),
        4: (5, 8, 3),
        8: (3, 4, 4),
    }


def test_sizes_that_are_nearly_a_power_of_two():
    x = image = keras.Input((40, 40, 3))
    for filters in (1, 2, 3):
        x = strided(x, filters, padding="valid")
    assert shapes(keras.Model(image, x)) == {
        2: (19, 19, 1),
        4: (9, 9, 2),
        8: (4, 4, 3),
    }


def test_channel_attention_is_no_level():
    x = image = keras.Input((32, 32, 3))
    x = strided(x, 4)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Multiply()([x, layers.Conv2D(4, 1)(gate)])
    assert shapes(keras.Model(image, x)) == {2: (16, 16, 4)}


def test_the_features_that_a_backbone_names():
    image = keras.Input((32, 32, 3))
    model = keras.Model(image, strided(strided(image, 4), 5))
    model.pyramid_outputs = {"P2": model.output}
    assert shapes(model) == {4: (8, 8, 5)}


def test_without_maps_there_are_none():
    image = keras.Input((8, 8, 1))
    assert pyramid_of(keras.Model(image, layers.Flatten()(image))) == {}
