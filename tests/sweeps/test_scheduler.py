"""The state machine, with processes that only pretend."""

import json
import os
import signal
from collections import Counter

import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.runs.folder_lock import FolderLock
from keras_mtl.sweeps import SweepFolder, scheduler
from keras_mtl.sweeps.scheduler import Scheduler


class Script:
    """What the processes do: codes by name, and what was started."""

    def __init__(self):
        self.codes = {}
        self.started = []
        self.alive = 0
        self.most = 0
        self.on_start = lambda name: None


class FakeProcess:
    """Ends at the third look; once stopped, with code 130."""

    script = None

    def __init__(self, arguments, log, threads):
        self.arguments, self.log, self.threads = arguments, log, threads
        self.name = log.stem
        self.looks = 0
        self.stopped = False
        self.seconds = 1.5
        script = self.script
        script.started.append(self)
        script.alive += 1
        script.most = max(script.most, script.alive)
        script.on_start(self)

    def poll(self):
        self.looks += 1
        if self.looks < 3:
            return None
        self.script.alive -= 1
        return 130 if self.stopped else self.script.codes.get(self.name, 0)

    def stop(self):
        self.stopped = True

    def kill(self, patience=0):
        self.script.alive -= 1


class Watcher:
    """Keeps what it is told."""

    def __init__(self):
        self.records = []
        self.lefts = []

    def ended(self, record, left):
        self.records.append(record)
        self.lefts.append(left)

    def watch(self, running, waiting, left):
        assert len(running) <= 2


@pytest.fixture
def script(monkeypatch):
    monkeypatch.setattr(scheduler, "TrialProcess", FakeProcess)
    monkeypatch.setattr(scheduler, "_PAUSE", 0)
    FakeProcess.script = Script()
    return FakeProcess.script


def states(sweep):
    on_disk = SweepFolder.open(sweep.path).records
    return [record.state for record in on_disk.values()]


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_are_run_and_not_more_at_a_time(sweep, script, jobs):
    watcher = Watcher()
    Scheduler(sweep, watcher, jobs, ["--no-plugins"]).run()
    assert states(sweep) == ["finished"] * 4
    assert [process.name for process in script.started] == list(sweep.records)
    assert script.most == jobs
    assert all(p.arguments[-1] == "--no-plugins" for p in script.started)
    assert watcher.lefts[-1] == 0
    assert len(watcher.records) == 4
    assert all(record.seconds == 1.5 for record in watcher.records)


def test_a_failure_is_recorded_and_does_not_stop_the_rest(sweep, script):
    bad, killed, *_ = sweep.records
    script.codes = {bad: 4, killed: -9}
    sweep.log_path(bad).write_text("epoch 1\nError: it diverged.\n\n")
    Scheduler(sweep, Watcher(), 2).run()
    assert Counter(states(sweep)) == {"failed": 2, "finished": 2}
    records = SweepFolder.open(sweep.path).records
    assert records[bad].reason == "exit code 4: Error: it diverged."
    assert records[bad].exit_code == 4
    assert records[killed].reason == "killed by SIGKILL"


def test_failed_ones_are_tried_again_only_if_asked(sweep, script):
    bad, killed, *_ = sweep.records
    script.codes = {bad: 1, killed: -9}
    Scheduler(sweep, Watcher()).run()
    Scheduler(sweep, Watcher()).run()
    assert len(script.started) == 4
    for name in (bad, killed):  # as their processes would have left them
        sweep.run_path(name).mkdir()
        (sweep.run_path(name) / "manifest.json").write_text("{}")
    script.codes = {}
    Scheduler(sweep, Watcher()).run(retry_failed=True)
    assert states(sweep) == ["finished"] * 4
    again = {p.name: p.arguments[-1] for p in script.started[4:]}
    # What was killed goes on; what failed by itself starts anew.
    assert again == {bad: "--overwrite", killed: "--resume"}
    assert SweepFolder.open(sweep.path).records[bad].reason is None


def test_ctrl_c_stops_the_children_and_the_rest_waits(sweep, script):
    first, second, *_ = sweep.records

    def press(process):
        if process.name == second:
            os.kill(os.getpid(), signal.SIGINT)

    script.on_start = press
    with pytest.raises(KeyboardInterrupt):
        Scheduler(sweep, Watcher(), 2).run()
    assert [p.stopped for p in script.started] == [True, True]
    assert states(sweep) == ["interrupted"] * 2 + ["pending"] * 2
    script.on_start = lambda process: None
    Scheduler(sweep, Watcher(), 2).run()
    assert states(sweep) == ["finished"] * 4
    assert sweep.records[first].seconds == 3.0  # of both processes


def test_a_crash_leaves_no_process_behind(sweep, script):
    class Broken(Watcher):
        def watch(self, running, waiting, left):
            raise RuntimeError("terminal gone")

    with pytest.raises(RuntimeError, match="terminal gone"):
        Scheduler(sweep, Broken(), 2).run()
    assert script.alive == 0
    assert states(sweep) == ["interrupted"] * 2 + ["pending"] * 2


def test_the_process_of_a_killed_sweep_is_waited_for(
    sweep, script, monkeypatch
):
    name = next(iter(sweep.records))
    path = sweep.run_path(name)
    path.mkdir()
    (path / "manifest.json").write_text(json.dumps({"status": "running"}))
    monkeypatch.setattr(scheduler, "_PATIENCE", 0.05)
    with FolderLock(path), pytest.raises(ConfigError, match="in use by proc"):
        Scheduler(sweep, Watcher()).run()
    assert script.started == []
    Scheduler(sweep, Watcher()).run()
    assert script.started[0].arguments[-1] == "--resume"
