import json
import os
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)

from keras_mtl import weightings
from keras_mtl.errors import ConfigError, DataError, DivergenceError
from keras_mtl.runs import RunFolder, train
from keras_mtl.trainers import Alternating, Independent, Shared, SingleTask


class InterruptAt(keras.callbacks.Callback):
    """Raises `KeyboardInterrupt` before training or validation batch k."""

    def __init__(self, step, validation=False):
        super().__init__()
        self.left = step
        self.validation = validation

    def _count(self):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def on_train_batch_begin(self, batch, logs=None):
        if not self.validation:
            self._count()

    def on_test_batch_begin(self, batch, logs=None):
        if self.validation:
            self._count()


def comparable(rows):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def interrupted_then_resumed(tiny, interrupt, make, **options):
    run = tiny.run("interrupted")
    with pytest.raises(KeyboardInterrupt):
        train(make(), tiny.data, run, callbacks=[interrupt], **options)
    again = RunFolder.open(run.path)
    assert again.manifest["status"] == "interrupted"
    trainer = make()
    metrics = train(trainer, tiny.data, again, resume=True, **options)
    return trainer, again, metrics


def whole(tiny, make, **options):
    """State, history and metrics of a run that nothing interrupted."""
    run, trainer = tiny.run("whole"), make()
    metrics = train(trainer, tiny.data, run, **options)
    return tiny.state(trainer), run.history, metrics


@pytest.fixture
def expected(tiny, cache={}):  # noqa: B006
    """What the tests of the default trainer share."""
    if not cache:
        cache["whole"] = whole(tiny, tiny.trainer, epochs=3, quiet=True)
    return cache["whole"]


def check_same(tiny, interrupt, make, expected=None, **options):
    options = {"epochs": 3, "quiet": True, **options}
    expected = expected or whole(tiny, make, **options)
    trainer, run, metrics = interrupted_then_resumed(
        tiny, interrupt, make, **options
    )
    check_equal((tiny.state(trainer), run.history, metrics), expected)


