"""Tasks that share no trainable variable, and yet something."""

import keras

from keras_mtl.graph.flat_graph import flat_graph
from keras_mtl.graph.ties import are_tied
from keras_mtl.layers import SoftSharing


def outputs(first, second):
    return {
        "a": keras.layers.Dense(1, name="a")(first),
        "b": keras.layers.Dense(1, name="b")(second),
    }


def test_heads_alone_are_not_tied():
    x = keras.Input((4,))
    assert not are_tied(flat_graph(keras.Model(x, outputs(x, x))))


def test_frozen_weights_tie_and_weightless_layers_do_not():
    x = keras.Input((4,))
    weightless = keras.layers.Activation("relu")(x)
    model = keras.Model(x, outputs(weightless, weightless))
    assert not are_tied(flat_graph(model))
    trunk = keras.layers.Dense(2, trainable=False)
    h = trunk(x)
    assert are_tied(flat_graph(keras.Model(x, outputs(h, h))))
    trunk.trainable = True
    assert not are_tied(flat_graph(keras.Model(x, outputs(h, h))))


def test_a_loss_between_the_tasks_ties_them():
    x = keras.Input((4,))
    layer = SoftSharing(keras.layers.Dense(2), ["a", "b"])
    model = keras.Model(x, outputs(layer(x, task="a"), layer(x, task="b")))
    assert are_tied(flat_graph(model))
