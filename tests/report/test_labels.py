import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.report.labels import differing_keys, labels


def test_components_come_first_and_need_no_key():
    configs = [
        {"trainer.name": "shared", "trainer.aggregator": None, "fit.epochs": 1},
        {
            "trainer.name": "shared",
            "trainer.aggregator.name": "pcgrad",
            "fit.epochs": 1,
        },
        {"trainer.name": "independent", "fit.epochs": 1},
    ]
    assert labels(configs) == ["shared", "shared pcgrad", "independent"]


def test_keys_are_as_short_as_they_can_be():
    configs = [
        {"optimizer.rate": 0.1, "trainer.rate": 1},
        {"optimizer.rate": 0.2, "trainer.rate": 1},
        {"optimizer.rate": 0.1, "trainer.rate": 2},
    ]
    assert labels(configs) == [
        "trainer.rate=1 optimizer.rate=0.1",
        "trainer.rate=1 optimizer.rate=0.2",
        "trainer.rate=2 optimizer.rate=0.1",
    ]


def test_a_single_method_is_called_by_its_trainer():
    assert labels([{"trainer.name": "shared"}]) == ["shared"]
    assert labels([{"other": 1}]) == ["run"]


def test_a_method_without_what_the_others_have_is_called_by_its_trainer():
    configs = [
        {"trainer.name": "shared", "partition": None},
        {
            "trainer.name": "shared",
            "partition.kind": "roaming",
            "partition.p": 1,
        },
        {
            "trainer.name": "shared",
            "partition.kind": "roaming",
            "partition.p": 2,
        },
        {"trainer.name": "shared", "partition.kind": "routing"},
    ]
    assert labels(configs) == [
        "shared",
        "roaming p=1",
        "roaming p=2",
        "routing",
    ]


@pytest.mark.parametrize("other", [{}, {"a.b": None}])
def test_what_is_off_still_has_a_label(other):
    assert labels([{"a.b": 0.5}, other]) == ["b=0.5", "b=none"]


def test_an_option_that_is_off_and_none_are_told_apart_by_number():
    assert labels([{"a": 1}, {"a": None}, {}]) == [
        "a=1",
        "a=none",
        "a=none (2)",
    ]


keys = st.sampled_from(["trainer.name", "a.b", "a.c", "d.b", "e"])
settings = st.dictionaries(keys, st.sampled_from([1, 2.5, "x", None]))


@given(st.lists(settings, min_size=2, max_size=6, unique_by=repr))
def test_labels_are_unique(configs):
    configs = [c for i, c in enumerate(configs) if c not in configs[:i]]
    assert len(set(labels(configs))) == len(configs)


def test_differences_are_listed_key_by_key():
    found = differing_keys([{"a": 1, "b": 2}, {"a": 1, "c": "x"}])
    assert found == {"b": ["2", "(absent)"], "c": ["(absent)", "x"]}
