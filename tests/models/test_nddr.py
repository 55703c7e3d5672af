import numpy as np
import pytest

from keras_mtl.graph import split
from keras_mtl.models import nddr

TASKS = {"a": 2, "b": 1}


def test_outputs_are_those_of_the_equations(dense):
    model = nddr(TASKS, (5,), widths=(4, 3), depth=1)
    x = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    features = {"a": x, "b": x}
    # Fresh averages of batch normalisation: nothing but epsilon.
    scale = 1 / np.sqrt(1 + 1e-5)
    for stage in ("stage1", "stage2"):
        own = {
            task: np.maximum(dense(model, f"{task}_{stage}_1", value), 0)
            for task, value in features.items()
        }
        features = {
            "a": scale * (0.9 * own["a"] + 0.1 * own["b"]),
            "b": scale * (0.1 * own["a"] + 0.9 * own["b"]),
        }
    for task, output in model(x).items():
        expected = dense(model, f"{task}_logits", features[task])
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)


def test_the_last_projection_belongs_to_its_task():
    parts = split(nddr(TASKS, (5,), widths=(4, 3), depth=1))
    paths = [v.path for v in parts.task_variables["a"]]
    assert "a_stage2_nddr/kernel" in paths
    assert "a_stage1_nddr/kernel" not in paths


def test_weight_decay_is_on_the_projections():
    model = nddr(TASKS, (5,), widths=(4,), depth=1, weight_decay=0.5)
    # 0.5 * 4 channels * (0.9^2 + 0.1^2) for each task.
    np.testing.assert_allclose(sum(model.losses), 2 * 0.5 * 4 * 0.82, rtol=1e-5)
    with pytest.raises(ValueError, match="`weight_decay` must be 0 or more"):
        nddr(TASKS, (5,), weight_decay=-1.0)
