from typing import Literal

import pydantic
import pytest

from keras_mtl.config.checks import check, describe
from keras_mtl.config.yaml_reader import read_yaml


class Inner(pydantic.BaseModel, extra="forbid"):
    size: int = pydantic.Field(1, ge=1)


class Model(pydantic.BaseModel, extra="forbid"):
    flag: bool = False
    kind: Literal["a", "b"] = "a"
    groups: int | list[list[str]] | None = None
    inner: Inner = Inner()
    many: dict[str, Inner] = {}
    needed: int = 0


def problems(text):
    document = read_yaml(text, "f")
    return [str(p) for p in check(Model, document.data, (), document)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("flag: on", "f:1:7: flag: expected true or false. Received: 'on'"),
        ("flag: 1", "expected true or false. Received: 1 (an integer)"),
        ("kind: c", "kind: expected 'a' or 'b'. Received: 'c' (text)"),
        ("groups: x", "groups: expected an integer or a list. Received: 'x'"),
        ("inner: {size: 0}", "inner.size: expected greater than or equal to 1"),
        ("inner: 3", "inner: expected"),
        (
            "inner: {sise: 1}",
            "f:1:9: inner.sise: unknown key, expected one of ",
        ),
        ("inner: {sise: 1}", "['size']. Did you mean 'size'?"),
        ("many: {a: {sise: 1}}", "many.a.sise: unknown key, expected one of "),
        ("many: {a: {sise: 1}}", "['size']. Did you mean 'size'?"),
        ("needed: 1.5", "needed: expected"),
    ],
)
def test_complaints_name_the_key_the_place_and_the_value(text, problem):
    found = problems(text)
    assert len(found) == 1
    assert problem in found[0]


def test_all_problems_at_once():
    assert len(problems("flag: 1\nkind: c\nneedd: 2\ninner: {size: x}")) == 4


def test_a_required_key_that_is_missing():
    class Needy(pydantic.BaseModel):
        data: int

    document = read_yaml("a: 1", "f")
    (problem,) = check(Needy, {}, ("x",), document)
    assert str(problem) == "f:1:1: x.data: required, but missing."


def test_long_values_are_cut():
    assert describe("x" * 100).endswith("... (text)")
    assert describe(None) == "null"
    assert describe([1]) == "[1] (a list)"
