import csv
import json

import pytest

COOPERATIVE = [
    "--set", "model={name: cooperative, widths: [4, 4]}",
    "--set", "trainer={name: cooperative, bound: 0.01}",
]  # fmt: skip
PROBE = ["--bounds", "0.1,0", "--samples", "2"]


@pytest.fixture
def trained(run, folder, tiny):
    result = run("fit", *tiny, *COOPERATIVE, "--out", "run")
    assert result.exit_code == 0, result.output
    return folder / "run"


def test_curves_of_every_task(run, trained):
    result = run("flatness", trained, *PROBE, "--json")
    assert result.exit_code == 0, result.output
    curves = json.loads(result.stdout)[str(trained)]
    assert set(curves) == {"left", "right"}
    test = json.loads((trained / "metrics.json").read_text())["test"]
    with (trained / "flatness.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for task, curve in curves.items():
        assert [point["bound"] for point in curve] == [0.0, 0.1]
        # No noise: the loss of the test split.
        assert curve[0]["loss"] == pytest.approx(test[task]["loss"], rel=1e-4)
        assert curve[1]["loss"] != curve[0]["loss"]
        kept = [float(row["loss"]) for row in rows if row["task"] == task]
        assert kept == [point["loss"] for point in curve]
    again = run("flatness", trained, *PROBE)
    assert again.exit_code == 0, again.output
    assert f"{curves['left'][1]['loss']:.4f}" in again.output


def test_the_probe_of_a_configuration(run, folder, tiny):
    probe = "callbacks=[{name: flatness_probe, bounds: [0, 0.1], every: 1}]"
    options = (*COOPERATIVE, "--set", probe, "--out", "run")
    result = run("fit", *tiny, *options)
    assert result.exit_code == 0, result.output
    with (folder / "run" / "history.csv").open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    with (folder / "run" / "flatness.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["task"], row["bound"]) for row in rows] == [
        ("left", "0.0"), ("left", "0.1"), ("right", "0.0"), ("right", "0.1"),
    ]  # fmt: skip
    for row in rows:
        logged = last[f"{row['task']}_flatness_{float(row['bound']):g}"]
        assert float(logged) == pytest.approx(float(row["loss"]))
    left = float(last["val_left_loss"])
    assert float(rows[0]["loss"]) == pytest.approx(left, rel=1e-4)


def test_a_network_without_encoders_is_code_2(run, finished):
    result = run("flatness", finished)
    assert result.exit_code == 2
    assert "cooperative" in result.output
    assert not (finished / "flatness.csv").exists()


@pytest.mark.parametrize("bounds", ["a", "0,-1", "nan", "inf", ""])
def test_bounds_that_are_no_sizes(run, finished, bounds):
    result = run("flatness", finished, "--bounds", bounds)
    assert result.exit_code == 2
    assert "finite numbers, 0 or more" in result.output


def test_what_is_no_run_is_code_3(run, folder):
    result = run("flatness", folder)
    assert result.exit_code == 3
    assert "is not a run folder" in result.output
