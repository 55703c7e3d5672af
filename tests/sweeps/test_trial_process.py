import os
import signal
import sys
import time

import pytest

from keras_mtl.sweeps import trial_process
from keras_mtl.sweeps.trial_process import (
    TrialProcess,
    environment,
    failure,
    threads_each,
)


def finished(process):
    deadline = time.monotonic() + 60
    while (code := process.poll()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return code


def test_the_command_line_is_run_and_its_output_kept(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("before\n")
    process = TrialProcess(["--version"], log, None)
    assert finished(process) == 0
    first, second = log.read_text().splitlines()
    assert first == "before"
    assert second.startswith("keras-mtl, version ")
    assert process.seconds > 0


def test_a_failure_says_the_code_and_the_last_error(tmp_path):
    log = tmp_path / "a.log"
    code = finished(TrialProcess(["init", "nothing_there"], log, None))
    assert code == 2
    assert failure(code, log).startswith(
        "exit code 2: Error: no such preset: 'nothing_there'"
    )


def test_a_long_report_is_begun_and_a_log_may_be_missing(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("x\nError: 2 problems in the configuration:\n  a: b\n  c: d")
    assert failure(2, log) == (
        "exit code 2: Error: 2 problems in the configuration: a: b"
    )
    log.write_text("Segmentation fault\n")
    assert failure(-11, log) == "killed by SIGSEGV: Segmentation fault"
    assert failure(1, tmp_path / "none.log") == "exit code 1"


def test_it_is_ended_by_force_if_need_be(tmp_path, monkeypatch):
    script = tmp_path / "stubborn.py"
    script.write_text(
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\nexec {sys.executable} {script}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(trial_process.sys, "executable", str(fake))
    log = tmp_path / "a.log"
    process = TrialProcess([], log, None)
    deadline = time.monotonic() + 30
    while "ready" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.kill(patience=0.1)
    assert process.poll() == -signal.SIGKILL


def test_processes_share_the_cores(monkeypatch):
    monkeypatch.setattr(
        os, "sched_getaffinity", lambda _: set(range(8)), raising=False
    )
    assert [threads_each(jobs) for jobs in (1, 2, 3, 20)] == [None, 4, 2, 1]


@pytest.mark.parametrize(("given", "expected"), [(None, "2"), ("5", "5")])
def test_threads_of_the_user_are_kept(monkeypatch, given, expected):
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    if given:
        monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", given)
    assert environment(2)["TF_NUM_INTRAOP_THREADS"] == expected
