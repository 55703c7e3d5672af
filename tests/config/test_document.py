import pytest

from keras_mtl.config.document import Document, is_component, merge
from keras_mtl.config.overrides import read_override
from keras_mtl.config.yaml_reader import read_yaml
from keras_mtl.errors import ConfigError


def merged(base, over):
    return merge(read_yaml(base, "base"), read_yaml(over, "over"))


def test_mappings_merge_and_lists_are_replaced():
    result = merged("a: {b: 1, c: [1, 2]}\nd: 1", "a: {c: [3], e: 4}")
    assert result.data == {"a": {"b": 1, "c": [3], "e": 4}, "d": 1}


def test_places_follow_the_values():
    result = merged("a: {b: 1, c: 2}", "a:\n  c: 3")
    assert str(result.locate(("a", "b"))) == "base:1:8"
    assert str(result.locate(("a", "c"))) == "over:2:6"


def test_the_places_of_a_replaced_mapping_are_forgotten():
    result = merged("a: {b: {x: 1}}", "a: {b: 3}")
    assert ("a", "b", "x") not in result.values


def test_what_has_no_place_is_located_around_it():
    document = read_yaml("a:\n  b: 1", "f")
    assert str(document.locate(("a", "missing"))) == "f:2:3"
    assert str(document.locate(("none",))) == "f:1:1"
    assert str(document.locate(("a", "b"), key=True)) == "f:2:3"


def test_options_of_a_replaced_component_are_marked():
    result = merged(
        "optimizer: {name: sgd, momentum: 0.9, learning_rate: 0.1}",
        "optimizer: {name: adam, learning_rate: 0.2}",
    )
    assert result.inherited == {("optimizer", "momentum")}


def test_a_later_layer_that_sets_an_option_owns_it():
    once = merged("trainer: {name: a, x: 1}", "trainer: {name: b}")
    twice = merge(once, read_yaml("trainer: {x: 2}", "third"))
    assert once.inherited == {("trainer", "x")}
    assert twice.inherited == set()


def test_a_name_alone_stands_for_a_component():
    data = read_yaml(
        "model: lenet\ntrainer: {name: shared, aggregator: pcgrad}\n"
        "tasks: {left: {loss: huber}}\nfit: {monitor: loss}",
        "f",
    ).data
    assert data["model"] == {"name": "lenet"}
    assert data["trainer"]["aggregator"] == {"name": "pcgrad"}
    assert data["tasks"]["left"]["loss"] == {"name": "huber"}
    assert data["fit"]["monitor"] == "loss"


def test_which_paths_are_components():
    assert is_component(("trainer", "aggregator", "aggregator"))
    assert not is_component(("fit",))
    assert not is_component(("tasks", "a", "metrics"))


def test_get_gives_nothing_for_a_path_that_is_not_there():
    document = Document({"a": {"b": [1]}})
    assert document.get(("a", "b", 0)) == 1
    assert document.get(("a", "b", 5)) is None
    assert document.get(("a", "b", "c")) is None


def test_an_entry_of_a_list_is_changed():
    base = read_yaml("a: [{name: x, b: 1, c: 2}, {name: y}, 3]", "base")
    once = merge(base, read_override("a[0].b=5"))
    assert once.data == {"a": [{"name": "x", "b": 5, "c": 2}, {"name": "y"}, 3]}
    assert merge(once, read_override("a[2]=7")).data["a"][2] == 7
    assert base.data["a"][0]["b"] == 1
    assert str(once.locate(("a", 0, "b"))) == "--set a[0].b=5"


@pytest.mark.parametrize("base", ["a: [1, 2]", "a: {b: 1}", "c: 1"])
def test_an_entry_that_is_not_there_is_refused(base):
    with pytest.raises(ConfigError, match=r"--set a\[2\]=1: a has \d entries"):
        merge(read_yaml(base, "base"), read_override("a[2]=1"))
