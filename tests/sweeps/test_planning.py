import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.sweeps import load_sweep, plan_sweep

METHODS = """
config: multi_digits
configs:
  - {label: sum}
  - {label: PCGrad, set: {trainer.aggregator.name: pcgrad}}
grid: {optimizer.learning_rate: [1e-3, 1e-2]}
trials:
  - {label: single task, set: {trainer.name: single_task}}
set: {data.train_size: 64}
seeds: 0-1
"""


def plan_text(write, text):
    return plan_sweep(*load_sweep(write(text)))


def test_methods_grid_and_seeds(write):
    plan = plan_text(write, METHODS)
    rows = [
        "sum, learning_rate=0.001",
        "sum, learning_rate=0.01",
        "PCGrad, learning_rate=0.001",
        "PCGrad, learning_rate=0.01",
        "single task",
    ]
    assert plan.config.rows == rows
    assert [(t.label, t.seed) for t in plan.trials] == [
        (row, seed) for seed in (0, 1) for row in rows
    ]
    assert len({trial.name for trial in plan.trials}) == 10
    assert len({trial.key for trial in plan.trials}) == 10
    last = plan.trials[-1]
    assert last.resolved["trainer"]["name"] == "single_task"
    assert last.resolved["seed"] == 1
    assert all(t.resolved["data"]["train_size"] == 64 for t in plan.trials)
    assert plan.trials[3].resolved["optimizer"]["learning_rate"] == 0.01
    assert plan.trials[3].resolved["trainer"]["aggregator"]["name"] == "pcgrad"


def test_names_fit_every_file_system(write):
    plan = plan_text(
        write,
        """
config: multi_digits
trials:
  - {label: "a/b", set: {fit.epochs: 1}}
  - {label: "a:b", set: {fit.epochs: 2}}
  - {label: "Δ", set: {fit.epochs: 3}}
  - {label: "..", set: {fit.epochs: 4}}
""",
    )
    assert [trial.name for trial in plan.trials] == [
        "a-b-seed0", "a-b-2-seed0", "trial-seed0", "trial-2-seed0",
    ]  # fmt: skip


def test_entries_of_lists_can_be_varied(write):
    plan = plan_text(
        write,
        """
config: multi_fashion_small_roaming
grid: {"callbacks[0].update_ratio": [0.25, 0.5]}
names: {"callbacks[0].update_ratio": r}
""",
    )
    assert plan.config.rows == ["r=0.25", "r=0.5"]
    found = [t.resolved["callbacks"][0]["update_ratio"] for t in plan.trials]
    assert found == [0.25, 0.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("grid: {optimizer.learning_rat: [1]}",
         r"mine.yaml:2:8: optimizer.learning_rat: unknown key.*Did you mean"),
        ("grid: {data.train_size: [64, many]}", "data.train_size: expected"),
        ("grid: {seed: [1, 2]}", "seed: a sweep cannot set this key"),
        ("set: {name: x}", "name: a sweep cannot set this key"),
        ("trials: [{label: a}, {label: a}]", "two rows have the label 'a'"),
        ("trials: [{label: a}, {label: b}]", "'a' and 'b' are the same"),
        ("grid: {fit.epochs: [1]}\nreference: fit.epochs=1",
         "no row has the label 'fit.epochs=1'.*Did you mean 'epochs=1'"),
        ("published: {source: x, rows: {other: {}}}", "published.rows: no row"),
        ("grid: {fit.epochs: [1, 2]}\nrows: [epochs=1]", "are missing"),
        ("names: {fit.epochs: e}", "names: .* is not a key of the grid"),
    ],
)  # fmt: skip
def test_bad_trials_are_refused(write, text, message):
    with pytest.raises(ConfigError, match=message):
        plan_text(write, f"config: multi_digits\n{text}")


def test_a_problem_of_many_trials_is_told_once(write):
    with pytest.raises(ConfigError) as error:
        plan_text(
            write,
            "config: multi_digits\nseeds: 0-4\nset: {modle.units: 3}\n"
            "grid: {fit.epochs: [0, 1]}",
        )
    lines = str(error.value).splitlines()
    assert lines[0] == "2 problems in the sweep:"
    assert len(lines) == 3
    assert "mine.yaml:3:7: modle: unknown key" in str(error.value)
    assert "mine.yaml:4:8: fit.epochs: expected" in str(error.value)
