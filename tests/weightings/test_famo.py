import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.trainers import Shared
from keras_mtl.weightings import FAMO, famo_weights


def test_weights_are_normalised_shares_over_losses():
    logits = np.array([0.0, np.log(3.0)], "float32")
    losses = np.array([1.0, 3.0], "float32")
    np.testing.assert_allclose(
        famo_weights(logits, losses), [0.5, 0.5], rtol=1e-6
    )


def test_the_task_that_falls_fastest_loses_weight():
    weighting = FAMO(batch="next")
    weighting.build_state(["a", "b"])
    step = tf.function(weighting.update)
    for index in range(50):
        step(tf.constant([0.9**index, 0.99**index]))
    logits = np.asarray(weighting.logits)
    assert logits[0] < 0 < logits[1]


def test_extreme_losses_do_not_overflow():
    losses = np.array([1e-30, 1e30], "float32")
    weights = famo_weights(np.zeros(2, "float32"), losses)
    np.testing.assert_allclose(weights, [1, 0], atol=1e-6)


def test_one_step_of_adam_along_the_published_gradient():
    weighting = FAMO(learning_rate=0.1, weight_decay=0.0, lowest={"b": 1.0})
    weighting.build_state(["a", "b"])
    before, after = np.array([2.0, 5.0]), np.array([1.0, 4.0])
    weighting.update_after(tf.constant(before), tf.constant(after))
    fell = np.log([2.0, 4.0]) - np.log([1.0, 3.0])
    slope = 0.5 * (fell - fell.mean())
    # Adam's first step has the length of the learning rate.
    np.testing.assert_allclose(
        weighting.logits, -0.1 * np.sign(slope), rtol=1e-4
    )
    # And its mean keeps a tenth of the gradient.
    np.testing.assert_allclose(weighting.adam.mean, 0.1 * slope, rtol=1e-5)


class Recording(FAMO):
    """Keeps what it is told."""

    def build_state(self, tasks):
        super().build_state(tasks)
        self.seen = self.add_weight((2, 2), "zeros", trainable=False)

    def update_after(self, losses, after, present=None):
        super().update_after(losses, after, present)
        self.seen.assign(tf.stack([losses, after]))


def test_a_trainer_tells_the_losses_before_and_after_the_step():
    inputs = keras.Input((3,), name="x")
    hidden = keras.layers.BatchNormalization()(inputs)
    outputs = {t: keras.layers.Dense(1, name=t)(hidden) for t in "ab"}
    model = keras.Model(inputs, outputs)
    weighting = Recording()
    trainer = Shared(model, weighting=weighting)
    trainer.compile(keras.optimizers.SGD(0.1), loss="mse")
    x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    y = {"a": x[:, :1], "b": x[:, 1:2] + 1.0}

    def losses():
        with keras.StatelessScope():
            found = model(x, training=True)
        return [np.mean((found[t].numpy() - y[t]) ** 2) for t in "ab"]

    before = losses()
    trainer.train_on_batch(x, y)
    np.testing.assert_allclose(weighting.seen, [before, losses()], rtol=1e-4)
    # One pass moved the statistics, not two.
    statistics = model.layers[1].moving_mean
    np.testing.assert_allclose(statistics, 0.01 * x.mean(0), rtol=1e-4)


def test_an_unknown_batch_is_refused():
    with pytest.raises(ValueError, match="`batch` must be 'same'"):
        FAMO(batch="last")
