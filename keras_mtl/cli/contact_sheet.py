"""Pictures of samples with the labels of their tasks drawn over them."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from keras_mtl.datasets.split import Split
from keras_mtl.datasets.subset import Subset
from keras_mtl.datasets.summary import evenly

_SIDE = 192  # pixels of the longer side of a picture
_GAP = 6
_FONT = 12
_LINE = 15
_GROUND = (255, 255, 255)
_INK = (20, 20, 20)
_DARK = 0.25  # of the brightness, where there is no label


def contact_sheet(data: Any, source: Any, count: int) -> Any:
    """Draws samples, one a row: the input, then a picture a map.

    Args:
        data: A `MultiTaskData` of images.
        source: The source of one of its splits.
        count: How many samples, spread evenly over the split.

    Returns:
        A Pillow image.
    """
    index = evenly(source.num_samples, count)
    split = Split(Subset(source, index), len(index), 0, training=False)
    element = next(iter(split.dataset().as_numpy_iterator()))
    inputs, labels = _pictures(element[0], source), element[1]
    weights = element[2] if len(element) == 3 else {}
    specs = data.tasks
    dense = [name for name in specs if specs[name].is_dense]
    others = [name for name in specs if name not in dense]
    rows = []
    for row, picture in enumerate(inputs):
        own = {n: labels[n][row] for n in labels}
        known = {
            n: np.asarray(weights[n][row] if n in weights else 1.0) for n in own
        }
        pictures = [("input", picture)]
        pictures += [
            (name, draw_map(picture, own[name], known[name], specs[name]))
            for name in dense
        ]
        texts = [_text(n, own[n], known[n], specs[n]) for n in others]
        rows.append(_row(pictures, texts))
    return _stacked(rows)


def draw_map(
    picture: NDArray[np.float32],
    label: NDArray[Any],
    weight: NDArray[Any],
    spec: Any,
) -> NDArray[np.float32]:
    """Draws the label of a dense task over a picture.

    Args:
        picture: RGB in [0, 1], shape `(height, width, 3)`.
        label: Of the task, without the batch.
        weight: 0 where the label is missing, shape `(height, width)`.
        spec: The `TaskSpec`.

    Returns:
        The same shape as `picture`.
    """
    drawn = _coloured(picture, label, spec)
    known = np.broadcast_to(weight, picture.shape[:2])[..., None] > 0
    return np.where(known, drawn, picture * _DARK).astype(np.float32)


def _coloured(
    picture: NDArray[np.float32], label: NDArray[Any], spec: Any
) -> NDArray[Any]:
    grey = picture.mean(-1, keepdims=True)
    if spec.kind == "segmentation":
        colours = palette(spec.num_outputs)[label]
        return np.asarray(0.35 * grey + 0.65 * colours)
    if spec.kind == "depth":
        valid = label[label > 0]
        low, high = (
            (float(valid.min()), float(valid.max())) if valid.size else (0, 1)
        )
        near = 1 - (label - low) / max(high - low, 1e-6)
        return np.concatenate([near, near**2, 1 - near], -1).clip(0, 1)
    if spec.kind == "normals":
        return np.asarray((label + 1) / 2)
    colours = palette(spec.num_outputs)
    strength = label.max(-1, keepdims=True).clip(0, 1) * 0.65
    mixed = label @ colours / np.maximum(label.sum(-1, keepdims=True), 1)
    return np.asarray(picture * (1 - strength) + strength * mixed)


def palette(count: int) -> NDArray[np.float32]:
    """Colours that differ, shape `(count, 3)`, in [0, 1]."""
    hues = np.arange(count) * 0.61803398875 % 1.0
    values = np.where(np.arange(count) % 2, 0.7, 1.0)
    ramp = np.abs((hues[:, None] * 6 + np.array([0, 4, 2])) % 6 - 3) - 1
    return np.asarray(values[:, None] * ramp.clip(0, 1), np.float32)


def _pictures(inputs: NDArray[Any], source: Any) -> NDArray[np.float32]:
    """Inputs as RGB in [0, 1]."""
    scaling = getattr(source, "standardise", None)
    if scaling is None:
        scaling = getattr(source, "prepare", None)
    mean, std = getattr(scaling, "mean", 0.0), getattr(scaling, "std", 1.0)
    pictures = np.clip(inputs * std + mean, 0, 1)
    if pictures.shape[-1] == 1:
        pictures = np.repeat(pictures, 3, axis=-1)
    return pictures.astype(np.float32)


def _text(name: str, label: Any, weight: Any, spec: Any) -> str:
    if not np.any(weight):
        return f"{name}: no label"
    names = spec.class_names
    if spec.kind == "classification":
        return f"{name}: {names[int(label)] if names else int(label)}"
    if spec.kind == "binary":
        yes = [
            names[i] if names else str(i)
            for i, value in enumerate(np.ravel(label))
            if value > 0.5
        ]
        if spec.num_outputs == 1:
            return f"{name}: {'yes' if yes else 'no'}"
        return f"{name}: {', '.join(yes) or 'none'}"
    return f"{name}: " + ", ".join(f"{value:.4g}" for value in np.ravel(label))


def _row(pictures: list[tuple[str, NDArray[Any]]], texts: list[str]) -> Any:
    """A row of captioned pictures, with lines of text below."""
    height, width = pictures[0][1].shape[:2]
    factor = _SIDE / max(height, width)
    cell = (round(width * factor), round(height * factor))
    total = len(pictures) * (cell[0] + _GAP) + _GAP
    per_line = max(20, total // 7)
    lines = textwrap.wrap("   ".join(texts), per_line)
    full = (total, cell[1] + _LINE * (1 + len(lines)) + 2 * _GAP)
    sheet = Image.new("RGB", full, _GROUND)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_FONT)
    for column, (name, picture) in enumerate(pictures):
        left = _GAP + column * (cell[0] + _GAP)
        pen.text((left, 0), name, fill=_INK, font=font)
        pixels = np.rint(picture.clip(0, 1) * 255).astype(np.uint8)
        image = Image.fromarray(pixels).resize(cell, Image.Resampling.NEAREST)
        sheet.paste(image, (left, _LINE))
    for number, line in enumerate(lines):
        top = _LINE * (1 + number) + cell[1] + 2
        pen.text((_GAP, top), line, fill=_INK, font=font)
    return sheet


def _stacked(rows: list[Any]) -> Any:
    width = max(row.width for row in rows)
    sheet = Image.new("RGB", (width, sum(row.height for row in rows)), _GROUND)
    top = 0
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    return sheet
