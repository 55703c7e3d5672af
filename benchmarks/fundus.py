"""Fundus photographs through `predict`, and vessel maps in tiles.

    python benchmarks/fundus.py                # both, networks at random
    python benchmarks/fundus.py --widths 64 128 256 512 512

Prints the seconds a photograph of 2124x2056 takes from file to file, and what
tiles cost for one of 3504x2336: the time beside that of the network alone on
as many pixels, and the peak of the memory. Times are process times over the
number of cores as well as by the clock, which other processes slow down.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

PHOTOGRAPH = (2056, 2124)
VESSELS = (2336, 3504)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--widths", type=int, nargs="+", default=[16, 32, 64, 128, 128]
    )
    parser.add_argument(
        "--full",
        type=int,
        nargs="+",
        default=[64, 128, 256, 512, 512],
        help="widths of the network for glaucoma",
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tile", type=int, default=1024)
    options = parser.parse_args()
    glaucoma(options.full, options.repeats)
    vessels(options.widths, options.tile, options.repeats)


def photograph(size: tuple[int, int]) -> np.ndarray:
    """A picture with the contents of none, but the size of one."""
    generator = np.random.default_rng(0)
    small = generator.integers(0, 256, (size[0] // 16, size[1] // 16, 3))
    image = Image.fromarray(small.astype(np.uint8))
    return np.asarray(image.resize(size[::-1], Image.Resampling.BICUBIC))


def timed(function: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """The least seconds by the clock and of the processor, after one call."""
    function()
    clock, processor = [], []
    for _ in range(repeats):
        start, before = time.perf_counter(), time.process_time()
        function()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - before)
    return min(clock), min(processor)


def glaucoma(widths: list[int], repeats: int) -> None:
    from keras_mtl.cli.photographs import Finder, write_findings
    from keras_mtl.models import unet
    from keras_mtl.pipelines import Glaucoma, Network

    kinds = {"glaucoma": "binary", "disc": "mask", "cup": "mask"}
    kinds["fovea"] = "heatmap"
    model = unet(dict.fromkeys(kinds, 1), (256, 256, 3), kinds, widths=widths)
    state = {"vcdr_classifier": {"coefficient": 1.0, "intercept": 0.0}}
    card = {
        "scaling": {"mean": 0.0, "std": 1.0},
        "pipeline": {"block": {}, "state": state, "size": [256, 256]},
    }
    found = Finder(Glaucoma(), Network.of(model), card)
    images = np.zeros((1, 256, 256, 3), np.float32)
    alone = timed(lambda: found.network(images), repeats)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        path = out / "photograph.jpg"
        Image.fromarray(photograph(PHOTOGRAPH)).save(path, quality=95)
        targets = {path: out / "out" / "photograph"}
        whole = timed(
            lambda: write_findings(found, targets, out / "out", html=True),
            repeats,
        )
    cores = len(os.sched_getaffinity(0))
    print(f"glaucoma, {model.count_params():,} parameters, {cores} cores")
    print(f"  predict, 2124x2056: {whole[0]:.2f} s, processor {whole[1]:.2f} s")
    print(f"  the network alone:  {alone[0]:.2f} s, processor {alone[1]:.2f} s")


def vessels(widths: list[int], tile: int, repeats: int) -> None:
    from keras_mtl.models import unet
    from keras_mtl.pipelines import Network, Vessels

    kinds = {"artery_vein": "mask", "vessels": "mask"}
    units = {"artery_vein": 2, "vessels": 1}
    model = unet(units, (256, 256, 3), kinds, widths=widths)
    pipeline = Vessels(tile=tile)
    network = Network.of(model)
    image = photograph(VESSELS).astype(np.float32) / 255
    rows, columns, larger = pipeline.tiles(network, image.shape)
    one = np.ascontiguousarray(image[None, : rows.length, : columns.length])
    count = len(rows.starts) * len(columns.starts)
    pixels = rows.length * columns.length
    share = image.shape[0] * image.shape[1] / pixels
    alone = timed(lambda: larger(one), repeats)
    whole = timed(lambda: pipeline.apply(network, image), repeats)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"vessels, {model.count_params():,} parameters, 3504x2336")
    print(
        f"  {count} tiles of {columns.length}x{rows.length}, overlap "
        f"{pipeline.overlap}: {count / share:.3f} of the pixels"
    )
    for name, index in (("clock", 0), ("processor", 1)):
        print(
            f"  by the {name}: {whole[index]:.1f} s, "
            f"{whole[index] / (alone[index] * share):.3f} of the network's "
            "own on the same pixels, "
            f"{whole[index] / (alone[index] * count):.3f} of its own on the "
            "tiles"
        )
    print(f"  peak memory of the process: {peak:.2f} GiB")


if __name__ == "__main__":
    main()
