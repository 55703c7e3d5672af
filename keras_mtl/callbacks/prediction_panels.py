"""Inputs, targets and predictions side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from keras_mtl.callbacks.map_pictures import (
    DENSE_KINDS,
    input_picture,
    map_pictures,
)

# Pixels of the longer side of a picture at most, and between pictures.
_SIDE, _GAP, _LINE, _FONT = 160, 4, 16, 12
_GROUND, _INK = (255, 255, 255), (20, 20, 20)
_COLUMNS = ("input", "target", "prediction")


class PredictionPanels:
    """Draws what a model makes of the same few samples, time after time.

    Args:
        batch: `(x, {task: y})`, or with `{task: weight}` as a third, of
            arrays; x images, shape `(batch, height, width, channels)`.
        kinds: Task to its kind; those without an output a pixel are left
            out.
        count: Samples to draw, at most.
    """

    def __init__(
        self, batch: Any, kinds: Mapping[str, str], count: int = 3
    ) -> None:
        x, labels, *weights = batch
        self.x = np.asarray(x)[:count]
        known = {task: np.asarray(y)[:count] for task, y in labels.items()}
        self.kinds = {
            task: kind
            for task, kind in kinds.items()
            if kind in DENSE_KINDS and task in known
        }
        self.labels = {task: known[task] for task in self.kinds}
        self.weights = {
            task: np.asarray(weight)[:count]
            for task, weight in (weights[0] if weights else {}).items()
            if task in self.kinds
        }

    @classmethod
    def of(cls, data: Any, count: int = 3) -> PredictionPanels | None:
        """Panels of the first samples of a validation split.

        Args:
            data: A `MultiTaskData`, or what has some of its attributes.
            count: Samples to draw, at most.

        Returns:
            `None` if there is nothing to draw: no validation split, no
            images, or no task with an output a pixel.
        """
        specs = getattr(data, "tasks", {})
        kinds = {task: spec.kind for task, spec in specs.items()}
        if data.validation is None or not set(kinds.values()) & set(
            DENSE_KINDS
        ):
            return None
        batches = data.validation.dataset().as_numpy_iterator()
        batch = next(iter(batches))
        if isinstance(batch[0], dict) or np.ndim(batch[0]) != 4:
            return None
        return cls(batch, kinds, count)

    def draw(self, model: Any) -> dict[str, Any]:
        """Predicts, and draws.

        Args:
            model: A Keras model whose output is a dict, task to tensor.

        Returns:
            Task to a Pillow image: a row a sample, with the input, the
            target and the prediction.
        """
        outputs = model.predict_on_batch(self.x)
        return {task: self._panel(task, outputs[task]) for task in self.kinds}

    def _panel(self, task: str, outputs: NDArray[Any]) -> Any:
        rows = []
        for index, picture in enumerate(self.x):
            weight = self.weights.get(task)
            drawn = map_pictures(
                self.labels[task][index],
                np.asarray(outputs[index], np.float32),
                self.kinds[task],
                None if weight is None else weight[index],
            )
            rows.append((input_picture(picture), *drawn))
        return _sheet(rows)


def _sheet(rows: Sequence[tuple[NDArray[Any], ...]]) -> Any:
    """Pictures in rows and columns, with the names of the columns."""
    height, width = rows[0][0].shape[:2]
    factor = _SIDE / max(height, width)
    cell = (max(1, round(width * factor)), max(1, round(height * factor)))
    size = (
        len(_COLUMNS) * (cell[0] + _GAP) - _GAP,
        _LINE + len(rows) * (cell[1] + _GAP) - _GAP,
    )
    sheet = Image.new("RGB", size, _GROUND)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT)
    for column, name in enumerate(_COLUMNS):
        left = column * (cell[0] + _GAP)
        pen.text((left, 0), name, fill=_INK, font=font)
        for row, pictures in enumerate(rows):
            pixels = np.rint(pictures[column] * 255).astype(np.uint8)
            image = Image.fromarray(pixels)
            image = image.resize(cell, Image.Resampling.NEAREST)
            sheet.paste(image, (left, _LINE + row * (cell[1] + _GAP)))
    return sheet
