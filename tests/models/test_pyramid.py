import keras

from keras_mtl.models.pyramid import pyramid_of


def test_last_features_of_each_stride():
    x = image = keras.Input((20, 30, 3))
    for index, stride in enumerate((2, 1, 2, 2), 1):
        x = keras.layers.Conv2D(
            index, 3, stride, padding="same", name=f"c{index}"
        )(x)
    x = keras.layers.ZeroPadding2D(1)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    found = pyramid_of(keras.Model(image, x))
    assert list(found) == [2, 4, 8]
    assert [y.shape[1:] for y in found.values()] == [
        (10, 15, 2),
        (5, 8, 3),
        (3, 4, 4),
    ]


def test_without_maps_there_are_none():
    x = image = keras.Input((8, 8, 1))
    x = keras.layers.Flatten()(x)
    assert pyramid_of(keras.Model(image, x)) == {}
