import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.config import build
from keras_mtl.config import load as load_config
from keras_mtl.datasets import load
from keras_mtl.errors import ConfigError, DataError

TEXT = """age, job, sick, grade, who, fold
20, cook, yes, 1, a, train
30, ?, no, 2, a, train
?, smith, , 3, b, train
40, cook, no, ?, b, val
50, pilot, yes, 1, c, test
"""
TASKS = {
    "sick": {"kind": "binary", "positive": ["yes"]},
    "grade": {"kind": "classification"},
}


@pytest.fixture
def make(tmp_path):
    """Writes a table and loads it."""

    def call(text=TEXT, **options):
        (tmp_path / "table.csv").write_text(text)
        options = {
            "tasks": TASKS,
            "file": "table.csv",
            "batch_size": 1,
            "split": "fold",
            "ignore": ["who"],
            **options,
        }
        return load("csv", dir=str(tmp_path), **options)

    return call


def rows(elements, split):
    """Features, labels and weights of a split, sorted by the features."""
    found = [
        (batch[0][0].tolist(), *(
            {task: np.ravel(v).tolist() for task, v in part.items()}
            for part in batch[1:]
        ))
        for batch in elements(split.dataset())
    ]  # fmt: skip
    return sorted(found, key=lambda row: row[0])


def test_numbers_and_categories_are_those_of_the_training_rows(elements, make):
    data = make()
    # The mean of 20 and 30 is 25, the deviation 5; then the flag of a missing
    # number; then the categories "", cook and smith.
    assert data.input_shape == (5,)
    train = rows(elements, data.train)
    assert [row[0] for row in train] == [
        [-1, 0, 0, 1, 0],
        [0, 1, 0, 0, 1],
        [1, 0, 1, 0, 0],
    ]
    assert rows(elements, data.test)[0][0] == [5, 0, 0, 0, 0]


def test_missing_labels_have_no_weight(elements, make):
    data = make()
    cook, smith, nobody = rows(elements, data.train)
    assert cook[1:] == (
        {"sick": [1], "grade": [0]},
        {"sick": [1], "grade": [1]},
    )
    assert smith[2] == {"sick": [0], "grade": [1]}
    assert nobody[1] == {"sick": [0], "grade": [1]}
    assert rows(elements, data.validation)[0][2]["grade"] == [0]
    assert data.tasks["grade"].class_names == ("1", "2", "3")


def test_ids_count_from_one_and_unknown_is_zero(elements, make):
    data = make(encoding="ids")
    assert sorted(r[0][2] for r in rows(elements, data.train)) == [1, 2, 3]
    assert rows(elements, data.test)[0][0][2] == 0


def test_columns_that_look_like_numbers_can_be_categories(make):
    assert make(categorical=["age"]).input_shape == (6,)


def test_parts_may_be_files_plain_or_gzip(elements, tmp_path):
    (tmp_path / "a.data").write_text("1;2\n3;5\n\n# note\n")
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"9;7.\n"))
    data = load(
        "csv",
        dir=str(tmp_path),
        file={"train": "a.data", "test": "b.gz"},
        columns=["x", "y"],
        delimiter=";",
        comment="#",
        tasks={"y": {"kind": "regression"}},
        validation=0,
        batch_size=1,
    )
    assert data.train.num_samples == 2
    x, y = elements(data.test.dataset())[0]
    assert (x.tolist(), y["y"].tolist()) == ([[7.0]], [[7.0]])
    assert data.validation is None


def test_a_regression_can_be_standardised(elements, make):
    data = make(
        tasks={"age": {"kind": "regression", "standardise": True}},
        inputs=["job"],
    )
    labels = [row[1]["age"][0] for row in rows(elements, data.train)]
    assert sorted(labels) == [-1, 0, 1]
    assert rows(elements, data.test)[0][1]["age"] == [5]


@settings(max_examples=15)
@given(
    sizes=st.lists(st.integers(1, 5), min_size=4, max_size=8),
    seed=st.integers(0, 9),
)
def test_groups_stay_together(tmp_path_factory, elements, sizes, seed):
    folder = tmp_path_factory.mktemp("groups")
    lines = [f"{g},{g}" for g, size in enumerate(sizes) for _ in range(size)]
    (folder / "t.csv").write_text("\n".join(["g,x", *lines]))
    data = load(
        "csv",
        dir=str(folder),
        file="t.csv",
        group="g",
        tasks={"y": {"kind": "regression", "column": "x"}},
        inputs=["g"],
        categorical=["g"],
        validation=1,
        test=1,
        split_seed=seed,
        batch_size=1,
    )
    found = [
        {float(y["y"][0, 0]) for _, y in elements(split.dataset())}
        for split in (data.train, data.validation, data.test)
    ]
    assert sum(len(part) for part in found) == len(sizes)
    assert set.union(*found) == set(range(len(sizes)))


