import keras
import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util

from keras_mtl.aggregators import PCGrad
from keras_mtl.callbacks import TensorBoard
from keras_mtl.trainers import Shared


class Events:
    """What TensorBoard itself reads in a folder."""

    def __init__(self, folder):
        self.events = event_accumulator.EventAccumulator(str(folder)).Reload()

    def tags(self):
        return set(self.events.Tags()["scalars"])

    def points(self, tag):
        return [(e.step, e.value) for e in self.events.Scalars(tag)]

    def steps(self, tag):
        return [step for step, _ in self.points(tag)]

    def plugin(self, tag):
        metadata = self.events.SummaryMetadata(tag)
        return plugin_data_pb2.HParamsPluginData.FromString(
            metadata.plugin_data.content
        )


LOSSES = {"loss/total", "loss/left", "loss/right"}
METRIC = "metric/left/mean_absolute_error"


def test_tags_are_the_same_for_training_and_validation(trainer, fit, tmp_path):
    fit(trainer, TensorBoard(tmp_path, log_every=4))
    speed = {"learning_rate", "speed/steps_per_second"}
    assert Events(tmp_path / "train").tags() == {*LOSSES, METRIC, *speed}
    assert Events(tmp_path / "validation").tags() == {*LOSSES, METRIC}


def test_steps_are_training_batches(trainer, fit, tmp_path):
    fit(trainer, TensorBoard(tmp_path, log_every=4))
    train = Events(tmp_path / "train")
    assert train.steps("loss/total") == [4, 6, 10, 12]
    assert train.steps("learning_rate") == [4, 6, 10, 12]
    assert train.steps(METRIC) == [6, 12]
    assert Events(tmp_path / "validation").steps("loss/left") == [6, 12]


def test_an_epoch_shorter_than_the_interval_still_has_its_point(
    trainer, fit, tmp_path
):
    history = fit(trainer, TensorBoard(tmp_path, log_every=100)).history
    points = Events(tmp_path / "train").points("loss/right")
    assert [step for step, _ in points] == [6, 12]
    values = [value for _, value in points]
    np.testing.assert_allclose(values, history["right_loss"], rtol=1e-6)


@pytest.mark.parametrize("validation", [True, False])
def test_points_are_means_since_the_point_before(
    trainer, fit, tmp_path, validation
):
    history = fit(
        trainer, TensorBoard(tmp_path, log_every=4), validation=validation
    ).history
    (_, first), (_, rest), *_ = Events(tmp_path / "train").points("loss/left")
    mean = (4 * first + 2 * rest) / 6
    np.testing.assert_allclose(mean, history["left_loss"][0], rtol=1e-5)


def test_validation_values_are_those_of_keras(trainer, fit, tmp_path):
    history = fit(trainer, TensorBoard(tmp_path)).history
    events = Events(tmp_path / "validation")
    for tag, key in (
        ("loss/total", "val_loss"),
        ("loss/left", "val_left_loss"),
    ):
        values = [value for _, value in events.points(tag)]
        np.testing.assert_allclose(values, history[key], rtol=1e-6)


def test_curves_go_on_after_resuming(trainer, fit, tmp_path):
    fit(trainer, TensorBoard(tmp_path, log_every=3), epochs=1)
    fit(trainer, TensorBoard(tmp_path, log_every=3), epochs=1)
    steps = Events(tmp_path / "train").steps("loss/total")
    assert steps == [3, 6, 9, 12]
    assert Events(tmp_path / "validation").steps("loss/total") == [6, 12]


def test_what_is_trained_again_is_shown_once(trainer, fit, tmp_path):
    trainer.save_weights(tmp_path / "start.weights.h5")
    fit(trainer, TensorBoard(tmp_path, log_every=3), epochs=1)
    trainer.load_weights(tmp_path / "start.weights.h5")
    fit(trainer, TensorBoard(tmp_path, log_every=3), epochs=1)
    assert Events(tmp_path / "train").steps("loss/total") == [3, 6]


def test_telemetry_is_logged_as_it_is_named(trainer, fit, tmp_path):
    surgery = Shared(trainer.model, aggregator=PCGrad(seed=0), telemetry=True)
    surgery.compile("sgd", loss="mse")
    fit(surgery, TensorBoard(tmp_path, log_every=4))
    events = Events(tmp_path / "train")
    assert events.steps("cosine/left/right") == [4, 6, 10, 12]
    assert events.steps("gradient_norm/left") == [4, 6, 10, 12]
    cosines = [value for _, value in events.points("cosine/left/right")]
    assert all(-1.001 <= cosine <= 1.001 for cosine in cosines)


def test_the_mean_cosines_of_an_epoch_are_drawn(trainer, fit, tmp_path):
    surgery = Shared(trainer.model, aggregator=PCGrad(seed=0))
    surgery.compile("sgd", loss="mse")
    fit(surgery, TensorBoard(tmp_path, log_every=4))
    images = Events(tmp_path / "train").events.Images("cosine/matrix")
    assert [image.step for image in images] == [6, 12]


