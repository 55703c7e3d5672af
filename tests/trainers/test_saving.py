import json
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_mtl.aggregators import MGDA, Mean, PCGrad
from keras_mtl.trainers import Alternating, Independent, Shared, SingleTask
from keras_mtl.weightings import Static, Uncertainty

GROUPS = [["a", "c"], ["b"]]
SCHEMES = {
    "shared": Shared,
    "shared_all": lambda model: Shared(
        model,
        aggregator=PCGrad(seed=1),
        weighting=Uncertainty(),
        telemetry=True,
        seed=4,
    ),
    "frontier": lambda model: Shared(
        model, aggregator=MGDA(), gradients="representation"
    ),
    "alternating": lambda model: Alternating(model, order="shuffled"),
    "independent": Independent,
    "grouped": lambda model: Independent(
        model, groups=GROUPS, aggregator=PCGrad(), weighting=Uncertainty()
    ),
    "single_task": SingleTask,
}


def network(kit):
    """With dropout and batch normalization: states of all kinds."""
    x = keras.Input((4,), name="features")
    hidden = keras.layers.Dense(5, activation="tanh", name="trunk")(x)
    hidden = keras.layers.BatchNormalization(name="norm")(hidden)
    hidden = keras.layers.Dropout(0.3, name="drop")(hidden)
    outputs = {
        task: keras.layers.Dense(2, name=task)(hidden) for task in kit.TASKS
    }
    return keras.Model(x, outputs)


def state(trainer):
    """Every variable there is."""
    variables = [
        *trainer.variables,
        *(v for o in trainer.optimizers.values() for v in o.variables),
        *trainer.optimizer.variables,
    ]
    return [np.array(v.value) for v in variables]


