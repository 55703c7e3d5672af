import pytest

from keras_mtl.config.components import Completer, nested_kinds
from keras_mtl.config.document import Document, merge
from keras_mtl.config.yaml_reader import read_yaml


def completed(kind, block, seed=7):
    completer = Completer(Document({"x": block}), seed)
    return completer.complete(kind, block, ("x",)), completer


def test_defaults_are_filled_in():
    block, completer = completed("aggregators", {"name": "pcgrad"})
    assert block == {
        "name": "pcgrad",
        "order": "shuffled",
        "seed": 7,
        "scale": "native",
    }
    assert completer.problems == []


def test_networks_give_logits():
    block, _ = completed("losses", "sparse_categorical_crossentropy")
    assert block["from_logits"] is True


def test_a_component_inside_a_component():
    block, completer = completed(
        "trainers", {"name": "shared", "aggregator": "mgda", "weighting": None}
    )
    assert block["aggregator"]["name"] == "mgda"
    assert block["weighting"] is None
    assert completer.problems == []


def test_a_learning_rate_may_be_a_schedule():
    schedule = {
        "name": "cosine_decay",
        "initial_learning_rate": 0.1,
        "decay_steps": 10,
    }
    block, completer = completed(
        "optimizers", {"name": "sgd", "learning_rate": schedule}
    )
    assert completer.problems == []
    assert block["learning_rate"]["alpha"] == 0.0
    assert nested_kinds("weightings").get("learning_rate") is None


@pytest.mark.parametrize(
    ("kind", "block", "message"),
    [
        ("models", 3, "x: expected a name, or a mapping"),
        ("models", {"dropout": 0.1}, "x.name: expected a name. Received: noth"),
        ("models", {"name": 3}, "x.name: expected a name. Received: 3"),
        ("models", {"name": "lenett"}, "x.name: .*Did you mean 'lenet'"),
        ("models", {"name": "lenet", "dropuot": 1}, "Did you mean 'dropout'"),
        ("models", {"name": "lenet", "tasks": {}}, "x.tasks: unknown key"),
        (
            "models",
            {"name": "lenet", "dropout": "a"},
            "x.dropout: expected a n",
        ),
        (
            "optimizers",
            {"name": "sgd", "learning_rate": "x"},
            "expected a numb",
        ),
        (
            "optimizers",
            {"name": "sgd", "learning_rate": {}},
            "learning_rate.nam",
        ),
        (
            "trainers",
            {"name": "shared", "aggregator": 3},
            "aggregator: expected",
        ),
        ("schedules", {"name": "cosine_decay"}, "initial_learning_rate: requi"),
    ],
)
def test_what_is_wrong_is_collected(kind, block, message):
    _, completer = completed(kind, block)
    import re

    assert any(re.search(message, str(p)) for p in completer.problems)


def test_options_of_a_replaced_component_are_left_out_and_noted():
    document = merge(
        read_yaml("optimizer: {name: sgd, momentum: 0.9, nesterov: true}", "a"),
        read_yaml("optimizer: {name: rmsprop}", "b"),
    )
    completer = Completer(document, 0)
    block = completer.complete(
        "optimizers", document.data["optimizer"], ("optimizer",)
    )
    assert block["momentum"] == 0.9
    assert "nesterov" not in block
    assert completer.problems == []
    assert completer.notes == [
        "optimizer.nesterov is left out: 'rmsprop' does not take it."
    ]
