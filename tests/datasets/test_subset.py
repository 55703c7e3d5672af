import numpy as np
import tensorflow as tf

from keras_mtl.datasets import Split, load
from keras_mtl.datasets.subset import Subset


def test_samples_are_those_of_the_whole(elements):
    data = load("multi_digits", train_size=20, batch_size=5, pairs="fresh")
    source = data.train.source
    index = np.array([3, 17, 4])
    part = Subset(source, index)
    whole = Split(source, 20, 0, training=False)
    ((images, labels),) = elements(whole.dataset(2))
    ((got, found),) = elements(Split(part, 3, 0, training=False).dataset(2))
    np.testing.assert_array_equal(got, images[index])
    np.testing.assert_array_equal(found["right"], labels["right"][index])
    assert (part.num_samples, part.shape) == (3, source.shape)
    assert part.standardise is source.standardise


def test_files_are_those_of_the_whole(elements, nyuv2_tree):
    root, _ = nyuv2_tree
    data = load(
        "nyuv2", dir=str(root), validation=0, augmentation=["flip", "scale"]
    )
    index = np.array([7, 2])
    whole = Split(data.train.source, 12, 0, training=False)
    part = Split(Subset(data.train.source, index), 2, 0, training=False)
    (everything,) = elements(whole.dataset(1))
    (some,) = elements(part.dataset(1))
    tf.nest.map_structure(
        lambda a, b: np.testing.assert_allclose(a, b[index], rtol=1e-6),
        some,
        everything,
    )
