import keras
import numpy as np
import pytest

from keras_mtl.aggregators import PCGrad
from keras_mtl.trainers import Alternating, Independent, SingleTask, alike
from keras_mtl.weightings import DWA, Uncertainty

TASKS = ("a", "b", "c", "d")


def network(tasks=TASKS):
    x = keras.Input((4,), name="features")
    h = keras.layers.Dense(5, "tanh", name="trunk")(x)
    h = keras.layers.BatchNormalization(name="norm")(h)
    outputs = {}
    for task in tasks:
        y = keras.layers.Dense(
            3, name=f"{task}_hidden", kernel_regularizer="l2"
        )(h)
        y = keras.layers.Dropout(0.3, name=f"{task}_drop", seed=1)(y)
        outputs[task] = keras.layers.Dense(2, name=task)(y)
    return keras.Model(x, outputs, name="network")


def data(tasks, count=4):
    """Some labels are missing; the last batch has no label of `b`."""
    numbers = np.random.default_rng(0)

    def draw(*shape):
        return numbers.normal(size=shape).astype("float32")

    found = []
    for index in range(count):
        labels = {task: draw(6, 2) for task in tasks}
        weights = {t: (numbers.random(6) < 0.7).astype("f4") for t in tasks}
        if index == count - 1:
            weights["b"][:] = 0.0
        found.append((draw(6, 4), labels, weights))
    return found


def trained(monkeypatch, scheme, optimizer, many, tasks=TASKS, **options):
    """All variables after some steps, and how many phases were served."""
    monkeypatch.setattr(alike, "MANY", many)
    keras.utils.set_random_seed(0)
    trainer = scheme(network(tasks), **options)
    trainer.compile(optimizer(), loss="mse", metrics=["mae"])
    for x, y, weights in data(tasks):
        logs = trainer.train_on_batch(x, y, weights, return_dict=True)
    values = {str(i): v.numpy() for i, v in enumerate(trainer.variables)}
    return {**values, **logs}, len(trainer._served.of)


def adam():
    return keras.optimizers.Adam(0.01)


def clipped():
    return keras.optimizers.AdamW(0.01, clipnorm=0.5)


def scaled():
    inner = keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    return keras.optimizers.LossScaleOptimizer(inner, initial_scale=8.0)


CASES = {
    "independent": (Independent, adam, {}),
    "alternating": (Alternating, clipped, {}),
    "loss scale": (Alternating, scaled, {"order": "shuffled"}),
    "own scales": (Independent, scaled, {"weighting": DWA}),
    "own networks": (SingleTask, adam, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_one_traced_phase_is_bit_equal_to_one_for_each_task(monkeypatch, name):
    scheme, optimizer, options = CASES[name]
    options = {k: v() if k == "weighting" else v for k, v in options.items()}
    unrolled, none = trained(monkeypatch, scheme, optimizer, 99, **options)
    options = {k: DWA() if k == "weighting" else v for k, v in options.items()}
    served, count = trained(monkeypatch, scheme, optimizer, 4, **options)
    assert (none, count) == (0, 4)
    assert sorted(unrolled) == sorted(served)
    for key, value in unrolled.items():
        np.testing.assert_array_equal(served[key], value, err_msg=key)


def test_groups_with_an_aggregator_are_served_too(monkeypatch):
    def options():
        groups = [["a", "c"], ["b", "d"], ["e", "f"]]
        return {"groups": groups, "aggregator": PCGrad(seed=3)}

    tasks = (*TASKS, "e", "f")
    unrolled, _ = trained(
        monkeypatch, Independent, adam, 99, tasks, **options()
    )
    served, count = trained(
        monkeypatch, Independent, adam, 3, tasks, **options()
    )
    assert count == 3
    for key, value in unrolled.items():
        np.testing.assert_array_equal(served[key], value, err_msg=key)


def served(trainer, optimizer=None, **options):
    options = {"loss": "mse", **options}
    trainer.compile(optimizer or keras.optimizers.Adam(), **options)
    return sorted(trainer._served.of)


def test_few_phases_are_traced_one_by_one():
    trainer = Independent(network(TASKS[: alike.MANY - 1]))
    assert served(trainer) == []
    assert served(Independent(network())) == list(TASKS)


def test_a_task_of_another_kind_is_traced_by_itself():
    loss = dict.fromkeys(TASKS, "mse")
    trainer = Independent(network((*TASKS, "e")))
    assert served(trainer, loss={**loss, "e": "mae"}) == list(TASKS)
    weights = {"e": 2.0}
    assert served(trainer, loss_weights=weights) == list(TASKS)
    optimizers = {task: keras.optimizers.Adam() for task in TASKS}
    optimizers["e"] = keras.optimizers.Adam(beta_1=0.5)
    assert served(trainer, optimizers) == list(TASKS)


def test_learning_rates_may_differ():
    rates = {
        t: keras.optimizers.Adam(0.1 / (1 + i)) for i, t in enumerate(TASKS)
    }
    assert served(Independent(network()), rates) == list(TASKS)


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        (keras.optimizers.Adam(use_ema=True), {}),
        (keras.optimizers.Adafactor(), {}),
        (None, {"run_eagerly": True}),
    ],
    ids=["averages", "factored slots", "eager"],
)
def test_what_cannot_be_served_is_traced_one_by_one(optimizer, options):
    assert served(Alternating(network()), optimizer, **options) == []


def test_trained_weightings_see_every_task_by_itself():
    assert served(Independent(network(), weighting=Uncertainty())) == []
