"""The examples run as they are, tiny, and print what they promise."""

import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_runs(script, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [script.name])
    names = runpy.run_path(str(script), run_name="__main__")
    assert names["FULL"] is False
    printed = capsys.readouterr().out
    assert printed.count("\n") >= 5
    assert "nan" not in printed
    # Nothing is left behind.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_is_a_notebook_that_tells_how_to_run_it(script):
    text = script.read_text(encoding="utf-8")
    assert text.startswith("# %% [markdown]\n")
    assert f"python examples/{script.name} " in text
    assert "--full" in text


def test_the_overview_names_every_example():
    overview = (FOLDER / "README.md").read_text(encoding="utf-8")
    for script in SCRIPTS:
        assert f"]({script.name})" in overview
