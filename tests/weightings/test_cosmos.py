import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.trainers import Shared
from keras_mtl.weightings import COSMOS, cosmos_weights


def test_it_is_the_gradient_of_the_scalarisation():
    losses = tf.constant([0.5, 2.0, 1.0], "float64")
    ray = tf.constant([0.25, 0.5, 0.25], "float64")
    with tf.GradientTape() as tape:
        tape.watch(losses)
        product = tf.reduce_sum(ray * losses)
        cosine = product / (tf.norm(ray) * tf.norm(losses))
        total = product - 2.0 * cosine
    np.testing.assert_allclose(
        cosmos_weights(losses, 4 * ray, pull=2.0),
        tape.gradient(total, losses),
        rtol=1e-9,
    )


def test_absent_tasks_have_no_part():
    present = np.array([True, True, False])
    losses, ray = np.array([1.0, 3.0, 9.0]), np.array([1.0, 2.0, 5.0])
    np.testing.assert_allclose(
        cosmos_weights(losses, ray, present)[:2],
        cosmos_weights(losses[:2], ray[:2]),
    )


def test_a_negative_pull_is_refused():
    with pytest.raises(ValueError, match="`pull` must be at least 0"):
        COSMOS(pull=-1.0)


def test_every_batch_has_a_preference_of_its_own():
    weighting = COSMOS({"b": 3.0}, concentration=1.2, seed=0)
    weighting.build_state(["a", "b"])
    losses = tf.constant([1.0, 2.0])
    np.testing.assert_allclose(weighting.drawn, [0.25, 0.75])
    seen = []
    for _ in range(3):
        drawn = np.asarray(weighting.drawn)
        np.testing.assert_allclose(
            weighting.task_weights(losses), cosmos_weights(losses, drawn)
        )
        weighting.update(losses)
        seen.append(drawn)
    assert len(np.unique(np.round(seen, 6), axis=0)) == 3


class Reading(keras.layers.Layer):
    """Puts the preference beside the features."""

    def __init__(self, weighting):
        super().__init__()
        self.preference = weighting.drawn

    def call(self, inputs):
        shape = (tf.shape(inputs)[0], 2)
        preference = tf.broadcast_to(self.preference, shape)
        return tf.concat([inputs, preference], -1)


def test_a_layer_may_read_the_preference():
    weighting = COSMOS(concentration=1.2, seed=0)
    weighting.build_state(["a", "b"])
    inputs = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(4)(Reading(weighting)(inputs))
    outputs = {t: keras.layers.Dense(1, name=t)(hidden) for t in "ab"}
    trainer = Shared(keras.Model(inputs, outputs), weighting=weighting)
    trainer.compile("sgd", loss="mse")
    x = np.ones((4, 3), "float32")
    trainer.train_on_batch(x, {"a": x[:, :1], "b": x[:, 1:2]})
    before = trainer.predict_on_batch(x)["a"]
    weighting.drawn.assign([1.0, 0.0])
    assert np.abs(trainer.predict_on_batch(x)["a"] - before).max() > 1e-4


def test_a_concentration_of_zero_is_refused():
    with pytest.raises(ValueError, match="`concentration` must be positive"):
        COSMOS(concentration=0.0)
