import io
import json

import pytest
from rich.console import Console

from keras_mtl.sweeps.console_observer import ConsoleObserver

METRICS = {"test": {"left": {"accuracy": 0.91234, "loss": 3.0}}}


@pytest.fixture
def observer(sweep):
    def make(terminal=False, quiet=False, height=40):
        console = Console(
            file=io.StringIO(),
            force_terminal=terminal,
            width=100,
            height=height,
            highlight=False,
        )
        return ConsoleObserver(sweep, console, quiet)

    return make


def printed(observer):
    return observer.console.file.getvalue()


def finish(sweep, name):
    run = sweep.run_path(name)
    run.mkdir()
    (run / "metrics.json").write_text(json.dumps(METRICS))
    return sweep.update(name, state="finished", seconds=75.0)


def test_a_line_for_every_trial_that_ends(sweep, observer):
    first, second, third, _ = sweep.records
    watcher = observer()
    with watcher:
        watcher.watch({first: 1.0}, [], None)
        watcher.ended(finish(sweep, first), 200.0)
        reason = "exit code 4: Error: it diverged."
        record = sweep.update(second, state="failed", reason=reason)
        watcher.ended(record, None)
        record = sweep.update(third, state="interrupted", seconds=5)
        watcher.ended(record, None)
    assert printed(watcher).splitlines() == [
        "[1/4] learning_rate=0.001, seed 0: finished in 1 min 15 s (left "
        "accuracy 0.9123); about 3 min 20 s left",
        "[2/4] learning_rate=0.01, seed 0: failed, exit code 4: Error: it "
        "diverged. (trials/learning_rate-0.01-seed0.log)",
        "[2/4] learning_rate=0.001, seed 1: interrupted after 5 s",
    ]


def test_quiet_tells_of_failures_alone(sweep, observer):
    first, second, *_ = sweep.records
    watcher = observer(quiet=True)
    watcher.ended(finish(sweep, first), None)
    watcher.ended(sweep.update(second, state="failed", reason="why"), None)
    (line,) = printed(watcher).splitlines()
    assert "failed, why" in line


def test_the_live_table(sweep, observer):
    first, second, third, fourth = sweep.records
    finish(sweep, first)
    sweep.update(second, state="failed", reason="why")
    sweep.update(third, state="running")
    sweep.run_path(third).mkdir()
    rows = "epoch,step,seconds\n1,4,1.0\n2,8,1.0\n"
    (sweep.run_path(third) / "history.csv").write_text(rows)
    sweep.update(fourth, state="finished", reused_from="elsewhere")
    watcher = observer(terminal=True)
    watcher.console.print(watcher.view({third: 12.0}, 90.0))
    lines = printed(watcher).splitlines()
    (row,) = [line for line in lines if "learning_rate=0.001" in line]
    assert "done" in row
    assert "epoch 3, 12 s" in row
    (row,) = [line for line in lines if "learning_rate=0.01 " in line]
    assert "failed" in row
    assert "reused" in row
    assert "[3/4], 1 failed; about 1 min 30 s left" in printed(watcher)


def test_the_table_fits_the_terminal(sweep, observer):
    running = list(sweep.records)[1]
    sweep.update(running, state="running")
    watcher = observer(terminal=True, height=7)
    watcher.console.print(watcher.view({running: 1.0}, None))
    assert "learning_rate=0.01 " in printed(watcher)  # the row that runs
    assert "learning_rate=0.001" not in printed(watcher)


def test_the_terminal_is_given_back(sweep, observer):
    name = next(iter(sweep.records))
    sweep.update(name, state="running")
    watcher = observer(terminal=True)
    with watcher:
        watcher.watch({name: 1.0}, [], None)
    assert "epoch 1, 1 s" in printed(watcher)
    assert "\x1b[?25h" in printed(watcher)  # the cursor is back
