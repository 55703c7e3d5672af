"""FlatnessProbe: when it measures, and where it puts the numbers."""

import keras
import pytest

from keras_mtl.callbacks import FlatnessProbe


class Flat(keras.Model):
    """A model that can be probed."""

    calls = ()

    def flatness(self, batches, bounds, num_samples, seed):
        self.calls = (*self.calls, (batches, bounds, num_samples, seed))
        return {"a": {bound: 2 * bound for bound in bounds}}


def probe(**options):
    callback = FlatnessProbe(["batch"], (0.0, 0.01), 3, seed=4, **options)
    callback.set_model(Flat())
    return callback


def test_it_measures_every_so_many_epochs_and_in_the_end():
    callback = probe(every=2)
    logs = [{}, {}]
    for epoch in range(2):
        callback.on_epoch_end(epoch, logs[epoch])
    assert logs == [{}, {"a_flatness_0": 0.0, "a_flatness_0.01": 0.02}]
    assert callback.result is None
    callback.on_train_end()
    assert callback.result == {"a": {0.0: 0.0, 0.01: 0.02}}
    assert callback.model.calls == ((["batch"], [0.0, 0.01], 3, 4),) * 2


def test_by_default_it_waits_for_the_end():
    callback = probe()
    logs = {}
    callback.on_epoch_end(0, logs)
    assert logs == {}


def test_a_trainer_that_cannot_be_probed_is_refused():
    with pytest.raises(ValueError, match=r"Received: Model"):
        FlatnessProbe([], [0.1]).set_model(keras.Model())


def test_no_epochs_between_measurements_are_refused():
    with pytest.raises(ValueError, match=r"`every` must be a number of epochs"):
        FlatnessProbe([], [0.1], every=0)
