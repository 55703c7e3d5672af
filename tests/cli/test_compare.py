import json
import shutil
import subprocess
import sys
import textwrap

import pytest
import yaml

LAZY = """
    import runpy, sys
    sys.argv = ["keras-mtl", "compare", *sys.argv[1:], "--format", "md"]
    try:
        runpy.run_module("keras_mtl.cli", run_name="__main__")
    except SystemExit as end:
        assert end.code == 0, end.code
    heavy = {"keras", "matplotlib", "numpy", "scipy", "tensorflow"}
    print("loaded:", sorted(heavy & set(sys.modules)))
"""


@pytest.fixture
def folders(finished, tmp_path):
    """Copies of a real run: two methods with two seeds."""
    root = tmp_path / "runs"
    for place, rate in enumerate((0.001, 0.01)):
        for seed in (0, 1):
            path = root / f"run-{place}-{seed}"
            keep = ("*.weights.h5", "*.keras", "logs")
            shutil.copytree(
                finished, path, ignore=shutil.ignore_patterns(*keep)
            )
            config = yaml.safe_load((path / "resolved.yaml").read_text())
            config["seed"] = seed
            config["optimizer"]["learning_rate"] = rate
            (path / "resolved.yaml").write_text(yaml.safe_dump(config))
            metrics = json.loads((path / "metrics.json").read_text())
            metrics["test"]["left"]["accuracy"] = 0.5 + rate + 0.1 * seed
            (path / "metrics.json").write_text(json.dumps(metrics))
    return root


def test_real_runs_make_a_table(run, folders):
    result = run("compare", folders, "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert [one["label"] for one in found["methods"]] == [
        "learning_rate=0.001", "learning_rate=0.01",
    ]  # fmt: skip
    first = found["methods"][0]
    assert first["n"] == 2
    assert first["parameters"] > first["shared_parameters"] > 0
    assert first["seconds"] > 0
    assert first["scores"][0]["mean"] == pytest.approx(0.551)
    assert first["scores"][0]["deviation"] == pytest.approx(0.1 / 2**0.5)


def test_the_terminal_is_the_default(run, folders):
    result = run("compare", folders, "--percent", "--columns", "n,parameters")
    assert "left accuracy % ↑" in result.output
    assert "55.10 ± 7.07" in result.output
    assert "mean rank" not in result.output


@pytest.mark.parametrize(
    ("ending", "start"),
    [("md", "| method"), ("tex", "%"), ("csv", "method,"), ("json", "{")],
)
def test_a_file_says_its_format_by_its_ending(run, folders, ending, start):
    out = folders / "tables" / f"table.{ending}"
    result = run("compare", folders, "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert out.read_text(encoding="utf-8").startswith(start)


def test_csv_leaves_the_notes_to_the_standard_error(run, folders):
    (folders / "run-0-1" / "metrics.json").unlink()
    result = run("compare", folders, "--format", "csv")
    assert "no finished run of seed 1" in result.stderr
    assert "no finished run" not in result.stdout
    quiet = run("compare", folders, "--format", "csv", "--quiet")
    assert quiet.stderr == ""


def test_the_poster_has_scores_and_parameters(run, folders):
    result = run("compare", folders, "--poster", "--format", "md")
    assert result.output.startswith(
        "| method | left accuracy % ↑ | right accuracy % ↑ | params |\n"
    )


def test_a_page_and_pictures_are_written(run, folders):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    page, plots = folders / "page.html", folders / "plots"
    arguments = ["--html", page, "--plots", plots, "--out", folders / "t.md"]
    result = run("compare", folders, *arguments)
    assert result.exit_code == 0, result.output
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    names = {path.name for path in plots.iterdir()}
    assert {"profile.svg", "profile.png"} <= names


def test_labels_references_and_directions(run, folders):
    arguments = [
        "--label", f"{folders / 'run-0-0'}=A = 1",
        "--label", f"{folders / 'run-0-1'}=A = 1",
        "--reference", "A = 1",
        "--reference", "left.accuracy=0.5",
        "--direction", "accuracy=lower",
        "--format", "json",
    ]  # fmt: skip
    result = run("compare", folders, *arguments)
    found = json.loads(result.output)["methods"]
    assert found[0]["label"] == "A = 1"
    assert found[0]["is_reference"]
    left = -(found[1]["scores"][0]["mean"] - 0.5) / 0.5
    assert found[1]["delta_m"] == pytest.approx(left / 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label", "a"], "--label takes two names"),
        (["--direction", "loss=up"], "must be higher or lower"),
        (["--reference", "a", "--reference", "b"], "takes one method"),
        (["--columns", "speed"], "Received: 'speed'"),
        (["--metric", "nope"], "No run has the metric 'nope'"),
    ],
)
def test_wrong_options_are_code_2(run, folders, arguments, message):
    result = run("compare", folders, *arguments)
    assert result.exit_code == 2
    assert message in result.output


def test_no_finished_run_is_code_3(run, tmp_path):
    result = run("compare", tmp_path)
    assert result.exit_code == 3
    assert "not a run folder" in result.output


def test_it_loads_nothing_heavy(folders):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LAZY), str(folders)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "loaded: []" in done.stdout
