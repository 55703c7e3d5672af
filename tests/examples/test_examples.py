"""The examples run as they are, tiny, and print what they promise."""

import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))
# What an example cannot do without; the others bring their data.
NEEDS = {"chapter5_glaucoma": "Drishti-GS1"}


PARAMS = [
    pytest.param(
        path, id=path.stem, marks=[pytest.mark.data] * (path.stem in NEEDS)
    )
    for path in SCRIPTS
]


@pytest.fixture(params=PARAMS)
def script(request, monkeypatch, data_dir):
    """An example that has its data, if it needs any."""
    monkeypatch.delenv("KERAS_MTL_DATA", raising=False)
    needed = NEEDS.get(request.param.stem)
    if needed:
        root = Path(data_dir(needed)).parent
        monkeypatch.setenv("KERAS_MTL_DATA", str(root))
    return request.param


@pytest.mark.slow
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


@pytest.mark.parametrize("name", NEEDS)
def test_without_its_data_an_example_says_what_to_set(name, monkeypatch):
    monkeypatch.setenv("KERAS_MTL_DATA", "/nowhere")
    monkeypatch.setattr(sys, "argv", [name])
    with pytest.raises(SystemExit, match="Set KERAS_MTL_DATA"):
        runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_an_example_is_a_notebook_that_tells_how_to_run_it(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# %% [markdown]\n")
    assert f"python examples/{path.name} " in text
    assert "--full" in text


def test_the_overview_names_every_example():
    overview = (FOLDER / "README.md").read_text(encoding="utf-8")
    for script in SCRIPTS:
        assert f"]({script.name})" in overview
