import hashlib

import numpy as np

from keras_mtl.datasets.labelled_images import LabelledImages

IMAGES = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)


def test_take_keeps_images_and_labels_together():
    taken = LabelledImages(IMAGES, np.array([5, 6, 7])).take(np.array([2, 0]))
    np.testing.assert_array_equal(taken.images, IMAGES[[2, 0]])
    assert taken.labels.tolist() == [7, 5]


def test_the_digest_is_of_pixels_and_labels():
    labels = np.array([1, 2, 3])
    expected = hashlib.sha256(
        bytes(range(12))
        + b"".join(n.to_bytes(8, "little") for n in labels.tolist())
    ).hexdigest()
    for dtype in (np.uint8, np.int64):
        images = LabelledImages(IMAGES, labels.astype(dtype))
        assert images.digest() == expected
