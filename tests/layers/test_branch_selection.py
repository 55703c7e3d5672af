import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.layers import BranchSelection


def branches(count=3):
    # One channel each, so that the output is the weights.
    return [np.eye(count, dtype="f4")[[i]] for i in range(count)]


def drawn(layer, times):
    return np.concatenate(
        [layer(branches(), training=True) for _ in range(times)]
    )


def test_it_reads_the_likeliest_branch():
    layer = BranchSelection()
    layer(branches())
    layer.logits.assign([0.0, 2.0, 1.0])
    assert layer.chosen == 1
    np.testing.assert_array_equal(layer(branches()), [[0, 1, 0]])


def test_draws_follow_the_gumbel_softmax():
    layer = BranchSelection(temperature=1e-3, seed=3)
    layer(branches())
    layer.logits.assign(np.log([0.6, 0.3, 0.1]))
    found = drawn(layer, 400)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-5)
    # Nearly one-hot, as often as the probabilities say.
    assert (found.max(1) > 0.99).mean() > 0.97
    np.testing.assert_allclose(found.mean(0), [0.6, 0.3, 0.1], atol=0.09)


def test_a_high_temperature_mixes_evenly():
    layer = BranchSelection(temperature=1e3)
    np.testing.assert_allclose(
        drawn(layer, 5), np.full((5, 3), 1 / 3), atol=0.02
    )


def test_draws_are_reproducible_and_change():
    first, second = (drawn(BranchSelection(seed=1), 2) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first[0], first[1])


def test_the_choice_has_a_gradient():
    layer = BranchSelection(temperature=1.0)
    layer(branches())
    with tf.GradientTape() as tape:
        found = layer(branches(), training=True)
        loss = tf.reduce_sum(found * [[1.0, 0.0, 0.0]])
    gradient = tape.gradient(loss, layer.logits.value).numpy()
    assert gradient[0] > 0
    assert gradient.sum() == pytest.approx(0, abs=1e-6)


def test_saved_and_loaded(tmp_path):
    inputs = [keras.Input((3,)) for _ in range(2)]
    layer = BranchSelection(0.5, seed=2)
    model = keras.Model(inputs, layer(inputs))
    layer.temperature.assign(0.25)
    layer.logits.assign([0.0, 1.0])
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras").layers[-1]
    assert loaded.chosen == 1
    assert float(loaded.temperature) == 0.25
    assert loaded.initial_temperature == 0.5


def test_a_temperature_of_zero():
    with pytest.raises(ValueError, match="`temperature` must be above 0"):
        BranchSelection(0.0)
