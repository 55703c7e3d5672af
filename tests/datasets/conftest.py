"""A small release in the form of MNIST, and what reads streams."""

import gzip
import struct

import numpy as np
import pytest

STEMS = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def encode_idx(array):
    """The bytes of an idx file of unsigned bytes."""
    header = struct.pack(">BBBB", 0, 0, 8, array.ndim)
    header += b"".join(struct.pack(">I", size) for size in array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture(scope="session")
def release():
    """Arrays of a made-up release: 60 training and 20 test images.

    No two images are alike, and image `i` of the training (test) part has
    the pixel value `i` (100 + i) in its first row.
    """
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (80, 28, 28), dtype=np.uint8)
    images[:60, 0] = np.arange(60)[:, None]
    images[60:, 0] = 100 + np.arange(20)[:, None]
    labels = np.tile(np.arange(10, dtype=np.uint8), 8)
    return {
        "train_images": images[:60],
        "train_labels": labels[:60],
        "test_images": images[60:],
        "test_labels": labels[60:],
    }


@pytest.fixture
def write_release(tmp_path):
    """Writes a release as idx files; returns the folder."""

    def write(arrays, compress=True, dotted=False):
        for part, array in arrays.items():
            stem = STEMS[part].replace("-idx", ".idx" if dotted else "-idx")
            data = encode_idx(array)
            path = tmp_path / (f"{stem}.gz" if compress else stem)
            path.write_bytes(gzip.compress(data) if compress else data)
        return tmp_path

    return write


@pytest.fixture
def release_dir(release, write_release):
    """Folder with the made-up release as gzip idx files."""
    return str(write_release(release))


@pytest.fixture(scope="session")
def encode():
    """The bytes of an idx file."""
    return encode_idx


@pytest.fixture(scope="session")
def elements():
    """The first elements of a dataset, as NumPy."""

    def read(dataset, count=None):
        if count is not None:
            dataset = dataset.take(count)
        return list(dataset.as_numpy_iterator())

    return read


@pytest.fixture(scope="session")
def same():
    """Whether two lists of elements are equal, bit for bit."""
    import tensorflow as tf

    def compare(first, second):
        left, right = tf.nest.flatten(first), tf.nest.flatten(second)
        return len(left) == len(right) and all(
            np.array_equal(a, b) and a.dtype == b.dtype
            for a, b in zip(left, right, strict=True)
        )

    return compare


def nyuv2_arrays(count, seed=0, height=6, width=8):
    """Images, labels, depth and normals as MTAN's arrays have them."""
    generator = np.random.default_rng(seed)
    shape = (count, height, width)
    normals = generator.normal(size=(*shape, 3))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    arrays = {
        "image": generator.random((*shape, 3)).astype("float32"),
        "label": generator.integers(-1, 13, shape).astype("float64"),
        "depth": generator.uniform(1, 9, (*shape, 1)).astype("float32"),
        "normal": normals.astype("float32"),
    }
    arrays["depth"][:, 0] = 0
    arrays["normal"][:, :, 0] = 0
    return arrays


@pytest.fixture
def write_arrays(tmp_path):
    """Writes arrays as `<part>/<kind>/<number>.npy`; returns the folder."""

    def write(parts, root=tmp_path):
        for part, kinds in parts.items():
            for kind, values in kinds.items():
                home = root / part / kind
                home.mkdir(parents=True)
                for number, value in enumerate(values):
                    np.save(home / f"{number}.npy", value)
        return root

    return write


@pytest.fixture
def nyuv2_tree(write_arrays):
    """The layout of MTAN: 12 training and 5 test samples, and the arrays."""
    parts = {"train": nyuv2_arrays(12), "val": nyuv2_arrays(5, seed=1)}
    return write_arrays(parts), parts


@pytest.fixture
def nyuv2_images(tmp_path):
    """The layout of images: 6 training and 3 test samples, and the arrays."""
    from PIL import Image

    parts = {}
    for seed, (part, count) in enumerate({"train": 6, "val": 3}.items()):
        generator = np.random.default_rng(seed)
        shape = (count, 6, 8)
        parts[part] = {
            "image": generator.integers(0, 256, (*shape, 3), np.uint8),
            "label13": generator.integers(0, 14, shape, np.uint8),
            "label40": generator.integers(0, 40, shape, np.uint8),
            "depth": generator.integers(0, 256, shape, np.uint8),
        }
        for kind, arrays in parts[part].items():
            (tmp_path / part / kind).mkdir(parents=True)
            for number, array in enumerate(arrays):
                path = tmp_path / part / kind / f"{3 * number}.png"
                Image.fromarray(array).save(path)
    return tmp_path, parts
