import itertools

import keras
import numpy as np
import pytest

from keras_mtl.graph import split


def values(structure):
    return keras.tree.map_structure(keras.ops.convert_to_numpy, structure)


def assert_parts_equal_model(parts, x):
    """Heads after trunk, and every pruned model, equal the model in bits."""
    expected = values(parts.model(x, training=False))
    features = parts.trunk(x, training=False)
    assert isinstance(features, list)
    assert len(features) == len(parts.frontier)
    for size in range(1, len(parts.tasks) + 1):
        for some in itertools.combinations(parts.tasks, size):
            outputs = values(parts.forward(some)(x, training=False))
            assert list(outputs) == list(some) or size == len(parts.tasks)
            for task in some:
                np.testing.assert_array_equal(outputs[task], expected[task])
    for task in parts.tasks:
        output = parts.heads[task](features, training=False)
        np.testing.assert_array_equal(values(output), expected[task])


@pytest.fixture
def checked_split():
    """Splits a model, and checks the outputs of the parts on some input."""

    def run(model, x=None, **options):
        parts = split(model, **options)
        if x is None:
            rng = np.random.default_rng(0)
            x = rng.normal(size=(3, *model.inputs[0].shape[1:]))
            x = x.astype("float32")
        assert_parts_equal_model(parts, x)
        return parts

    return run


@pytest.fixture
def names():
    """Paths of variables, in their order."""
    return lambda variables: [variable.path for variable in variables]
