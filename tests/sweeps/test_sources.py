import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.sweeps import is_sweep, load_sweep


def test_a_configuration_and_a_grid_make_a_sweep():
    config, _ = load_sweep(
        "multi_digits", ["seedless.key=1,2"], "0-2", ["data.train_size=64"]
    )
    assert config.name == "multi_digits"
    assert config.config == "multi_digits"
    assert config.grid == {"seedless.key": [1, 2]}
    assert config.seeds == "0-2"
    assert config.set == {"data.train_size": 64}


def test_a_sweep_is_told_from_a_configuration(write):
    assert is_sweep("sweeps/multi_mnist")
    assert is_sweep(write("config: multi_digits"))
    assert not is_sweep("multi_digits")
    assert not is_sweep(write("extends: multi_digits", "run.yaml"))


def test_odd_file_names_give_sound_names(write):
    config, _ = load_sweep(write("config: multi_digits", "my own (1).yaml"))
    assert config.name == "my_own_1_"


def test_the_command_line_wins(write):
    path = write("""
config: multi_digits
configs:
  - {label: a, set: {fit.epochs: 3, data.batch_size: 8}}
grid: {optimizer.learning_rate: [1, 2], model.units: [3]}
seeds: [5]
""")
    config, _ = load_sweep(
        path, ["optimizer.learning_rate=0.1"], "1", ["fit.epochs=7"]
    )
    assert config.grid == {
        "optimizer.learning_rate": [0.1],
        "model.units": [3],
    }
    assert config.seeds == "1"
    assert config.configs[0].set == {"data.batch_size": 8}
    assert config.set == {"fit.epochs": 7}


def test_a_file_beside_the_sweep_is_found(write, tmp_path):
    write("extends: multi_digits", "base.yaml")
    config, _ = load_sweep(write("configs: [{config: base.yaml}]"))
    assert config.configs[0].config == str(tmp_path / "base.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conifg: multi_digits\nseeds: 0", r"mine.yaml:1:1: conifg: unknown "
         r"key.*Did you mean 'config'"),
        ("grid: {a: [1]}", "config: required, but missing"),
        ("trials: [{label: a}]", r"trials\[0\].config: required, but miss"),
        ("config: multi_digits\ngrid: {a: []}", "mine.yaml:2:11: grid.a: "
         "expected at least one value"),
        ("config: multi_digits\ngrid: {a: 1}", "grid.a: expected a list"),
        ("config: multi_digits\nseeds: 3-1", "mine.yaml:2:8: seeds: "),
        ("config: multi_digits\nseeds: true", "seeds: "),
        ("config: multi_digts", "mine.yaml:1:9: config: neither a file.*Did "
         "you mean 'multi_digits'"),
        ("configs: [{lable: a, config: multi_digits}]", "Did you mean 'label"),
        ("config: multi_digits\npublished: {rows: {}}",
         "published.source: required"),
        ("config: multi_digits\npublished: {source: x, rows: {a: {t: "
         "{accuracy: high}}}}", "accuracy: expected a list"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_with_the_place(write, text, message):
    with pytest.raises(ConfigError, match=message):
        load_sweep(write(text))


def test_all_problems_come_at_once(write):
    with pytest.raises(ConfigError, match=r"3 problems") as error:
        load_sweep(
            write("config: multi_digits\nseeds: x\ngrid: {a: [], b: []}")
        )
    assert all(key in str(error.value) for key in ("seeds", "grid.a", "grid.b"))


def test_a_key_cannot_be_set_and_varied():
    with pytest.raises(ConfigError, match=r"the grid varies fit\.epochs"):
        load_sweep("multi_digits", ["fit.epochs=1,2"], None, ["fit.epochs=3"])


def test_an_unknown_name_is_suggested():
    with pytest.raises(ConfigError, match="Did you mean 'sweeps/multi_mnist'"):
        load_sweep("sweeps/multi_mnis")
