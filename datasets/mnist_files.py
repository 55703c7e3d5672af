"""The four files of MNIST, and of the data sets published in its form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keras_mtl.datasets.idx import read_idx
from keras_mtl.datasets.labelled_images import LabelledImages
from keras_mtl.datasets.options import wrong
from keras_mtl.errors import DataError, OfflineError

SOURCES = {
    "mnist": "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "fashion_mnist": "https://github.com/zalandoresearch/fashion-mnist",
}
_SIDE = 28
_NUM_CLASSES = 10
_STEMS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def read_mnist(
    directory: str | Path | None, release: str = "mnist"
) -> tuple[LabelledImages, LabelledImages]:
    """Training and test images of MNIST or Fashion-MNIST.

    Args:
        directory: Folder with the four original idx files, gzip or plain,
            named `train-images-idx3-ubyte` or `train-images.idx3-ubyte`.
            `None` lets Keras download them, once.
        release: `"mnist"` or `"fashion_mnist"`.

    Returns:
        Training images and test images, 28x28.

    Raises:
        DataError: If files are missing, damaged or not these data.
        OfflineError: If they had to be downloaded and could not be.
    """
    if directory is None:
        return _download(release)
    if not isinstance(directory, str | Path):
        raise wrong("dir", "the path of a folder", directory)
    files = _find_files(Path(directory).expanduser(), SOURCES[release])
    return _read_pair(files[0], files[1]), _read_pair(files[2], files[3])


def _find_files(folder: Path, source: str) -> list[Path]:
    if not folder.is_dir():
        raise DataError(
            f"`data.dir` is {str(folder)!r}, which is not a folder. Give the "
            f"folder with the four idx files of {source}."
        )
    found = [_find_file(folder, stem) for stem in _STEMS]
    missing = [
        f"{stem}.gz"
        for stem, path in zip(_STEMS, found, strict=True)
        if path is None
    ]
    if missing:
        raise DataError(
            f"{folder} lacks {', '.join(missing)}. Get the missing file(s) "
            f"from {source} (unpacked files will do as well)."
        )
    return [path for path in found if path is not None]


def _find_file(folder: Path, stem: str) -> Path | None:
    for name in (stem, stem.replace("-idx", ".idx")):
        for path in (folder / f"{name}.gz", folder / name):
            if path.is_file():
                return path
    return None


def _read_pair(images_path: Path, labels_path: Path) -> LabelledImages:
    images = read_idx(images_path, rank=3)
    labels = read_idx(labels_path, rank=1)
    if len(images) != len(labels):
        raise DataError(
            f"{images_path} has {len(images)} images and {labels_path} has "
            f"{len(labels)} labels: they must be of the same release."
        )
    if images.shape[1:] != (_SIDE, _SIDE) or not len(images):
        raise DataError(
            f"{images_path} must hold {_SIDE}x{_SIDE} images. Received: "
            f"shape {images.shape}."
        )
    _check_labels(labels, labels_path)
    return LabelledImages(images, labels)


def _check_labels(labels: NDArray[np.uint8], path: Path) -> None:
    bad = np.flatnonzero(labels >= _NUM_CLASSES)
    if len(bad):
        raise DataError(
            f"{path} has {len(bad)} label(s) outside 0..{_NUM_CLASSES - 1}; "
            f"the first is {labels[bad[0]]}, of image {bad[0]} (counted from "
            "0). Get the original file again."
        )


def _download(release: str) -> tuple[LabelledImages, LabelledImages]:
    import keras

    try:
        train, test = getattr(keras.datasets, release).load_data()
    except Exception as error:  # Keras raises bare `Exception`.
        raise OfflineError(
            f"{release} could not be downloaded ({error}). Pass a folder "
            "with its four idx files as `data.dir`; they come from "
            f"{SOURCES[release]}."
        ) from error
    return LabelledImages(*train), LabelledImages(*test)
