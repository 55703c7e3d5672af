import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.callbacks.prediction_panels import PredictionPanels

RANDOM = np.random.default_rng(1)
X = RANDOM.random((5, 8, 16, 3)).astype("float32")
LABELS = {
    "parts": RANDOM.integers(0, 4, (5, 8, 16)).astype("int32"),
    "depth": RANDOM.random((5, 8, 16, 1)).astype("float32"),
    "scene": np.zeros(5, "int32"),
}
KINDS = {"parts": "segmentation", "depth": "depth", "scene": "classification"}


def network():
    x = keras.Input((8, 16, 3), name="image")
    pooled = keras.layers.GlobalAveragePooling2D()(x)
    outputs = {
        "parts": keras.layers.Conv2D(4, 1, name="parts")(x),
        "depth": keras.layers.Conv2D(1, 1, name="depth")(x),
        "scene": keras.layers.Dense(2, name="scene")(pooled),
    }
    return keras.Model(x, outputs)


def data(x=X, labels=LABELS, kinds=KINDS):
    def dataset():
        return tf.data.Dataset.from_tensors((x, labels))

    tasks = {t: types.SimpleNamespace(kind=kind) for t, kind in kinds.items()}
    split = types.SimpleNamespace(dataset=dataset)
    return types.SimpleNamespace(tasks=tasks, validation=split)


def test_every_dense_task_has_a_panel_of_samples_by_columns():
    panels = PredictionPanels.of(data(), count=2).draw(network())
    assert set(panels) == {"parts", "depth"}
    # Pictures of 160 by 80, in 3 columns and 2 rows, under a line of names.
    assert panels["depth"].size == (3 * 164 - 4, 16 + 2 * 84 - 4)


def test_the_prediction_is_the_last_column():
    model = network()
    first = PredictionPanels.of(data()).draw(model)["depth"]
    model.get_layer("depth").kernel.assign(-model.get_layer("depth").kernel)
    second = PredictionPanels.of(data()).draw(model)["depth"]
    same = np.all(np.asarray(first) == np.asarray(second), axis=(0, 2))
    assert same[: 2 * 164].all()
    assert not same[2 * 164 :].all()


def test_missing_labels_leave_the_target_grey():
    weights = {"depth": np.zeros((5, 8, 16), "float32")}
    panels = PredictionPanels((X, LABELS, weights), KINDS, count=1)
    pixels = np.asarray(panels.draw(network())["depth"])
    assert np.all(pixels[20:90, 170:320] == 128)


@pytest.mark.parametrize(
    "nothing",
    [
        types.SimpleNamespace(validation=None, tasks=data().tasks),
        types.SimpleNamespace(validation=data().validation),
        data(kinds={"scene": "classification"}),
        data(x=X.reshape(5, -1)),
    ],
)
def test_where_there_is_nothing_to_draw(nothing):
    assert PredictionPanels.of(nothing) is None
