from collections import Counter

import numpy as np
import pytest

from keras_mtl.config import build
from keras_mtl.config import load as load_config
from keras_mtl.datasets import TaskSpec, from_arrays
from keras_mtl.datasets.modes import arranged
from keras_mtl.errors import ConfigError, DataError

# Task a has 8 labelled samples, numbers 0 to 7, and task b 20.
SIZES = {"a": 8, "b": 20}


def make(mode, batch_size=4, seed=0, **options):
    values = np.arange(28.0)
    data = from_arrays(
        "toy",
        tasks=[TaskSpec(task, "regression", 1) for task in "ab"],
        train=(
            values[:, None],
            {
                "a": np.where(values < 8, values, np.nan),
                "b": np.where(values < 8, np.nan, values),
            },
        ),
        validation=(values[:, None], {"a": values, "b": values}),
        batch_size=batch_size,
        seed=seed,
    )
    return arranged(data, mode, **options)


def numbers(batches, task):
    return [int(x) for batch in batches for x in batch[0][task][:, 0]]


def test_every_task_has_a_stream_of_its_own(elements):
    train = make("per_task").train
    assert train.num_batches == 5
    batches = elements(train.dataset())
    assert len(batches) == 5
    for x, y, w in batches:
        for task in "ab":
            np.testing.assert_array_equal(x[task], y[task])
            assert set(w[task]) == {1}
    assert sorted(numbers(batches, "b")) == list(range(8, 28))
    # Two batches of its own make an epoch of the shorter one.
    found = numbers(elements(train.stream(), 6), "a")
    for epoch in range(3):
        assert sorted(found[8 * epoch : 8 * epoch + 8]) == list(range(8))
    assert found[:8] != found[8:16]


def test_the_shorter_task_can_end_an_epoch(elements):
    train = make("per_task", length="min_size").train
    assert train.num_batches == 2
    batches = elements(train.stream(), 5)
    # The longer one goes on where it was.
    assert sorted(numbers(batches, "b")) == list(range(8, 28))


def test_proportional_turns_give_every_sample_once(elements):
    train = make("alternate").train
    assert train.num_batches == 7
    seen = {"a": [], "b": []}
    for x, y, w in elements(train.dataset(3)):
        (task,) = (task for task in "ab" if w[task].any())
        np.testing.assert_array_equal(y[task], x)
        assert w[task].min() == 1
        seen[task] += x[:, 0].tolist()
    assert sorted(seen["a"]) == list(range(8))
    assert sorted(seen["b"]) == list(range(8, 28))


def test_uniform_turns_are_as_many_for_all(elements):
    train = make("alternate", turns="uniform").train
    batches = elements(train.dataset())
    turns = Counter("a" if w["a"].any() else "b" for _, _, w in batches)
    assert turns == {"a": 4, "b": 4}
    order = [bool(w["a"].any()) for _, _, w in batches]
    other = [bool(w["a"].any()) for *_, w in elements(train.dataset(1))]
    assert order != other


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("per_task", {}),
        ("per_task", {"length": "min_size"}),
        ("alternate", {}),
        ("alternate", {"turns": "uniform"}),
    ],
)
def test_a_stream_from_anywhere_is_the_rest_of_the_whole(
    elements, same, mode, options
):
    data = make(mode, **options)
    size = data.train.num_batches
    whole = elements(data.train_stream(), 3 * size)
    for epoch, batch in ((0, 1), (2, size - 1)):
        rest = whole[epoch * size + batch :]
        assert same(elements(data.train_stream(epoch, batch), len(rest)), rest)
    assert same(elements(data.train.dataset(1)), whole[size : 2 * size])


def test_seeds_differ_and_so_do_fingerprints(elements, same):
    first, other = (
        elements(make("per_task", seed=seed).train.dataset()) for seed in (0, 1)
    )
    assert not same(first, other)
    prints = {
        make(mode, **options).fingerprint
        for mode, options in (
            ("shared", {}),
            ("per_task", {}),
            ("per_task", {"length": "min_size"}),
            ("alternate", {}),
        )
    }
    assert len(prints) == 4


def test_evaluation_stays_as_it_is(elements):
    x, y, _ = elements(make("per_task").validation.dataset())[0]
    np.testing.assert_array_equal(x, y["a"])


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"mode": "solo"}, "mode"),
        ({"mode": "per_task", "length": "long"}, "length"),
        ({"mode": "alternate", "turns": "random"}, "turns"),
    ],
)
def test_wrong_options_are_named(options, name):
    with pytest.raises(ConfigError, match=rf"`data\.{name}` must be one of"):
        make(**options)


def test_a_task_without_labels_is_named():
    data = from_arrays(
        "toy",
        tasks=[TaskSpec("a", "regression", 1), TaskSpec("b", "regression", 1)],
        train=(np.ones((4, 1)), {"a": np.ones(4), "b": np.full(4, np.nan)}),
        batch_size=2,
    )
    with pytest.raises(DataError, match=r"No training sample .* task 'b'"):
        arranged(data, "per_task")


CONFIG = """# A test.
data:
  name: multi_digits
  train_size: 64
  batch_size: 16
  mode: {mode}
model: {{name: mlp, units: [8]}}
trainer: {{name: {trainer}}}
"""


@pytest.mark.parametrize(
    ("mode", "trainer"),
    [("per_task", "independent"), ("alternate", "shared")],
)
def test_a_configuration_can_ask_for_it(tmp_path, mode, trainer):
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG.format(mode=mode, trainer=trainer))
    experiment = build(load_config(str(path)))
    data = experiment.data
    assert data.train.num_batches == (4 if mode == "per_task" else 8)
    history = experiment.trainer.fit(
        data.train_stream(),
        steps_per_epoch=2,
        validation_data=data.validation.dataset().take(1),
        verbose=0,
    ).history
    assert all(np.isfinite(values).all() for values in history.values())


def test_a_configuration_without_it_resolves_as_before(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("# A test.\ndata: multi_digits\nmodel: lenet\n")
    assert "mode" not in load_config(str(path)).config.data
