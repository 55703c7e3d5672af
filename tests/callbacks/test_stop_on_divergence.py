import numpy as np
import pytest

from keras_mtl.callbacks import StopOnDivergence
from keras_mtl.errors import DivergenceError


@pytest.mark.parametrize("log_every", [1, 4, 50])
def test_it_stops_with_task_and_step(trainer, fit, log_every):
    bias = trainer.split.task_variables["right"][-1]
    bias.assign(np.full(bias.shape, np.nan))
    with pytest.raises(DivergenceError, match=r"'right'.*step 1") as caught:
        fit(trainer, StopOnDivergence(log_every))
    assert (caught.value.task, caught.value.step) == ("right", 1)


def test_it_leaves_good_training_and_other_models_alone(
    trainer, keras_model, fit
):
    fit(trainer, StopOnDivergence(1), epochs=1)
    fit(keras_model, StopOnDivergence(1), epochs=1)


def test_intervals_below_one_are_refused():
    with pytest.raises(ValueError, match="Received: 0"):
        StopOnDivergence(0)
