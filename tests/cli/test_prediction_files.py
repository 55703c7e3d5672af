import csv
import json
from pathlib import Path

import pytest

from keras_mtl.cli.prediction_files import write_predictions
from keras_mtl.errors import DataError

ROWS = [
    {"label": "a", "probabilities": {"a": 0.75, "b": 0.25}},
    {"label": "b", "probabilities": {"a": 0.5, "b": 0.5}},
]


def test_json_and_csv_hold_the_same(tmp_path):
    for ending in ("json", "csv"):
        path = tmp_path / f"new/x.left.{ending}"
        write_predictions(path, Path("x.png"), "left", ROWS)
    content = json.loads((tmp_path / "new/x.left.json").read_text())
    assert content["predictions"] == ROWS
    with (tmp_path / "new/x.left.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {
        "sample": "0",
        "label": "a",
        "p(a)": "0.75",
        "p(b)": "0.25",
    }


def test_binary_labels_and_values_have_columns(tmp_path):
    path = tmp_path / "x.csv"
    rows = [{"labels": ["a", "b"], "probabilities": {"a": 0.9}}]
    write_predictions(path, Path("x"), "t", rows)
    assert path.read_text() == "sample,labels,p(a)\n0,a b,0.9\n"
    write_predictions(path, Path("x"), "t", [{"values": [1.5, 2.5]}])
    assert path.read_text() == "sample,value_0,value_1\n0,1.5,2.5\n"


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="Could not write"):
        write_predictions(tmp_path / "file/x.json", Path("x"), "t", ROWS)
