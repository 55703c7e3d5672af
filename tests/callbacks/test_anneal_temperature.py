import numpy as np
import pytest

from keras_mtl import trainers
from keras_mtl.callbacks import AnnealTemperature
from keras_mtl.models import learning_to_branch, mlp

X = np.ones((4, 3), "float32")
Y = {"a": np.ones((4, 1)), "b": np.ones((4, 1))}


def fitted(model, **options):
    trainer = trainers.Shared(model)
    trainer.compile("sgd", loss="mse")
    callbacks = [AnnealTemperature(3, final=0.08)]
    fit = {"epochs": 4, "callbacks": callbacks, "verbose": 0, **options}
    return trainer.fit(X, Y, **fit).history


def test_a_geometric_way_down_that_ends():
    options = {"widths": (3, 3), "depth": 1, "temperature": 8.0}
    model = learning_to_branch({"a": 1, "b": 1}, (3,), **options)
    found = fitted(model)["temperature"]
    np.testing.assert_allclose(found, [8.0, 0.8, 0.08, 0.08], rtol=1e-4)
    resumed = fitted(model, initial_epoch=1)["temperature"]
    np.testing.assert_allclose(resumed, [0.8, 0.08, 0.08], rtol=1e-4)


def test_a_model_without_choices():
    with pytest.raises(ValueError, match="needs a model with `BranchSelec"):
        fitted(mlp({"a": 1, "b": 1}, (3,)))


@pytest.mark.parametrize("options", [{"epochs": 0}, {"final": 0.0}])
def test_arguments_out_of_range(options):
    with pytest.raises(ValueError, match="`epochs` must be 1 or more"):
        AnnealTemperature(**{"epochs": 1, **options})