def assert_equal_state(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", sorted(SCHEMES))
@pytest.mark.parametrize("whole", [True, False])
def test_training_goes_on_as_if_never_interrupted(kit, tmp_path, name, whole):
    data = kit.batches(4)
    trainer = SCHEMES[name](network(kit))
    kit.compiled(trainer, keras.optimizers.Adam(0.01))
    kit.train(trainer, data[:2])
    if whole:
        trainer.save(tmp_path / "trainer.keras")
    else:
        trainer.save_weights(tmp_path / "trainer.weights.h5")
    saved = state(trainer)
    uninterrupted = state(kit.train(trainer, data[2:]))
    if whole:
        again = keras.saving.load_model(tmp_path / "trainer.keras")
    else:
        again = SCHEMES[name](network(kit))
        kit.compiled(again, keras.optimizers.Adam(0.5))
        again.load_weights(tmp_path / "trainer.weights.h5")
    assert_equal_state(state(again), saved)
    assert_equal_state(state(kit.train(again, data[2:])), uninterrupted)
    assert int(again.step) == 4


FRESH = """
import json, sys
import keras, numpy as np
import keras_mtl.trainers

trainer = keras.saving.load_model(sys.argv[1])
with np.load(sys.argv[2]) as file:
    x, y = file["x"], {task: file[task] for task in "abc"}
trainer.train_on_batch(x, y)
found = [np.array(v.value).tolist() for v in trainer.trainable_variables]
print(json.dumps([type(trainer).__name__, found]))
"""


@pytest.mark.slow
def test_training_goes_on_in_a_fresh_process(kit, tmp_path):
    trainer = SCHEMES["grouped"](network(kit))
    kit.compiled(trainer, keras.optimizers.Adam(0.01))
    first, (x, y) = kit.batches(2)
    trainer.train_on_batch(*first)
    trainer.save(tmp_path / "trainer.keras")
    np.savez(tmp_path / "batch.npz", x=x, **y)
    trainer.train_on_batch(x, y)
    files = [str(tmp_path / "trainer.keras"), str(tmp_path / "batch.npz")]
    done = subprocess.run(
        [sys.executable, "-c", FRESH, *files],
        capture_output=True,
        text=True,
        check=True,
    )
    name, values = json.loads(done.stdout.splitlines()[-1])
    assert name == "Independent"
    assert_equal_state(
        [np.array(value, "float32") for value in values],
        [np.array(v.value) for v in trainer.trainable_variables],
    )


def test_the_model_inside_saves_as_plain_keras(kit, tmp_path):
    trainer = kit.compiled(SCHEMES["grouped"](network(kit)))
    kit.train(trainer, kit.batches(1))
    trainer.model.save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras")
    x = kit.batches(1)[0][0]
    kit.assert_same(model(x), trainer.model(x), rtol=0, atol=0)
    assert "keras_mtl" not in json.dumps(model.get_config())


def test_what_compile_was_given_comes_back(kit, tmp_path):
    trainer = Independent(kit.build(), groups=GROUPS, weighting=Static())
    trainer.compile(
        {"a+c": keras.optimizers.Adam(0.1), "b": keras.optimizers.SGD(0.2)},
        loss={
            "a": "mse",
            "b": keras.losses.BinaryCrossentropy(True),
            "c": "mae",
        },
        loss_weights={"b": 0.5},
        metrics={"a": ["mae", keras.metrics.MeanSquaredError(name="square")]},
        weighted_metrics={"c": ["mse"]},
        steps_per_execution=3,
        jit_compile=False,
    )
    trainer.save(tmp_path / "trainer.keras")
    again = keras.saving.load_model(tmp_path / "trainer.keras")
    assert again.groups == trainer.groups
    assert again.metrics_names == trainer.metrics_names
    assert again.loss_weights == {"b": 0.5}
    assert again.task_losses["b"].loss.get_config()["from_logits"]
    assert again.steps_per_execution == 3
    assert again.jit_compile is False
    rates = {n: float(o.learning_rate) for n, o in again.optimizers.items()}
    assert rates == pytest.approx({"a+c": 0.1, "b": 0.2})
    assert isinstance(again.weighting, Static)


def test_a_trainer_that_is_not_compiled_comes_back_so(kit, tmp_path):
    trainer = Shared(kit.build(), aggregator=Mean(scale="sum"))
    trainer.save(tmp_path / "trainer.keras")
    again = keras.saving.load_model(tmp_path / "trainer.keras")
    assert not again.compiled
    assert again.aggregators[0].scale == "sum"
    assert again.optimizers == {}
    assert again.metrics_names == []


def half(y_true, y_pred):
    """A loss of the user's own."""
    return keras.ops.mean(keras.ops.square(y_true - y_pred), -1) / 2


def test_custom_objects_are_handed_down(kit, tmp_path):
    trainer = kit.compiled(Shared(kit.build()), loss=half)
    trainer.save(tmp_path / "trainer.keras")
    again = keras.saving.load_model(
        tmp_path / "trainer.keras", custom_objects={"half": half}
    )
    assert again.task_losses["a"].loss is half


def test_weights_of_another_scheme_are_refused(kit, tmp_path):
    trainer = kit.compiled(SCHEMES["shared_all"](network(kit)))
    trainer.save_weights(tmp_path / "trainer.weights.h5")
    other = kit.compiled(Shared(network(kit)))
    with pytest.raises(ValueError, match="saved by another network or scheme"):
        other.load_weights(tmp_path / "trainer.weights.h5")


def test_weights_load_for_evaluation_without_compiling(kit, tmp_path):
    trainer = kit.compiled(Shared(network(kit)), keras.optimizers.Adam())
    kit.train(trainer, kit.batches(1))
    trainer.save_weights(tmp_path / "trainer.weights.h5")
    other = Shared(network(kit))
    other.load_weights(tmp_path / "trainer.weights.h5")
    x = kit.batches(1)[0][0]
    kit.assert_same(other.model(x), trainer.model(x), rtol=0, atol=0)


def test_a_trainer_of_named_variables_says_how_to_save(kit):
    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.trunk = keras.layers.Dense(5)
            self.heads = {t: keras.layers.Dense(2) for t in kit.TASKS}

        def call(self, inputs):
            hidden = self.trunk(inputs)
            return {t: head(hidden) for t, head in self.heads.items()}

    model, data = Subclassed(), kit.batches(2)
    model(data[0][0])
    trainer = Shared(
        model,
        aggregator=PCGrad("given"),
        shared_variables=model.trunk.trainable_variables,
        task_variables={
            t: head.trainable_variables for t, head in model.heads.items()
        },
    )
    kit.train(kit.compiled(trainer), data)
    with pytest.raises(
        NotImplementedError, match=r"Use `trainer\.save_weights`"
    ):
        trainer.get_config()