def test_random_parts_keep_the_proportions(elements, tmp_path):
    lines = [f"{i},{'yes' if i % 5 == 0 else 'no'}" for i in range(50)]
    (tmp_path / "t.csv").write_text("\n".join(["x,y", *lines]))
    data = load(
        "csv",
        dir=str(tmp_path),
        file="t.csv",
        tasks={"y": {"kind": "binary", "positive": ["yes"]}},
        validation=0.2,
        test=0.2,
        batch_size=10,
    )
    for split in (data.validation, data.test):
        (_, labels), = elements(split.dataset())  # fmt: skip
        assert labels["y"].sum() == 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("30,", "thirty,", r"table\.csv, line 3: the cell 'thirty' of col"),
        ("30, ?, no, 2, a,", "30, ?, no,", r"line 3: expected 6 cells"),
        ("1, c", "9, c", r"line 6: the label '9' of task 'grade'.*'1', '2'"),
        ("val", "dev", r"line 5: the cell 'dev'.*`data\.split`"),
        ("age,", "job,", r"must name the columns, each once"),
    ],
)
def test_a_wrong_row_is_named(make, old, new, expected):
    with pytest.raises(DataError, match=expected):
        make(TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"split": "part"}, r"no column 'part', which `data\.split` names"),
        ({"inputs": ["height"]}, r"no column 'height', which `data\.inputs`"),
        ({"tasks": {"sex": {"kind": "binary"}}}, r"`data\.tasks\.sex` names"),
        ({"file": "other.csv"}, r"other\.csv cannot be read.*`data\.dir`"),
        ({"tasks": {"who": {"kind": "binary"}}}, r"line 2: the cell 'a'"),
    ],
)
def test_what_is_missing_is_named(make, options, expected):
    with pytest.raises(DataError, match=expected):
        make(**{"ignore": [], **options})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"tasks": {}}, r"`data\.tasks`"),
        ({"tasks": {"sick": {"kind": "depth"}}}, r"`data\.tasks\.sick`.*kind"),
        (
            {"tasks": {"sick": {"kind": "binary", "positive": ["si"]}}},
            r"positive` must be cells of sick, such as \['no', 'yes'\]",
        ),
        (
            {"tasks": {"sick": {"kind": "binary", "classes": []}}},
            r"sick\.classes` must be absent \(binary\)",
        ),
        ({"inputs": ["sick"]}, r"`data\.inputs`.*no task predicts"),
        ({"encoding": "hash"}, r"`data\.encoding`"),
        ({"delimiter": ", "}, r"`data\.delimiter`"),
        ({"file": {"test": "table.csv"}}, r"`data\.file`.*`train`"),
        ({"columns": ["a", "a"]}, r"`data\.columns` must be names that diff"),
    ],
)
def test_wrong_options_are_named(make, options, expected):
    with pytest.raises(ConfigError, match=expected):
        make(**options)


def test_labels_that_are_not_0_or_1_need_positive(make):
    text = TEXT.replace("yes", "2").replace("no", "0")
    with pytest.raises(DataError, match=r"line 2: .* must be 0 or 1.*positive"):
        make(text, tasks={"sick": {"kind": "binary"}})


def test_a_damaged_gzip_file_is_named(make, tmp_path):
    (tmp_path / "bad.gz").write_bytes(gzip.compress(b"a,b\n1,2\n")[:-6])
    with pytest.raises(DataError, match=r"bad\.gz is a damaged gzip"):
        make(file="bad.gz")


@pytest.mark.data
@pytest.mark.parametrize(
    ("preset", "folder", "sizes"),
    [
        ("adult", "Adult", (29305, 3256, 16281)),
        ("energy_efficiency", "EnergyEfficiency", (537, 77, 154)),
        ("parkinsons", "ParkinsonsTelemonitoring", None),
    ],
)
def test_real_tables(data_dir, monkeypatch, preset, folder, sizes):
    monkeypatch.setenv("KERAS_MTL_DATA", data_dir(folder) + "/..")
    data = build(load_config(preset)).data
    found = [s.num_samples for s in (data.train, data.validation, data.test)]
    if sizes is None:  # whole patients
        assert sum(found) == 5875
        assert min(found) > 500
    else:
        assert tuple(found) == sizes
