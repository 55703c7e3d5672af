import numpy as np
import pytest

from keras_mtl.datasets import TaskSpec, from_arrays
from keras_mtl.errors import ConfigError, DataError

TASKS = (TaskSpec("load", "regression", 1), TaskSpec("kind", "binary", 1))
INPUTS = np.arange(20, dtype="float32").reshape(10, 2)
LABELS = {"load": np.arange(10.0), "kind": np.arange(10) % 2}


def make(inputs=INPUTS, labels=LABELS, **options):
    options = {"batch_size": 2, **options}
    return from_arrays("toy", tasks=TASKS, train=(inputs, labels), **options)


def test_rows_stay_together(elements):
    for inputs, labels in elements(make().train.dataset()):
        np.testing.assert_array_equal(inputs[:, 0] / 2, labels["load"][:, 0])
        np.testing.assert_array_equal(
            labels["load"] % 2, labels["kind"].astype(float)
        )


def test_complete_labels_come_without_weights(elements):
    data = make(test=(INPUTS[:3], {k: v[:3] for k, v in LABELS.items()}))
    assert all(len(element) == 2 for element in elements(data.test.dataset()))
    assert data.validation is None
    assert data.input_shape == (2,)


def test_one_missing_label_gives_weights_in_every_split(elements):
    labels = {"load": np.full(4, np.nan), "kind": [0, 1, 1, 0]}
    data = make(validation=(INPUTS[:4], labels))
    for split, expected in ((data.train, 1.0), (data.validation, 0.0)):
        for _, values, weights in elements(split.dataset()):
            assert set(weights["load"]) == {expected}
            assert set(weights["kind"]) == {1.0}
            assert weights["load"].dtype == np.float32
            assert np.isfinite(values["load"]).all()


def test_prepare_runs_on_each_batch(elements):
    data = make(prepare=lambda batch: batch * 10)
    assert max(x.max() for x, _ in elements(data.train.dataset())) == 190


def test_the_fingerprint_is_of_contents_options_and_seed():
    changed = INPUTS.copy()
    changed[0, 0] = 9
    given = [
        make(),
        make(inputs=changed),
        make(labels={**LABELS, "load": np.ones(10)}),
        make(seed=1),
        make(options={"a": 1}),
        make(validation=(INPUTS, LABELS)),
    ]
    assert len({data.fingerprint for data in given}) == len(given)
    same = make(options={"dir": "elsewhere"}, batch_size=5)
    assert same.fingerprint == make().fingerprint
    # The contents are the same, whatever seed and options are.
    assert make(seed=1).contents == make().contents


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_input_that_is_not_finite_is_named(value):
    inputs = INPUTS.copy()
    inputs[4, 1] = value
    with pytest.raises(
        DataError, match=r"toy, train split: 1 sample.*first is sample 4"
    ):
        make(inputs)


def test_other_tasks_are_refused():
    with pytest.raises(DataError, match=r"\['kind', 'load'\].*\['load'\]"):
        make(labels={"load": np.arange(10)})


def test_an_empty_training_split_is_refused():
    labels = {"load": [], "kind": []}
    with pytest.raises(ConfigError, match="training split of 'toy' is empty"):
        make(INPUTS[:0], labels)


@pytest.mark.parametrize("size", [0, -1, 2.0, True])
def test_a_bad_batch_size_is_refused(size):
    with pytest.raises(ConfigError, match=r"`data\.batch_size` must be an in"):
        make(batch_size=size)
