import signal
import subprocess
import sys
import time

import pytest

from keras_mtl.runs import RunFolder
from keras_mtl.sweeps import SweepFolder

SWEEP = """
config: multi_digits
configs:
  - {label: diverging, set: {optimizer: {name: sgd, learning_rate: 1e30}}}
  - {label: long, set: {fit.epochs: 60}}
set: {data.train_size: 64, data.batch_size: 16, fit.epochs: 1}
published:
  source: a paper
  rows:
    long: {left: {accuracy: [0.987, 0.001]}}
"""


def states(path):
    records = SweepFolder.open(path).records.values()
    return {record.label: record.state for record in records}


def test_a_dry_run_shows_the_trials_and_writes_nothing(run, folder, tiny):
    result = run("sweep", "multi_digits", *tiny, "--dry-run", "--seeds", "0-4",
                 "--grid", "trainer.aggregator.name=sum,pcgrad")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "aggregator=pcgrad" in result.stdout
    assert "10 trials: 2 methods, seeds 0, 1, 2, 3, 4." in result.stdout
    assert not list(folder.iterdir())


def test_validate_checks_every_trial(run, folder):
    good = run("validate", "sweeps/multi_fashion_schedule")
    assert good.exit_code == 0, good.output
    assert "27 trials: 9 methods, seeds 0, 1, 2." in good.stdout
    (folder / "mine.yaml").write_text(
        "config: multi_digits\ngrid: {fit.epochs: [0]}\nset: {modle: lenet}"
    )
    bad = run("validate", "mine.yaml")
    assert bad.exit_code == 2
    assert "mine.yaml:2:8: fit.epochs: expected" in bad.output
    assert "Did you mean 'model'" in bad.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Give CONFIG"),
        (["--resume"], "Give CONFIG"),
        (["--resume", "--out", "x", "--seeds", "0"], "Give CONFIG"),
        (["nope"], "no such configuration"),
        (["multi_digits", "--grid", "fit.epochs="], "expected key=value,val"),
        (["multi_digits", "--grid", "fit.epoch=1"], "Did you mean 'epochs'"),
        (["multi_digits", "--seeds", "4-0"], "--seeds 4-0: seeds: expected a"),
        (["multi_digits", "--jobs", "0"], "--jobs"),
        (["multi_digits", "--set", "seed=1"], "Give `seeds` instead"),
    ],
)
def test_bad_usage_ends_with_code_2(run, folder, arguments, message):
    result = run("sweep", *arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert not list(folder.iterdir())


def test_folders_of_others_are_refused(run, folder, tiny):
    (folder / "photos").mkdir()
    (folder / "photos/a.png").touch()
    result = run("sweep", "multi_digits", *tiny, "--out", "photos")
    assert result.exit_code == 2
    assert "not that of a sweep" in result.output
    result = run("sweep", "--resume", "--out", "photos")
    assert result.exit_code == 3
    assert "is not a sweep folder" in result.output
    result = run("sweep", "multi_digits", *tiny, "--reuse", "nowhere")
    assert result.exit_code == 2
    assert "--reuse: expected a folder" in result.output


def test_sweeps_are_listed_in_a_group_of_their_own(run):
    output = run("list", "presets").output
    presets, _, sweeps = output.partition("what it compares")
    assert "multi_mnist_mgda_ub" in presets
    assert "sweeps/multi_mnist" in sweeps
    assert "the poster's table" in sweeps


def test_a_sweep_can_be_copied(run, folder):
    result = run("init", "sweeps/multi_fashion_selection", "--out", "a.yaml")
    assert result.exit_code == 0
    assert "keras-mtl sweep a.yaml" in result.output
    assert run("validate", "a.yaml").exit_code == 0


@pytest.mark.slow
def test_killed_resumed_and_reused(run, folder):
    (folder / "mine.yaml").write_text(SWEEP)
    process = subprocess.Popen(
        [sys.executable, "-m", "keras_mtl.cli", "sweep", "mine.yaml"],
        stderr=subprocess.PIPE,
        cwd=folder,
        text=True,
    )
    history = folder / "sweeps/mine/trials/long-seed0/history.csv"
    deadline = time.monotonic() + 240
    while not history.exists() or history.read_text().count("\n") < 3:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    in_use = run("sweep", "mine.yaml", "--resume")
    assert in_use.exit_code == 2
    assert "in use by process" in in_use.output
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    assert "[1/2] diverging, seed 0: failed, exit code 4: Error: The" in errors
    sweep = folder / "sweeps/mine"
    assert states(sweep) == {"diverging": "failed", "long": "running"}

    result = run("sweep", "--resume", "--out", "sweeps/mine")
    assert result.exit_code == 1, result.output
    assert states(sweep) == {"diverging": "failed", "long": "finished"}
    assert "0.987" in result.stdout
    assert "Failed: diverging, seed 0: exit code 4: Error: " in result.stderr
    assert result.stdout.splitlines()[-1] == "Sweep: sweeps/mine"
    log = (sweep / "trials/long-seed0.log").read_text()
    assert "Resuming in epoch" in log
    assert len(RunFolder.open(sweep / "trials/long-seed0").history) == 60

    # What is finished is not run again, here or in another sweep.
    grown = run("sweep", "mine.yaml", "--resume")
    assert grown.exit_code == 1
    reused = run("sweep", "multi_digits", "--grid", "fit.epochs=60",
                 "--set", "data.train_size=64", "--set", "data.batch_size=16",
                 "--reuse", "sweeps", "--out", "other")  # fmt: skip
    assert reused.exit_code == 0, reused.output
    assert "Reused 1 finished runs." in reused.stderr
    (record,) = SweepFolder.open(folder / "other").records.values()
    assert record.reused_from == str(sweep / "trials/long-seed0")
    assert record.seconds is None


@pytest.mark.slow
def test_a_search_for_learning_rates_goes_on(run, folder, tiny):
    begun = run("sweep", "multi_digits", *tiny, "--tune", 1, "--seeds", "0-1")
    assert begun.exit_code == 0, begun.output
    assert "keras-mtl sweep sweeps/multi_digits_tuning/tuned.yaml" in (
        begun.stderr
    )
    sweep = folder / "sweeps/multi_digits_tuning"
    longer = run("sweep", "--resume", "--out", sweep, "--tune", 2)
    assert longer.exit_code == 0, longer.output
    assert len(states(sweep)) == 2
    dry = run("sweep", sweep / "tuned.yaml", "--dry-run")
    assert "2 trials: 1 methods, seeds 0, 1." in dry.stdout
    other = run("sweep", "multi_digits", *tiny, "--tune", 2, "--lr-low", 1e-3,
                "--resume", "--out", sweep)  # fmt: skip
    assert other.exit_code == 2
    assert "begun with other methods" in other.output


def test_a_sweep_is_no_search(run, folder, tiny):
    first = run("sweep", "multi_digits", *tiny, "--reuse", "nowhere")
    assert first.exit_code == 2
    result = run("sweep", "--resume", "--out", "sweeps/multi_digits",
                 "--tune", 2)  # fmt: skip
    assert result.exit_code == 2
    assert "is no search for learning rates" in result.output


def test_a_search_needs_a_validation_split(run, folder, monkeypatch):
    monkeypatch.setenv("KERAS_MTL_DATA", str(folder))
    result = run("sweep", "multi_mnist", "--tune", 2)
    assert result.exit_code == 2
    assert "Hold samples out" in result.output
    assert not list(folder.iterdir())
