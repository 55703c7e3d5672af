"""Whatever is done to a configuration, the answer is an error in words."""

import copy
import string

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.config import load_values
from keras_mtl.config.overrides import read_override
from keras_mtl.config.yaml_reader import read_yaml
from keras_mtl.errors import ConfigError

VALID = {
    "name": "fuzzed",
    "seed": 3,
    "precision": "float32",
    "data": {"name": "multi_digits", "batch_size": 8, "validation": 0.2},
    "model": {"name": "lenet", "dropout": 0.1},
    "trainer": {
        "name": "independent",
        "groups": [["left"], ["right"]],
        "aggregator": {"name": "pcgrad", "order": "given"},
        "weighting": {"name": "static"},
    },
    "optimizer": {
        "name": "adam",
        "clipnorm": 1.0,
        "learning_rate": {
            "name": "cosine_decay",
            "initial_learning_rate": 0.1,
            "decay_steps": 10,
        },
    },
    "tasks": {
        "left": {
            "loss": {"name": "sparse_categorical_crossentropy"},
            "metrics": ["accuracy", {"name": "auc"}],
            "weight": 0.5,
        }
    },
    "fit": {"epochs": 2, "monitor": "val_loss", "telemetry": True},
}
TEXT = yaml.safe_dump(VALID)
words = st.text(st.sampled_from(string.ascii_lowercase + "_.:$ {}"), max_size=9)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | words
    | st.text(max_size=5)
    | st.sampled_from(["pcgrad", "mgda", "sgd", "lenet", "${A", "a:b", "null"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(words | st.just("name"), inner, max_size=3)
    ),
    max_leaves=6,
)


def containers(value):
    """Every mapping and list in a value."""
    if isinstance(value, dict | list):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from containers(child)


@st.composite
def mutated(draw):
    """A valid configuration with a few keys removed, renamed or replaced."""
    config = copy.deepcopy(VALID)
    for _ in range(draw(st.integers(1, 3))):
        container = draw(st.sampled_from(list(containers(config))))
        if isinstance(container, list):
            container.append(draw(values))
            continue
        keys = st.sampled_from([*container, "extra"])
        key, action = draw(keys), draw(st.sampled_from(["drop", "set", "move"]))
        if action == "set":
            container[key] = draw(values)
        elif key in container:
            value = container.pop(key)
            if action == "move":
                container[draw(words)] = value
    return config


def outcome(function, *arguments):
    """Nothing, or the message of the only error that may come."""
    message = None
    try:
        function(*arguments)
    except ConfigError as error:
        message = str(error)
    assert message is None or message.strip()
    return message


@pytest.mark.slow
@given(mutated())
@settings(max_examples=300)
def test_a_mutated_configuration_loads_or_is_refused_in_words(config):
    message = outcome(load_values, config, "f")
    if message is None:
        again = load_values(config, "f").config
        assert load_values(again.resolved(), "f").config == again


@given(st.integers(0, len(TEXT) - 1), st.text(max_size=3), st.integers(0, 4))
def test_mutated_text_is_read_or_refused_in_words(at, inserted, removed):
    outcome(read_yaml, TEXT[:at] + inserted + TEXT[at + removed :], "f")


@given(st.text())
def test_any_text_is_read_or_refused_in_words(text):
    outcome(read_yaml, text, "f")


@given(st.text(max_size=20) | st.from_regex(r"[a-z.]+=.{0,8}", fullmatch=True))
def test_any_override_is_read_or_refused_in_words(text):
    outcome(read_override, text)
