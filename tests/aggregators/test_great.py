import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import GREAT, great_slopes


def test_slopes_are_those_of_the_cross_entropy():
    rng = np.random.default_rng(0)
    samples = tf.constant(rng.normal(size=(3, 4, 5)))
    factors = tf.constant(rng.random((3, 5)) + 0.5)
    classifier = tf.constant(rng.normal(size=(5, 3)))
    with tf.GradientTape() as tape:
        tape.watch([factors, classifier])
        unit = samples / tf.sqrt(tf.reduce_mean(samples**2))
        logits = (unit * factors[:, None]) @ classifier
        labels = tf.repeat(tf.range(3)[:, None], 4, axis=1)
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        )
    expected = tape.gradient(loss, [classifier, factors])
    for found, slope in zip(
        great_slopes(samples, factors, classifier), expected, strict=True
    ):
        np.testing.assert_allclose(found, slope, rtol=1e-9)


def test_it_starts_as_the_sum_at_a_representation_too():
    aggregator = GREAT()
    aggregator.build_state(2, [(None, 2, 3), (4,)])
    maps = np.random.default_rng(0).normal(size=(2, 5, 2, 3))
    maps = maps.astype("float32")
    np.testing.assert_allclose(
        aggregator.combine(maps, 0), maps.sum(0), rtol=1e-5
    )
    assert aggregator.factors[0].shape == (2, 6)
    assert aggregator.factors[1].shape == (2, 4)


def test_gradients_become_harder_to_tell_apart():
    rng = np.random.default_rng(0)
    aggregator = GREAT(learning_rate=0.5, reversal=1.0)
    aggregator.build_state(2, [(None, 2)])
    step = tf.function(aggregator.combine)
    for _ in range(300):
        stack = 1 + 0.1 * rng.normal(size=(2, 8, 2))
        stack[0] *= 3
        step(tf.constant(stack, "float32"))
    factors = np.asarray(aggregator.factors[0]).mean(1)
    assert factors[0] < factors[1]


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="`learning_rate` must be positive"):
        GREAT(learning_rate=0.0)
