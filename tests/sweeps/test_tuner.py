import json
import math

import pytest

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.runs import RunFolder
from keras_mtl.runs.history import write_history
from keras_mtl.sweeps import SweepFolder, load_sweep, plan_sweep
from keras_mtl.sweeps.objective import objective, rate_key
from keras_mtl.sweeps.tune_options import TuneOptions
from keras_mtl.sweeps.tuner import TUNED, TUNING, Tuner

METHODS = """
config: multi_digits
configs:
  - {label: sum}
  - {label: PCGrad, set: {trainer.aggregator.name: pcgrad}}
set: {fit.epochs: 2}
seeds: 3-5
reference: sum
"""


@pytest.fixture
def asked(write):
    return plan_sweep(*load_sweep(write(METHODS))).config


class Worker:
    """Finishes trials at once; the loss tells how far the rate is off."""

    def __init__(self, stop_after=math.inf):
        self.done = []
        self.stop_after = stop_after

    def __call__(self, sweep):
        for record in list(sweep.records.values()):
            if record.state != "pending":
                continue
            if len(self.done) >= self.stop_after:
                raise KeyboardInterrupt
            resolved = sweep.resolved(record.name)
            rate = resolved["optimizer"]["learning_rate"]
            self.done.append((record.label, rate))
            if rate > 2e-2:
                sweep.update(record.name, state="failed", exit_code=4)
                continue
            run = RunFolder.create(
                sweep.run_path(record.name), "", resolved, ["fit"]
            )
            loss = abs(math.log10(rate) + 3)
            write_history(run.history_path, rows(loss))
            sweep.update(record.name, state="finished")


def rows(loss):
    counters = {"step": 1, "seconds": 1.0}
    return [
        {"epoch": 1, **counters, "val_loss": loss},
        {"epoch": 2, **counters, "val_loss": loss + 1},
    ]


OPTIONS = TuneOptions(6)


def test_every_method_gets_its_best_rate(asked, tmp_path):
    worker = Worker()
    found = Tuner(asked, OPTIONS, tmp_path / "out").run(None, worker)
    assert [best.label for best in found] == ["sum", "PCGrad"]
    for best in found:
        tried = [r for label, r in worker.done if label.startswith(best.label)]
        good = [rate for rate in tried if rate <= 2e-2]
        assert best.rate == min(good, key=lambda r: abs(math.log10(r) + 3))
        assert best.value == pytest.approx(abs(math.log10(best.rate) + 3))
        assert best.finished == len(good)
        assert len(tried) == 6  # no rate came twice
        assert all(OPTIONS.low <= rate <= OPTIONS.high for rate in tried)
        assert best.monitor == "val_loss"
    sweep = SweepFolder.open(tmp_path / "out")
    assert {record.seed for record in sweep.records.values()} == {3}
    assert all(", lr=" in record.label for record in sweep.records.values())


def test_an_interrupted_search_goes_on_as_if_it_had_not_been(asked, tmp_path):
    whole, first, second = Worker(), Worker(stop_after=5), Worker()
    expected = Tuner(asked, OPTIONS, tmp_path / "a").run(None, whole)
    with pytest.raises(KeyboardInterrupt):
        Tuner(asked, OPTIONS, tmp_path / "b").run(None, first)
    tuner = Tuner.open(tmp_path / "b", None)
    assert tuner.options == OPTIONS
    assert tuner.run(SweepFolder.open(tmp_path / "b"), second) == expected
    assert first.done + second.done == whole.done


def test_a_search_may_be_made_longer(asked, tmp_path):
    short, rest = Worker(), Worker()
    Tuner(asked, TuneOptions(2), tmp_path / "a").run(None, short)
    tuner = Tuner.open(tmp_path / "a", 4)
    tuner.run(SweepFolder.open(tmp_path / "a"), rest)
    assert len(short.done) == len(rest.done) == 4


def test_what_comes_out_is_a_sweep_of_all_seeds(asked, tmp_path):
    found = Tuner(asked, OPTIONS, tmp_path / "a").run(None, Worker())
    plan = plan_sweep(*load_sweep(str(tmp_path / "a" / TUNED)))
    assert plan.config.rows == ["sum", "PCGrad"]
    assert plan.config.reference == "sum"
    assert len(plan.trials) == 6
    rates = {best.label: best.rate for best in found}
    for trial in plan.trials:
        rate = trial.resolved["optimizer"]["learning_rate"]
        assert rate == rates[trial.label]
        assert trial.resolved["fit"]["epochs"] == 2


def test_a_method_that_always_fails_has_no_rate(asked, tmp_path):
    options = TuneOptions(2, 3e-2, 5e-2)
    found = Tuner(asked, options, tmp_path / "a").run(None, Worker())
    assert all(best.rate is None and best.finished == 0 for best in found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("data.validation=0", "'sum' has none .data.validation: 0"),
        ("fit.monitor=loss", "fit.monitor: loss"),
        ("fit.monitor=val_left_kappa", "Cannot tell from its name"),
        ("optimizer.learning_rate={name: piecewise_constant_decay, "
         "boundaries: [1], values: [0.1, 0.01]}", "Set a number"),
    ],
)  # fmt: skip
def test_what_cannot_be_tuned_is_refused(write, tmp_path, change, message):
    plan = plan_sweep(*load_sweep(write(METHODS), (), None, [change]))
    with pytest.raises(ConfigError, match=message):
        Tuner(plan.config, OPTIONS, tmp_path / "a")


def test_a_rate_in_the_grid_is_refused(write, tmp_path):
    grid = ["optimizer.learning_rate=1e-3,1e-2"]
    config, document = load_sweep("multi_digits", grid)
    asked = plan_sweep(config, document).config
    with pytest.raises(ConfigError, match="and so does the grid"):
        Tuner(asked, OPTIONS, tmp_path / "a")


def test_schedules_keep_their_form():
    rate = {"name": "exponential_decay", "initial_learning_rate": 0.1}
    key = "optimizer.learning_rate.initial_learning_rate"
    assert rate_key({"optimizer": {"learning_rate": rate}}) == key
    plain = {"optimizer": {"learning_rate": 0.1}}
    assert rate_key(plain) == "optimizer.learning_rate"


def test_the_objective_is_the_best_epoch(tmp_path):
    fit = {"monitor": "val_loss", "mode": "auto"}
    run = RunFolder.create(tmp_path / "run", "", {"fit": fit}, ["fit"])
    with pytest.raises(ConfigError, match="has not logged"):
        objective(run)
    write_history(run.history_path, rows(0.5))
    assert objective(run) == 0.5
    write_history(run.history_path, [
        {**row, "val_loss": math.nan} for row in rows(1)
    ])  # fmt: skip
    assert objective(run) is None


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"asked": 1}'])
def test_a_damaged_search_is_told(asked, tmp_path, text):
    Tuner(asked, TuneOptions(1), tmp_path / "a").run(None, Worker())
    state = json.loads((tmp_path / "a" / TUNING).read_text())
    assert state["count"] == 1
    (tmp_path / "a" / TUNING).write_text(text)
    with pytest.raises(DataError, match=r"damaged|Could not read"):
        Tuner.open(tmp_path / "a", None)
