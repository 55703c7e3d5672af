import json
from pathlib import Path

import pytest
import yaml

from keras_mtl.errors import DataError
from keras_mtl.report import Options, compare, read_runs
from keras_mtl.report.sweep import Sweep, joined

ASKED = {
    "name": "table",
    "config": "toy",
    "rows": ["Single", "Ours", "Theirs"],
    "reference": "Single",
    "columns": ["left/accuracy"],
    "published": {
        "source": "A paper, table 1",
        "rows": {
            "Ours": {"left": {"accuracy": [0.99, 0.01]}},
            "Theirs": {"left": {"accuracy": [0.98]}},
        },
    },
}


@pytest.fixture
def sweep(runs):
    trials = []
    for label, trainer, state in (
        ("Ours", "shared", "finished"),
        ("Single", "single_task", "finished"),
        ("Ours", "shared", "failed"),
        ("Late", "shared", "pending"),
    ):
        seed = int(state == "failed")
        folder = f"trials/{label}-{seed}"
        status = "diverged" if state == "failed" else "finished"
        if state != "pending":
            runs.write(
                folder,
                runs.accuracies(0.9, 0.8),
                seed,
                manifest={"status": status},
                trainer__name=trainer,
            )
        trials.append(
            {
                "label": label,
                "seed": seed,
                "folder": folder,
                "state": state,
                "reason": "exit code 4" if state == "failed" else None,
            }
        )
    (runs.path / "sweep.yaml").write_text(yaml.safe_dump(ASKED))
    (runs.path / "trials.json").write_text(json.dumps({"trials": trials}))
    return runs.path


def test_a_sweep_gives_labels_order_reference_and_published_values(sweep):
    found = read_runs([sweep])
    table = compare(found.runs, None, found.notes, found.sweep)
    assert [row.label for row in table.rows] == ["Single", "Ours", "Theirs"]
    assert [column.name for column in table.columns] == ["left.accuracy"]
    column = table.columns[0]
    assert table.rows[1].published[column] == (0.99, 0.01)
    assert table.rows[2].published[column] == (0.98, None)
    assert table.rows[2].count == 0
    assert table.rows[0].is_reference
    assert "Published values: A paper, table 1." in table.notes


def test_a_sweep_may_ask_for_means_over_tasks(sweep):
    published = {"Ours": {"mean": {"accuracy": [0.97, None]}}}
    asked = {
        **ASKED,
        "columns": ["mean.accuracy"],
        "published": {"source": "A paper", "rows": published},
    }
    (sweep / "sweep.yaml").write_text(yaml.safe_dump(asked))
    found = read_runs([sweep])
    table = compare(found.runs, None, found.notes, found.sweep)
    assert [column.name for column in table.columns] == ["mean.accuracy"]
    row = table.rows[1]
    assert row.cells[table.columns[0]].mean == pytest.approx(0.85)
    assert row.published[table.columns[0]] == (0.97, None)
    assert row.delta_m == 0.0
    chosen = compare(found.runs, Options(metrics=("loss",)), (), found.sweep)
    assert [c.name for c in chosen.columns] == ["left.loss", "right.loss"]


def test_a_sweep_may_ask_for_means_over_outputs_of_the_validation(sweep):
    asked = {
        **ASKED,
        "columns": ["outputs.accuracy"],
        "split": "validation",
        "published": None,
    }
    (sweep / "sweep.yaml").write_text(yaml.safe_dump(asked))
    scores = {"left": {"accuracy": 0.5}, "right": {"accuracy": 0.9}}
    sizes = {
        task: {"accuracy": {"config": {"num_outputs": size}}}
        for task, size in {"left": 3, "right": 1}.items()
    }
    for path in sweep.glob("trials/*/"):
        manifest = json.loads((path / "manifest.json").read_text())
        manifest["metric_definitions"] = sizes
        (path / "manifest.json").write_text(json.dumps(manifest))
        metrics = {"last": {"validation": scores}, "test": {}}
        (path / "metrics.json").write_text(json.dumps(metrics))
    found = read_runs([sweep])
    table = compare(found.runs, None, found.notes, found.sweep)
    assert table.options.split == "validation"
    (column,) = table.columns
    assert column.name == "outputs.accuracy"
    # (3 * 0.5 + 1 * 0.9) / 4
    assert table.rows[0].cells[column].mean == pytest.approx(0.6)
    with pytest.raises(DataError, match="No run has scores on the test split"):
        compare(found.runs, Options(split="test"), (), found.sweep)


def test_failed_and_pending_trials_are_noted_with_their_reason(sweep):
    notes = read_runs([sweep]).notes
    assert "Ours, seed 1: failed (exit code 4); left out." in notes
    assert "Late, seed 0: pending." in notes
    assert len(notes) == 2


@pytest.mark.parametrize(
    "text", ["[]", '{"trials": 3}', '{"trials": [{}]}', "{"]
)
def test_a_damaged_sweep_still_has_its_runs(sweep, text):
    (sweep / "trials.json").write_text(text)
    found = read_runs([sweep])
    assert len(found.runs) == 2
    assert any("damaged sweep folder" in note for note in found.notes)


def test_sweeps_are_joined_and_the_first_counts():
    one = Sweep({Path("a"): "A"}, order=("A", "B"), reference="A")
    two = Sweep({Path("a"): "Z"}, order=("B", "C"), reference="C")
    both = joined([one, two])
    assert both.labels == {Path("a"): "A"}
    assert both.order == ("A", "B", "C")
    assert both.reference == "A"
