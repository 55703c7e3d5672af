"""Cooperative training: against NumPy, and what it promises."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.backend.perturbation import noise_key, perturbed
from keras_mtl.layers import CooperativeFusion
from keras_mtl.models import cooperative
from keras_mtl.trainers import Cooperative, Independent

BOUND = 0.05


def network(tasks=("a", "b"), dropout=0.0, normalize=False, stop=True):
    """An encoder of 3 units a task, late fusion, 2 outputs a task."""
    x = keras.Input((4,), name="features")
    features, outputs = {}, {}
    for task in tasks:
        layer = keras.layers.Dense(3, activation="tanh", name=f"{task}_encoder")
        features[task] = layer(x)
        if normalize:
            norm = keras.layers.BatchNormalization(name=f"{task}_norm")
            features[task] = norm(features[task])
    for task in tasks:
        h = CooperativeFusion(task, stop, name=f"{task}_fusion")(features)
        if dropout:
            h = keras.layers.Dropout(dropout, seed=1, name=f"{task}_drop")(h)
        outputs[task] = keras.layers.Dense(2, name=f"{task}_head")(h)
    return keras.Model(x, outputs, name="network")


def pair(seed=0, **options):
    """Two networks with the same weights."""
    keras.utils.set_random_seed(seed)
    first = network(**options)
    second = network(**options)
    second.set_weights(first.get_weights())
    return first, second


def moved(before, after):
    return {
        path for path in before if not np.array_equal(before[path], after[path])
    }


# Against NumPy ---------------------------------------------------------------


class Oracle:
    """The network and its update, gradients derived by hand."""

    def __init__(self, model, tasks, bound, num_samples, anchor_every=1):
        self.values = {v.path: v.numpy() for v in model.weights}
        self.variables = {v.path: v for v in model.weights}
        self.tasks, self.bound = tasks, bound
        self.num_samples, self.anchor_every = num_samples, anchor_every
        self.step, self.anchors = 0, {}

    def encoders(self, tasks):
        kinds = ("kernel", "bias")
        return [f"{t}_encoder/{kind}" for t in tasks for kind in kinds]

    def noise(self, paths, index, draw, seed=7):
        key = noise_key(seed, self.step, index * self.num_samples + draw)
        variables = [self.variables[path] for path in paths]
        pairs = perturbed(variables, self.bound, key)
        return {
            variable.path: value.numpy() - variable.numpy()
            for variable, value in pairs
        }

    def gradient(self, task, x, y, values):
        hidden = {
            t: np.tanh(
                x @ values[f"{t}_encoder/kernel"] + values[f"{t}_encoder/bias"]
            )
            for t in self.tasks
        }
        fused = np.concatenate([hidden[t] for t in self.tasks], axis=1)
        kernel = values[f"{task}_head/kernel"]
        error = fused @ kernel + values[f"{task}_head/bias"] - y
        outer = 2 * error / error.size
        start = 3 * self.tasks.index(task)
        inner = outer @ kernel.T[:, start : start + 3]
        inner = inner * (1 - hidden[task] ** 2)
        return {
            f"{task}_head/kernel": fused.T @ outer,
            f"{task}_head/bias": outer.sum(0),
            f"{task}_encoder/kernel": x.T @ inner,
            f"{task}_encoder/bias": inner.sum(0),
        }

    def train(self, x, y, rate):
        self.step += 1
        if (self.step - 1) % self.anchor_every == 0:
            self.anchors = dict(self.values)
        for index, task in enumerate(self.tasks):
            others = self.encoders([t for t in self.tasks if t != task])
            total = {}
            for draw in range(self.num_samples):
                values = dict(self.values)
                for path, noise in self.noise(others, index, draw).items():
                    values[path] = values[path] + noise
                for path, g in self.gradient(task, x, y[task], values).items():
                    total[path] = total.get(path, 0.0) + g / self.num_samples
            for path, g in total.items():
                self.values[path] = self.values[path] - rate * g
            for path in self.encoders([task]):
                centre = self.anchors[path]
                self.values[path] = np.clip(
                    self.values[path], centre - self.bound, centre + self.bound
                )


@pytest.mark.parametrize(
    ("num_samples", "anchor_every", "rate"), [(1, 1, 0.1), (2, 2, 3.0)]
)
@pytest.mark.usefixtures("float64")
def test_it_takes_the_steps_of_the_paper(kit, num_samples, anchor_every, rate):
    # A later task must see what an earlier one has made of its encoder, and
    # a rate of 3 makes the box clip: both would show here.
    tasks = ("a", "b", "c")
    model = network(tasks)
    trainer = Cooperative(
        model,
        bound=BOUND,
        num_samples=num_samples,
        anchor_every=anchor_every,
        seed=7,
    )
    kit.compiled(trainer, keras.optimizers.SGD(rate))
    oracle = Oracle(model, tasks, BOUND, num_samples, anchor_every)
    for x, y in kit.batches(3, tasks=tasks):
        trainer.train_on_batch(x, y)
        oracle.train(x, y, rate)
    found = {v.path: v.numpy() for v in model.weights}
    kit.assert_same(found, oracle.values)


def test_without_noise_and_region_it_is_vanilla(kit):
    models = [*pair(), *pair()]
    given = {"bound": 0.0, "region": "none"}, {"bound": 0.3, "region": "none"}
    trainers = [
        Cooperative(models[0], **given[0]),
        Cooperative(models[1], noise=False, **given[1]),
        Cooperative(models[2], warmup=10, **given[1]),
        Independent(models[3]),
    ]
    data = kit.batches(3, tasks=("a", "b"))
    for trainer in trainers:
        kit.compiled(trainer, keras.optimizers.Adam(0.1))
        kit.train(trainer, data)
    expected = kit.parameters(models[3])
    for model in models[:2]:
        found = kit.parameters(model)
        assert not moved(expected, found)
    kit.assert_same(kit.parameters(models[2]), expected, rtol=1e-5, atol=1e-6)


# What it promises ------------------------------------------------------------


@pytest.mark.parametrize("num_samples", [1, 2])
def test_a_step_moves_the_task_alone_and_leaves_no_noise(kit, num_samples):
    model = network()
    trainer = Cooperative(model, bound=BOUND, num_samples=num_samples)
    kit.compiled(trainer, keras.optimizers.Adam(0.1))
    x, y = kit.batches(1, tasks=("a", "b"))[0]
    before = {v.path: v.numpy() for v in model.weights}
    trainer.train_on_batch(x, {"a": y["a"]})
    after = {v.path: v.numpy() for v in model.weights}
    assert moved(before, after) == {
        "a_encoder/kernel",
        "a_encoder/bias",
        "a_head/kernel",
        "a_head/bias",
    }


def encoder_steps(model, before):
    return {
        v.path: v.numpy() - before[v.path]
        for v in model.weights
        if "encoder" in v.path
    }


@pytest.mark.parametrize("options", [{}, {"inner_steps": 3}, {"noise": False}])
def test_no_learning_rate_leaves_the_box(kit, options):
    model = network()
    trainer = Cooperative(model, bound=BOUND, **options)
    kit.compiled(trainer, keras.optimizers.Adam(100.0))
    for batch in kit.batches(3, tasks=("a", "b")):
        before = {v.path: v.numpy() for v in model.weights}
        trainer.train_on_batch(*batch)
        for step in encoder_steps(model, before).values():
            assert np.max(np.abs(step)) <= BOUND + 1e-7
        head = model.get_layer("a_head").kernel.numpy()
        assert np.max(np.abs(head - before["a_head/kernel"])) > BOUND
    shares = trainer.telemetry.result()
    assert shares["cooperative/clipped/a"] > 0.9
    assert shares["cooperative/bound"] == pytest.approx(BOUND)


def test_the_ball_holds_the_whole_encoder(kit):
    model = network()
    trainer = Cooperative(model, bound=BOUND, region="l2")
    kit.compiled(trainer, keras.optimizers.SGD(100.0))
    before = {v.path: v.numpy() for v in model.weights}
    kit.train(trainer, kit.batches(1, tasks=("a", "b")))
    steps = encoder_steps(model, before)
    for task in ("a", "b"):
        own = [steps[f"{task}_encoder/{kind}"] for kind in ("kernel", "bias")]
        norm = np.sqrt(sum(np.sum(step**2) for step in own))
        assert norm == pytest.approx(BOUND, rel=1e-4)
    assert trainer.telemetry.result()["cooperative/clipped/b"] == 1.0


def test_the_box_stays_where_the_anchor_is(kit):
    model = network()
    trainer = Cooperative(model, bound=BOUND, anchor_every=3, noise=False)
    kit.compiled(trainer, keras.optimizers.Adam(0.04))
    data = kit.batches(4, tasks=("a", "b"))
    before = {v.path: v.numpy() for v in model.weights}
    kit.train(trainer, data[:3])
    largest = [np.abs(s).max() for s in encoder_steps(model, before).values()]
    # Two free steps of 0.04 would have gone further.
    assert max(largest) == pytest.approx(BOUND, abs=1e-6)
    kit.train(trainer, data[3:])
    later = [np.abs(s).max() for s in encoder_steps(model, before).values()]
    assert max(later) > BOUND + 1e-3


def test_telemetry_tells_noise_from_none(kit):
    trainer = Cooperative(network(), bound=0.5, warmup=1)
    kit.compiled(trainer, keras.optimizers.SGD(1e-4))
    data = kit.batches(2, tasks=("a", "b"))
    kit.train(trainer, data[:1])
    first = trainer.telemetry.result()
    assert sorted(first) == [
        "cooperative/bound",
        "cooperative/clipped/a",
        "cooperative/clipped/b",
        "cooperative/flatness_gap/a",
        "cooperative/flatness_gap/b",
    ]
    assert set(first.values()) == {0.0}
    trainer.telemetry.reset()
    kit.train(trainer, data[1:])
    second = trainer.telemetry.result()
    assert second["cooperative/bound"] == 0.5
    assert second["cooperative/clipped/a"] == 0.0
    assert abs(second["cooperative/flatness_gap/a"]) > 1e-4


def test_moving_statistics_come_from_clean_passes_alone(kit):
    noisy, clean = pair(normalize=True)
    data = kit.batches(2, tasks=("a", "b"))
    trainers = [
        Cooperative(noisy, bound=0.5, num_samples=3, region="none"),
        Independent(clean),
    ]
    for trainer in trainers:
        kit.compiled(trainer, keras.optimizers.SGD(0.0))
        kit.train(trainer, data)
    assert [v.path for v in noisy.non_trainable_variables]
    for found, expected in zip(
        noisy.non_trainable_variables,
        clean.non_trainable_variables,
        strict=True,
    ):
        np.testing.assert_array_equal(found.value, expected.value)


def test_evaluation_knows_no_noise(kit):
    model = network(dropout=0.5)
    trainer = kit.compiled(Cooperative(model, bound=1.0))
    x, y = kit.batches(1, tasks=("a", "b"))[0]
    results = [trainer.test_on_batch(x, y, return_dict=True) for _ in range(2)]
    assert results[0] == pytest.approx(results[1])
    predicted = trainer.predict(x, verbose=0)
    np.testing.assert_array_equal(
        predicted["a"], model.predict(x, verbose=0)["a"]
    )


@pytest.mark.parametrize(
    "options",
    [{}, {"anchor_every": 3}, {"inner_steps": 2, "region": "l2", "warmup": 1}],
)
def test_a_resumed_run_ends_with_the_same_weights(kit, tmp_path, options):
    def make():
        trainer = Cooperative(
            network(dropout=0.3), bound=0.01, num_samples=2, seed=3, **options
        )
        return kit.compiled(trainer, keras.optimizers.Adam(0.02))

    data = kit.batches(4, tasks=("a", "b"))
    whole = kit.train(make(), data[:2])
    whole.save_weights(tmp_path / "half.weights.h5")
    kit.train(whole, data[2:])
    resumed = make()
    resumed.load_weights(tmp_path / "half.weights.h5")
    kit.train(resumed, data[2:])
    assert not moved(kit.parameters(whole.model), kit.parameters(resumed.model))


def test_the_graph_does_what_eager_does(kit):
    models = pair()
    data = kit.batches(3, tasks=("a", "b"))
    for model, eager in zip(models, (True, False), strict=True):
        trainer = Cooperative(model, bound=BOUND, inner_steps=2)
        kit.compiled(trainer, keras.optimizers.Adam(0.1), eager)
        kit.train(trainer, data)
    first, second = (kit.parameters(model) for model in models)
    kit.assert_same(first, second, rtol=1e-4, atol=1e-5)


def test_it_saves_and_loads_as_a_trainer(kit, tmp_path):
    trainer = Cooperative(
        network(), bound=0.2, region="l2", anchor_every=4, seed=5, warmup=2
    )
    kit.compiled(trainer, keras.optimizers.Adam(0.1))
    data = kit.batches(2, tasks=("a", "b"))
    kit.train(trainer, data[:1])
    trainer.save(tmp_path / "trainer.keras")
    loaded = keras.saving.load_model(tmp_path / "trainer.keras")
    assert loaded.get_config()["anchor_every"] == 4
    assert loaded.get_config()["bound"] == 0.2
    for one in (trainer, loaded):
        kit.train(one, data[1:])
    kit.assert_same(
        kit.parameters(loaded.model),
        kit.parameters(trainer.model),
        rtol=1e-5,
        atol=1e-6,
    )


# Data ------------------------------------------------------------------------


def test_streams_of_each_task_do_what_partial_labels_do(kit):
    separate, together = pair()
    (x, y), (other, more) = kit.batches(2, tasks=("a", "b"))
    # Two samples more for `b` than for `a`.
    other = np.concatenate([other, x[:2]])
    targets = np.concatenate([more["b"], y["b"][:2]])
    zeros = np.zeros(6, "float32"), np.ones(6, "float32")
    weights = {
        "a": np.concatenate([zeros[1], np.zeros(8, "float32")]),
        "b": np.concatenate([zeros[0], np.ones(8, "float32")]),
    }
    labels = {
        "a": np.concatenate([y["a"], np.full((8, 2), np.nan, "float32")]),
        "b": np.concatenate([np.full((6, 2), np.nan, "float32"), targets]),
    }
    batch = tf.data.Dataset.from_tensors(
        ({"a": x, "b": other}, {"a": y["a"], "b": targets})
    )
    first = kit.compiled(Cooperative(separate, bound=BOUND))
    first.fit(batch, verbose=0)
    second = kit.compiled(Cooperative(together, bound=BOUND))
    second.train_on_batch(np.concatenate([x, other]), labels, weights)
    kit.assert_same(
        kit.parameters(separate), kit.parameters(together), rtol=1e-4, atol=1e-5
    )
    scores = first.evaluate(batch, verbose=0, return_dict=True)
    assert np.isfinite(scores["a_loss"])
    assert np.isfinite(scores["b_loss"])


def test_a_batch_without_a_label_moves_nothing_of_its_task(kit):
    model = network()
    trainer = kit.compiled(
        Cooperative(model, bound=BOUND), keras.optimizers.Adam(0.1)
    )
    data = kit.batches(2, tasks=("a", "b"))
    kit.train(trainer, data[:1])
    before = kit.parameters(model)
    ones = np.ones(6, "float32")
    trainer.train_on_batch(*data[1], {"a": ones, "b": 0 * ones})
    paths = moved(before, kit.parameters(model))
    assert paths
    assert all(path.startswith("a_") for path in paths)


def test_one_optimizer_a_task_with_slots_of_its_own(kit):
    trainer = Cooperative(network(), bound=BOUND)
    given = {
        "a": keras.optimizers.Adam(0.1),
        "b": keras.optimizers.SGD(0.1, momentum=0.9),
    }
    kit.compiled(trainer, given)
    assert isinstance(trainer.optimizers["b"], keras.optimizers.SGD)
    for task, optimizer in trainer.optimizers.items():
        paths = [v.path for v in optimizer._trainable_variables]
        assert len(paths) == 4
        assert all(path.startswith(f"{task}_") for path in paths)


# Refusals --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bound": -0.1}, r"`bound` must be a finite number, 0 or more"),
        ({"bound": float("nan")}, r"`bound` must be a finite number"),
        ({"num_samples": 0}, r"`num_samples` must be an integer, 1 or more"),
        ({"inner_steps": 0}, r"`inner_steps` must be an integer, 1 or more"),
        ({"anchor_every": 0}, r"`anchor_every` must be an integer, 1 or more"),
        ({"warmup": -1}, r"`warmup` must be an integer, 0 or more"),
        ({"region": "box"}, r"`region` must be 'clip', 'l2' or 'none'"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Cooperative(network(), **{"bound": BOUND, **options})


def test_encoders_that_several_tasks_train_are_refused(kit):
    coupled = network(stop=False)
    for model in (coupled, kit.build()):
        with pytest.raises(ValueError, match=r"models\.cooperative\("):
            Cooperative(model, bound=BOUND)


def test_fewer_encoders_than_tasks_are_refused():
    x = keras.Input((4,), name="features")
    features = {"a": keras.layers.Dense(3, name="a_encoder")(x), "b": x}
    outputs = {
        task: keras.layers.Dense(2, name=task)(
            CooperativeFusion(task)(features)
        )
        for task in "ab"
    }
    with pytest.raises(ValueError, match=r"where \['b'\] have none"):
        Cooperative(keras.Model(x, outputs), bound=BOUND)


def test_one_task_is_refused():
    with pytest.raises(ValueError, match=r"two tasks or more"):
        Cooperative(network(("a",)), bound=BOUND)


def test_inputs_without_a_labelled_task_are_refused(kit):
    trainer = kit.compiled(Cooperative(network(), bound=BOUND))
    x, y = kit.batches(1, tasks=("a", "b"))[0]
    with pytest.raises(ValueError, match=r"Missing in `x`: \['b'\]"):
        trainer.train_on_batch({"a": x}, y)


def test_draws_differ_from_task_to_task_and_step_to_step(kit):
    trainer = kit.compiled(
        Cooperative(network(), bound=BOUND, num_samples=2, inner_steps=2)
    )
    seen = []
    for batch in kit.batches(2, tasks=("a", "b")):
        trainer.train_on_batch(*batch)
        for phase in trainer.phases:
            for mapping in phase.perturbation.draws():
                noise = [value - v.value for v, value in mapping]
                seen.append(np.concatenate([np.ravel(n) for n in noise]))
    assert len(seen) == 16
    assert all(np.max(np.abs(noise)) <= BOUND + 1e-7 for noise in seen)
    for one, other in itertools.combinations(seen, 2):
        assert not np.allclose(one, other)


# The whole ------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_segmentation_and_a_classification_train_together(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = cooperative(
            {"mask": 3, "grade": 2},
            (8, 8, 1),
            widths=(4, 6),
            network="unet",
            classification=["grade"],
            batch_normalization=True,
        )
        trainer = Cooperative(model, bound=BOUND)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        trainer.compile(
            keras.optimizers.Adam(0.01), loss={"mask": loss, "grade": loss}
        )
    finally:
        keras.config.set_dtype_policy(before)
    numbers = np.random.default_rng(0)
    x = numbers.normal(size=(4, 8, 8, 1)).astype("float32")
    y = {
        "mask": (x[..., 0] > 0).astype("int32"),
        "grade": np.arange(4) % 2,
    }
    data = tf.data.Dataset.from_tensors((x, y)).repeat(15)
    losses = trainer.fit(data, epochs=2, verbose=0).history
    assert losses["mask_loss"][1] < losses["mask_loss"][0]
    assert losses["grade_loss"][1] < losses["grade_loss"][0]
