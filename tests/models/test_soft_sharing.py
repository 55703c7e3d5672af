import keras
import numpy as np
import pytest

import keras_mtl
from keras_mtl import aggregators, trainers, weightings
from keras_mtl.graph import split
from keras_mtl.models import soft_sharing

TASKS = {"a": 2, "b": 1}
X = np.random.default_rng(0).normal(size=(8, 5)).astype("float32")
Y = {"a": np.ones((8, 2)), "b": np.zeros((8, 1))}


def small(**options):
    return soft_sharing(
        TASKS, (5,), widths=(4, 3), depth=1, strength=0.5, **options
    )


def kernels(model, stage):
    return [copy.kernel for copy in model.get_layer(f"{stage}_1_tied").copies]


def test_every_task_has_a_network_of_its_own():
    model = small()
    parts = split(model)
    assert parts.shared_variables == ()
    own = {task: len(parts.task_variables[task]) for task in TASKS}
    assert own == {"a": 6, "b": 6}
    assert len(model.trainable_variables) == 12
    before = model(X)
    kernel = kernels(model, "stage1")[1]
    kernel.assign(kernel + 1.0)
    np.testing.assert_array_equal(model(X)["a"], before["a"])
    assert not np.allclose(model(X)["b"], before["b"])


@pytest.mark.parametrize("penalty", ["l2", "trace_norm"])
@pytest.mark.parametrize("scheme", ["Shared", "Independent", "Alternating"])
def test_trainers_draw_the_networks_together(penalty, scheme):
    model = small(penalty=penalty)
    trainer = getattr(trainers, scheme)(model)
    trainer.compile(keras.optimizers.SGD(0.01), loss="mse")
    before = sum(map(float, model.losses))
    for copy in (trainer, model):
        assert len(copy.losses) == len(model.losses)
    trainer.fit(X, Y, batch_size=4, epochs=5, verbose=0)
    assert sum(map(float, model.losses)) < before


def test_a_step_of_one_task_moves_its_own_network():
    model = small()
    trainer = trainers.Independent(model)
    trainer.compile(keras.optimizers.SGD(0.01), loss="mse")
    before = [v.numpy() for v in kernels(model, "stage1")]
    phase = next(p for p in trainer.phases if p.tasks == ("a",))
    paths = [v.path for v in phase.variables]
    assert len(paths) == 6
    assert not any("/b_" in path or path.startswith("b_") for path in paths)
    trainer.fit(X, {"a": Y["a"]}, epochs=1, verbose=0)
    after = [v.numpy() for v in kernels(model, "stage1")]
    assert not np.allclose(after[0], before[0])
    np.testing.assert_array_equal(after[1], before[1])


def test_what_needs_shared_variables_is_refused():
    model = small()
    for options in (
        {"aggregator": aggregators.PCGrad()},
        {"weighting": weightings.GradNorm()},
    ):
        trainer = trainers.Shared(model, **options)
        with pytest.raises(ValueError, match="but the tasks of this model sh"):
            trainer.compile("sgd", loss="mse")
    with pytest.raises(ValueError, match="must not be tied to each other"):
        trainers.SingleTask(model)
    with pytest.raises(ValueError, match="nothing to partition"):
        keras_mtl.partition(soft_sharing(TASKS, (8, 8, 1), widths=(2, 2)))


def test_saved_and_loaded_with_its_penalty(tmp_path):
    model = small(penalty="trace_norm")
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    for task, output in model(X).items():
        np.testing.assert_array_equal(loaded(X)[task], output)
    assert len(loaded.losses) == len(model.losses) == 4
    assert split(loaded).shared_variables == ()
