import numpy as np
import pytest

from keras_mtl import trainers
from keras_mtl.layers import BranchSelection
from keras_mtl.models import learning_to_branch

TASKS = {"a": 2, "b": 1}


def selections(model):
    return [x for x in model.layers if isinstance(x, BranchSelection)]


def test_the_tree_that_is_chosen_is_what_is_computed(dense):
    model = learning_to_branch(TASKS, (5,), widths=(4, 3), depth=1)
    choices = {
        "stage2_branch1_selection": 1,
        "stage2_branch2_selection": 0,
        "a_selection": 1,
        "b_selection": 1,
    }
    assert {layer.name for layer in selections(model)} == set(choices)
    for name, index in choices.items():
        layer = model.get_layer(name)
        layer.logits.assign(np.eye(2)[index])
        assert layer.chosen == index
    x = np.random.default_rng(0).normal(size=(7, 5)).astype("float32")
    x1 = np.maximum(dense(model, "stage1_branch1_1", x), 0)
    x2 = np.maximum(dense(model, "stage2_branch2_1", x1), 0)
    for task, output in model(x).items():
        expected = dense(model, f"{task}_logits", x2)
        np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)


def test_choices_are_trained_and_draw_their_own_numbers():
    model = learning_to_branch(TASKS, (5,), widths=(4, 4), depth=1)
    assert len({layer.seed for layer in selections(model)}) == 4
    trainer = trainers.Shared(model)
    trainer.compile("sgd", loss="mse")
    generator = np.random.default_rng(0)
    x = generator.normal(size=(8, 5)).astype("float32")
    y = {"a": generator.normal(size=(8, 2)), "b": np.ones((8, 1))}
    trainer.fit(x, y, epochs=2, batch_size=4, verbose=0)
    for layer in selections(model):
        assert np.abs(layer.logits.numpy()).max() > 0


def test_one_branch_is_the_shared_network():
    model = learning_to_branch(TASKS, (5,), widths=(4,), num_branches=1)
    assert selections(model) == []
    with pytest.raises(ValueError, match="`num_branches` must be"):
        learning_to_branch(TASKS, (5,), num_branches=0)
