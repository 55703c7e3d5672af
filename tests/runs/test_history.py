import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.errors import DataError
from keras_mtl.runs.history import read_history, write_history

numbers = st.floats(allow_nan=False, width=32)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), numbers), max_size=4))
def test_rows_come_back_equal(tmp_path_factory, logs):
    path = tmp_path_factory.mktemp("history") / "history.csv"
    rows = [
        {"epoch": i + 1, "step": 10 * i, "seconds": 0.5, **values}
        for i, values in enumerate(logs)
    ]
    write_history(path, rows)
    assert read_history(path) == rows
    assert all(isinstance(row["epoch"], int) for row in read_history(path))


def test_no_file_is_no_rows(tmp_path):
    assert read_history(tmp_path / "history.csv") == []


def test_a_foreign_file_is_an_error(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss\none,two\n")
    with pytest.raises(DataError, match="not a history of numbers"):
        read_history(path)
