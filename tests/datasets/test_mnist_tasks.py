import numpy as np
import pytest

from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError


def test_even_odd_labels_each_image_for_one_task(
    release_dir, release, elements
):
    data = load("mnist_tasks", dir=release_dir, validation=0, batch_size=20)
    images, labels, weights = elements(data.test.dataset())[0]
    digits = release["test_labels"]
    expected = (release["test_images"] / 255 - 0.1307) / 0.3081
    np.testing.assert_allclose(images[..., 0], expected, atol=1e-5)
    for number, digit in enumerate(digits):
        task, other = ("even", "odd") if digit % 2 == 0 else ("odd", "even")
        names = data.tasks[task].class_names
        assert names[labels[task][number]] == str(digit)
        assert weights[task][number] == 1
        assert weights[other][number] == 0


def test_parity_digit_labels_every_image_for_both(
    release_dir, release, elements
):
    data = load(
        "mnist_tasks",
        dir=release_dir,
        split="parity_digit",
        validation=10,
        batch_size=20,
    )
    (element,) = elements(data.test.dataset())
    digits = release["test_labels"]
    assert len(element) == 2
    np.testing.assert_array_equal(element[1]["digit"], digits)
    np.testing.assert_array_equal(element[1]["parity"], digits % 2)
    assert data.tasks["parity"].class_names == ("even", "odd")
    assert data.validation.num_samples == 10


def test_other_splits_are_refused(release_dir):
    with pytest.raises(ConfigError, match="one of even_odd, parity_digit"):
        load("mnist_tasks", dir=release_dir, split="odd_even")


@pytest.mark.data
def test_the_real_files(data_dir):
    data = load("mnist_tasks", dir=data_dir("MNIST"))
    sizes = [s.num_samples for s in (data.train, data.validation, data.test)]
    assert sizes == [50_000, 10_000, 10_000]
    assert data.input_shape == (28, 28, 1)