def test_without_cosines_there_is_no_picture(trainer, fit, tmp_path):
    fit(trainer, TensorBoard(tmp_path))
    assert Events(tmp_path / "train").events.Tags()["images"] == []


class Source(keras.callbacks.Callback):
    """Logs what it can also be asked for at any time."""

    def state(self):
        return {"distance_total": float(int(self.model.step))}

    def on_epoch_end(self, epoch, logs=None):
        logs.update(self.state())


def test_the_state_of_other_callbacks_is_logged_with_the_losses(
    trainer, fit, tmp_path
):
    source = Source()
    sources = [source, keras.callbacks.TerminateOnNaN()]
    fit(trainer, source, TensorBoard(tmp_path, log_every=4, sources=sources))
    points = Events(tmp_path / "train").points("distance/total")
    assert points == [(4, 4.0), (6, 6.0), (10, 10.0), (12, 12.0)]


class Panels:
    """Draws the same, whatever the model."""

    def draw(self, model):
        return {"left": Image.new("RGB", (3, 2))}


@pytest.mark.parametrize(("epochs", "steps"), [(2, [6, 12]), (201, [18])])
def test_panels_are_drawn_after_epochs_but_not_too_often(
    trainer, fit, tmp_path, epochs, steps
):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 3

    board = TensorBoard(tmp_path, panels=Panels())
    fit(trainer, board, Stop(), epochs=epochs)
    events = Events(tmp_path / "validation").events
    images = events.Images("prediction/left")
    assert [image.step for image in images] == steps


def test_a_plain_keras_model_has_the_same_curves(keras_model, fit, tmp_path):
    history = fit(keras_model, TensorBoard(tmp_path, log_every=4)).history
    events = Events(tmp_path / "train")
    assert {*LOSSES, METRIC} <= events.tags()
    assert events.steps("loss/left") == [4, 6, 10, 12]
    validation = Events(tmp_path / "validation").points("loss/left")
    values = [value for _, value in validation]
    np.testing.assert_allclose(values, history["val_left_loss"], rtol=1e-6)


def test_several_batches_an_execution_are_counted(trainer, fit, tmp_path):
    trainer.compile("sgd", loss="mse", steps_per_execution=3)
    fit(trainer, TensorBoard(tmp_path, log_every=2), epochs=1)
    assert Events(tmp_path / "train").steps("loss/total") == [3, 6]


def test_learning_rate_schedules_are_read_where_they_stand(
    trainer, fit, tmp_path
):
    schedule = keras.optimizers.schedules.InverseTimeDecay(0.5, 1, 1.0)
    trainer.compile(keras.optimizers.SGD(schedule), loss="mse")
    fit(trainer, TensorBoard(tmp_path, log_every=3), epochs=1)
    rates = [v for _, v in Events(tmp_path / "train").points("learning_rate")]
    np.testing.assert_allclose(rates, [0.5 / 4, 0.5 / 7], rtol=1e-5)


def test_configuration_is_shown_as_text(trainer, fit, tmp_path):
    fit(trainer, TensorBoard(tmp_path, config_text="seed: 3"), epochs=1)
    events = Events(tmp_path)
    (event,) = events.events.Tensors("config")
    text = tensor_util.make_ndarray(event.tensor_proto).item().decode()
    assert "seed: 3" in text


def test_repetitions_of_a_run_form_a_group(trainer, fit, tmp_path):
    sessions = {}
    for name, seed, rate in (("a", 0, 0.1), ("b", 1, 0.1), ("c", 0, 0.2)):
        config = {"seed": seed, "optimizer": {"name": "sgd", "rate": rate}}
        fit(trainer, TensorBoard(tmp_path / name, hparams=config), epochs=1)
        events = Events(tmp_path / name)
        start = events.plugin("_hparams_/session_start_info")
        sessions[name] = start.session_start_info
    assert sessions["a"].group_name == sessions["b"].group_name
    assert sessions["a"].group_name != sessions["c"].group_name
    hparams = sessions["c"].hparams
    assert set(hparams) == {"optimizer.name", "optimizer.rate"}
    assert hparams["optimizer.rate"].number_value == 0.2
    experiment = events.plugin("_hparams_/experiment").experiment
    names = {(m.name.group, m.name.tag) for m in experiment.metric_infos}
    assert ("validation", METRIC) in names
    assert "_hparams_/session_end_info" in events.events.Tags()["tensors"]


def test_a_closed_log_holds_what_came_before_a_crash(trainer, fit, tmp_path):
    class Crash(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 5:
                raise RuntimeError("crash")

    board = TensorBoard(tmp_path, log_every=2)
    with pytest.raises(RuntimeError, match="crash"):
        fit(trainer, board, Crash())
    board.close()
    assert Events(tmp_path / "train").steps("loss/total") == [2, 4]


def test_intervals_below_one_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: 0"):
        TensorBoard(tmp_path, log_every=0)
