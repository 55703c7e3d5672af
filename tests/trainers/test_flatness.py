"""Losses under noise on the other encoders, against NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.backend.perturbation import noise_key, perturbed
from keras_mtl.models import cooperative
from keras_mtl.trainers import Cooperative, Independent, flatness

BOUNDS = (0.0, 0.1, 1.0)


def linear(kit):
    """`a` reads 3 x_a + 2 x_b of two scalar encoders; `b` the other way."""
    from keras_mtl.layers import CooperativeFusion

    x = keras.Input((1,), name="features")
    dense = {"use_bias": False, "kernel_initializer": "ones"}
    features = {
        task: keras.layers.Dense(1, name=f"{task}_encoder", **dense)(x)
        for task in "ab"
    }
    outputs = {}
    for task in "ab":
        fused = CooperativeFusion(task, name=f"{task}_fusion")(features)
        head = keras.layers.Dense(1, use_bias=False, name=f"{task}_head")
        outputs[task] = head(fused)
        head.set_weights([np.array([[3.0], [2.0]], "float32")])
    return kit.compiled(Cooperative(keras.Model(x, outputs), bound=0.1))


def data(sizes=(3, 2)):
    values = np.arange(1, sum(sizes) + 1, dtype="float32")[:, None]
    batches, start = [], 0
    for size in sizes:
        x = values[start : start + size]
        batches.append((x, {"a": 5 * x, "b": 5 * x + 1}))
        start += size
    return batches


def test_it_is_the_mean_over_draws_and_samples(kit):
    trainer = linear(kit)
    found = flatness(trainer, data(), BOUNDS, num_samples=4, seed=3)
    squares = np.mean(np.arange(1, 6) ** 2)
    other = trainer.model.get_layer("b_encoder").kernel
    for bound in BOUNDS:
        noise = [
            perturbed([other], bound, noise_key(3, draw, 0))[0][1]
            .numpy()
            .item()
            - 1
            for draw in range(4)
        ]
        # The loss of `a` is (2 noise x)^2: its encoder is exact.
        expected = np.mean([4 * n**2 * squares for n in noise])
        assert found["a"][bound] == pytest.approx(expected, rel=1e-4, abs=1e-9)
    assert found["b"][0.0] == pytest.approx(1.0)


def test_nothing_changes_and_every_scheme_can_be_measured(kit):
    model = cooperative(
        {"a": 2, "b": 2}, (10, 10, 1), widths=(4, 4), batch_normalization=True
    )
    x = np.random.default_rng(0).normal(size=(4, 10, 10, 1)).astype("float32")
    y = {task: np.zeros((4, 2), "float32") for task in "ab"}
    batches = tf.data.Dataset.from_tensors((x, y))
    before = [v.numpy() for v in model.variables]
    ways = [Cooperative(model, bound=0.1), Independent(model)]
    for trainer in ways:
        kit.compiled(trainer)
    curves = ways[0].flatness(batches, BOUNDS)
    assert flatness(ways[1], batches, BOUNDS) == curves
    assert curves["a"][1.0] != curves["a"][0.0]
    score = ways[0].evaluate(batches, verbose=0, return_dict=True)
    assert curves["b"][0.0] == pytest.approx(score["b_loss"], rel=1e-5)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_unlabelled_samples_are_left_out(kit):
    trainer = linear(kit)
    (x, y), *_ = data()
    weights = {"a": np.zeros(3, "float32"), "b": np.ones(3, "float32")}
    found = flatness(trainer, [(x, y, weights)], [0.0])
    assert np.isnan(found["a"][0.0])
    assert found["b"][0.0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bounds": []}, r"`bounds` must be one or more finite numbers"),
        ({"bounds": [-1.0]}, r"`bounds` must be one or more finite numbers"),
        ({"num_samples": 0}, r"`num_samples` must be an integer, 1 or more"),
        ({"batches": []}, r"at least one batch with labels"),
    ],
)
def test_what_cannot_be_measured_is_refused(kit, options, message):
    given = {"batches": data(), "bounds": BOUNDS, **options}
    with pytest.raises(ValueError, match=message):
        flatness(linear(kit), **given)


def test_a_trainer_without_losses_is_refused():
    model = cooperative({"a": 2, "b": 2}, (10, 10, 1), widths=(4, 4))
    with pytest.raises(ValueError, match=r"needs a compiled trainer"):
        flatness(Cooperative(model, bound=0.1), data(), BOUNDS)


def test_a_model_without_separate_encoders_is_refused(kit):
    trainer = kit.compiled(Independent(kit.build()))
    with pytest.raises(ValueError, match=r"an encoder for each task"):
        flatness(trainer, kit.batches(1), BOUNDS)
