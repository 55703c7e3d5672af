import json
import os

import pytest

from keras_mtl.errors import DataError
from keras_mtl.runs.atomic import (
    disk_errors,
    read_json,
    remove_temporary,
    replacing,
    write_json,
    write_text,
)


def test_a_failed_write_keeps_the_old_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def fail():
        with replacing(path) as temporary:
            temporary.write_text("new")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_temporary_name_keeps_the_ending(tmp_path):
    with replacing(tmp_path / "last.weights.h5") as temporary:
        assert temporary.name.endswith(".weights.h5")
        temporary.write_text("")


def test_disk_errors_name_the_fix(tmp_path):
    with pytest.raises(DataError, match="Free space"), disk_errors(tmp_path):
        raise OSError(28, os.strerror(28))


def test_json_is_json_even_with_nan(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": [float("nan"), float("inf"), 1.5]})
    assert json.loads(path.read_text()) == {"a": [None, None, 1.5]}
    path.write_text("{")
    with pytest.raises(DataError, match=r"a.json"):
        read_json(path)


def test_what_was_half_written_is_removed(tmp_path):
    for name in (".tmp-1-history.csv", "history.csv"):
        (tmp_path / name).touch()
    remove_temporary(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]
