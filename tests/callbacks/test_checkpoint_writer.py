import keras
import numpy as np
import pytest

from keras_mtl.callbacks import CheckpointWriter
from keras_mtl.errors import ConfigError
from keras_mtl.runs import Checkpoints


def test_best_and_last_are_kept(trainer, fit, tmp_path):
    history = fit(trainer, CheckpointWriter(tmp_path), epochs=3).history
    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.best().epoch == 1 + int(np.argmin(history["val_loss"]))
    assert checkpoints.best().best == min(history["val_loss"])
    assert checkpoints.load_last(trainer).step == 18


def test_a_plain_keras_model_comes_back(keras_model, fit, tmp_path):
    fit(keras_model, CheckpointWriter(tmp_path), epochs=2)
    weights = keras_model.get_weights()
    fit(keras_model, epochs=1)
    place = Checkpoints(tmp_path).load_last(keras_model)
    assert (place.epoch, place.step) == (2, 12)
    for a, b in zip(weights, keras_model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_rare_checkpoints_still_end_with_one(trainer, fit, tmp_path):
    fit(trainer, CheckpointWriter(tmp_path, None, every=2), epochs=3)
    assert Checkpoints(tmp_path).load_last(trainer).epoch == 3
    assert Checkpoints(tmp_path).best() is None


def test_stopping_early_leaves_a_checkpoint(trainer, fit, tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    writer = CheckpointWriter(tmp_path, None, every=5)
    fit(trainer, Stop(), writer, epochs=7)
    assert Checkpoints(tmp_path).load_last(trainer).epoch == 1


def test_a_misspelt_training_value_is_refused_at_the_second_batch(
    trainer, fit, tmp_path
):
    writer = CheckpointWriter(tmp_path, "left_los", mode="min")
    with pytest.raises(ConfigError, match="Did you mean 'left_loss'"):
        fit(trainer, writer)
    assert int(trainer.step) == 1


def test_intervals_below_one_are_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"at least 1 epoch. Received: 0"):
        CheckpointWriter(tmp_path, every=0)
    with pytest.raises(ConfigError, match=r"at least 1, or null.*Received: 0"):
        CheckpointWriter(tmp_path, every_batches=0)


class Killed(keras.callbacks.Callback):
    """Ends training within an epoch, and lets nobody save."""

    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_begin(self, batch, logs=None):
        if int(self.model.step) == self.step:
            raise RuntimeError("killed")


@pytest.mark.parametrize(("step", "place"), [(5, (0, 4)), (11, (1, 4))])
def test_checkpoints_within_an_epoch(trainer, fit, tmp_path, step, place):
    writer = CheckpointWriter(tmp_path, "loss", every=9, every_batches=2)
    with pytest.raises(RuntimeError, match="killed"):
        fit(trainer, writer, Killed(step))
    last = Checkpoints(tmp_path).load_last(trainer)
    assert (last.epoch, last.batch) == place
    assert int(trainer.step) == last.step == 6 * last.epoch + last.batch
    assert last.metrics


def test_what_has_diverged_is_not_saved_within_an_epoch(trainer, fit, tmp_path):
    trainer.diverged_at.assign([1, 0])
    with pytest.raises(RuntimeError, match="killed"):
        fit(trainer, CheckpointWriter(tmp_path, every_batches=1), Killed(4))
    assert Checkpoints(tmp_path).load_last(trainer) is None
