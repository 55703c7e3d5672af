import pytest

from keras_mtl.callbacks import StopOnSignal


def test_it_stops_before_the_next_batch(trainer, fit):
    answers = iter([False, False, True])
    with pytest.raises(KeyboardInterrupt):
        fit(trainer, StopOnSignal(lambda: next(answers)))
    assert int(trainer.step) == 2


def test_it_does_nothing_without_a_signal(trainer, fit):
    fit(trainer, StopOnSignal(lambda: False), epochs=1)
    assert int(trainer.step) == 6
