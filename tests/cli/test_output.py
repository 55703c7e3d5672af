import pytest

from keras_mtl.cli.output import (
    byte_size,
    counted,
    print_metrics,
    print_table,
)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (12, "12 B"),
        (1536, "1.5 KiB"),
        (3 * 2**20, "3.0 MiB"),
        (2**31, "2.0 GiB"),
    ],
)
def test_bytes_in_the_unit_that_suits_them(size, text):
    assert byte_size(size) == text


def test_numbers_have_separators():
    assert counted(41330) == "41,330"


def test_metrics_are_one_row_a_task(capsys):
    print_metrics({"left": {"accuracy": 0.5}, "right": {"loss": 2.0}}, "Test")
    output = capsys.readouterr().out
    assert [line.split() for line in output.splitlines() if "." in line] == [
        ["left", "0.5000"],
        ["right", "2.0000"],
    ]


def test_brackets_are_text_and_no_cell_is_cut(capsys):
    print_table(["a"], [["[bold]x[/bold]" + "y" * 100]])
    assert "[bold]x[/bold]" + "y" * 100 in capsys.readouterr().out
