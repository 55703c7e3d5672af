"""What all schemes have in common, and what they take from Keras."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.aggregators import MGDA, PCGrad
from keras_mtl.aggregators.base import Aggregator
from keras_mtl.trainers import Alternating, Independent, Shared, SingleTask
from keras_mtl.weightings import Static, Uncertainty

SCHEMES = (Shared, Alternating, Independent, SingleTask)


def slots(trainer):
    """Path to value of every variable of every optimizer."""
    return {
        f"{name}/{index}/{v.path}": np.array(v.value)
        for name, optimizer in trainer.optimizers.items()
        for index, v in enumerate(optimizer.variables)
    }


def branched():
    """`a` and `b` share a layer that `c` does not reach."""
    x = keras.Input((4,), name="features")
    trunk = keras.layers.Dense(5, name="trunk")(x)
    middle = keras.layers.Dense(5, name="middle")(trunk)
    reads = {"a": middle, "b": middle, "c": trunk}
    outputs = {
        task: keras.layers.Dense(2, name=task)(tensor)
        for task, tensor in reads.items()
    }
    return keras.Model(x, outputs)


# What a phase touches ------------------------------------------------------


@pytest.mark.parametrize("scheme", [Alternating, Independent])
@pytest.mark.parametrize("how", ["missing", "zero"])
def test_a_batch_without_label_leaves_the_task_alone(kit, scheme, how):
    trainer = kit.compiled(scheme(kit.build()), keras.optimizers.Adam(0.01))
    data = kit.batches(3)
    kit.train(trainer, data[:2])
    before, old = kit.parameters(trainer.model), slots(trainer)
    x, y = data[2]
    weights = None
    if how == "missing":
        y = {"a": y["a"]}
    else:
        weights = {"b": np.zeros(6), "c": np.zeros(6)}
    trainer.train_on_batch(x, y, weights)
    after, new = kit.parameters(trainer.model), slots(trainer)
    for task in ("b", "c"):
        for part in ("kernel", "bias"):
            path = f"{task}/{part}"
            np.testing.assert_array_equal(before[path], after[path])
    of_others = [key for key in old if "b_" in key or "c_" in key]
    of_others += [
        key for key in old if scheme is Independent and key[:2] in ("b/", "c/")
    ]
    assert len(of_others) >= 8
    for key in of_others:
        np.testing.assert_array_equal(old[key], new[key], err_msg=key)
    assert np.abs(before["a/kernel"] - after["a/kernel"]).max() > 0


def test_a_variable_shared_by_some_tasks_moves_in_their_phases_only(kit):
    model = branched()
    trainer = kit.compiled(Alternating(model), keras.optimizers.Adam(0.01))
    ((x, y),) = kit.batches(1)
    trainer.train_on_batch(x, y)
    phases = {phase.name: phase for phase in trainer.phases}
    before = kit.parameters(model)
    trainer.train_on_batch(x, {"c": y["c"]})
    after = kit.parameters(model)
    moved = {k for k in before if np.any(before[k] != after[k])}
    assert {k.split("/")[0] for k in moved} == {"trunk", "c"}
    assert {v.path for v in phases["c"].variables} == moved
    assert len(phases["a"].variables) == 6


def test_a_phase_computes_nothing_of_other_heads(kit):
    calls = []

    class Head(keras.layers.Dense):
        def call(self, inputs):
            calls.append(self.name)
            return super().call(inputs)

    x = keras.Input((4,), name="features")
    trunk = keras.layers.Dense(5, name="trunk")(x)
    model = keras.Model(x, {t: Head(2, name=t)(trunk) for t in kit.TASKS})
    trainer = kit.compiled(Alternating(model))
    calls.clear()
    kit.train(trainer, kit.batches(1))
    assert calls == list(kit.TASKS)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_is_traced_once_and_once_more_for_another_batch_size(kit, scheme):
    trainer = kit.compiled(scheme(kit.build()), eager=False)
    traces = []
    step = trainer.train_step
    trainer.train_step = lambda data: traces.append(1) or step(data)
    x, y = kit.batches(1, size=12)[0]
    trainer.fit(x, y, batch_size=4, epochs=3, verbose=0)
    assert len(traces) == 1
    trainer.fit(x, y, batch_size=5, epochs=2, verbose=0)
    assert len(traces) <= 2


# Losses of layers ----------------------------------------------------------


class Everything(Aggregator):
    """A sum that insists on the Gram matrix."""

    def native_sum(self, num_present):
        return num_present

    def task_weights(self, gram, present=None, losses=None):
        return keras.ops.ones(gram.shape[:1], gram.dtype)


class Norm(keras.layers.Layer):
    """Adds a loss that depends on what passes through."""

    def call(self, inputs):
        self.add_loss(0.1 * keras.ops.mean(keras.ops.square(inputs)))
        return inputs


def with_layer_losses(kit):
    x = keras.Input((4,), name="features")
    trunk = keras.layers.Dense(
        5, kernel_regularizer="l2", activity_regularizer="l1", name="trunk"
    )(x)
    trunk = Norm()(trunk)
    outputs = {
        task: keras.layers.Dense(
            2, kernel_regularizer="l1", activity_regularizer="l2", name=task
        )(trunk)
        for task in kit.TASKS
    }
    return keras.Model(x, outputs)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"telemetry": True},
        {"aggregator": Everything},
        {"aggregator": Everything, "gradients": "representation"},
    ],
)
def test_losses_of_layers_count_as_in_plain_keras(kit, options):
    options = {
        key: value() if key == "aggregator" else value
        for key, value in options.items()
    }
    data, found, losses = kit.batches(2), [], []
    for wrap in (lambda model: model, lambda model: Shared(model, **options)):
        keras.utils.set_random_seed(0)
        trainer = kit.compiled(wrap(with_layer_losses(kit)))
        losses.append(
            [trainer.train_on_batch(*batch)[0] for batch in data]
            + [trainer.test_on_batch(*data[0])[0]]
        )
        found.append(kit.parameters(trainer))
    kit.assert_same(*found)
    # Keras's own trackers are float32.
    np.testing.assert_allclose(*losses, rtol=1e-5)


# What Keras's `compile` offers ---------------------------------------------


def schedule():
    return keras.optimizers.schedules.ExponentialDecay(0.05, 1, 0.5)


OPTIMIZERS = {
    "clipnorm": lambda: keras.optimizers.SGD(0.1, clipnorm=0.1),
    "clipvalue": lambda: keras.optimizers.SGD(0.1, clipvalue=0.01),
    "global_clipnorm": lambda: keras.optimizers.SGD(0.1, global_clipnorm=0.1),
    "schedule": lambda: keras.optimizers.Adam(schedule()),
    "ema": lambda: keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9),
    "ema_overwrite": lambda: keras.optimizers.SGD(
        0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2
    ),
    "accumulation": lambda: keras.optimizers.SGD(
        0.1, gradient_accumulation_steps=2
    ),
    "weight_decay": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1),
    "multi": lambda: keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(
            keras.optimizers.SGD(0.1), {"trunk/.*": keras.optimizers.Adam()}
        )
    ),
}


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_optimizers_do_what_they_do_in_plain_keras(kit, name):
    x, y = kit.batches(1, size=12)[0]
    found = []
    for wrap in (lambda model: model, Shared):
        keras.utils.set_random_seed(0)
        trainer = kit.compiled(wrap(kit.build()), OPTIMIZERS[name]())
        trainer.fit(x, y, batch_size=3, epochs=1, shuffle=False, verbose=0)
        found.append(kit.parameters(trainer))
    kit.assert_same(*found)


def test_each_member_keeps_and_writes_its_moving_averages(kit):
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    trainer = kit.compiled(Independent(kit.build()), optimizer)
    x, y = kit.batches(1, size=12)[0]
    trainer.fit(x, y, batch_size=4, epochs=1, verbose=0)
    for task, member in trainer.optimizers.items():
        index = [v.path for v in member._trainable_variables].index(
            f"{task}/kernel"
        )
        average = member._model_variables_moving_average[index]
        kernel = trainer.model.get_layer(task).kernel
        np.testing.assert_array_equal(kernel.numpy(), average.numpy())


def graph_run(kit, scheme, **options):
    keras.utils.set_random_seed(0)
    trainer = kit.compiled(scheme(kit.build()), eager=False, **options)
    x, y = kit.batches(1, size=24)[0]
    trainer.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    return kit.parameters(trainer.model)


@pytest.mark.parametrize("scheme", [Shared, Independent])
def test_steps_per_execution_change_nothing(kit, scheme):
    found = [
        graph_run(kit, scheme, steps_per_execution=number) for number in (1, 3)
    ]
    kit.assert_same(*found, rtol=1e-6, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "scheme",
    [
        lambda model: Shared(model, aggregator=PCGrad("given")),
        lambda model: Shared(
            model, aggregator=MGDA(), gradients="representation"
        ),
        lambda model: Alternating(model, order="shuffled"),
    ],
)
def test_xla_gives_the_same_weights(kit, scheme):
    found = []
    for options in ({"eager": True}, {"eager": False, "jit_compile": True}):
        keras.utils.set_random_seed(0)
        trainer = kit.compiled(scheme(kit.build()), **options)
        kit.train(trainer, kit.batches(3))
        found.append(kit.parameters(trainer.model))
    kit.assert_same(*found, rtol=1e-5, atol=1e-5)


def test_several_inputs_by_list_and_by_name(kit):
    numbers = np.random.default_rng(0)
    parts = [numbers.normal(size=(6, 2)).astype("float32") for _ in range(2)]
    labels = kit.batches(1)[0][1]
    found = []
    for names in (None, ("left", "right")):
        keras.utils.set_random_seed(0)
        inputs = [keras.Input((2,), name=name) for name in ("left", "right")]
        hidden = keras.layers.Concatenate()(inputs)
        trunk = keras.layers.Dense(5, name="trunk")(hidden)
        outputs = {
            task: keras.layers.Dense(2, name=task)(trunk) for task in kit.TASKS
        }
        structure, x = inputs, parts
        if names is not None:
            structure = dict(zip(names, inputs, strict=True))
            x = dict(zip(names, parts, strict=True))
        trainer = kit.compiled(Alternating(keras.Model(structure, outputs)))
        trainer.fit(x, labels, batch_size=3, shuffle=False, verbose=0)
        found.append(trainer.predict(x, verbose=0))
        assert sorted(found[-1]) == list(kit.TASKS)
    kit.assert_same(*found, rtol=1e-6, atol=1e-7)


# Evaluation ----------------------------------------------------------------


def test_evaluate_as_a_list_and_as_a_dict(kit):
    trainer = kit.compiled(
        Independent(kit.build()),
        metrics={"a": ["mae", "mse"]},
        weighted_metrics={"b": ["mae"]},
    )
    x, y = kit.batches(1)[0]
    weights = dict.fromkeys(kit.TASKS, np.ones(6))
    weights["b"] = np.array([1, 1, 1, 0, 0, 2.0])
    values = trainer.evaluate(x, y, sample_weight=weights, verbose=0)
    named = trainer.evaluate(
        x, y, sample_weight=weights, verbose=0, return_dict=True
    )
    assert trainer.metrics_names == [
        "loss",
        "a_loss",
        "b_loss",
        "c_loss",
        "a_mae",
        "a_mse",
        "b_mae",
    ]
    assert dict(zip(trainer.metrics_names, values, strict=True)) == named
    gap = np.abs(trainer.model(x)["b"] - y["b"]).mean(1)
    assert named["b_mae"] == pytest.approx(
        np.average(gap, weights=weights["b"]), rel=1e-5
    )
    assert named["a_mse"] == pytest.approx(named["a_loss"], rel=1e-6)
    assert trainer.test_on_batch(x, y, weights) == pytest.approx(values)


def test_losses_of_an_epoch_do_not_depend_on_the_batches(kit):
    trainer = kit.compiled(Shared(kit.build()), loss_weights={"b": 3.0})
    x, y = kit.batches(1, size=12)[0]
    count = np.arange(12)
    weights = {"a": count >= 0, "b": count % 5 % 2, "c": count > 8}
    weights = {task: w.astype("float32") for task, w in weights.items()}
    y["b"][weights["b"] == 0] = np.nan
    found = [
        trainer.evaluate(
            x,
            y,
            sample_weight=weights,
            batch_size=size,
            verbose=0,
            return_dict=True,
        )
        for size in (1, 5, 12)
    ]
    error = (trainer.model(x)["b"] - y["b"]).numpy()[weights["b"] > 0]
    assert found[0]["b_loss"] == pytest.approx((error**2).mean(), rel=1e-5)
    for scores in found:
        assert scores == pytest.approx(found[0], rel=1e-5)
        parts = scores["a_loss"] + 3 * scores["b_loss"] + scores["c_loss"]
        assert scores["loss"] == pytest.approx(parts, rel=1e-5)


def test_data_of_every_kind_trains_without_a_warning(kit):
    trainer = kit.compiled(Shared(kit.build()))
    x, y = kit.batches(1)[0]
    parts = [
        (x[i : i + 3], {t: v[i : i + 3] for t, v in y.items()}) for i in (0, 3)
    ]

    class Parts(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return parts[index]

    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(3)
    endless = (parts[index % 2] for index in itertools.count())
    kinds = (dataset, Parts(), endless)
    for data in kinds:
        trainer.fit(data, steps_per_epoch=2, verbose=0)
    trainer.fit(x, y, batch_size=3, validation_split=0.5, verbose=0)
    assert int(trainer.step) == 2 + 2 + 2 + 1
    assert sorted(trainer.predict(dataset, verbose=0)) == list(kit.TASKS)


def test_train_on_batch_returns_losses_by_name(kit):
    trainer = kit.compiled(Alternating(kit.build()))
    logs = trainer.train_on_batch(*kit.batches(1)[0], return_dict=True)
    assert sorted(logs) == ["a_loss", "b_loss", "c_loss", "loss"]


def test_positional_arguments_of_fit(kit):
    trainer = kit.compiled(Shared(kit.build(), weighting=Static({"a": 2.0})))
    x, y = kit.batches(1)[0]
    stop = keras.callbacks.EarlyStopping("loss", patience=9)
    history = trainer.fit(x, y, 3, 2, 0, [stop])
    assert len(history.history["loss"]) == 2


# Callbacks of Keras --------------------------------------------------------


@pytest.mark.parametrize("scheme", [Shared, Independent])
def test_callbacks_of_keras_work_unchanged(kit, scheme, tmp_path):
    trainer = scheme(kit.build())
    kit.compiled(trainer, eager=False, metrics={"a": ["mae"]})
    x, y = kit.batches(1, size=8)[0]
    best = tmp_path / "best.weights.h5"
    rates = []
    callbacks = [
        keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / 2**epoch),
        keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: rates.append(
                [
                    float(optimizer.learning_rate)
                    for optimizer in trainer.optimizers.values()
                ]
            )
        ),
        keras.callbacks.EarlyStopping("val_loss", patience=5),
        keras.callbacks.ModelCheckpoint(
            best,
            "val_a_mae",
            mode="min",
            save_weights_only=True,
            save_best_only=True,
        ),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
        keras.callbacks.TensorBoard(tmp_path / "board"),
        keras.callbacks.TerminateOnNaN(),
    ]
    trainer.fit(
        x,
        y,
        batch_size=4,
        epochs=3,
        validation_data=(x, y),
        callbacks=callbacks,
        verbose=0,
    )
    assert np.allclose(np.array(rates).T, [0.1, 0.05, 0.025])
    assert best.exists()
    assert "val_b_loss" in (tmp_path / "log.csv").read_text()
    assert list((tmp_path / "board" / "train").iterdir())


@pytest.mark.parametrize("scheme", [Shared, Independent])
def test_the_rate_falls_on_a_plateau_for_every_member(kit, scheme):
    trainer = kit.compiled(scheme(kit.build()), keras.optimizers.Adam(0.01))
    x, y = kit.batches(1)[0]
    plateau = keras.callbacks.ReduceLROnPlateau(
        "loss", factor=0.1, patience=0, min_delta=1e9
    )
    trainer.fit(x, y, epochs=2, callbacks=[plateau], verbose=0)
    assert trainer.optimizers
    for optimizer in trainer.optimizers.values():
        assert float(optimizer.learning_rate) == pytest.approx(0.001)


def test_backup_and_restore_goes_on_where_it_stopped(kit, tmp_path):
    x, y = kit.batches(1, tasks=("a", "b"))[0]

    class Crash(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise InterruptedError

    def fit(*callbacks):
        keras.utils.set_random_seed(0)
        trainer = kit.compiled(
            Independent(kit.build(("a", "b"))), keras.optimizers.Adam(0.01)
        )
        trainer.fit(
            x,
            y,
            epochs=4,
            shuffle=False,
            callbacks=list(callbacks),
            verbose=0,
        )
        return trainer

    backup = keras.callbacks.BackupAndRestore(tmp_path)
    with pytest.raises(InterruptedError):
        fit(backup, Crash())
    resumed = fit(keras.callbacks.BackupAndRestore(tmp_path))
    whole = fit()
    kit.assert_same(
        kit.parameters(resumed.model),
        kit.parameters(whole.model),
        rtol=0,
        atol=0,
    )
    assert int(resumed.step) == 4


# Mixed precision -----------------------------------------------------------


@pytest.fixture
def policy():
    """Sets a dtype policy, and puts the old one back."""
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


def mixed(kit):
    """Its heads compute in float32, as they should."""
    x = keras.Input((4,), name="features")
    trunk = keras.layers.Dense(5, activation="tanh", name="trunk")(x)
    return keras.Model(
        x,
        {
            task: keras.layers.Dense(2, name=task, dtype="float32")(trunk)
            for task in kit.TASKS
        },
    )


@pytest.mark.parametrize("name", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize(
    "scheme",
    [
        Shared,
        Independent,
        lambda model: Shared(model, aggregator=PCGrad("given")),
        lambda model: Shared(
            model, aggregator=MGDA(), gradients="representation"
        ),
    ],
)
def test_mixed_precision_follows_float32(kit, policy, name, scheme):
    found = []
    for chosen in ("float32", name):
        policy(chosen)
        keras.utils.set_random_seed(0)
        trainer = kit.compiled(scheme(mixed(kit)))
        kit.train(trainer, kit.batches(2))
        found.append(kit.parameters(trainer.model))
        assert {v.dtype for v in found[-1].values()} == {np.dtype("float32")}
    kit.assert_same(*found, rtol=0.05, atol=0.02)


@pytest.mark.parametrize("aggregator", [None, "pcgrad", "mgda"])
def test_an_overflow_skips_the_step_and_halves_the_scale(
    kit, policy, aggregator
):
    policy("mixed_float16")
    method = {None: None, "pcgrad": PCGrad("given"), "mgda": MGDA()}[aggregator]
    trainer = kit.compiled(Shared(mixed(kit), aggregator=method))
    x, y = kit.batches(1)[0]
    trainer.train_on_batch(x, y)
    before = kit.parameters(trainer.model)
    scale = float(trainer.optimizer.dynamic_scale)
    logs = trainer.train_on_batch(x, {**y, "b": 1e6 + y["b"]}, return_dict=True)
    assert np.isfinite(logs["b_loss"])
    kit.assert_same(kit.parameters(trainer.model), before, rtol=0, atol=0)
    assert float(trainer.optimizer.dynamic_scale) == scale / 2
    assert trainer.divergence() is None
    trainer.train_on_batch(x, y)
    after = kit.parameters(trainer.model)
    assert np.abs(after["trunk/kernel"] - before["trunk/kernel"]).max() > 0


def test_telemetry_under_float16_has_true_magnitudes(kit, policy):
    found = []
    for chosen in ("float32", "mixed_float16"):
        policy(chosen)
        keras.utils.set_random_seed(0)
        trainer = kit.compiled(Shared(mixed(kit), telemetry=True))
        kit.train(trainer, kit.batches(1))
        found.append(trainer.telemetry.result())
    scales = {t: found[1].pop(t) for t in list(found[1]) if "scale" in t}
    assert scales == {"loss_scale/skipped": 0.0, "loss_scale/scale": 2.0**15}
    assert found[0] == pytest.approx(found[1], rel=0.02, abs=0.01)


# Telemetry -----------------------------------------------------------------


def test_telemetry_is_that_of_the_jacobian(kit):
    trainer = kit.compiled(
        Shared(kit.build(), telemetry=True), loss_weights={"b": 2.0}
    )
    network = kit.Network(trainer.model)
    ((x, y),) = kit.batches(1)
    trainer.train_on_batch(x, y)
    rows = network.jacobian(x, y) * np.array([[1.0], [2.0], [1.0]])
    norms, total = np.linalg.norm(rows, axis=1), rows.sum(0)
    expected = {
        "gradient_norm/combined": np.linalg.norm(total),
        "cosine/a/b": rows[0] @ rows[1] / norms[0] / norms[1],
        "alignment/c": rows[2] @ total / norms[2] / np.linalg.norm(total),
        "weight/a": 1.0,
        "weight/b": 2.0,
        "gradient_norm/b": norms[1],
    }
    found = trainer.telemetry.result()
    for tag, value in expected.items():
        assert found[tag] == pytest.approx(value, rel=1e-4), tag
    assert trainer.task_weights() == pytest.approx(
        {"a": 1.0, "b": 2.0, "c": 1.0}
    )


def test_telemetry_costs_nothing_where_nobody_asks(kit):
    trainer = kit.compiled(Shared(kit.build()), loss_weights={"a": 0.5})
    assert trainer.telemetry is None
    assert trainer.task_weights() == {"a": 0.5, "b": 1.0, "c": 1.0}
    trainer = kit.compiled(Shared(kit.build(), aggregator=PCGrad("given")))
    assert trainer.telemetry.result() == {}
    assert trainer.task_weights() == {"a": 1.0, "b": 1.0, "c": 1.0}


def test_task_weights_follow_the_weighting_in_every_phase(kit):
    weighting = Uncertainty(init={"a": np.log(2.0), "c": -np.log(4.0)})
    trainer = Alternating(
        kit.build(), groups=[["a", "c"], ["b"]], weighting=weighting
    )
    kit.train(kit.compiled(trainer), kit.batches(1))
    weights = trainer.task_weights()
    assert weights["a"] == pytest.approx(0.5, rel=1e-5)
    assert weights["c"] == pytest.approx(4.0, rel=1e-5)


# Divergence ----------------------------------------------------------------


@pytest.mark.parametrize("scheme", [Shared, Alternating])
def test_divergence_names_task_and_step_and_stops_the_updates(kit, scheme):
    trainer = kit.compiled(scheme(kit.build()), keras.optimizers.Adam(0.01))
    data = kit.batches(4)
    kit.train(trainer, data[:2])
    assert trainer.divergence() is None
    x, y = data[2]
    bad = {**y, "b": np.full_like(y["b"], np.nan)}
    trainer.train_on_batch(x, bad)
    assert tuple(trainer.divergence()) == ("b", 3)
    frozen = kit.parameters(trainer.model)
    assert all(np.isfinite(value).all() for value in frozen.values())
    trainer.train_on_batch(*data[3])
    kit.assert_same(kit.parameters(trainer.model), frozen, rtol=0, atol=0)
    assert tuple(trainer.divergence()) == ("b", 3)


# What is refused -----------------------------------------------------------


@pytest.mark.parametrize("scheme", [Alternating, Independent])
@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"aggregator": PCGrad()}, "aggregator=PCGrad"),
        ({"aggregator": MGDA(), "gradients": "representation"}, "gradients="),
    ],
)
def test_what_needs_several_tasks_is_refused_for_single_ones(
    kit, scheme, options, named
):
    with pytest.raises(ValueError, match=f"{named}.*holds one task"):
        scheme(kit.build(), **options)


def test_outputs_without_names_are_refused():
    x = keras.Input((4,))
    with pytest.raises(ValueError, match="must be a dict"):
        Shared(keras.Model(x, keras.layers.Dense(2)(x)))


def test_tasks_that_share_nothing_are_refused():
    x = keras.Input((4,))
    model = keras.Model(x, {t: keras.layers.Dense(2, name=t)(x) for t in "ab"})
    with pytest.raises(ValueError, match="share a trainable variable"):
        Shared(model)


def test_labels_that_are_no_dict_are_refused(kit):
    trainer = kit.compiled(Shared(kit.build()))
    x, y = kit.batches(1)[0]
    with pytest.raises(ValueError, match="`y` must be a dict"):
        trainer.train_on_batch(x, y["a"])


def test_shared_layers_without_a_common_feature_have_no_frontier(kit):
    """One layer serves both tasks, each on an input of its own."""
    inputs = {name: keras.Input((4,), name=name) for name in ("left", "right")}
    layer = keras.layers.Dense(3, name="both")
    outputs = {
        task: keras.layers.Dense(2, name=task)(layer(inputs[name]))
        for task, name in (("a", "left"), ("b", "right"))
    }
    trainer = Shared(
        keras.Model(inputs, outputs),
        aggregator=MGDA(),
        gradients="representation",
    )
    with pytest.raises(ValueError, match="only within their heads"):
        kit.compiled(trainer)
