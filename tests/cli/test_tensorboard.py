import subprocess
from pathlib import Path

import pytest

from keras_mtl.cli import tensorboard
from keras_mtl.cli.tensorboard import tensorboard_arguments


@pytest.fixture
def called(monkeypatch):
    """Records the command line instead of starting a server."""
    calls = []

    def fake(arguments, check):
        calls.append(arguments)
        return subprocess.CompletedProcess(arguments, calls.count(None))

    monkeypatch.setattr(tensorboard.subprocess, "run", fake)
    return calls


def test_it_listens_on_this_machine_alone(run, finished, called):
    result = run("tensorboard", finished, "--port", 7007)
    assert result.exit_code == 0
    assert "http://127.0.0.1:7007/" in result.stderr
    (arguments,) = called
    assert arguments[1:3] == ["-m", "tensorboard.main"]
    assert arguments[3:] == [
        "--logdir", str(finished / "logs"),
        "--host", "127.0.0.1",
        "--port", "7007",
    ]  # fmt: skip


def test_several_runs_are_put_together(run, finished, tmp_path, called):
    other = tmp_path / "other"
    other.symlink_to(finished)
    assert run("tensorboard", finished, other, "--port", 0).exit_code == 0
    ((_, _, _, option, folder, *_),) = called
    assert option == "--logdir"
    assert not Path(folder).exists()  # cleared away
    board = tmp_path / "board"
    arguments = tensorboard_arguments([finished, other], 0, board)
    assert arguments[:2] == ["--logdir", str(board)]
    assert (board / "run" / "train").resolve() == finished / "logs" / "train"
    assert (board / "other").is_dir()


def test_a_failure_is_an_error(run, finished, monkeypatch):
    monkeypatch.setattr(
        tensorboard.subprocess,
        "run",
        lambda arguments, check: subprocess.CompletedProcess(arguments, 1),
    )
    result = run("tensorboard", finished)
    assert result.exit_code == 2
    assert "choose another with --port" in result.output


def test_only_run_folders(run, folder):
    assert run("tensorboard", folder).exit_code == 3
    assert run("tensorboard").exit_code == 2
