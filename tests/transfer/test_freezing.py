"""Layers that are not trained."""

import keras
import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.transfer import freeze


def network():
    inputs = keras.Input((4,))
    stack = keras.Sequential(
        [keras.layers.Dense(2, name="one"), keras.layers.Dense(2, name="two")],
        name="encoder",
    )
    return keras.Model(
        inputs, keras.layers.Dense(1, name="head")(stack(inputs))
    )


@pytest.mark.parametrize(
    ("patterns", "frozen"),
    [
        (["one"], ["one"]),
        (["encoder"], ["one", "two"]),
        (["encoder/t*"], ["two"]),
        (["[o]ne", "head"], ["one", "head"]),
        ([], []),
    ],
)
def test_by_pattern(patterns, frozen):
    model = network()
    assert freeze(model, patterns) == frozen
    left = {v.path.split("/")[-2] for v in model.trainable_variables}
    assert left == {"one", "two", "head"} - set(frozen)


def test_something_must_be_left():
    with pytest.raises(ConfigError, match="nothing to train"):
        freeze(network(), ["*"])


def test_a_pattern_that_matches_nothing():
    with pytest.raises(ConfigError, match=r"`freeze`.*'on'.*mean 'one'"):
        freeze(network(), ["on"])
