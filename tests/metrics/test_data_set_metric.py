"""What holds for every metric, and its value beside an oracle."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl import metrics
from keras_mtl.metrics.data_set_metric import weights_like
from keras_mtl.runs.metric_state import metric_state, restore_metrics
from keras_mtl.runs.monitor import direction

SIZE = 11


def add(metric, case, start=0, stop=SIZE):
    part = slice(start, stop)
    metric.update_state(
        case.labels[part], case.outputs[part], sample_weight=case.weight[part]
    )


def value(metric):
    return float(metric.result())


@pytest.mark.parametrize("size", [1, 3, 8, SIZE])
def test_the_value_is_that_of_the_data_set_for_any_batch_size(case, size):
    metric = case.make()
    for start in range(0, SIZE, size):
        add(metric, case, start, start + size)
    np.testing.assert_allclose(value(metric), case.expected, rtol=case.rtol)
    whole = case.make()
    add(whole, case)
    np.testing.assert_allclose(value(metric), value(whole), rtol=1e-6)


def test_it_comes_back_from_its_configuration_and_starts_again(case):
    metric = case.make()
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert again.get_config() == metric.get_config()
    for one in (metric, again):
        add(one, case)
    before = value(metric)
    assert value(again) == before
    metric.reset_state()
    add(metric, case)
    assert value(metric) == before


def test_the_state_survives_a_resumed_run(case):
    whole, first, second = case.make(), case.make(), case.make()
    add(whole, case)
    add(first, case, 0, 4)
    state = metric_state(SimpleNamespace(metrics=[first]))
    restore_metrics(SimpleNamespace(metrics=[second]), state)
    add(second, case, 4)
    np.testing.assert_allclose(value(second), value(whole), rtol=1e-6)


def test_one_trace_serves_batches_of_all_sizes(cases):
    made = [(case, case.make()) for case in cases]
    traces = []

    @tf.function(reduce_retracing=True)
    def step(labels, outputs, weights):
        traces.append(1)
        for (_, metric), *data in zip(
            made, labels, outputs, weights, strict=True
        ):
            metric.update_state(data[0], data[1], sample_weight=data[2])

    sizes = [4, 3, 2, 1, 1]
    for start, size in zip(np.cumsum([0, *sizes]), sizes, strict=False):
        part = slice(start, start + size)
        data = (
            [tf.constant(getattr(c, name)[part]) for c, _ in made]
            for name in ("labels", "outputs", "weight")
        )
        step(*data)
    assert len(traces) <= 2
    for case, metric in made:
        np.testing.assert_allclose(
            value(metric), case.expected, rtol=case.rtol, err_msg=case.name
        )


def test_half_precision_only_rounds_the_outputs(case):
    half = tf.cast(case.outputs, "bfloat16")
    metric, rounded = case.make(), case.make()
    metric.update_state(case.labels, half, sample_weight=case.weight)
    rounded.update_state(
        case.labels, tf.cast(half, "float32"), sample_weight=case.weight
    )
    assert value(metric) == value(rounded)
    assert {v.dtype for v in metric.variables} == {"float64"}


def test_its_name_tells_the_direction(case):
    metric = case.make()
    better = "max" if metric.higher_is_better else "min"
    assert direction(f"val_task_{metric.name}") == better
    keras_direction = {"max": "up", "min": "down"}
    assert metric._direction == keras_direction[better]


def test_counts_stay_exact_beyond_float32():
    metric = metrics.AbsoluteError()
    metric.count.assign(2.0**24)
    metric.total.assign(2.0**24)
    metric.update_state(np.ones((1, 1, 1, 1)), np.zeros((1, 1, 1, 1)))
    assert float(metric.count) == 2**24 + 1


@pytest.mark.parametrize("shape", [(2,), (2, 1), (2, 3), (2, 3, 1)])
def test_weights_have_leading_axes(shape):
    weight = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    found = weights_like(weight, np.zeros((2, 3)), "float32")
    expected = np.broadcast_to(weight.reshape(2, -1), (2, 3))
    np.testing.assert_array_equal(found, expected)


def test_weights_with_axes_of_their_own_are_refused():
    with pytest.raises(ValueError, match=r"at most the 2 axes.*\(2, 3, 4\)"):
        weights_like(np.ones((2, 3, 4)), np.zeros((2, 3)), "float32")
