import itertools
from types import SimpleNamespace

import keras
import pytest
import tensorflow as tf

from keras_mtl.cli import cost
from keras_mtl.cli.cost import forward_operations, waiting_share


class Clock:
    """Seconds that pass only when something is done."""

    now = 0.0

    def perf_counter(self):
        return self.now


@pytest.mark.parametrize("steps_per_execution", [1, 2])
def test_the_share_of_waiting(monkeypatch, steps_per_execution):
    clock, seen = Clock(), []
    monkeypatch.setattr(cost, "time", clock)

    def read():
        for number in itertools.count():
            clock.now += 0.003
            yield tf.constant(number)

    def train(batches):
        clock.now += 0.001 * steps_per_execution
        seen.append([int(batch) for batch in batches])
        return {"loss": tf.constant(0.0)}

    experiment = SimpleNamespace(
        trainer=SimpleNamespace(train_function=train),
        data=SimpleNamespace(train=SimpleNamespace(stream=read)),
        config=SimpleNamespace(
            fit=SimpleNamespace(steps_per_execution=steps_per_execution)
        ),
    )
    assert waiting_share(experiment) == pytest.approx(0.75)
    assert len(seen) == 20
    # The first is left out: it starts the pipeline.
    assert seen[0] == [2 * steps_per_execution - 1] * steps_per_execution


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
