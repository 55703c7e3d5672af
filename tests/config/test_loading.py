import pytest

from keras_mtl.config import load, load_values
from keras_mtl.errors import ConfigError

SMALL = """\
data: {name: multi_digits, batch_size: 32}
model: {name: lenet}
"""


def test_a_small_configuration_is_completed(load_text):
    loaded = load_text(SMALL)
    config = loaded.config
    assert config.name == "config"
    assert config.trainer["gradients"] == "weights"
    assert config.optimizer["learning_rate"] == 0.001
    assert loaded.text == SMALL


def test_later_layers_win(write):
    write("seed: 1\nfit: {epochs: 2, log_every: 3}\n" + SMALL, "base.yaml")
    path = write("extends: base.yaml\nfit: {epochs: 4}\n")
    loaded = load(path, ["fit.log_every=5", "fit.log_every=6"], seed=9)
    fit = loaded.config.fit
    assert (fit.epochs, fit.log_every, fit.checkpoint_every) == (4, 6, 1)
    assert loaded.config.seed == 9
    assert loaded.config.data["seed"] == 9


def test_all_problems_are_reported_at_once_with_their_places(load_text):
    text = (
        "sed: 1\n"
        "data: {name: multi_digit}\n"
        "trainer:\n"
        "  name: shared\n"
        "  agregator: pcgrad\n"
        "optimizer: {name: adam, learning_rate: fast}\n"
        "fit:\n"
        "  epochs: 0\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_text(text, "fit.telemetry=on")
    lines = [line.strip() for line in str(caught.value).splitlines()]
    assert lines[0] == "7 problems in the configuration:"
    report = "\n".join(line.rpartition("config.yaml:")[2] for line in lines)
    for expected in (
        "1:1: model: required, but missing.",
        "1:1: sed: unknown key",
        "Did you mean 'seed'?",
        "2:14: data.name: expected one of",
        "5:3: trainer.agregator: unknown key",
        "Did you mean 'aggregator'?",
        "6:40: optimizer.learning_rate: expected a number. Received: 'fast'",
        "8:11: fit.epochs: expected greater than or equal to 1. Received: 0",
        "--set fit.telemetry=on: fit.telemetry: expected true or false",
    ):
        assert expected in report


def test_a_plugin_can_be_forbidden(load_text):
    text = "data: multi_digits\nmodel: keras_mtl.models.lenet:lenet\n"
    assert load_text(text).config.model["dropout"] == 0.5
    with pytest.raises(
        ConfigError, match=r"config.yaml:2:8: model.name: .*--no-pl"
    ):
        load_text(text, plugins=False)


def test_a_loss_cannot_be_taken_away(load_text):
    with pytest.raises(ConfigError, match=r"4:16: tasks.left.loss: expected"):
        load_text(SMALL + "tasks:\n  left: {loss: null}\n")


def test_a_resolved_configuration_loads_to_itself(load_text):
    config = load_text(SMALL, "trainer.aggregator=pcgrad").config
    again = load_values(config.resolved(), "resolved.yaml").config
    assert again == config


def test_errors_of_values_name_their_source():
    with pytest.raises(ConfigError, match=r"run/resolved.yaml: seed: expected"):
        load_values(
            {"data": "multi_digits", "model": "lenet", "seed": "x"},
            "run/resolved.yaml",
        )


def test_environment_variables_are_kept_as_written(load_text, monkeypatch):
    monkeypatch.delenv("NOT_SET", raising=False)
    text = "data: {name: multi_mnist, dir: '${NOT_SET}/x'}\nmodel: lenet\n"
    assert load_text(text).config.data["dir"] == "${NOT_SET}/x"
    with pytest.raises(ConfigError, match=r"1:32: data.dir: .*written as"):
        load_text(text.replace("${NOT_SET}", "$NOT_SET"))
