"""What a network took over: the tables, and the file of a run."""

import json
from types import SimpleNamespace

from keras_mtl.cli.transfer_tables import (
    layer_rows,
    print_transfer,
    write_transfer,
)
from keras_mtl.transfer import (
    ClassifierReport,
    ClassOrigin,
    LayerTransfer,
    TransferReport,
)

REPORT = TransferReport(
    "old.keras",
    (
        LayerTransfer("one", "matched", "uno", ((2, 3), (3,)), ((2, 3), (3,))),
        LayerTransfer("two", "mismatched", "two", ((3,),), ((4,),)),
        LayerTransfer("head", "random", None, ((3, 1),)),
    ),
    ("top",),
)
CLASSES = ClassifierReport(
    (ClassOrigin("cat", {"dog": 1.0}, {"dog": 0.5}, 3),), ("'cow' is unknown.",)
)


def experiment(**changes):
    parts = {
        "block": SimpleNamespace(weights="old.keras"),
        "report": REPORT,
        "classifiers": {"animal": CLASSES},
        "frozen": ["one"],
        "rates": {"two": (0.5, 0), "head": (1.0, 3)},
        "as_dict": lambda: {"weights": REPORT.as_dict()},
        **changes,
    }
    return SimpleNamespace(transfer=SimpleNamespace(**parts))


def test_how_each_layer_is_trained():
    assert layer_rows(experiment().transfer) == [
        ["one", "matched", "uno", "2x3 3", "frozen"],
        ["two", "mismatched", "two", "3, not 4", "learning rate x 0.5"],
        ["head", "random", "-", "3x1", "from epoch 3"],
    ]


def test_the_tables(capsys):
    print_transfer(experiment())
    text = capsys.readouterr().out
    for part in ("old.keras", "without use: top", "dog 100%", "Note: 'cow'"):
        assert part in text


def test_nothing_without_a_transfer(capsys, tmp_path):
    for one in (experiment(block=None), SimpleNamespace(transfer=None)):
        print_transfer(one)
        write_transfer(one, tmp_path)
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_run(tmp_path):
    write_transfer(experiment(), tmp_path)
    found = json.loads((tmp_path / "transfer.json").read_text())
    assert found["weights"]["layers"][0]["layer"] == "one"
