import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.report import Options, compare, read_runs

SCORES = {"left": {"accuracy": 0.9}}
LOGITS = {"class": "keras:BinaryAccuracy", "config": {"threshold": 0.0}}
PROBABILITIES = {"class": "keras:BinaryAccuracy", "config": {"threshold": 0.5}}


def table(runs, **options):
    return compare(read_runs([runs.path]).runs, Options(**options))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data__name": "other"}, r"data.name: toy_digits \(.*a\), other"),
        ({"data__split_seed": 1}, r"data.split_seed: 0 \(.*a\), 1 \(.*b\)"),
    ],
)
def test_data_sets_and_splits_are_not_mixed(runs, change, message):
    runs.write("a", SCORES)
    runs.write("b", SCORES, **change)
    with pytest.raises(ConfigError, match=message):
        table(runs)


def test_an_option_that_does_not_matter_can_be_ignored(runs):
    runs.write("a", SCORES)
    runs.write("b", SCORES, data__split_seed=1, trainer__name="independent")
    assert len(table(runs, ignored=("data.split_seed",)).rows) == 2


def test_an_option_that_is_off_is_as_good_as_none(runs):
    runs.write("a", SCORES, seed=0)
    runs.write("b", SCORES, seed=1, data__crop=None, trainer__clip=None)
    assert [row.count for row in table(runs).rows] == [2]


def test_folders_and_batch_sizes_may_differ(runs):
    runs.write("a", SCORES)
    runs.write("b", SCORES, data__dir="/elsewhere", data__batch_size=8)
    assert len(table(runs).rows) == 2


def test_other_contents_under_one_name_are_refused(runs):
    runs.write("a", SCORES)
    other = {"data": {"name": "toy_digits", "contents": "def"}}
    runs.write("b", SCORES, seed=1, manifest=other)
    with pytest.raises(ConfigError, match=r"contents of its files differ: abc"):
        table(runs)


def test_definitions_are_not_mixed_by_name(runs):
    for name, found in (("a", LOGITS), ("b", PROBABILITIES)):
        recorded = {"left": {"accuracy": found, "loss": {"class": name}}}
        runs.write(
            name,
            {"left": {"accuracy": 0.9, "dice": 0.5, "loss": 1.0}},
            manifest={"metric_definitions": recorded},
            trainer__name=name,
        )
    with pytest.raises(ConfigError, match=r"'accuracy' of task 'left'"):
        table(runs)
    with pytest.raises(ConfigError, match=r"'accuracy' of task 'left'"):
        table(runs, average=True)
    assert len(table(runs, metrics=("dice",)).rows) == 2
