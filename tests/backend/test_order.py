import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.backend.order import run_in_order, shuffled_order


@given(st.integers(1, 9), st.integers(0, 2**40), st.integers(0, 2**40))
def test_an_order_is_a_permutation_that_comes_again(count, seed, step):
    order = shuffled_order(count, seed, tf.constant(step, tf.int64)).numpy()
    assert sorted(order) == list(range(count))
    again = shuffled_order(count, seed, tf.constant(step, tf.int64)).numpy()
    np.testing.assert_array_equal(order, again)


def test_all_orders_come_up_about_equally_often():
    drawn = [
        tuple(shuffled_order(3, 7, tf.constant(step)).numpy())
        for step in range(600)
    ]
    counts = [drawn.count(order) for order in set(drawn)]
    assert len(counts) == 6
    assert min(counts) > 60


@pytest.mark.parametrize("compiled", [False, True])
def test_steps_run_in_the_order_and_results_add_up(compiled):
    log = tf.Variable(0)

    def step(digit):
        def run(_):
            log.assign(10 * log + digit)
            return tf.constant([float(digit)])

        return run

    @tf.function(jit_compile=compiled)
    def run(order):
        steps = [step(digit) for digit in (1, 2, 3)]
        return run_in_order(steps, order, tf.constant([0.5]))

    assert run(tf.constant([2, 0, 1])).numpy() == [6.5]
    assert log.numpy() == 312
