import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_mtl.backend.halves as halves_module
from keras_mtl.aggregators import CRMOGM, MGDA, Mean, MoDo, SDMGrad
from keras_mtl.backend.combination import combine, cross_products
from keras_mtl.backend.halves import halves_of
from keras_mtl.backend.phase import Batch
from keras_mtl.trainers import Shared


def batch(size):
    x = np.arange(2.0 * size, dtype="float32").reshape(size, 2)
    weights = {"a": None, "b": np.ones(size, "float32")}
    return Batch(x, {"a": x[:, 0], "b": x[:, 1]}, weights)


@pytest.mark.parametrize(("size", "sizes"), [(4, (2, 2)), (5, (3, 2))])
def test_every_sample_is_in_one_half(size, sizes):
    whole = batch(size)
    halves = halves_of(whole)
    first, second = halves.parts
    assert (len(first.inputs), len(second.inputs)) == sizes
    np.testing.assert_array_equal(first.inputs, whole.inputs[::2])
    for name in "ab":
        labels = halves.in_order([first.labels[name], second.labels[name]])
        np.testing.assert_array_equal(labels, whole.labels[name])
    assert first.weights["a"] is None
    assert len(second.weights["b"]) == sizes[1]


def test_a_single_sample_is_both_halves():
    halves = halves_of(batch(1))
    first, second = halves.parts
    np.testing.assert_array_equal(first.inputs, second.inputs)
    outputs = halves.in_order([first.inputs, second.inputs])
    np.testing.assert_array_equal(outputs, first.inputs)


@pytest.mark.parametrize("sizes", [(3, 2), (3, 3), (4, 1), (2, 0), (1, 0)])
def test_the_halves_of_replicas_are_those_of_the_global_batch(
    sizes, monkeypatch
):
    whole = batch(sum(sizes))
    expected = halves_of(whole).parts
    places = [(0, sizes[0]), (sizes[0], sum(sizes))]
    found = []
    for before, end in places:
        monkeypatch.setattr(
            halves_module,
            "place_among",
            lambda _, before=before: (before, sum(sizes)),
        )
        own = Batch(whole.inputs[before:end], {}, {})
        halves = halves_of(own)
        ordered = halves.in_order([part.inputs for part in halves.parts])
        np.testing.assert_array_equal(ordered, own.inputs)
        found.append([part.inputs for part in halves.parts])
    for index in range(2):
        joined = np.concatenate([parts[index] for parts in found])
        np.testing.assert_array_equal(joined, expected[index].inputs)


def test_products_of_independent_gradients_have_no_bias():
    numbers = np.random.default_rng(0)
    true = np.array([[1.0, 2.0], [-1.0, 0.5]])
    found = [
        cross_products(*(true + numbers.normal(size=(2, 2, 2))), "float64")
        for _ in range(4000)
    ]
    np.testing.assert_allclose(np.mean(found, 0), true @ true.T, atol=0.15)


def test_the_method_sees_products_between_the_halves():
    numbers = np.random.default_rng(0)
    first, second = numbers.normal(size=(2, 3, 6))
    aggregator = MoDo(gamma=0.1, rho=0.0, dtype="float64")
    aggregator.build_state(3, [(6,)])
    found = combine(
        aggregator, [first + second], [0], 1, halves=[(first, second)]
    )
    cross = 2.0 * (first @ second.T + second @ first.T)
    slope = cross @ np.full(3, 1 / 3)
    plain = MoDo(gamma=0.1, rho=0.0, dtype="float64")
    plain.build_state(3, [])
    np.testing.assert_allclose(found.weights, plain.task_weights(cross))
    expected = np.full(3, 1 / 3) - 0.1 * (slope - slope.mean())
    if expected.min() > 0:
        np.testing.assert_allclose(found.weights, expected, rtol=1e-9)
    combined = np.array(found.weights) @ (first + second)
    np.testing.assert_allclose(found.gradients[0], combined, rtol=1e-9)


def trained(aggregator, size=6, weight=None):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(4, "tanh", kernel_regularizer="l2")(inputs)
    outputs = {t: keras.layers.Dense(1, name=t)(hidden) for t in "ab"}
    model = keras.Model(inputs, outputs)
    trainer = Shared(model, aggregator)
    trainer.compile(keras.optimizers.SGD(0.1), loss="mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(size, 3)).astype("float32")
    y = {"a": x[:, :1], "b": x[:, 1:2] + 1.0}
    logs = trainer.train_on_batch(x, y, weight, return_dict=True)
    return logs, [np.array(v) for v in model.variables]


class Halved(Mean):
    """A mean that asks for what it does not need."""

    reads = "gram"
    independent = True

    def task_weights(self, gram, present=None, losses=None):
        assert gram is not None
        return tf.fill(gram.shape[:1], 0.5)


@pytest.mark.parametrize("size", [6, 5, 1])
def test_the_step_and_the_logs_are_those_of_the_whole_batch(size):
    logs, variables = trained(Halved(), size)
    expected, others = trained(Mean(), size)
    for name, value in expected.items():
        assert logs[name] == pytest.approx(float(value), rel=1e-5), name
    for one, other in zip(variables, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_unlabelled_samples_count_in_no_half():
    weight = {
        "a": np.array([0, 0, 0, 1, 1, 1], "float32"),
        "b": np.array([1, 0, 1, 1, 0, 1], "float32"),
    }
    logs, variables = trained(Halved(), weight=weight)
    expected, others = trained(Mean(), weight=weight)
    assert logs["loss"] == pytest.approx(float(expected["loss"]), rel=1e-5)
    for one, other in zip(variables, others, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", [MoDo, SDMGrad])
def test_methods_that_need_independent_products_ask_for_them(kind):
    assert kind().independent
    assert CRMOGM(kind()).independent
    assert not kind(independent=False).independent
    assert not MGDA().independent
    logs, _ = trained(kind())
    assert np.isfinite(logs["loss"])
