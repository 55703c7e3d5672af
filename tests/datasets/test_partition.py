import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keras_mtl.datasets.partition import stratified


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=60),
    st.integers(0, 1000),
    st.data(),
)
def test_the_parts_are_disjoint_and_complete(labels, seed, data):
    first = data.draw(st.integers(0, len(labels)))
    second = data.draw(st.integers(0, len(labels) - first))
    parts = stratified(np.array(labels), [first, second], seed)
    assert [len(part) for part in parts[1:]] == [first, second]
    assert sorted(np.concatenate(parts)) == list(range(len(labels)))


def test_each_part_has_the_class_proportions_of_the_whole():
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    for part in stratified(labels, [100, 200], seed=1):
        share = np.bincount(labels[part]) / len(part)
        np.testing.assert_allclose(share, [0.6, 0.3, 0.1], atol=0.02)


def test_the_seed_decides():
    labels = np.arange(100) % 10
    first, again = (stratified(labels, [30], 1)[1] for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, stratified(labels, [30], 2)[1])
