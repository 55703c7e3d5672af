"""Applies a pipeline to photographs, and writes what it finds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.pipelines import Network, Pipeline, Reading, Region, drawn
from keras_mtl.pipelines.page import Card, embedded, page
from keras_mtl.runs.atomic import disk_errors, replacing, write_text

TABLE = "predictions.csv"
PAGE = "index.html"
_OVERLAY_QUALITY = 90


@dataclass(frozen=True)
class Finder:
    """A pipeline, and what it is applied with.

    Args:
        pipeline: The pipeline.
        network: The network.
        card: The model card of the run: `scaling`, and `pipeline` with its
            `state` and the `size` of the images of its data.
    """

    pipeline: Pipeline
    network: Network
    card: Mapping[str, Any]

    def find(self, path: Path) -> tuple[NDArray[np.uint8], Reading]:
        """Reads a photograph and what is to be seen in it.

        Args:
            path: A colour photograph, of any size.

        Returns:
            Its pixels, shape `(height, width, 3)`, and the reading.

        Raises:
            DataError: If it is missing, damaged, grey or of 16 bits, by name.
        """
        from keras_mtl.datasets.fundus.headers import image_headers

        (stored,) = image_headers([str(path)])
        known = self.card["pipeline"]
        resized = None if known["size"] is None else tuple(known["size"])
        size = self.pipeline.input_size(self.network, resized, stored)
        image = _scaled(_decoded(path, size), self.card)
        state = known["state"] or {}
        reading = self.pipeline.read(self.network, image, stored, state)
        return _decoded(path, stored), reading


@dataclass
class _Written:
    """What a folder holds so far."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    legend: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def finder(network: Network, card: Mapping[str, Any]) -> Finder | None:
    """The pipeline of a run; `None` where it has none.

    Args:
        network: Its network.
        card: Its model card.

    Raises:
        ConfigError: If the pipeline is not to be found.
    """
    known = card.get("pipeline")
    if not known:
        return None
    from keras_mtl.config.registry import resolve

    block = dict(known["block"])
    pipeline = resolve("pipelines", block.pop("name"))(**block)
    if network.model is not None:
        # `predict`, for many samples, costs more than one takes.
        network = Network.of(network.model)
    return Finder(pipeline, network, card)


def write_findings(
    found: Finder, targets: Mapping[Path, Path], out: Path, html: bool
) -> None:
    """Writes, for each photograph, masks and a drawing; and one table.

    A photograph that cannot be read does not stop the others.

    Args:
        found: What finds something in them.
        targets: Photograph to the beginning of the names of its files.
        out: The folder of the table, `predictions.csv`.
        html: Write a page to look through them too, `index.html`.

    Raises:
        DataError: If the disk is full or read-only; or, once all others are
            written, if photographs could not be read.
    """
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    written = _Written()
    for path, stem in targets.items():
        _write(found, path, stem, html, written)
    write_text(out / TABLE, _csv(written.rows))
    click.echo(str(out / TABLE))
    if html:
        title = f"{len(targets)} photographs"
        write_text(out / PAGE, page(written.cards, title, written.legend))
        click.echo(str(out / PAGE))
    if written.errors:
        raise DataError(
            f"{len(written.errors)} of {len(targets)} photographs could not "
            "be read:\n  " + "\n  ".join(written.errors)
        )


def _write(
    found: Finder, path: Path, stem: Path, html: bool, written: _Written
) -> None:
    try:
        pixels, reading = found.find(path)
    except DataError as error:
        written.errors.append(str(error))
        written.rows.append({"image": path.name, "error": str(error)})
        written.cards.append(Card(path.name, b"", {}, [str(error)]))
        return
    picture = drawn(pixels, reading)
    with disk_errors(stem):
        files = dict(_save(stem, picture, reading))
    click.echo(str(stem.with_name(files["overlay"])))
    height, width = pixels.shape[:2]
    written.rows.append(
        {"image": path.name, "width": width, "height": height}
        | {name: "" if v is None else v for name, v in reading.values.items()}
        | {f"{name}_file": file for name, file in files.items()}
        | {"remarks": "; ".join(reading.remarks)}
    )
    if html:
        written.cards.append(
            Card(path.name, embedded(picture), reading.values, reading.remarks)
        )
        written.legend |= _legend(reading)


def _save(
    stem: Path, picture: Any, reading: Reading
) -> Iterator[tuple[str, str]]:
    """Writes the files of one photograph, name to file."""
    from PIL import Image

    for name, region in reading.regions.items():
        mask = stem.with_name(f"{stem.name}.{name}.png")
        with replacing(mask) as temporary:
            # Of one bit a pixel: white is in the region.
            Image.fromarray(region.mask).save(temporary, "PNG")
        yield name, mask.name
    overlay = stem.with_name(f"{stem.name}.overlay.jpg")
    with replacing(overlay) as temporary:
        picture.save(temporary, "JPEG", quality=_OVERLAY_QUALITY)
    yield "overlay", overlay.name


def _legend(reading: Reading) -> dict[str, str]:
    regions: Mapping[str, Region] = reading.regions
    colours = {n: f"rgb{one.colour}" for n, one in regions.items()}
    return colours | {f"{name} (cross)": "white" for name in reading.points}


def _csv(rows: list[dict[str, Any]]) -> str:
    columns = dict.fromkeys(name for row in rows for name in row)
    # At the end, whichever photograph was the first to have them.
    last = [name for name in ("remarks", "error") if name in columns]
    names = [name for name in columns if name not in last] + last
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _decoded(path: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Pixels of a photograph, resized as those of the training were."""
    import tensorflow as tf

    from keras_mtl.datasets.files.image_files import ImageFiles, damaged

    try:
        found = ImageFiles((str(path),), size, 3).decode(tf.constant(str(path)))
    except (tf.errors.OpError, OSError, SyntaxError, ValueError) as error:
        raise damaged(str(path), error) from error
    return np.asarray(found.numpy(), np.uint8)


def _scaled(
    pixels: NDArray[np.uint8], card: Mapping[str, Any]
) -> NDArray[np.float32]:
    scaling = card["scaling"]
    if scaling is None:
        raise ConfigError(
            "the run does not record how its data set turns pixels into "
            "inputs, so that photographs cannot be given to it. Give arrays "
            "with --raw."
        )
    mean, std = np.float32(scaling["mean"]), np.float32(scaling["std"])
    return (pixels.astype(np.float32) / np.float32(255) - mean) / std
