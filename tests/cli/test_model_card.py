import json

import numpy as np
import pytest

from keras_mtl.cli.model_card import model_card
from keras_mtl.datasets import TaskSpec, from_arrays, load
from keras_mtl.datasets.standardise import Standardise


def arrays(prepare):
    return from_arrays(
        "mine",
        tasks=[TaskSpec("size", "regression", 1)],
        train=(np.zeros((4, 2, 2, 1), np.uint8), {"size": np.zeros(4)}),
        batch_size=2,
        prepare=prepare,
    )


@pytest.mark.parametrize(
    ("prepare", "scaling"),
    [
        (Standardise(mean=0.5, std=0.25), {"mean": 0.5, "std": 0.25}),
        (lambda pixels: pixels, None),
        (None, None),
    ],
)
def test_data_sets_of_arrays_record_what_they_can(prepare, scaling):
    card = model_card(arrays(prepare))
    assert card["scaling"] == scaling
    assert card["tasks"]["size"]["class_names"] is None


def test_tasks_inputs_and_scaling():
    card = model_card(load("multi_digits"))
    assert json.loads(json.dumps(card)) == card
    assert card["input_shape"] == [24, 24, 1]
    assert card["scaling"] == {"mean": 0.0, "std": 1.0}
    assert card["tasks"]["left"] == {
        "kind": "classification",
        "num_outputs": 10,
        "class_names": list("0123456789"),
    }
