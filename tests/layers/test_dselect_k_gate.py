import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.layers import DSelectKGate
from keras_mtl.layers.dselect_k_gate import smooth_step


def stepped(t, gamma):
    if t <= -gamma / 2:
        return 0.0
    if t >= gamma / 2:
        return 1.0
    return -2 / gamma**3 * t**3 + 3 / (2 * gamma) * t + 0.5


def weighed(numbers, selectors, num_experts, gamma):
    """One sample: the definition, bit by bit."""
    alphas = np.exp(selectors - selectors.max())
    alphas /= alphas.sum()
    q = np.zeros(num_experts)
    for alpha, row in zip(alphas, numbers, strict=True):
        for expert in range(num_experts):
            product = 1.0
            for bit, t in enumerate(row):
                s = stepped(t, gamma)
                product *= s if (expert >> bit) & 1 else 1 - s
            q[expert] += alpha * product
    return q


@settings(max_examples=20)
@given(st.floats(-2, 2), st.sampled_from([0.5, 1.0, 3.0]))
def test_smooth_step(t, gamma):
    found = float(smooth_step(tf.constant(t, "float64"), gamma))
    assert found == pytest.approx(stepped(t, gamma), abs=1e-9)


def test_smooth_step_has_a_continuous_derivative():
    x = tf.constant([-0.5, 0.0, 0.5])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = smooth_step(x)
    np.testing.assert_allclose(tape.gradient(y, x), [0, 1.5, 0], atol=1e-6)


@pytest.mark.parametrize("num_experts", [2, 4, 5])
@pytest.mark.parametrize("per_example", [True, False])
def test_weights_are_those_of_the_definition(num_experts, per_example):
    gate = DSelectKGate(num_experts, k=3, per_example=per_example)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(4, 6)).astype("float32")
    gate(x)
    for variable in gate.trainable_variables:
        variable.assign(generator.normal(size=variable.shape) / 3)
    bits = gate.num_bits
    numbers, selectors = (v.numpy() for v in (gate.numbers, gate.selectors))
    for sample, row in zip(x, gate(x).numpy(), strict=True):
        own, weights = numbers, selectors
        if per_example:
            own, weights = (sample @ numbers).reshape(3, bits), sample @ weights
        expected = weighed(own, weights, num_experts, 1.0)
        np.testing.assert_allclose(row, expected, atol=1e-5)


def test_at_most_k_experts_once_the_steps_are_over():
    gate = DSelectKGate(8, k=2, per_example=False)
    gate(np.zeros((1, 1)))
    gate.numbers.assign([[1, -1, 1], [-1, -1, 1]])
    gate.selectors.assign([0.0, np.log(3.0)])
    expected = np.zeros(8)
    expected[5], expected[4] = 0.25, 0.75
    np.testing.assert_allclose(gate(np.zeros((1, 1)))[0], expected, atol=1e-6)
    # No entropy is left.
    assert float(gate.losses[0]) == pytest.approx(0, abs=1e-9)


def test_the_loss_is_the_entropy_and_the_share_that_exists():
    for num_experts, expected in (
        (4, np.log(4)),
        (3, 0.75 * np.log(4) + 4 / 3),
    ):
        gate = DSelectKGate(
            num_experts, k=1, per_example=False, entropy_weight=2.0
        )
        gate(np.zeros((1, 1)))
        gate.numbers.assign(np.zeros((1, 2)))
        gate(np.zeros((1, 1)))
        assert float(gate.losses[0]) == pytest.approx(2 * expected, rel=1e-4)


def test_training_the_entropy_alone_selects_k():
    features = keras.Input((3,))
    gate = DSelectKGate(4, k=1, per_example=False, entropy_weight=1.0)
    model = keras.Model(features, gate(features))
    model.compile(keras.optimizers.Adam(0.05), loss=lambda y, p: 0.0 * p)
    x = np.ones((8, 3), "float32")
    model.fit(x, np.zeros((8, 4)), batch_size=1, epochs=12, verbose=0)
    assert np.max(model(x[:1])) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    "options",
    [
        {"num_experts": 1},
        {"k": 0},
        {"gamma": 0.0},
        {"entropy_weight": -1.0},
    ],
)
def test_arguments_out_of_range(options):
    with pytest.raises(ValueError, match="`num_experts` must be 2 or more"):
        DSelectKGate(**{"num_experts": 4, **options})
