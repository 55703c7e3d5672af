import numpy as np
import pytest
from sklearn.datasets import load_digits

from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError


def digits_of(data, part, elements):
    """The single digits that a split shows, as bytes."""
    split = getattr(data, part)
    found = set()
    for images, _ in elements(split.dataset()):
        small = images[:, ::2, ::2, 0] * 16
        # With `offset: 8`, each digit has a quarter of the canvas.
        for quarter in (small[:, :8, :8], small[:, 8:, 8:]):
            found |= {digit.astype(np.uint8).tobytes() for digit in quarter}
    return found


def test_the_defaults():
    data = load("multi_digits")
    assert sorted(data.tasks) == ["left", "right"]
    assert data.tasks["left"].num_outputs == 10
    assert data.input_shape == (24, 24, 1)
    sizes = [s.num_samples for s in (data.train, data.validation, data.test)]
    assert sizes == [6400, 300, 360]
    assert data.options["pairs"] == "fresh"
    images, labels = data.train.dataset().element_spec
    assert images.shape == (64, 24, 24, 1)
    assert images.dtype == "float32"
    assert labels["left"].dtype == "int32"


def test_no_digit_is_in_two_splits(elements):
    data = load("multi_digits", offset=8, size=32, batch_size=64)
    parts = [
        digits_of(data, part, elements)
        for part in ("train", "validation", "test")
    ]
    real = {digit.astype(np.uint8).tobytes() for digit in load_digits().images}
    assert all(part <= real for part in parts)
    assert not parts[0] & parts[1]
    assert not parts[0] & parts[2]
    assert not parts[1] & parts[2]


def test_every_part_has_all_classes_in_proportion(elements):
    data = load("multi_digits")
    for split in (data.validation, data.test):
        left = [labels["left"] for _, labels in elements(split.dataset())]
        counts = np.bincount(np.concatenate(left), minlength=10)
        assert counts.min() >= 0.8 * split.num_samples / 10


def test_the_seed_moves_training_and_not_the_test(elements, same):
    first, second = (load("multi_digits", seed=seed) for seed in (0, 1))
    assert same(elements(first.test.dataset()), elements(second.test.dataset()))
    assert not same(
        elements(first.train.dataset(), 1), elements(second.train.dataset(), 1)
    )
    other = load("multi_digits", split_seed=1)
    assert not same(
        elements(first.test.dataset()), elements(other.test.dataset())
    )


def test_without_validation():
    data = load("multi_digits", validation=0)
    assert data.validation is None
    assert data.options["validation"] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"offset": 9}, r"`data\.offset` must be an integer in 0\.\.8"),
        ({"offset": [4, 4]}, r"`data\.offset` must be an integer"),
        ({"size": "24"}, r"`data\.size` must be an integer"),
        ({"pairs": "new"}, r"`data\.pairs` must be one of fixed, fresh"),
        ({"train_size": 0}, r"`data\.train_size` must be an integer, 1 or"),
        ({"train_size": 10}, "`batch_size` is 64 .* has 10 samples"),
        ({"validation": 1437}, "asks for 1437 of 1437 samples"),
        ({"split_seed": -1}, r"`data\.split_seed` must be an integer"),
        ({"seed": -1}, r"`data\.seed` must be an integer"),
        ({"batch_size": 0}, r"`data\.batch_size` must be an integer"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ConfigError, match=message):
        load("multi_digits", **options)
