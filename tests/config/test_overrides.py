import pytest

from keras_mtl.config.overrides import read_override
from keras_mtl.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("seed=3", {"seed": 3}),
        ("fit.epochs=2", {"fit": {"epochs": 2}}),
        (
            "optimizer.learning_rate=1e-3",
            {"optimizer": {"learning_rate": 1e-3}},
        ),
        (
            "trainer.groups=[[a], [b, c]]",
            {"trainer": {"groups": [["a"], ["b", "c"]]}},
        ),
        (
            "callbacks[1].every.epochs=2",
            {"callbacks": {1: {"every": {"epochs": 2}}}},
        ),
        ("a[0][2]=x", {"a": {0: {2: "x"}}}),
        ("data.dir=a=b", {"data": {"dir": "a=b"}}),
        ("data.dir=", {"data": {"dir": None}}),
        (
            "trainer.aggregator=mgda",
            {"trainer": {"aggregator": {"name": "mgda"}}},
        ),
    ],
)
def test_a_dotted_key_and_a_yaml_value(text, data):
    assert read_override(text).data == data


def test_the_place_is_the_option():
    document = read_override("fit.epochs=2")
    assert str(document.locate(("fit", "epochs"))) == "--set fit.epochs=2"


@pytest.mark.parametrize(
    "text",
    [
        "seed",
        "=3",
        "a..b=1",
        ".=1",
        "[0]=1",
        "a[=1",
        "a[x]=1",
        ".".join("a" * 30) + "=1",
    ],
)
def test_what_is_no_assignment_is_refused(text):
    with pytest.raises(ConfigError, match="expected key=value"):
        read_override(text)


def test_a_value_that_is_not_yaml_is_refused():
    with pytest.raises(ConfigError, match=r"--set a=\[1: .*|not valid YAML"):
        read_override("a=[1")
