import json
import shutil

import pytest


def evaluated(run, *arguments):
    result = run("evaluate", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_test_split_as_at_the_end_of_the_run(run, finished):
    found = evaluated(run, finished)
    metrics = json.loads((finished / "metrics.json").read_text())
    assert found["split"] == "test"
    assert found["weights"] == metrics["evaluated"]
    for task, scores in metrics["test"].items():
        assert found["tasks"][task] == pytest.approx(scores, rel=1e-5)


@pytest.mark.parametrize("split", ["validation", "train"])
@pytest.mark.parametrize("weights", ["best", "last"])
def test_other_splits_and_weights(run, finished, split, weights):
    found = evaluated(run, finished, "--split", split, "--weights", weights)
    assert found["split"] == split
    assert found["weights"] == weights


def test_a_table(run, finished):
    result = run("evaluate", finished)
    assert "accuracy" in result.output
    assert "left" in result.output


def test_what_is_no_run_is_code_3(run, folder):
    result = run("evaluate", folder)
    assert result.exit_code == 3
    assert "is not a run folder" in result.output


def test_a_split_that_is_not_there(run, folder, tiny):
    none = ["--set", "data.validation=0", "--set", "fit.evaluate=last"]
    made = run("fit", *tiny, *none, "--out", "run", "--limit-batches", 1)
    assert made.exit_code == 0, made.output
    result = run("evaluate", "run", "--split", "validation")
    assert result.exit_code == 2
    assert "has no validation split" in result.output


def test_a_damaged_checkpoint_is_code_3(run, folder, finished):
    shutil.copytree(finished, folder / "run")
    weights = folder / "run/checkpoints/best.weights.h5"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 255
    weights.write_bytes(content)
    result = run("evaluate", "run", "--weights", "best")
    assert result.exit_code == 3
    assert "missing or damaged" in result.output
    for path in (folder / "run/checkpoints").iterdir():
        path.unlink()
    result = run("evaluate", "run")
    assert result.exit_code == 3
    assert "has no checkpoint yet" in result.output