def check_equal(got, expected):
    for a, b in zip(got[0], expected[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert comparable(got[1]) == comparable(expected[1])
    assert [row["epoch"] for row in got[1]] == [1, 2, 3]
    assert got[2] == expected[2]


def test_a_run_leaves_what_the_layout_promises(tiny):
    run = tiny.run()
    metrics = train(tiny.trainer(), tiny.data, run, epochs=2, quiet=True)
    assert json.loads(run.metrics_path.read_text()) == metrics
    assert set(metrics["test"]) == {"left", "right"}
    assert set(metrics["test"]["left"]) == {"loss", "mean_absolute_error"}
    assert metrics["last"]["epoch"] == 2
    assert metrics["evaluated"] == "best"
    assert run.best_weights.exists()
    assert run.last_weights.exists()
    assert (run.path / "logs" / "train").is_dir()
    assert (run.path / "logs" / "validation").is_dir()
    manifest = RunFolder.open(run.path).manifest
    assert manifest["status"] == "finished"
    assert manifest["task_groups"] == [["left", "right"]]
    assert manifest["data"]["fingerprint"] == tiny.data.fingerprint
    # A layer of 3 x 4 weights and 4 biases serves both tasks.
    assert manifest["shared_parameters"] == 16
    assert manifest["parameters"] == 16 + 2 * 5
    assert manifest["metric_definitions"]["left"]["loss"]["class"]


def test_model_and_test_metrics_are_those_of_the_best_epoch(tiny):
    run, trainer = tiny.run(), tiny.trainer()
    metrics = train(trainer, tiny.data, run, epochs=3, quiet=True)
    scores = [row["val_loss"] for row in run.history]
    assert metrics["best"]["epoch"] == 1 + int(np.argmin(scores))
    assert metrics["best"]["validation_loss"] == min(scores)
    model = keras.saving.load_model(run.model_path)
    expected = model.predict(tiny.data.test.x, verbose=0)["left"]
    error = float(np.mean((expected - tiny.data.test.y["left"]) ** 2))
    assert metrics["test"]["left"]["loss"] == pytest.approx(error, rel=1e-5)


@pytest.mark.parametrize("step", [0, 7, 14])
def test_interrupted_before_any_batch_it_ends_the_same(tiny, expected, step):
    check_same(tiny, InterruptAt(step), tiny.trainer, expected)


@pytest.mark.parametrize("batch", [1, 4])
def test_interrupted_in_validation_it_ends_the_same(tiny, expected, batch):
    interrupt = InterruptAt(batch, validation=True)
    check_same(tiny, interrupt, tiny.trainer, expected)


@pytest.mark.parametrize("scheme", [Alternating, Independent, SingleTask])
def test_every_scheme_ends_the_same(tiny, scheme):
    check_same(tiny, InterruptAt(7), lambda: tiny.trainer(scheme))


def test_stateful_weighting_ends_the_same(tiny):
    def make():
        return tiny.trainer(Shared, weighting=weightings.Uncertainty())

    check_same(tiny, InterruptAt(7), make)


def test_averaged_weights_end_the_same(tiny):
    def make():
        optimizer = keras.optimizers.SGD(0.01, momentum=0.9, use_ema=True)
        return tiny.trainer(optimizer=optimizer)

    check_same(tiny, InterruptAt(7), make, evaluate="last")


def test_limited_batches_and_rare_checkpoints_end_the_same(tiny):
    check_same(
        tiny,
        InterruptAt(4),
        tiny.trainer,
        limit_batches=3,
        checkpoint_every=2,
    )


def test_limit_applies_to_training_and_validation(tiny):
    run = tiny.run()
    train(
        tiny.trainer(),
        tiny.data,
        run,
        epochs=2,
        limit_batches=1,
        quiet=True,
    )
    assert [row["step"] for row in run.history] == [1, 2]


def test_more_epochs_go_on_from_a_finished_run(tiny, expected):
    run = tiny.run()
    train(tiny.trainer(), tiny.data, run, epochs=2, quiet=True)
    trainer = tiny.trainer()
    metrics = train(trainer, tiny.data, run, epochs=3, resume=True, quiet=True)
    check_equal((tiny.state(trainer), run.history, metrics), expected)


def test_a_finished_run_resumed_is_tested_again_and_not_trained(tiny):
    run = tiny.run()
    first = train(tiny.trainer(), tiny.data, run, epochs=1, quiet=True)
    second = train(
        tiny.trainer(), tiny.data, run, epochs=1, resume=True, quiet=True
    )
    assert first == second


def test_checkpoints_are_not_trained_over_without_resume(tiny):
    run = tiny.run()
    train(tiny.trainer(), tiny.data, run, epochs=1, quiet=True)
    with pytest.raises(ConfigError, match="Pass `resume=True`"):
        train(tiny.trainer(), tiny.data, run, epochs=1, quiet=True)


def test_damaged_last_checkpoint_falls_back_and_ends_the_same(
    tiny, expected, capsys
):
    run = tiny.run("damaged")
    train(tiny.trainer(), tiny.data, run, epochs=2, quiet=True)
    run.last_weights.write_bytes(b"torn")
    trainer = tiny.trainer()
    metrics = train(trainer, tiny.data, run, epochs=3, resume=True, quiet=True)
    assert "using the one before it" in capsys.readouterr().err
    check_equal((tiny.state(trainer), run.history, metrics), expected)


class Poison(keras.callbacks.Callback):
    """Makes the weights of one head infinite before a batch."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_begin(self, batch, logs=None):
        if int(self.model.step) == self.step:
            (bias,) = [
                v
                for v in self.model.split.task_variables["right"]
                if v.name == "bias"
            ]
            bias.assign([np.inf])


@pytest.mark.parametrize(("step", "log_every"), [(6, 2), (9, 50)])
def test_divergence_stops_and_keeps_the_last_good_checkpoint(
    tiny, step, log_every
):
    run = tiny.run()
    with pytest.raises(DivergenceError, match="'right'") as caught:
        train(
            tiny.trainer(),
            tiny.data,
            run,
            epochs=3,
            log_every=log_every,
            callbacks=[Poison(step)],
            quiet=True,
        )
    assert caught.value.step == step + 1
    assert RunFolder.open(run.path).manifest["status"] == "diverged"
    assert len(run.history) == 1
    trainer = tiny.trainer()
    trainer.load_weights(run.last_weights)
    assert int(trainer.step) == 5
    assert all(np.isfinite(v).all() for v in tiny.state(trainer))


def test_misspelt_monitor_is_refused_with_the_nearest(tiny):
    with pytest.raises(ConfigError, match="Did you mean 'val_left_loss'"):
        train(
            tiny.trainer(),
            tiny.data,
            tiny.run(),
            epochs=1,
            monitor="val_leftloss",
            mode="min",
            quiet=True,
        )


def test_options_out_of_range_are_refused(tiny):
    with pytest.raises(ConfigError, match="`epochs` must be at least 1"):
        train(tiny.trainer(), tiny.data, tiny.run(), epochs=0)
    with pytest.raises(ConfigError, match="'best' or 'last'"):
        train(
            tiny.trainer(), tiny.data, tiny.run("b"), epochs=1, evaluate="worst"
        )


def test_changed_data_is_refused_on_resume(tiny):
    run = tiny.run()
    train(tiny.trainer(), tiny.data, run, epochs=1, quiet=True)
    tiny.data.fingerprint = "f" * 16
    with pytest.raises(DataError, match="is not what this run began with"):
        train(tiny.trainer(), tiny.data, run, epochs=2, resume=True)


def test_without_validation_the_last_weights_are_tested(tiny):
    tiny.data.validation = None
    run = tiny.run()
    metrics = train(tiny.trainer(), tiny.data, run, epochs=2, quiet=True)
    assert metrics["evaluated"] == "last"
    assert metrics["best"] is None
    assert not run.best_weights.exists()


def test_a_full_disk_ends_clearly_with_the_last_checkpoint_whole(
    tiny, monkeypatch
):
    run, trainer = tiny.run(), tiny.trainer()
    save = trainer.save_weights

    def full(path):
        if int(trainer.step) > 5:
            path.write_bytes(b"half")
            raise OSError(28, os.strerror(28))
        save(path)

    monkeypatch.setattr(trainer, "save_weights", full)
    with pytest.raises(DataError, match="No space left on device"):
        train(trainer, tiny.data, run, epochs=3, quiet=True)
    assert not list(run.checkpoints.glob(".tmp-*"))
    other = tiny.trainer()
    other.load_weights(run.last_weights)
    assert int(other.step) == 5


def test_training_does_not_fetch_the_values_of_every_batch(tiny, monkeypatch):
    fetched = []
    read = keras.Variable.__int__
    monkeypatch.setattr(
        keras.Variable,
        "__int__",
        lambda self: fetched.append(self.name) or read(self),
        raising=False,
    )
    counts = []
    for batches in (1, 5):
        fetched.clear()
        train(
            tiny.trainer(),
            tiny.data,
            tiny.run(f"run{batches}"),
            epochs=1,
            limit_batches=batches,
            quiet=True,
        )
        counts.append(len(fetched))
    assert counts[0] == counts[1]


SCRIPT = """
import sys, pathlib
sys.path.insert(0, {tests!r})
import tensorflow as tf
tf.config.experimental.enable_op_determinism()
from conftest import TinyData, tiny_trainer
import keras, time
from keras_mtl.runs import RunFolder, train

class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.2)
        print("batch", flush=True)

run = RunFolder.open({run!r})
train(tiny_trainer(), TinyData(), run, epochs=3, resume=True,
      callbacks=[Slow()] if {slow} else [], quiet=True)
"""


def started(run, slow):
    script = SCRIPT.format(
        tests=os.path.dirname(__file__), run=str(run.path), slow=slow
    )
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_process_resumes_to_the_same_end(tiny, expected, number):
    run = tiny.run("killed")
    process = started(run, slow=True)
    for _ in range(8):
        assert process.stdout.readline() == "batch\n"
    process.send_signal(number)
    _, errors = process.communicate(timeout=300)
    assert process.returncode != 0
    if number == signal.SIGINT:
        assert "stopping after this batch" in errors
        assert "KeyboardInterrupt" in errors
    process = started(run, slow=False)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    trainer = tiny.trainer()
    trainer.load_weights(run.best_weights)
    metrics = json.loads(run.metrics_path.read_text())
    check_equal((tiny.state(trainer), run.history, metrics), expected)
    curves = EventAccumulator(str(run.logs / "train")).Reload()
    steps = [event.step for event in curves.Scalars("loss/total")]
    assert steps[-2:] == [10, 15]
    assert steps == sorted(set(steps))
