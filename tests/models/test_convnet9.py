import numpy as np
import pytest

from keras_mtl.graph import split
from keras_mtl.models import convnet9


def test_number_of_parameters():
    parts = split(convnet9({"a": 1, "b": 2}))
    shared = sum(int(np.prod(v.shape)) for v in parts.shared_variables)
    assert shared == 5_177_664
    assert [tuple(x.shape) for x in parts.frontier] == [(None, 512)]


def test_nine_layers_of_weights_each_normalised():
    model = convnet9({"a": 1}, (8, 8, 1))
    kinds = [type(layer).__name__ for layer in model.layers[:-2]]
    assert kinds.count("Conv2D") == 7
    assert kinds.count("Dense") == 2
    assert kinds.count("BatchNormalization") == kinds.count("ReLU") == 9
    assert kinds.count("MaxPooling2D") == 3
    assert model.get_layer("conv4_2_relu").output.shape == (None, 1, 1, 512)


def test_images_too_small_for_three_poolings():
    with pytest.raises(ValueError, match="height and width 8 or more"):
        convnet9({"a": 1}, (7, 8, 3))
