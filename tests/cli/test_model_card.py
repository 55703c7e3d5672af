import json

from keras_mtl.cli.model_card import model_card
from keras_mtl.datasets import load


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
