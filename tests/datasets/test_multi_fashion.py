import numpy as np
import pytest

from keras_mtl.datasets import load


def test_the_defaults(release_dir):
    data = load("multi_fashion", dir=release_dir, validation=0, batch_size=4)
    assert data.name == "multi_fashion"
    assert data.input_shape == (36, 36, 1)
    assert data.tasks["right"].class_names[9] == "Ankle boot"


@pytest.mark.data
def test_the_real_training_images_are_standardised(data_dir, elements):
    data = load(
        "multi_fashion",
        dir=data_dir("FashionMNIST"),
        validation=0,
        offset=(28, 28),
        size=56,
    )
    images = np.concatenate([x for x, _ in elements(data.train.dataset(), 40)])
    single = images[:, :28, :28]
    assert single.mean() == pytest.approx(0, abs=0.02)
    assert single.std() == pytest.approx(1, abs=0.02)
