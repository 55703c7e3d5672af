"""Every scheme on a model whose filters are shared out."""

import itertools

import keras
import numpy as np
import pytest
from keras import layers

from keras_mtl.aggregators import MGDA, PCGrad
from keras_mtl.callbacks import Roaming
from keras_mtl.graph import describe_partition, partition
from keras_mtl.trainers import Alternating, Independent, Shared, SingleTask
from keras_mtl.weightings import Uncertainty

TASKS = ("a", "b", "c")


def network(norm=True):
    x = keras.Input((6, 6, 2), name="image")
    h = layers.Conv2D(6, 3, name="c1")(x)
    h = layers.BatchNormalization(name="n1")(h) if norm else h
    h = layers.Conv2D(5, 3, activation="tanh", name="c2")(h)
    h = layers.BatchNormalization(name="n2")(h) if norm else h
    h = layers.GlobalAveragePooling2D(name="pool")(h)
    heads = {task: layers.Dense(2, name=task)(h) for task in TASKS}
    return keras.Model(x, heads, name="network")


def batches(count=3, size=4):
    numbers = np.random.default_rng(0)
    dtype = keras.config.floatx()

    def draw(*shape):
        return numbers.normal(size=shape).astype(dtype)

    return [
        (draw(size, 6, 6, 2), {task: draw(size, 2) for task in TASKS})
        for _ in range(count)
    ]


def values(model):
    return {v.path: np.array(v.value) for v in model.trainable_variables}


SCHEMES = {
    "shared": lambda model: Shared(model),
    "shared_pcgrad": lambda model: Shared(model, PCGrad(seed=0)),
    "shared_weighted": lambda model: Shared(model, weighting=Uncertainty()),
    "alternating": lambda model: Alternating(model),
    "shuffled": lambda model: Alternating(model, order="shuffled"),
    "grouped": lambda model: Alternating(model, groups=2),
    "independent": lambda model: Independent(model),
    "independent_groups": lambda model: Independent(
        model, groups=[["a", "c"], ["b"]], aggregator=MGDA()
    ),
    "single_task": lambda model: SingleTask(model),
}


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [
        *(("roaming", scheme) for scheme in SCHEMES),
        *itertools.product(
            ("routing", "se"), ("shared_pcgrad", "grouped", "independent")
        ),
    ],
)
def test_every_combination_trains(scheme, kind):
    model = partition(network(), 0.5, kind=kind)
    trainer = SCHEMES[scheme](model)
    trainer.compile("adam", "mse", run_eagerly=True)
    before = values(trainer.model)
    roaming = [Roaming(every={"steps": 1})] if kind == "roaming" else []
    x, y = batches(1)[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Roaming, "_check_time", lambda *_: None)
        history = trainer.fit(
            x, y, batch_size=2, epochs=1, verbose=0, callbacks=roaming
        ).history
    assert np.isfinite(history["loss"]).all()
    assert ("roaming_completion" in history) == (kind == "roaming")
    after = values(trainer.model)
    moved = [path for path in before if (before[path] != after[path]).any()]
    assert len(moved) >= len(before) - 4
    assert sorted(trainer.predict(x, verbose=0)) == list(TASKS)


@pytest.mark.parametrize("norm", [None, "task_batch"])
@pytest.mark.parametrize("aggregator", [None, PCGrad])
def test_sequential_and_batched_passes_give_the_same_weights(
    kit, float64, norm, aggregator
):
    plain = network(norm=norm is not None)
    start = plain.get_weights()
    results = []
    for passes in ("sequential", "batched"):
        plain.set_weights(start)
        options = {"norm": norm or "batch", "passes": passes}
        model = partition(plain, 0.6, seed=2, **options)
        given = aggregator and aggregator(seed=0)
        trainer = Shared(model, given)
        kit.compiled(trainer, keras.optimizers.Adam(0.01))
        kit.train(trainer, batches(2))
        results.append(
            {w.path: np.array(w.value, "float64") for w in model.weights}
        )
    kit.assert_same(results[1], results[0], rtol=1e-9, atol=1e-10)


def test_shared_adds_the_gradients_of_the_passes(kit, float64):
    plain = network(norm=False)
    start = plain.get_weights()
    together = partition(plain, 0.6, seed=2)
    data = batches(1)
    trainer = kit.compiled(Shared(together), keras.optimizers.SGD(0.1))
    kit.train(trainer, data)
    summed = values(together)
    moves = []
    for task in TASKS:
        plain.set_weights(start)
        alone = kit.compiled(
            Independent(partition(plain, 0.6, seed=2)),
            keras.optimizers.SGD(0.1),
        )
        x, y = data[0]
        alone.train_on_batch(x, {task: y[task]})
        moves.append(values(alone.model))
    plain.set_weights(start)
    for path, value in values(plain).items():
        change = sum(move[path] - value for move in moves)
        np.testing.assert_allclose(summed[path], value + change, atol=1e-12)


@pytest.mark.parametrize("scheme", ["shared", "independent"])
def test_a_hidden_filter_does_not_move(kit, scheme):
    plain = network()
    model = partition(plain, 0.0, seed=1)
    row = describe_partition(model).layers[0]
    trainer = kit.compiled(SCHEMES[scheme](model))
    kernel, gamma = row.convolution.kernel, row.normalization.gamma
    before = kernel.numpy(), gamma.numpy()
    x, y = batches(1)[0]
    trainer.train_on_batch(x, {"b": y["b"]})
    used = row.layer.mask.numpy()[row.tasks.index("b")] > 0.5
    assert 0 < used.sum() < len(used)
    for variable, old in zip((kernel, gamma), before, strict=True):
        moved = (variable.numpy() != old).reshape(-1, 6).any(axis=0)
        np.testing.assert_array_equal(moved, used)


def test_representations_cannot_be_combined_across_passes():
    for passes, reason in (
        ("sequential", "share layers only within their heads"),
        ("batched", "samples of its own"),
    ):
        model = partition(network(), passes=passes)
        trainer = Shared(model, MGDA(), gradients="representation")
        with pytest.raises(ValueError, match=reason):
            trainer.compile("sgd", "mse")


def test_steps_of_single_tasks_need_single_passes():
    model = partition(network(), passes="batched")
    for scheme in (Alternating, Independent):
        with pytest.raises(ValueError, match=r"steps \['a'\] alone"):
            scheme(model).compile("sgd", "mse")
    Alternating(model, groups=1).compile("sgd", "mse")


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        trainer = Shared(partition(network(), 0.5))
        trainer.compile("adam", "mse", run_eagerly=True)
        x, y = batches(1)[0]
        loss = trainer.train_on_batch(x, y)[0]
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.isfinite(loss)


def test_no_step_traces_again_after_a_swap():
    trainer = Independent(partition(network(), 0.5))
    trainer.compile("adam", "mse")
    traces = itertools.count()
    inner = trainer.train_step
    trainer.train_step = lambda data: (next(traces), inner(data))[1]
    x, y = batches(1, size=12)[0]
    callback = Roaming(finish_by={"steps": 5})
    trainer.fit(x, y, batch_size=2, epochs=1, verbose=0, callbacks=[callback])
    assert callback.state()["roaming_completion"] == 1
    assert next(traces) == 1
