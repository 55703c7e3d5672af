"""Learning rates part by part, under plain Keras."""

import keras
import numpy as np
import pytest

from keras_mtl.transfer import (
    GradualUnfreezing,
    LayerwiseOptimizer,
    LearningRatePart,
    layer_rates,
    learning_rate_parts,
)

schedules = keras.optimizers.schedules


def variable(value, path):
    return keras.Variable(np.array(value, "float32"), name=path)


@pytest.fixture
def variables():
    return [variable([1.0, 2.0], "trunk"), variable([3.0, 4.0], "head")]


def made(optimizer, **part):
    parts = [LearningRatePart(("trunk",), **part)]
    return LayerwiseOptimizer(optimizer, parts)


def test_sgd_by_hand(variables):
    optimizer = made(keras.optimizers.SGD(0.5), multiplier=0.1)
    optimizer.apply([np.ones(2, "float32")] * 2, variables)
    np.testing.assert_allclose(variables[0], [0.95, 1.95], rtol=1e-6)
    np.testing.assert_allclose(variables[1], [2.5, 3.5], rtol=1e-6)


def test_it_steps_on_some_of_its_variables(variables):
    optimizer = made(keras.optimizers.SGD(0.5), multiplier=0.1)
    optimizer.build(variables)
    optimizer.apply([np.ones(2, "float32")], variables[1:])
    np.testing.assert_array_equal(variables[0], [1.0, 2.0])
    np.testing.assert_allclose(variables[1], [2.5, 3.5])


@pytest.mark.parametrize(
    "rate", [0.5, schedules.PiecewiseConstantDecay([0], [0.5, 0.25])]
)
def test_a_part_waits_for_its_epoch(variables, rate):
    optimizer = made(keras.optimizers.Adam(rate), start_epoch=2)
    plain = keras.optimizers.Adam(rate)
    copies = [variable(v.numpy(), v.path) for v in variables]
    gradients = [np.array([1.0, -2.0], "float32")] * 2
    for epoch in range(2):
        optimizer.set_epoch(epoch)
        optimizer.apply(gradients, variables)
        plain.apply(gradients, copies)
        np.testing.assert_array_equal(variables[0], [1.0, 2.0])
        np.testing.assert_allclose(variables[1], copies[1])
    optimizer.set_epoch(2)
    optimizer.apply(gradients, variables)
    assert (variables[0].numpy() != [1.0, 2.0]).all()


def test_the_learning_rate_is_that_of_the_rest(variables):
    optimizer = made(keras.optimizers.SGD(0.5), multiplier=0.1)
    optimizer.build(variables)
    assert float(optimizer.learning_rate) == pytest.approx(0.5)
    optimizer.learning_rate = 0.2
    rates = [float(one.learning_rate) for one in optimizer.optimizers]
    assert rates == pytest.approx([0.02, 0.2])


@pytest.mark.parametrize(
    "rate", [0.5, schedules.CosineDecay(0.5, decay_steps=10)]
)
def test_it_comes_back_from_its_configuration(rate):
    optimizer = made(keras.optimizers.Adam(rate), multiplier=0.1, start_epoch=3)
    config = keras.saving.serialize_keras_object(optimizer)
    again = keras.saving.deserialize_keras_object(config)
    assert again.parts == optimizer.parts
    assert again.get_config() == optimizer.get_config()


def network():
    inputs = keras.Input((3,))
    x = keras.layers.Dense(2, name="trunk")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, name="head")(x))


def test_parts_of_a_model():
    model = network()
    rates = layer_rates(model, 0.1, {"head": 2}, transferred=["trunk"])
    assert rates == {"trunk": (0.1, 0), "head": (1.0, 2)}
    assert learning_rate_parts(model, rates) == (
        LearningRatePart(("trunk/kernel", "trunk/bias"), 0.1, 0),
        LearningRatePart(("head/kernel", "head/bias"), 1.0, 2),
    )


def test_the_first_pattern_counts():
    rates = layer_rates(network(), {"tr*": 0.5, "*": 0.1}, {}, transferred=[])
    assert rates == {"trunk": (0.5, 0), "head": (0.1, 0)}


@pytest.mark.parametrize(
    ("multiplier", "epochs", "message"),
    [
        ({"tronk": 0.1}, {}, "Did you mean 'trunk'"),
        ({"trunk": -1}, {}, "must be 0 or more"),
        (1.0, {"trunk": -1}, "`unfreeze_at` must be 0 or more"),
    ],
)
def test_refused(multiplier, epochs, message):
    with pytest.raises(ValueError, match=message):
        layer_rates(network(), multiplier, epochs, transferred=[])


def test_the_callback_needs_the_optimizer():
    model = network()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="LayerwiseOptimizer"):
        model.fit(
            np.zeros((2, 3)),
            np.zeros((2, 1)),
            callbacks=[GradualUnfreezing()],
            verbose=0,
        )
