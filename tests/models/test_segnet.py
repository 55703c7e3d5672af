import keras
import numpy as np
import pytest

import keras_mtl
from keras_mtl.graph import compressed, split
from keras_mtl.models import segnet

SMALL = {"widths": (4, 6), "depths": (1, 2)}
TASKS = {"parts": 3, "depth": 1, "room": 2}
KINDS = {"parts": "segmentation", "depth": "depth", "room": "classification"}


def size(variables):
    return sum(int(np.prod(v.shape)) for v in variables)


def image(*shape):
    return np.random.default_rng(0).random(shape, "float32")


def test_number_of_parameters():
    parts = split(segnet({"a": 1, "b": 2}, (32, 32, 3)))
    assert size(parts.shared_variables) == 24_943_296
    head = 9 * 64 * 64 + 64 + 2 * (64 + 1)
    assert size(parts.task_variables["b"]) == head
    assert [tuple(x.shape) for x in parts.frontier] == [(None, 32, 32, 64)]


@pytest.mark.parametrize("shape", [(4, 4, 1), (9, 7, 1), (10, 11, 1)])
def test_every_size_has_a_map_of_its_size(shape):
    model = segnet({"a": 2}, shape, **SMALL)
    assert model.output["a"].shape == (None, *shape[:2], 2)
    assert model(image(1, *shape))["a"].shape == (1, *shape[:2], 2)


def test_a_vector_is_read_at_the_bottleneck():
    model = segnet(TASKS, (8, 8, 1), KINDS, **SMALL)
    assert model.output["room"].shape == (None, 2)
    forward = split(model).forward(["room"])
    assert not any(layer.name.startswith("up") for layer in forward.layers)
    alone = segnet({"room": 2}, (8, 8, 1), {"room": "binary"}, **SMALL)
    assert not any(layer.name.startswith("up") for layer in alone.layers)


@pytest.mark.parametrize("kind", ["roaming", "se"])
def test_it_can_be_partitioned_and_saved(tmp_path, kind):
    model = segnet(TASKS, (9, 8, 1), KINDS, **SMALL)
    parted = keras_mtl.partition(model, 0.5, kind=kind)
    parted.save(tmp_path / "m.keras")
    loaded = keras.saving.load_model(tmp_path / "m.keras")
    x = image(2, 9, 8, 1)
    for task, output in parted(x).items():
        np.testing.assert_allclose(loaded(x)[task], output, atol=1e-6)


def test_the_filters_that_a_task_does_not_use_can_be_left_out():
    parted = keras_mtl.partition(segnet(TASKS, (8, 8, 1), KINDS, **SMALL), 0.5)
    x = image(2, 8, 8, 1)
    for task, output in parted(x).items():
        small = compressed(parted, task)
        assert small.count_params() < parted.count_params()
        np.testing.assert_allclose(small(x)[task], output, atol=1e-5)


def test_levels_that_do_not_fit():
    with pytest.raises(ValueError, match="one number for each level"):
        segnet({"a": 1}, (32, 32, 1), widths=(4, 4), depths=(1,))
    with pytest.raises(ValueError, match="height and width 4 or more"):
        segnet({"a": 1}, (3, 8, 1), **SMALL)
