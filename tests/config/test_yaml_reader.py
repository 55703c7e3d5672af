import math

import pytest

from keras_mtl.config.location import Location
from keras_mtl.config.yaml_reader import plain_scalar, read_value, read_yaml
from keras_mtl.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 1e5),
        ("-2.5", -2.5),
        (".5", 0.5),
        ("3.", 3.0),
        ("12", 12),
        ("-7", -7),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("on", "on"),
        ("yes", "yes"),
        ("off", "off"),
        ("no", "no"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2020-01-01", "2020-01-01"),
        ("1e", "1e"),
        ("-", "-"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_scalars_follow_yaml_1_2(text, value):
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number():
    assert math.isnan(plain_scalar(".nan"))


def test_quoted_scalars_are_text():
    assert read_value("['1', \"true\", 'null']", "x") == ["1", "true", "null"]


def test_every_key_and_value_has_its_place():
    document = read_yaml("a: 1\nb:\n  c: [2, 3]\n", "f.yaml")
    assert document.data == {"a": 1, "b": {"c": [2, 3]}}
    assert document.keys["b", "c"] == Location("f.yaml", 3, 3)
    assert document.values["b", "c"] == Location("f.yaml", 3, 6)
    assert document.values["b", "c", 1] == Location("f.yaml", 3, 10)


def test_an_empty_file_is_an_empty_mapping():
    assert read_yaml("# nothing\n", "f.yaml").data == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", r"f.yaml:3:1: a: already set at f.yaml:1:1"),
        ("a: {b: 1, b: 2}", r"f.yaml:1:11: a.b: already set at f.yaml:1:5"),
        ("- 1\n", r"f.yaml:1:1: expected `key: value` pairs"),
        ("a: [1\n", r"f.yaml:2:1: not valid YAML: expected ',' or '\]'"),
        ("\ta: 1", r"f.yaml:1:1: not valid YAML"),
        ("a: !!python/object:os.system x", r"f.yaml:1:4: .*tag .*not allowed"),
        ("a: !!int '3'", r"f.yaml:1:4: .*tag .*not allowed"),
        ("[1, 2]: 3", r"f.yaml:1:1: expected a word before the colon"),
        ("a: &a [*a]", r"f.yaml:1:\d+: too large"),
        ("a: 1\n---\nb: 2\n", r"not valid YAML: but found another document"),
        ("a: \x00", r"f.yaml: not valid YAML"),
        ('a: "\\ud800"', r"f.yaml:1:4: a: expected valid Unicode"),
        ("a: *b", r"f.yaml:1:4: not valid YAML: found undefined alias"),
    ],
)
def test_what_is_refused_and_where(text, message):
    with pytest.raises(ConfigError, match=message):
        read_yaml(text, "f.yaml")


def test_aliases_may_repeat_a_value():
    assert read_yaml("a: &x {b: 1}\nc: *x\n", "f").data["c"] == {"b": 1}


def test_aliases_may_not_grow_without_bound():
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]"]
    for level in range(1, 9):
        items = ", ".join([f"*a{level - 1}"] * 8)
        lines.append(f"a{level}: &a{level} [{items}]")
    with pytest.raises(ConfigError, match="too large: expected at most"):
        read_yaml("\n".join(lines), "f.yaml")


def test_deep_nesting_is_refused():
    with pytest.raises(ConfigError, match=r"too large|nested too deeply"):
        read_yaml("a: " + "[" * 1000 + "]" * 1000, "f.yaml")


def test_all_repeated_keys_are_reported_at_once():
    with pytest.raises(ConfigError, match="2 problems"):
        read_yaml("a: 1\na: 2\nb: 1\nb: 2\n", "f.yaml")
