"""When two runs do the same."""

from keras_mtl.sweeps.trial import key_of

RESOLVED = {
    "name": "a",
    "fit": {"epochs": 2, "mode": None},
    "callbacks": [{"name": "roaming", "seed": None}],
    "model": {"widths": (4, 8)},
}


def test_neither_the_name_nor_an_option_that_is_off_counts():
    same = {
        "model": {"widths": [4, 8]},
        "callbacks": [{"name": "roaming"}],
        "fit": {"epochs": 2},
        "transfer": None,
        "name": "b",
    }
    assert key_of(RESOLVED) == key_of(same)


def test_everything_else_counts():
    for changed in (
        {"fit": {"epochs": 3}},
        {"fit": {"epochs": 2, "mode": "min"}},
        {"callbacks": []},
        {"model": {"widths": [8, 4]}},
        {"precision": 0},
    ):
        assert key_of({**RESOLVED, **changed}) != key_of(RESOLVED)
