"""Input pipelines: images a second, as ratios to what the cores can do.

    python benchmarks/input.py [--images 1500] [--epochs 3]

Writes a small CelebA and a folder of arrays, and prints: the JPEG pipeline
(decode, resize, label, batch) beside a bare decode of the same files; the
rate of 288x384x3 float32 arrays; and the second epoch from a cache beside the
first. Rates are medians of epochs that take turns, by the time of all cores.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from keras_mtl.datasets import Split, load
from keras_mtl.datasets.celeba import NUM_ATTRIBUTES
from keras_mtl.datasets.files.array_files import array_files
from keras_mtl.datasets.files.file_source import FileSource
from keras_mtl.datasets.files.records import Records
from keras_mtl.datasets.standardise import Standardise

BATCH = 64
CORES = os.cpu_count() or 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--arrays", type=int, default=300)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        jpegs(Path(folder) / "celeba", options.images, options.epochs)
        arrays(Path(folder) / "arrays", options.arrays, options.epochs)
        caches(Path(folder), options.epochs)


def jpegs(root: Path, count: int, epochs: int) -> None:
    write_celeba(root, count)
    paths = [str(path) for path in sorted(root.glob("*/*.jpg"))]
    bare = (
        tf.data.Dataset.from_tensor_slices(paths)
        .map(
            lambda path: tf.io.decode_jpeg(tf.io.read_file(path), 3),
            tf.data.AUTOTUNE,
        )
        .batch(BATCH)
    )
    celeba = {
        "dir": str(root),
        "batch_size": BATCH,
    }
    small = load("celeba", **celeba).train
    full = load("celeba", **celeba, size=[218, 178]).train
    rates: dict[str, list[float]] = {"bare": [], "64x64": [], "218x178": []}
    for epoch in range(epochs):
        rates["bare"].append(rate(bare.prefetch(2), count))
        rates["64x64"].append(rate(small.dataset(epoch), seen(small)))
        rates["218x178"].append(rate(full.dataset(epoch), seen(full)))
    middle = {name: statistics.median(found) for name, found in rates.items()}
    print(f"bare JPEG decode          {middle['bare']:8.0f} images/s")
    for name in ("64x64", "218x178"):
        ratio = middle[name] / middle["bare"]
        print(f"celeba at {name:8}        {middle[name]:8.0f} images/s")
        print(f"  to the bare decode      {ratio:8.2f}  (at least 0.90)")


def arrays(root: Path, count: int, epochs: int) -> None:
    root.mkdir()
    image = np.random.default_rng(0).random((288, 384, 3), np.float32)
    for number in range(count):
        np.save(root / f"{number}.npy", image)
    files = array_files([str(path) for path in sorted(root.iterdir())])
    source = FileSource(
        Records({"image": files}), (), standardise=Standardise(1)
    )
    split = Split(source, 16, 0, training=True)
    rates = [rate(split.dataset(e), seen(split)) for e in range(epochs)]
    middle = statistics.median(rates)
    print(f"288x384x3 .npy            {middle:8.0f} images/s  (at least 1000)")


def caches(folder: Path, epochs: int) -> None:
    for kind in ("memory", "disk"):
        ratios = []
        for number in range(epochs):
            train = load(
                "celeba",
                dir=str(folder / "celeba"),
                batch_size=BATCH,
                size=[128, 128],
                cache=kind,
                cache_dir=str(folder / f"cache{number}"),
            ).train
            first = spent(train)
            ratios.append(first / spent(train))
        print(
            f"second epoch, {kind:6}      {statistics.median(ratios):8.1f} "
            "times the first  (at least 3)"
        )


def spent(split: Any) -> float:
    """Seconds of all cores' time for an epoch, set-up included."""
    start = time.process_time()
    for _ in split.dataset():
        pass
    return time.process_time() - start


def rate(dataset: Any, count: int) -> float:
    """Images a second of all cores' time together.

    Other work on the machine lengthens the time on the clock, but not that.
    The first batch, with the set-up of the pipeline, is left out.
    """
    batches = iter(dataset)
    first = len(tf.nest.flatten(next(batches))[0])
    start = time.process_time()
    for _ in batches:
        pass
    return CORES * (count - first) / (time.process_time() - start)


def seen(split: Any) -> int:
    return int(split.num_batches * split.batch_size)


def write_celeba(root: Path, count: int) -> None:
    """Smooth noise, so that the files are as large as photographs'."""
    home = root / "img_align_celeba"
    home.mkdir(parents=True)
    generator = np.random.default_rng(0)
    names = [f"{number + 1:06}.jpg" for number in range(count)]
    for name in names:
        coarse = generator.integers(0, 256, (28, 23, 3), np.uint8)
        image = Image.fromarray(coarse).resize((178, 218))
        grain = generator.normal(0, 6, (218, 178, 3))
        pixels = np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(home / name, quality=90)
    attributes = " ".join(f"A{i}" for i in range(NUM_ATTRIBUTES))
    values = " ".join(["1"] * NUM_ATTRIBUTES)
    lines = [str(count), attributes, *(f"{n} {values}" for n in names)]
    (root / "list_attr_celeba.txt").write_text("\n".join(lines))
    parts = "\n".join(f"{name} 0" for name in names)
    (root / "list_eval_partition.txt").write_text(parts)


if __name__ == "__main__":
    main()
