import subprocess
import sys
import textwrap

import click
import pytest
from click.testing import CliRunner

from keras_mtl.cli import app as module
from keras_mtl.cli.app import COMMANDS, app
from keras_mtl.errors import DivergenceError, OfflineError
from keras_mtl.version import __version__

HELP = """
    import runpy, sys
    sys.argv = ["keras-mtl", "--help"]
    try:
        runpy.run_module("keras_mtl.cli", run_name="__main__")
    except SystemExit as end:
        assert end.code == 0, end.code
    heavy = {"keras", "numpy", "pydantic", "rich", "tensorflow", "yaml"}
    print("loaded:", sorted(heavy & set(sys.modules)))
"""


def test_help_loads_nothing_heavy(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(HELP)],
        capture_output=True,
        cwd=tmp_path,
        text=True,
        check=True,
    )
    for name in COMMANDS:
        assert f"  {name} " in done.stdout
    assert "loaded: []" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run, name):
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "--debug" in result.output


def test_version(run):
    assert run("--version").output == f"keras-mtl, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["validate"], ["fit", "--nope"], ["fit", "--seed", "-1"]],
)
def test_wrong_usage_is_code_2(run, arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error" in result.output


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (DivergenceError("left", 3), 4, "task 'left'"),
        (OfflineError("no network"), 5, "Error: no network"),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (RuntimeError("boom"), 1, "--debug to see where"),
    ],
)
def test_exceptions_become_exit_codes(monkeypatch, error, code, message):
    @click.command()
    def failing():
        raise error

    monkeypatch.setattr(app, "get_command", lambda ctx, name: failing)
    result = CliRunner().invoke(app, ["fit"])
    assert result.exit_code == code
    assert message in result.output
    assert "Traceback" not in result.output


def test_debug_shows_the_traceback(run, folder):
    result = run("fit", "nope", "--debug")
    assert result.exit_code == 2
    assert "Traceback" in result.output
    assert "Error: no such configuration" in result.output


def test_exceptions_pass_outside_the_standalone_mode():
    with pytest.raises(click.UsageError):
        module.app.main(["nope"], standalone_mode=False)
