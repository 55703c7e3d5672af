import json

import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.report import read_runs


def test_runs_are_found_at_any_depth(runs):
    runs.write("b", runs.accuracies(0.9, 0.8), seed=3)
    runs.write("deep/er/a", runs.accuracies(0.9, 0.8))
    found = read_runs([runs.path])
    assert [run.path.name for run in found.runs] == ["b", "a"]
    assert found.runs[0].seed == 3
    assert found.notes == []
    assert read_runs([runs.path / "b", runs.path]).runs[0].path.name == "b"


def test_the_scores_of_a_split(runs):
    test, best = runs.accuracies(0.9, 0.8), runs.accuracies(0.7, 0.6)
    path = runs.write(
        "a",
        test,
        metrics={"best": {"validation": best}, "evaluated": "best"},
    )
    run = read_runs([path]).runs[0]
    assert run.results("test") == test
    assert run.results("validation") == best
    assert run.results("train") == {}


def test_what_is_no_finished_run_is_noted(runs):
    good = runs.write("good", runs.accuracies(0.9, 0.8))
    runs.write("running", {}, manifest={"status": "running"})
    (runs.write("torn", {}) / "metrics.json").write_text('{"last": ')
    (runs.write("half", {}) / "manifest.json").unlink()
    (runs.write("bare", {}) / "metrics.json").unlink()
    (runs.write("list", {}) / "resolved.yaml").write_text("- a\n")
    (runs.write("bad", {}) / "resolved.yaml").write_text("a: [\n")
    (runs.path / "foreign").mkdir()
    (runs.path / "foreign" / "manifest.json").write_text('{"name": "app"}')
    (runs.path / "empty").mkdir()
    found = read_runs([runs.path, runs.path / "empty"])
    assert [run.path for run in found.runs] == [good]
    notes = "\n".join(found.notes)
    for text in (
        "running: not finished (status: running); left out.",
        "metrics.json",
        "half: half-written: it has no manifest.json",
        "list: resolved.yaml holds list",
        "bad: could not read resolved.yaml",
        "foreign: not a run of keras-mtl",
        "empty: not a run folder, and none below it",
    ):
        assert text in notes
    assert len(found.notes) == 8


def test_strange_contents_are_no_crash(runs):
    path = runs.write("a", runs.accuracies(0.9, 0.8))
    (path / "metrics.json").write_text(
        json.dumps({"test": {"left": {"accuracy": "high"}, "right": 3}})
    )
    (path / "manifest.json").write_text(
        json.dumps({"status": "finished", "parameters": "many", "data": 1})
    )
    run = read_runs([path]).runs[0]
    assert run.fact("parameters") is None
    assert list(run.results("test")) == ["left"]
    assert run.results("validation") == {}


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"nothing' is not a folder"):
        read_runs([tmp_path / "nothing"])


def test_the_innermost_label_wins_and_an_unused_one_is_refused(runs):
    runs.write("a/x", {})
    runs.write("a/y", {})
    labels = {str(runs.path / "a"): "A", str(runs.path / "a" / "y"): "Y"}
    found = read_runs([runs.path], labels)
    assert [run.label for run in found.runs] == ["A", "Y"]
    with pytest.raises(ConfigError, match="no run that is compared"):
        read_runs([runs.path], {str(runs.path / "b"): "B"})
