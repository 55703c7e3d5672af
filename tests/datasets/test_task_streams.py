"""A stream per task: how lengths combine, and what has run dry."""

import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.datasets import zip_tasks
from keras_mtl.errors import DataError


def stream(count, size=2, start=0, weights=False):
    """Batches of `size` samples that are numbered from `start`."""
    x = np.arange(start, start + count * size, dtype="float32")
    parts = (x, 10 * x, np.ones_like(x)) if weights else (x, 10 * x)
    return tf.data.Dataset.from_tensor_slices(parts).batch(size)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("min_size", [0, 2]), ("max_size_cycle", [0, 2, 0])],
)
def test_how_lengths_combine(mode, expected):
    streams = {"a": stream(2), "b": stream(3, size=4, start=100)}
    found = list(zip_tasks(streams, mode).as_numpy_iterator())
    assert [x["a"][0] for x, _ in found] == expected
    assert zip_tasks(streams, mode).cardinality() == len(expected)
    for x, y in found:
        assert x["b"].shape == (4,)
        np.testing.assert_array_equal(y["b"], 10 * x["b"])


def test_weights_of_some_tasks_are_kept():
    streams = {"a": stream(1, weights=True), "b": stream(1)}
    ((_, _, weights),) = zip_tasks(streams).as_numpy_iterator()
    assert list(weights) == ["a"]


def test_an_endless_stream_makes_an_endless_one():
    streams = {"a": stream(1).repeat(), "b": stream(2)}
    zipped = zip_tasks(streams)
    assert zipped.cardinality() == tf.data.INFINITE_CARDINALITY
    firsts = [x["b"][0] for x, _ in zipped.take(3).as_numpy_iterator()]
    assert firsts == [0, 2, 0]


def test_a_stream_that_has_run_dry_is_refused_by_name():
    with pytest.raises(DataError, match=r"task 'b' has run dry"):
        zip_tasks({"a": stream(1), "b": stream(0)})


def test_an_unknown_length_is_refused_where_it_matters():
    unknown = stream(2).filter(lambda x, y: True)
    with pytest.raises(DataError, match=r"length of the streams of \['a'\]"):
        zip_tasks({"a": unknown, "b": stream(1)})
    zipped = zip_tasks({"a": unknown, "b": stream(1)}, "min_size")
    assert len(list(zipped)) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({},), r"Expected one stream or more"),
        (({"a": stream(1)}, "longest"), r"mode='longest'"),
        (({"a": tf.data.Dataset.range(2)},), r"must hold \(x, y\)"),
    ],
)
def test_what_cannot_be_zipped_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        zip_tasks(*arguments)
