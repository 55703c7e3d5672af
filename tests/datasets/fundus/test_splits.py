import pytest

from keras_mtl.datasets.fundus.samples import Samples
from keras_mtl.datasets.fundus.splits import split_samples
from keras_mtl.errors import ConfigError


def samples(count, prefix=""):
    names = tuple(f"{prefix}{i}" for i in range(count))
    yes = tuple(float(i % 4 == 0) for i in range(count))
    return Samples(names, names, {"glaucoma": yes})


def test_what_is_not_released_is_drawn_with_like_shares():
    parts = split_samples(
        {"all": samples(40)}, 8, 0.2, None, seed=3, alike="glaucoma"
    )
    assert {part: len(some) for part, some in parts.items()} == {
        "train": 24,
        "validation": 8,
        "test": 8,
    }
    for some in parts.values():
        assert sum(some.labels["glaucoma"]) == len(some) / 4
    names = [name for some in parts.values() for name in some.ids]
    assert len(set(names)) == 40


def test_released_parts_stay():
    found = {"train": samples(10), "test": samples(5, "t")}
    parts = split_samples(found, 0, None, None, seed=0)
    assert parts == found
    with pytest.raises(ConfigError, match="a test part of its own"):
        split_samples(found, 0, 3, None, seed=0)


def test_an_image_belongs_to_one_part():
    with pytest.raises(ConfigError, match="names '1' twice"):
        split_samples(
            {"all": samples(3)},
            None,
            None,
            {"train": ["1"], "test": ["1"]},
            seed=0,
        )
