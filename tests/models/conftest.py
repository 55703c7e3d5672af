"""What a layer computes, in NumPy, from its weights."""

import numpy as np
import pytest


@pytest.fixture
def dense():
    """Affine map of a dense layer, by the name of the layer."""

    def apply(model, name, x):
        kernel, *bias = model.get_layer(name).get_weights()
        return x @ kernel + (bias[0] if bias else 0)

    return apply


@pytest.fixture
def softmax():
    """Softmax over the last axis."""

    def apply(x):
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    return apply
