import hashlib
import inspect
import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.datasets import Split, load
from keras_mtl.datasets.random_numbers import key, uniform
from keras_mtl.errors import ConfigError


class Indices:
    """Samples that are their own index, with a number drawn each epoch."""

    shape = ()

    def __init__(self, num_samples):
        self.num_samples = num_samples

    def columns(self, epoch):
        drawn = uniform(self.num_samples, 1000, key(0, "test"), epoch)
        return {"drawn": drawn}

    def batch(self, index, columns):
        return index, {"task": columns["drawn"]}


def make(num_samples, batch_size, seed=0, training=True):
    return Split(Indices(num_samples), batch_size, seed, training)


def flat(batches):
    return np.concatenate([batch[0] for batch in batches]).tolist()


@settings(max_examples=20)
@given(st.integers(1, 40), st.integers(1, 9), st.integers(0, 50))
def test_an_epoch_has_no_index_twice(elements, num_samples, size, epoch):
    if size > num_samples:
        return
    split = make(num_samples, size)
    batches = elements(split.dataset(epoch))
    seen = flat(batches)
    assert len(batches) == split.num_batches == num_samples // size
    assert len(set(seen)) == len(seen) == split.num_batches * size


def test_an_epoch_of_whole_batches_has_every_index_once(elements):
    for epoch in range(3):
        seen = flat(elements(make(24, 6).dataset(epoch)))
        assert sorted(seen) == list(range(24))


def test_evaluation_keeps_the_order_and_the_remainder(elements):
    split = make(11, 4, training=False)
    batches = elements(split.dataset())
    assert flat(batches) == list(range(11))
    assert split.num_batches == len(batches) == 3
    assert len(batches[-1][0]) == 3


@pytest.fixture(scope="module")
def whole(elements):
    """A split of three batches an epoch, and its stream from the start."""
    split = make(11, 3)
    return split, elements(split.stream(), 20)


@settings(max_examples=12)
@given(epoch=st.integers(0, 3), batch=st.integers(0, 3))
def test_a_stream_from_anywhere_is_the_rest_of_the_whole(
    elements, same, whole, epoch, batch
):
    split, batches = whole
    skipped = epoch * split.num_batches + batch
    rest = batches[skipped:]
    assert same(elements(split.stream(epoch, batch), len(rest)), rest)


def test_the_stream_is_one_epoch_after_the_other(elements, same):
    split = make(10, 3)
    epochs = [elements(split.dataset(epoch)) for epoch in range(3)]
    assert same(
        elements(split.stream(), 9), [*epochs[0], *epochs[1], *epochs[2]]
    )


def test_epochs_and_seeds_differ(elements):
    split = make(50, 10)
    first, second = (flat(elements(split.dataset(e))) for e in (0, 1))
    other = flat(elements(make(50, 10, seed=1).dataset(0)))
    assert first != second
    assert first != other


def test_columns_are_drawn_anew_and_follow_the_index(elements):
    drawn = [{}, {}]
    for epoch in (0, 1):
        for index, labels in elements(make(20, 5).dataset(epoch)):
            drawn[epoch].update(zip(index, labels["task"], strict=True))
        expected = Indices(20).columns(tf.constant(epoch, tf.int64))["drawn"]
        assert [drawn[epoch][i] for i in range(20)] == expected.numpy().tolist()
    assert drawn[0] != drawn[1]


def test_shapes_and_lengths_are_static():
    split = make(10, 3)
    assert split.dataset().element_spec[0].shape == (3,)
    assert len(split.dataset()) == 3
    assert len(make(10, 3, training=False).dataset()) == 4
    assert int(split.stream().cardinality()) == tf.data.INFINITE_CARDINALITY


def digest():
    data = load("multi_digits", batch_size=8, train_size=64, seed=3)
    result = hashlib.sha256(data.fingerprint.encode())
    for images, labels in data.train_stream(1, 2).take(9):
        result.update(images.numpy())
        result.update(labels["right"].numpy())
    return result.hexdigest()


def test_another_process_gives_the_same_stream():
    code = "import hashlib\nfrom keras_mtl.datasets import load\n"
    code += f"{inspect.getsource(digest)}\nprint(digest())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
    )
    assert done.stdout.strip() == digest()


@pytest.mark.parametrize("training", [True, False])
def test_not_one_batch_is_refused_with_the_numbers(training):
    num_samples = 3 if training else 0
    with pytest.raises(
        ConfigError, match=rf"`batch_size` is 4 .* has {num_samples} samples"
    ):
        make(num_samples, 4, training=training)


@pytest.mark.parametrize("position", [(-1, 0), (0, -1), (0, 4)])
def test_a_position_that_does_not_exist_is_refused(position):
    with pytest.raises(ConfigError, match=r"`start_batch` in 0\.\.3\."):
        make(10, 3).stream(*position)
