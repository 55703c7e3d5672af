"""Cooperative networks: parameters, gradients, shapes, options."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.models import cooperative

UNET = {
    "network": "unet",
    "widths": (6, 12),
    "input_shape": (8, 8, 1),
    "classification": ["c"],
}
LENET = {"widths": (6, 12), "input_shape": (10, 10, 1)}
SETTINGS = {"lenet": LENET, "unet": UNET}


def tasks_of(count):
    return {name: 2 + index for index, name in enumerate("cab"[:count])}


def build(setting="lenet", count=2, **options):
    return cooperative(tasks_of(count), **{**SETTINGS[setting], **options})


def image(model, batch=2):
    shape = (batch, *model.input_shape[1:])
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def blocks_from(joint, model, tasks):
    """Deals the filters of a joint network out to the encoders."""
    for layer in joint.layers:
        weights = layer.get_weights()
        if not layer.name.startswith("shared_"):
            if weights:
                model.get_layer(layer.name).set_weights(weights)
            continue
        name = layer.name.removeprefix("shared_")
        if not weights:
            continue
        parts = [np.split(w, len(tasks), axis=-1) for w in weights]
        for index, task in enumerate(sorted(tasks)):
            own = model.get_layer(f"{task}_{name}")
            own.set_weights([part[index] for part in parts])


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(
    ("setting", "widths"),
    [("lenet", (6, 12)), ("lenet", (6, 6, 12)), ("unet", (6, 12))],
)
def test_cross_has_the_parameters_of_the_joint_network(
    setting, widths, count, normalize
):
    options = {"widths": widths, "batch_normalization": normalize}
    if len(widths) == 3:
        options["input_shape"] = (16, 16, 1)
    model = build(setting, count, **options)
    joint = build(setting, count, design="joint", **options)
    assert model.count_params() == joint.count_params()


def test_parameters_of_the_mnist_network_by_hand():
    tasks = {"even": 5, "odd": 5}
    conv1, conv2 = 25 * 10 + 10, 25 * 10 * 20 + 20
    dense, heads = 320 * 50 + 50, 2 * (50 * 5 + 5)
    model = cooperative(tasks)
    assert model.count_params() == conv1 + conv2 + dense + heads
    late = cooperative(tasks, fusion="late")
    halves = 2 * (25 * 5 * 10 + 10) + 2 * (160 * 25 + 25)
    assert late.count_params() == conv1 + halves + heads


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_coupled_cross_network_computes_what_the_joint_one_does(setting):
    joint = build(setting, 3, design="joint")
    model = build(setting, 3, stop_gradients=False)
    blocks_from(joint, model, tasks_of(3))
    x = image(joint)
    for task, expected in joint(x).items():
        np.testing.assert_allclose(
            model(x)[task], expected, rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("fusion", ["cross", "late"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_task_trains_its_own_encoder_and_head_alone(setting, fusion):
    model = build(setting, 3, fusion=fusion)
    variables = model.trainable_variables
    with tf.GradientTape(persistent=True) as tape:
        outputs = model(image(model), training=True)
        totals = {t: tf.reduce_sum(y**2) for t, y in outputs.items()}
    for task, total in totals.items():
        found = tape.gradient(total, [v.value for v in variables])
        for variable, gradient in zip(variables, found, strict=True):
            own = variable.path.startswith(f"{task}_")
            assert (gradient is not None) == own, (task, variable.path)


def test_a_coupled_network_trains_everything_from_every_task():
    model = build("lenet", stop_gradients=False)
    encoders = [v for v in model.trainable_variables if "logits" not in v.path]
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(model(image(model))["a"] ** 2)
    found = tape.gradient(total, [v.value for v in encoders])
    assert all(gradient is not None for gradient in found)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("fusion", ["cross", "late"])
def test_outputs_are_logits_of_the_right_shape(setting, fusion):
    model = build(setting, fusion=fusion, head_units=[4], dropout=0.5)
    outputs = model(image(model))
    assert outputs["c"].shape == (2, 2)
    expected = (2, 8, 8, 3) if setting == "unet" else (2, 3)
    assert outputs["a"].shape == expected
    assert sorted(outputs) == ["a", "c"]


def test_it_saves_and_loads_as_a_keras_model(tmp_path):
    model = build("unet", batch_normalization=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = image(model)
    for task, expected in model(x).items():
        np.testing.assert_array_equal(loaded(x)[task], expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"widths": (6, 7)}, r"`widths` must be multiples of 2"),
        ({"widths": (6,)}, r"`widths` must be a list of 2 or more"),
        ({"design": "both"}, r"`design` must be one of"),
        ({"fusion": "early"}, r"`fusion` must be one of"),
        ({"network": "vgg"}, r"`network` must be one of"),
        ({"dropout": 1.0}, r"`dropout` must be in \[0, 1\)"),
        ({"classification": ["a"]}, r"every head of a LeNet is a classifier"),
        ({"classification": "a"}, r"`classification` must be a list"),
        ({"input_shape": (5, 5, 1)}, r"height and width 6 or more"),
        (
            {"network": "unet", "classification": ["z"]},
            r"`classification` must be a list of task names",
        ),
        (
            {"network": "unet", "input_shape": (9, 8, 1)},
            r"multiples of 2\. Received: input_shape=\(9, 8, 1\)",
        ),
    ],
)
def test_what_cannot_be_built_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_the_joint_network_takes_any_width():
    assert build(design="joint", widths=(5, 7)).count_params() > 0
