import math

from keras_mtl.runs.results import by_task


def test_metrics_go_to_their_task_and_undefined_ones_are_nan():
    logs = {"a_loss": 1, "a_mean_iou": None, "b_loss": 2.5}
    found = by_task(logs, ("a", "b"))
    assert found["a"]["loss"] == 1.0
    assert math.isnan(found["a"]["mean_iou"])
    assert found["b"] == {"loss": 2.5}
