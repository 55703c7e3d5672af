import keras

from keras_mtl.cli.cost import forward_operations


def test_a_multiply_add_is_two_operations():
    inputs = keras.Input((3,), name="x")
    outputs = keras.layers.Dense(5)(inputs)
    # 3 * 5 multiply-adds and 5 biases.
    assert forward_operations(keras.Model(inputs, outputs)) == 35


def test_convolutions_count_every_position():
    inputs = keras.Input((6, 6, 2), name="x")
    outputs = keras.layers.Conv2D(4, 3, use_bias=False)(inputs)
    expected = 2 * (4 * 4) * (3 * 3 * 2) * 4
    assert forward_operations(keras.Model(inputs, outputs)) == expected
