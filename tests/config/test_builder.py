import pytest

from keras_mtl.config import load_values
from keras_mtl.config.builder import Builder
from keras_mtl.config.yaml_reader import read_yaml
from keras_mtl.errors import ConfigError, DataError


def builder(**values):
    data = {"data": "multi_digits", "model": "lenet", **values}
    return Builder(load_values(data, "f"))


def test_components_inside_components_are_made():
    optimizer = builder().optimizer(
        {
            "name": "sgd",
            "learning_rate": {
                "name": "exponential_decay",
                "initial_learning_rate": 0.5,
                "decay_steps": 1,
                "decay_rate": 0.5,
            },
        }
    )
    assert float(optimizer.learning_rate) == 0.5


def test_arguments_that_a_component_does_not_take_are_left_out():
    loss = builder().component("losses", {"name": "huber"}, ("x",), tasks=3)
    assert loss.name == "huber_loss"


@pytest.mark.parametrize("kind", [ValueError, TypeError, ConfigError])
@pytest.mark.parametrize("text", ["`groups` is bad", "bad: groups=3"])
def test_an_error_is_placed_at_the_option_it_names(kind, text):
    made = builder()
    made._document = read_yaml("trainer:\n  name: x\n  groups: 3\n", "f")
    with (
        pytest.raises(ConfigError, match=r"f:3:11: trainer.groups: .*bad"),
        made.blaming(("trainer",)),
    ):
        raise kind(text)


def test_an_error_is_placed_once():
    made = builder()
    with (
        pytest.raises(ConfigError) as caught,
        made.blaming(("trainer",)),
        made.blaming(("model",)),
    ):
        raise ValueError("wrong")
    assert str(caught.value) == "f: model: wrong"


def test_errors_of_the_data_stay_what_they_are():
    with pytest.raises(DataError), builder().blaming(("data",)):
        raise DataError("missing")


def test_an_unset_variable_is_placed(monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(ConfigError, match=r"f: data.dir: .*NOT_SET is not set"):
        builder().data({"name": "multi_mnist", "dir": "${NOT_SET}"})
