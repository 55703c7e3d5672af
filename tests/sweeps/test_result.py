from keras_mtl.runs import RunFolder
from keras_mtl.runs.atomic import write_json
from keras_mtl.sweeps import SweepFolder, load_sweep, plan_sweep
from keras_mtl.sweeps.result import result_table

TEXT = """
config: multi_digits
trials:
  - {label: zebra, set: {fit.epochs: 1}}
  - {label: single, set: {trainer.name: single_task}}
  - {label: ant, set: {fit.epochs: 2}}
seeds: 0-1
reference: single
published:
  source: Someone (1999)
  rows:
    ant: {left: {accuracy: [0.875, 0.004]}}
columns: [left.accuracy]
"""


def finish(sweep, name, accuracy):
    run = RunFolder.create(
        sweep.run_path(name), "", sweep.resolved(name), ["fit"]
    )
    scores = {"accuracy": accuracy, "loss": 1.0}
    write_json(run.metrics_path, {"test": {"left": scores, "right": scores}})
    run.update(status="finished", seconds=3.0)
    sweep.update(name, state="finished")


def test_rows_keep_their_order_and_stand_beside_the_paper(write, tmp_path):
    plan = plan_sweep(*load_sweep(write(TEXT)))
    sweep = SweepFolder.create(tmp_path / "sweep", plan)
    names = list(sweep.records)
    for index, name in enumerate(names[:-1]):
        finish(sweep, name, 0.5 + index / 16)
    sweep.update(names[-1], state="failed", reason="exit code 4: diverged")
    text = result_table(sweep)
    found = {
        cells[0]: cells
        for line in text.splitlines()
        if (cells := line.split()) and cells[0] in ("zebra", "single", "ant")
    }
    assert list(found) == ["zebra", "single", "ant"]
    assert "0.5938" in found["zebra"]  # the mean of 0.5 and 0.6875
    assert "0.8750" in found["ant"]
    assert "right" not in text
    assert "Someone (1999)" in text
    assert "ant, seed 1: failed (exit code 4: diverged)" in text


def test_a_sweep_without_results_says_so(sweep):
    assert result_table(sweep).startswith("There is no table of this sweep: ")


def test_different_data_sets_are_not_put_together(write, tmp_path):
    text = "configs: [{config: multi_digits}, {config: multi_fashion_small}]"
    plan = plan_sweep(*load_sweep(write(text)))
    sweep = SweepFolder.create(tmp_path / "sweep", plan)
    for name in sweep.records:
        finish(sweep, name, 0.5)
    assert result_table(sweep).startswith("There is no table of this sweep: ")
