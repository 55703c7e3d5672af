"""Every network: its options, its output layers, its saved file."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_mtl import aggregators, models, trainers
from keras_mtl.graph import split

BUILDERS = {
    "convnet9": lambda tasks: models.convnet9(tasks, (8, 8, 1)),
    "lenet": lambda tasks: models.lenet(tasks, (16, 16, 1)),
    "mlp": lambda tasks: models.mlp(tasks, (4,)),
    "resnet18": lambda tasks: models.resnet18(tasks, (8, 8, 1)),
    "unet": lambda tasks: models.unet(tasks, (8, 8, 1), widths=(4, 6)),
}
# Networks with layers of this package, which has to be there to load them.
OWN_LAYERS = {
    "cgc": lambda tasks: models.cgc(tasks, (4,), units=(3,)),
    "cross_stitch": lambda tasks: models.cross_stitch(
        tasks, (4,), widths=(3, 3)
    ),
    "dselect_k": lambda tasks: models.dselect_k(tasks, (4,), 3, units=(3,)),
    "learning_to_branch": lambda tasks: models.learning_to_branch(
        tasks, (4,), widths=(3, 3)
    ),
    "mmoe": lambda tasks: models.mmoe(tasks, (8, 8, 1), 2, (3,), (2,)),
    "mtan": lambda tasks: models.mtan(
        tasks, (4, 4, 1), widths=(4,), depths=(2,)
    ),
    "nddr": lambda tasks: models.nddr(tasks, (4,), widths=(3, 3)),
    "ple": lambda tasks: models.ple(tasks, (4,), units=(3,)),
    "segnet": lambda tasks: models.segnet(
        tasks, (4, 4, 1), widths=(4,), depths=(1,)
    ),
}
# Tested on their own: their sizes and options are others.
ON_THEIR_OWN = {"backbone", "cooperative", "soft_sharing"}
LOAD = """
import sys
sys.modules["keras_mtl"] = None
import keras, numpy as np
for name in sys.argv[1:]:
    model = keras.saving.load_model(name + ".keras")
    saved = np.load(name + ".npz")
    for task, output in model(saved["x"]).items():
        np.testing.assert_array_equal(output, saved[task])
    print(name)
"""
EVERY = {**BUILDERS, **OWN_LAYERS}
every_network = pytest.mark.parametrize("build", EVERY.values(), ids=EVERY)


def test_every_network_is_in_the_table():
    assert set(models.__all__) == {*EVERY, *ON_THEIR_OWN}


@every_network
@pytest.mark.parametrize("tasks", [{}, None, ["a", "b"], "ab"])
def test_no_tasks(build, tasks):
    with pytest.raises(ValueError, match="must map at least one task name"):
        build(tasks)


@every_network
@pytest.mark.parametrize("units", [0, -1, 2.0, None, True, "10"])
def test_a_task_without_units(build, units):
    with pytest.raises(ValueError, match=r"`tasks\['b'\]` must be the number"):
        build({"a": 1, "b": units})


@every_network
@pytest.mark.parametrize("task", ["", "a/b", 3])
def test_names_that_no_layer_may_have(build, task):
    with pytest.raises(ValueError, match="Rename the task"):
        build({task: 1})


@every_network
def test_heads_and_trunk(build):
    model = build({"a": 1, "b": np.int64(3)})
    parts = split(model)
    x = np.ones((2, *model.input.shape[1:]), "float32")
    for task, output in model(x).items():
        head = parts.heads[task](parts.trunk(x))
        np.testing.assert_array_equal(head, output)
    for task, variables in parts.task_variables.items():
        assert all(v.path.startswith(f"{task}_") for v in variables)


@every_network
def test_keras_trains_it_by_task_name(build):
    model = build({"a": 1, "b": 1})
    x = np.ones((4, *model.input.shape[1:]), "float32")
    y = {t: np.ones((4, *o.shape[1:])) for t, o in model.output.items()}
    tasks = dict.fromkeys("ab", "mse")
    model.compile("sgd", loss=tasks, metrics=dict.fromkeys("ab", "mae"))
    logs = model.evaluate(x, y, return_dict=True, verbose=0)
    assert {"a_loss", "b_loss", "a_mae", "b_mae"} <= set(logs)


@pytest.mark.parametrize("build", OWN_LAYERS.values(), ids=OWN_LAYERS)
def test_saved_and_loaded(build, tmp_path):
    model = build({"a": 2, "b": 3})
    x = np.random.default_rng(0).random((2, *model.input.shape[1:]))
    x = x.astype("float32")
    model.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    for task, output in model(x).items():
        np.testing.assert_array_equal(loaded(x)[task], output)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("build", OWN_LAYERS.values(), ids=OWN_LAYERS)
def test_mixed_precision_keeps_float32_outputs(build, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = build({"a": 2, "b": 3})
    finally:
        keras.config.set_dtype_policy(before)
    outputs = model(np.ones((2, *model.input.shape[1:]), "float32"))
    for output in outputs.values():
        assert keras.backend.standardize_dtype(output.dtype) == "float32"
        assert np.isfinite(output).all()


@pytest.mark.parametrize("build", OWN_LAYERS.values(), ids=OWN_LAYERS)
def test_an_aggregator_trains_every_variable(build):
    # Some first weights leave no sample above a ReLU of so small a network.
    keras.utils.set_random_seed(0)
    model = build({"a": 2, "b": 3})
    trainer = trainers.Shared(model, aggregator=aggregators.PCGrad())
    trainer.compile(keras.optimizers.SGD(0.1), loss="mse")
    generator = np.random.default_rng(0)
    x = generator.normal(size=(8, *model.input.shape[1:])).astype("float32")
    y = {
        task: generator.normal(size=(8, *output.shape[1:]))
        for task, output in model.output.items()
    }
    before = {v.path: v.numpy() for v in model.trainable_variables}
    trainer.fit(x, y, batch_size=4, epochs=2, verbose=0)
    still = [
        v.path
        for v in model.trainable_variables
        if np.array_equal(v.numpy(), before[v.path])
    ]
    # A bias before a batch normalisation changes nothing, nor does a ReLU
    # that no sample passes.
    assert all(np.size(before[path]) <= 12 for path in still), still
    assert len(still) <= len(before) // 4


def test_saved_models_load_without_this_package(tmp_path):
    for name, build in BUILDERS.items():
        model = build({"a": 2, "b": 3})
        x = np.random.default_rng(0).random((2, *model.input.shape[1:]))
        x = x.astype("float32")
        outputs = {t: np.array(y) for t, y in model(x).items()}
        model.save(tmp_path / f"{name}.keras")
        np.savez(tmp_path / f"{name}.npz", x=x, **outputs)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *BUILDERS],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        text=True,
    )
    assert done.stdout.split() == list(BUILDERS), done.stderr[-2000:]
