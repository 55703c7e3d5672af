import keras
import numpy as np

from keras_mtl.trainers import Shared
from keras_mtl.trainers.epoch_end import WeightingEpochEnd
from keras_mtl.weightings.base import Weighting


class Recorder(Weighting):
    """Remembers what it was told."""

    def build_state(self, tasks):
        super().build_state(tasks)
        self.told = []

    def task_weights(self, losses, present=None):
        return keras.ops.ones_like(losses)

    def on_epoch_end(self, epoch, logs):
        self.told.append((epoch, sorted(logs)))


def test_the_weighting_hears_of_training_and_validation(kit):
    trainer = Shared(kit.build(("a", "b")), weighting=Recorder())
    kit.compiled(trainer, metrics={"a": ["mae"]})
    x, y = kit.batches(1, tasks=("a", "b"))[0]
    for callbacks in (None, keras.callbacks.Callback()):
        trainer.fit(
            x,
            y,
            epochs=1,
            validation_data=(x, y),
            callbacks=callbacks,
            verbose=0,
        )
    names = ["a_loss", "a_mae", "b_loss", "loss"]
    expected = sorted([*names, *(f"val_{name}" for name in names)])
    assert trainer.weighting.told == [(0, expected), (0, expected)]


def test_it_joins_a_callback_list_once():
    weighting = Recorder()
    weighting.build_state(("a",))
    callbacks = keras.callbacks.CallbackList([])
    for _ in range(2):
        assert WeightingEpochEnd.added_to(callbacks, weighting) is callbacks
    kinds = [type(c).__name__ for c in callbacks.callbacks]
    assert kinds.count("WeightingEpochEnd") == 1


def test_it_comes_before_the_callbacks_of_the_user():
    user = keras.callbacks.Callback()
    found = WeightingEpochEnd.added_to([user], Recorder())
    assert [type(c) for c in found] == [WeightingEpochEnd, type(user)]
    assert np.size(found) == 2
