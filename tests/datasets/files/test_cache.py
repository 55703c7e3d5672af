import os
import re

import numpy as np
import pytest

from keras_mtl.datasets.files import cache
from keras_mtl.datasets.files.array_files import array_files
from keras_mtl.datasets.files.records import Records
from keras_mtl.errors import DataError


@pytest.fixture
def records(tmp_path):
    """Three arrays of 2x2x1 that hold their number."""
    for number in range(3):
        np.save(tmp_path / f"{number}.npy", np.full((2, 2, 1), number, "f4"))
    paths = [str(tmp_path / f"{number}.npy") for number in range(3)]
    return Records({"image": array_files(paths)})


def values(tensors):
    return tensors["image"].numpy()[:, 0, 0, 0].tolist()


def test_what_was_decoded_is_found_again(records, tmp_path, monkeypatch):
    home = tmp_path / "cache"
    assert values(cache.on_disk(records, home, "toy")) == [0, 1, 2]
    monkeypatch.setattr(cache, "_build", None)  # nothing is built again
    assert values(cache.on_disk(records, home, "toy")) == [0, 1, 2]
    assert values(cache.in_memory(records)) == [0, 1, 2]


def test_changed_files_are_decoded_anew(records, tmp_path):
    home = tmp_path / "cache"
    cache.on_disk(records, home, "toy")
    path = tmp_path / "1.npy"
    np.save(path, np.full((2, 2, 1), 9, "f4"))
    os.utime(path, ns=(1, 1))  # the same size, another time
    assert values(cache.on_disk(records, home, "toy")) == [0, 9, 2]
    assert values(cache.on_disk(records.take([2, 0]), home, "toy")) == [2, 0]


def test_another_size_is_another_cache(records, tmp_path):
    home = tmp_path / "cache"
    paths = records.files["image"].paths
    cache.on_disk(records, home, "toy")
    small = Records({"image": array_files(paths, (1, 1))})
    assert cache.on_disk(small, home, "toy")["image"].shape == (3, 1, 1, 1)
    assert len(list(home.iterdir())) == 2


def test_a_damaged_cache_is_made_again(records, tmp_path):
    home = tmp_path / "cache"
    cache.on_disk(records, home, "toy")
    (path,) = home.glob("*/image.npy")
    path.write_bytes(path.read_bytes()[:-8])
    assert values(cache.on_disk(records, home, "toy")) == [0, 1, 2]


def test_a_cache_that_fails_leaves_nothing(records, tmp_path):
    home = tmp_path / "cache"
    (tmp_path / "2.npy").write_bytes(b"short")
    with pytest.raises(Exception, match=r"(?i)input to reshape|decode|bytes"):
        cache.on_disk(records, home, "toy")
    assert list(home.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(records, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot be written.*data\.cache_dir"):
        cache.on_disk(records, tmp_path / "file", "toy")


def test_what_does_not_fit_into_memory_is_refused(records, monkeypatch):
    monkeypatch.setattr(cache, "_free_memory", lambda: 50)
    with pytest.raises(DataError, match=r"`data\.cache: memory` needs"):
        cache.in_memory(records)


def test_where_caches_are(monkeypatch):
    monkeypatch.setenv("KERAS_MTL_CACHE", "/somewhere")
    assert str(cache.cache_folder(None)) == "/somewhere"
    assert str(cache.cache_folder("/else")) == "/else"
    monkeypatch.delenv("KERAS_MTL_CACHE")
    assert re.search(r"\.cache/keras_mtl$", str(cache.cache_folder(None)))
