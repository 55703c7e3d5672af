import csv
import math

import pytest

from keras_mtl.errors import DataError
from keras_mtl.runs.flatness_file import write_flatness


def test_one_row_a_task_and_bound(tmp_path):
    curves = {"a": {0.0: 0.25, 0.01: 0.5}, "b": {0.0: math.nan}}
    path = write_flatness(tmp_path, curves)
    assert path == tmp_path / "flatness.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["task"], float(r["bound"])) for r in rows] == [
        ("a", 0.0),
        ("a", 0.01),
        ("b", 0.0),
    ]
    assert float(rows[1]["loss"]) == 0.5
    assert math.isnan(float(rows[2]["loss"]))


def test_the_old_file_is_replaced(tmp_path):
    write_flatness(tmp_path, {"a": {0.0: 1.0, 0.5: 2.0}})
    write_flatness(tmp_path, {"a": {0.0: 3.0}})
    text = (tmp_path / "flatness.csv").read_text()
    assert text == "task,bound,loss\na,0.0,3.0\n"
    assert [path.name for path in tmp_path.iterdir()] == ["flatness.csv"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="Could not write"):
        write_flatness(tmp_path / "none", {"a": {0.0: 1.0}})
