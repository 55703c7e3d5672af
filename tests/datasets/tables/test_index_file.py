import json

import pytest

from keras_mtl.datasets.tables.index_file import read_index
from keras_mtl.errors import DataError

openpyxl = pytest.importorskip("openpyxl")


def save(path, rows, title="One"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_spreadsheet_with_a_title_above_its_header(tmp_path):
    rows = [
        ["Decisions"],
        [],
        ["name", None, "x"],
        ["a", 7, 1.0],
        ["b", 8, 2.5],
    ]
    table = read_index(save(tmp_path / "t.xlsx", rows), "name")
    assert table.columns == ("name", "x")
    assert table.cells == (("a", "b"), ("1", "2.5"))
    assert [line for _, line in table.places] == [4, 5]


def test_a_sheet_by_name(tmp_path):
    path = save(tmp_path / "t.xlsx", [["name"], ["a"]])
    assert len(read_index(path, "name", "One")) == 1
    with pytest.raises(DataError, match=r"no sheet 'Two'\. There are: One"):
        read_index(path, "name", "Two")


def test_what_is_no_table_is_named(tmp_path):
    path = save(tmp_path / "t.xlsx", [["id", "x"]])
    with pytest.raises(DataError, match=r"no column 'name'.*: id, x"):
        read_index(path, "name")
    with pytest.raises(DataError, match="no row below"):
        read_index(path, "id")
    path.write_bytes(b"PK nothing")
    with pytest.raises(DataError, match=r"t\.xlsx is not a readable"):
        read_index(path, "id")


@pytest.mark.parametrize("kind", [list, dict])
def test_json(tmp_path, kind):
    rows = [{"name": "a", "x": 1}, {"name": "b", "x": None}]
    found = rows if kind is list else {str(i): r for i, r in enumerate(rows)}
    path = tmp_path / "index.json"
    path.write_text(json.dumps(found))
    table = read_index(path, "name")
    assert table.column("x") == ("1", "")
    path.write_text("[1, 2]")
    with pytest.raises(DataError, match="a list of objects"):
        read_index(path, "name")
    path.write_text("{")
    with pytest.raises(DataError, match="not readable JSON"):
        read_index(path, "name")


def test_text(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("name,x\na,1\n")
    assert read_index(path, "name").column("x") == ("1",)
