"""Tasks with an output a pixel, some of them without labels."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.metrics import jaccard_score

from keras_mtl import trainers
from keras_mtl.datasets import TaskSpec

NUMBERS = np.random.default_rng(0)
SIZE, SHAPE = 7, (6, 5)
SPECS = {
    "classes": TaskSpec("classes", "segmentation", 3),
    "depth": TaskSpec("depth", "depth", 1),
    "disc": TaskSpec("disc", "mask", 1),
    "normals": TaskSpec("normals", "normals", 3),
    "sick": TaskSpec("sick", "binary", 1),
}


def network():
    image = keras.Input((*SHAPE, 3), name="image")
    x = keras.layers.Conv2D(4, 3, padding="same", activation="tanh")(image)
    outputs = {
        name: keras.layers.Conv2D(spec.num_outputs, 1, name=name)(x)
        for name, spec in SPECS.items()
        if spec.is_dense
    }
    pooled = keras.layers.GlobalAveragePooling2D()(x)
    outputs["sick"] = keras.layers.Dense(1, name="sick")(pooled)
    return keras.Model(image, outputs)


def data():
    x = NUMBERS.normal(size=(SIZE, *SHAPE, 3)).astype("float32")
    weights = {
        name: (NUMBERS.random((SIZE, *SHAPE)) < 0.6).astype("float32")
        for name in ("classes", "depth", "disc", "normals")
    }
    weights["sick"] = np.array([1, 0, 1, 1, 0, 1, 1], "float32")
    weights["disc"][:3] = 0  # the first batches have no label at all
    labels = {
        "classes": NUMBERS.integers(0, 3, (SIZE, *SHAPE)).astype("int32"),
        "depth": NUMBERS.uniform(1, 9, (SIZE, *SHAPE, 1)).astype("float32"),
        "disc": NUMBERS.integers(0, 2, (SIZE, *SHAPE, 1)).astype("float32"),
        "normals": NUMBERS.normal(size=(SIZE, *SHAPE, 3)).astype("float32"),
        "sick": NUMBERS.integers(0, 2, (SIZE, 1)).astype("float32"),
    }
    labels["classes"][weights["classes"] == 0] = 255
    labels["depth"][weights["depth"] == 0] = np.nan
    return x, labels, weights


def compiled(kind):
    trainer = getattr(trainers, kind)(network())
    trainer.compile(
        "sgd",
        {name: spec.default_loss() for name, spec in SPECS.items()},
        metrics={name: s.default_metrics() for name, s in SPECS.items()},
    )
    return trainer


def expected(outputs, labels, weights):
    """Losses and metrics over all labelled pixels at once."""
    kept = {name: weight > 0 for name, weight in weights.items()}
    classes = outputs["classes"][kept["classes"]]
    truth = labels["classes"][kept["classes"]]
    shares = keras.ops.log_softmax(classes).numpy()
    errors = np.abs(outputs["depth"] - labels["depth"])[kept["depth"]]
    units = [
        v / np.linalg.norm(v, axis=-1, keepdims=True)
        for v in (labels["normals"], outputs["normals"])
    ]
    cosines = (units[0] * units[1]).sum(-1)[kept["normals"]]
    return {
        "classes_loss": -shares[np.arange(len(truth)), truth].mean(),
        "classes_mean_iou": jaccard_score(
            truth, classes.argmax(-1), average="macro"
        ),
        "classes_pixel_accuracy": (classes.argmax(-1) == truth).mean(),
        "depth_loss": errors.mean(),
        "depth_absolute_error": errors.mean(),
        "disc_mean_iou": jaccard_score(
            labels["disc"][kept["disc"]][:, 0] > 0,
            outputs["disc"][kept["disc"]][:, 0] > 0,
        ),
        "normals_loss": 1 - cosines.mean(),
        "normals_mean_angle": np.degrees(np.arccos(cosines)).mean(),
        "sick_accuracy": ((outputs["sick"] > 0) == labels["sick"])[
            kept["sick"]
        ].mean(),
    }


@pytest.mark.parametrize("size", [1, 3])
def test_an_evaluation_is_that_of_the_whole_set(size):
    trainer, (x, labels, weights) = compiled("Shared"), data()
    dataset = tf.data.Dataset.from_tensor_slices((x, labels, weights))
    found = trainer.evaluate(dataset.batch(size), verbose=0, return_dict=True)
    outputs = trainer.model.predict(x, verbose=0)
    for name, value in expected(outputs, labels, weights).items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("kind", ["Independent", "SingleTask"])
def test_every_scheme_trains_on_maps(kind):
    trainer, (x, labels, weights) = compiled(kind), data()
    dataset = tf.data.Dataset.from_tensor_slices((x, labels, weights))
    history = trainer.fit(dataset.batch(3), epochs=1, verbose=0).history
    assert {f"{name}_loss" for name in SPECS} <= set(history)
    assert np.isfinite(list(history.values())).all()
