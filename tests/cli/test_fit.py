import json
import signal
import subprocess
import sys
import time

import pytest

from keras_mtl.runs import RunFolder

BUILDER = """
import keras


def build(tasks, input_shape, units: int = 8):
    image = keras.Input(input_shape, name="image")
    x = keras.layers.Flatten()(image)
    x = keras.layers.Dense(units, activation="relu")(x)
    outputs = {t: keras.layers.Dense(n, name=t)(x) for t, n in tasks.items()}
    return keras.Model(image, outputs)
"""


def test_the_run_folder(finished):
    run = RunFolder.open(finished)
    for name in (
        "config.yaml", "resolved.yaml", "manifest.json", "history.csv",
        "metrics.json", "model.keras", "logs/train", "logs/validation",
    ):  # fmt: skip
        assert (finished / name).exists(), name
    assert run.resolved["data"]["train_size"] == 64
    assert run.manifest["task_groups"] == [["left", "right"]]
    assert run.manifest["model_card"]["tasks"]["left"]["num_outputs"] == 10
    metrics = json.loads((finished / "metrics.json").read_text())
    assert set(metrics["test"]) == {"left", "right"}
    assert "# " in (finished / "config.yaml").read_text()


def test_it_ends_with_the_metrics_and_the_folder(run, folder, tiny):
    result = run("fit", *tiny, "--set", "name=mine")
    assert result.exit_code == 0, result.output
    assert "accuracy" in result.stdout
    assert "left" in result.stdout
    assert result.stdout.splitlines()[-1] == "Run: runs/mine"


def test_quiet_prints_the_folder_alone(run, folder, tiny):
    result = run("fit", *tiny, "--quiet", "--limit-batches", 1, "--out", "x")
    assert result.output == "Run: x\n"


def test_a_folder_in_use_is_refused_then_resumed_or_overwritten(
    run, folder, tiny
):
    first = run("fit", *tiny, "--out", "run", "--limit-batches", 1)
    assert first.exit_code == 0, first.output
    before = (folder / "run/model.keras").read_bytes()
    again = run("fit", *tiny, "--out", "run")
    assert again.exit_code == 2
    assert "--resume" in again.output
    assert (folder / "run/model.keras").read_bytes() == before

    other = run("fit", *tiny, "--out", "run", "--resume", "--seed", 1)
    assert other.exit_code == 2
    assert "seed: 0 -> 1" in other.output

    longer = run("fit", *tiny, "--out", "run", "--resume",
                 "--set", "fit.epochs=2")  # fmt: skip
    assert longer.exit_code == 0, longer.output
    assert len(RunFolder.open(folder / "run").history) == 2

    alone = run("fit", "--resume", "--out", "run", "--set", "fit.epochs=3")
    assert alone.exit_code == 0, alone.output
    assert len(RunFolder.open(folder / "run").history) == 3

    anew = run("fit", *tiny, "--out", "run", "--overwrite")
    assert anew.exit_code == 0, anew.output
    assert len(RunFolder.open(folder / "run").history) == 1


def test_resume_and_overwrite_exclude_each_other(run, folder):
    result = run("fit", "--resume", "--overwrite")
    assert result.exit_code == 2
    assert "not both" in result.output


def test_there_must_be_something_to_resume(run, folder):
    result = run("fit", "--resume", "--out", "nothing")
    assert result.exit_code == 3
    assert "is not a run folder" in result.output


def test_a_diverging_run_ends_with_code_4(run, folder, tiny):
    result = run(
        "fit", *tiny, "--set", "optimizer={name: sgd, learning_rate: 1e30}"
    )
    assert result.exit_code == 4
    assert "became non-finite at step" in result.output


def test_missing_data_ends_with_code_3_and_leaves_no_run(run, folder):
    result = run("fit", "multi_mnist", "--set", "data.dir=nowhere")
    assert result.exit_code == 3
    assert "nowhere" in result.output
    assert not list(folder.iterdir())


def test_an_unset_variable_is_named(run, folder, monkeypatch):
    monkeypatch.delenv("KERAS_MTL_DATA", raising=False)
    result = run("fit", "multi_mnist")
    assert result.exit_code == 2
    assert "multi_mnist.yaml:7:8: data.dir: the environment variable " in (
        result.output
    )


def test_a_network_in_the_current_folder(run, folder, tiny):
    (folder / "networks_of_mine.py").write_text(BUILDER)
    chosen = ["--set", "model={name: 'networks_of_mine:build', units: 4}"]
    result = run("fit", *tiny, *chosen, "--limit-batches", 1)
    assert result.exit_code == 0, result.output
    refused = run("fit", *tiny, *chosen, "--out", "other", "--no-plugins")
    assert refused.exit_code == 2
    wrong = ["--set", "model={name: 'networks_of_mine:build', unit: 4}"]
    assert "Did you mean 'units'" in run("fit", *tiny, *wrong).output


@pytest.mark.parametrize(
    "overrides",
    [
        ["trainer.name=alternating", "trainer.order=shuffled"],
        ["trainer.name=single_task"],
        [
            "trainer.aggregator=mgda",
            "trainer.gradients=representation",
            "trainer.weighting=uncertainty",
            "precision=mixed_bfloat16",
        ],
    ],
)
def test_schemes(run, folder, tiny, overrides):
    chosen = [part for text in overrides for part in ("--set", text)]
    result = run("fit", *tiny, *chosen, "--limit-batches", 2, "--quiet")
    assert result.exit_code == 0, result.output


def start(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "keras_mtl.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        text=True,
    )


def wait_for(path, process):
    deadline = time.monotonic() + 120
    while not path.exists() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_ctrl_c_ends_with_code_130_after_a_checkpoint(folder, tiny):
    process = start(folder, "fit", *tiny, "--set", "fit.epochs=1000")
    wait_for(folder / "runs/multi_digits/history.csv", process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    path = folder / "runs/multi_digits"
    assert (path / "checkpoints/last.weights.h5").exists()
    assert len(RunFolder.open(path).history) < 1000


@pytest.mark.slow
def test_nothing_but_our_own_lines_is_printed(folder, tiny):
    process = start(folder, "fit", *tiny, "--limit-batches", "1")
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    lines = errors.splitlines()
    assert len(lines) == 1, errors
    assert lines[0].startswith("epoch 1/1")
    assert "Run: runs/multi_digits" in output
