import numpy as np

from keras_mtl.graph import split
from keras_mtl.models import cross_stitch

TASKS = {"a": 2, "b": 1}


def test_outputs_are_those_of_the_equations(dense):
    model = cross_stitch(TASKS, (5,), widths=(4, 3), depth=1)
    x = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    features = {"a": x, "b": x}
    for stage in ("stage1", "stage2"):
        own = {
            task: np.maximum(dense(model, f"{task}_{stage}_1", value), 0)
            for task, value in features.items()
        }
        features = {
            "a": 0.9 * own["a"] + 0.1 * own["b"],
            "b": 0.1 * own["a"] + 0.9 * own["b"],
        }
    for task, output in model(x).items():
        expected = dense(model, f"{task}_logits", features[task])
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)


def test_everything_but_the_heads_is_shared():
    parts = split(cross_stitch(TASKS, (5,), widths=(4, 3), depth=1))
    for task in TASKS:
        paths = [v.path for v in parts.task_variables[task]]
        assert paths == [f"{task}_logits/kernel", f"{task}_logits/bias"]


def test_without_mixing_the_networks_are_separate():
    options = {"widths": (4,), "depth": 1, "self_weight": 1.0}
    model = cross_stitch(TASKS, (5,), **options)
    x = np.ones((2, 5), "float32")
    before = model(x)
    layer = model.get_layer("b_stage1_1")
    layer.kernel.assign(layer.kernel + 1.0)
    after = model(x)
    np.testing.assert_array_equal(after["a"], before["a"])
    assert not np.allclose(after["b"], before["b"])
