import pytest

from keras_mtl.datasets import load
from keras_mtl.datasets.mnist_files import read_mnist


def test_the_defaults(release_dir):
    data = load("multi_fashion", dir=release_dir, validation=0, batch_size=4)
    assert data.name == "multi_fashion"
    assert data.input_shape == (36, 36, 1)
    assert data.tasks["right"].class_names[9] == "Ankle boot"


@pytest.mark.data
def test_the_constants_are_those_of_the_real_training_images(data_dir):
    data = load("multi_fashion", dir=data_dir("FashionMNIST"), validation=0)
    train, _ = read_mnist(data_dir("FashionMNIST"), "fashion_mnist")
    constants = data.train.source.standardise
    assert constants.mean == pytest.approx(train.images.mean() / 255, abs=1e-4)
    assert constants.std == pytest.approx(train.images.std() / 255, abs=1e-4)
