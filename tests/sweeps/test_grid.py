import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.errors import ConfigError
from keras_mtl.sweeps.grid import (
    as_json,
    check_grid,
    points,
    read_grid,
    short_names,
    shown,
)

values = st.one_of(
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=5),
)
keys = st.lists(st.sampled_from(list("abcdef")), min_size=1, max_size=3).map(
    ".".join
)
grids = st.dictionaries(
    keys, st.lists(values, min_size=1, max_size=4), max_size=3
)


@given(grids)
def test_points_are_the_product_in_order(grid):
    found = list(points(grid))
    assert len(found) == math.prod(len(values) for values in grid.values())
    for place, point in enumerate(found):
        index = place
        for key in reversed(list(grid)):  # the last key changes fastest
            index, at = divmod(index, len(grid[key]))
            assert point[key] is grid[key][at]


@given(grids)
def test_what_is_written_is_read(grid):
    texts = [
        f"{key}={','.join(as_json(value) for value in values)}"
        for key, values in grid.items()
    ]
    assert read_grid(texts) == grid


def test_plain_words_numbers_and_mappings():
    assert read_grid(["a.b=sum, pcgrad", "c={every: {epochs: 1}},null"]) == {
        "a.b": ["sum", "pcgrad"],
        "c": [{"every": {"epochs": 1}}, None],
    }


@given(st.lists(keys, unique=True, min_size=1, max_size=6))
def test_short_names_tell_keys_apart(found):
    names = short_names(found)
    assert list(names) == found
    assert len(set(names.values())) == len(found)
    for key, name in names.items():
        assert name == key or f".{key}".endswith(f".{name}")


def test_short_names_are_as_short_as_can_be():
    assert short_names(
        ["trainer.aggregator.name", "a.epochs", "b.epochs", "partition.p"]
    ) == {
        "trainer.aggregator.name": "aggregator",
        "a.epochs": "a.epochs",
        "b.epochs": "b.epochs",
        "partition.p": "p",
    }
    assert short_names(["x.name", "x"]) == {"x.name": "x.name", "x": "x"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0001, "0.0001"),
        (True, "true"),
        ("sum", "sum"),
        (None, "null"),
        ({"name": "cagrad", "c": 0.4}, "cagrad(c=0.4)"),
        ({"name": "mgda"}, "mgda"),
        ({"epochs": 1}, '{"epochs": 1}'),
    ],
)
def test_values_in_labels(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["a"], "expected key=value,value"),
        (["a="], "expected key=value,value"),
        (["a= "], "expected key=value,value"),
        (["=1"], "expected key=value,value"),
        (["a=1", "a=2"], "'a' was given before"),
        (["a=[1"], "not valid YAML"),
    ],
)
def test_malformed_grids_are_refused(texts, message):
    with pytest.raises(ConfigError, match=message):
        read_grid(texts)


def test_empty_and_repeated_values_are_found():
    assert check_grid({"a": [], "b": [1, 2, 1], "c": [1, "1", True]}) == [
        "a: expected at least one value, got none.",
        "b: the value 1 is given twice.",
    ]


def test_no_grid_is_one_point():
    assert list(points({})) == [{}]
    assert list(itertools.islice(points({"a": []}), 1)) == []
