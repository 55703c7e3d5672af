import numpy as np

from keras_mtl.graph import split
from keras_mtl.models import resnet18


def test_number_of_parameters():
    parts = split(resnet18({"a": 1, "b": 2}, (64, 64, 3)))
    shared = sum(int(np.prod(v.shape)) for v in parts.shared_variables)
    assert shared == 11_174_720
    assert [tuple(x.shape) for x in parts.frontier] == [(None, 512)]


def test_sizes_of_the_stages_are_those_of_pytorch():
    model = resnet18({"a": 1}, (65, 224, 3))
    sizes = {"stem": (33, 112, 64), "pool": (17, 56, 64)}
    sizes |= {
        f"stage{i}_2_relu": shape
        for i, shape in enumerate(
            [(17, 56, 64), (9, 28, 128), (5, 14, 256), (3, 7, 512)], 1
        )
    }
    for name, size in sizes.items():
        assert model.get_layer(name).output.shape == (None, *size), name


def test_twenty_convolutions_seventeen_normalised():
    model = resnet18({"a": 1}, (32, 32, 3))
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("Conv2D") == 20
    assert kinds.count("BatchNormalization") == 17
    assert kinds.count("Add") == 8
