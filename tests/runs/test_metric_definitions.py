import types

import keras

from keras_mtl.losses import TaskLoss
from keras_mtl.runs.metric_definitions import metric_definitions


class Several(keras.metrics.Mean):
    def result(self):
        return {"first": 1.0, "second": 2.0}


def definitions(loss, *metrics):
    return metric_definitions(
        types.SimpleNamespace(
            tasks=("a", "b"),
            task_losses={"a": TaskLoss(loss, "a")},
            scores=types.SimpleNamespace(
                plain={"a": list(metrics)}, weighted={}
            ),
        )
    )


def test_options_make_a_definition():
    low = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)
    half = keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.5)
    found = definitions("mse", low)
    assert found != definitions("mse", half)
    assert found["a"]["accuracy"]["class"].endswith(":BinaryAccuracy")
    assert found["a"]["accuracy"]["config"]["threshold"] == 0.0


def test_names_and_dtypes_are_no_part_of_it():
    one = definitions("mse", keras.metrics.MeanSquaredError(name="x"))
    two = definitions(
        "mse", keras.metrics.MeanSquaredError(name="x", dtype="float64")
    )
    assert one == two


def test_a_loss_has_its_options_as_well():
    plain = keras.losses.Huber(delta=1.0)
    other = keras.losses.Huber(delta=2.0)
    assert definitions(plain) == definitions(keras.losses.Huber(1.0))
    assert definitions(plain) != definitions(other)


def test_a_metric_of_several_values_defines_each():
    found = definitions("mse", Several(name="pair"))
    assert set(found["a"]) == {"loss", "first", "second"}
    assert found["b"] == {}


def test_a_metric_that_says_which_way_is_better_is_quoted():
    metric = keras.metrics.Mean(name="distance")
    metric.higher_is_better = False
    found = definitions("mse", metric)["a"]
    assert found["distance"]["higher_is_better"] is False
    assert "higher_is_better" not in found["loss"]
