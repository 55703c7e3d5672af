"""Pictures for TensorBoard."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from tensorboard.compat.proto import summary_pb2

_GROUND, _INK, _NONE = (255, 255, 255), (20, 20, 20), (225, 225, 225)
# Colours of the cosines -1 and 1; 0 is white.
_AGAINST, _ALONG = (178, 24, 43), (33, 102, 172)
_GAP, _FONT = 6, 12
# Larger matrices are drawn without numbers, in smaller cells.
_MOST_NUMBERS = 12
_CELL, _SMALL_CELL = 48, 18


def image_summary(tag: str, image: Any, description: str = "") -> Any:
    """A picture as a summary.

    Args:
        tag: Its tag.
        image: A Pillow image.
        description: Markdown, shown beside it.

    Returns:
        A `Summary` protocol buffer.
    """
    encoded = io.BytesIO()
    image.save(encoded, format="PNG")
    summary = summary_pb2.Summary()
    value = summary.value.add(tag=tag)
    value.image.width, value.image.height = image.size
    value.image.colorspace = len(image.getbands())
    value.image.encoded_image_string = encoded.getvalue()
    value.metadata.summary_description = description
    return summary


def cosine_image(
    tasks: Sequence[str], cosines: Mapping[tuple[str, str], float]
) -> Any:
    """Draws the matrix of cosines between the gradients of tasks.

    Blue tasks pull along, red ones against each other.

    Args:
        tasks: Names, in the order of rows and columns.
        cosines: Pair of tasks, in that order, to a number in [-1, 1]. Pairs
            that are missing are grey.

    Returns:
        A Pillow image.
    """
    has_numbers = len(tasks) <= _MOST_NUMBERS
    cell = _CELL if has_numbers else _SMALL_CELL
    font = ImageFont.load_default(_FONT)
    margin = round(max(font.getlength(task) for task in tasks)) + 2 * _GAP
    side = margin + len(tasks) * cell + _GAP
    image = Image.new("RGB", (side, side), _GROUND)
    _write_names(image, tasks, margin, cell, font)
    pen = ImageDraw.Draw(image)
    for row, one in enumerate(tasks):
        for column, other in enumerate(tasks):
            known = (one, other) if row < column else (other, one)
            value = 1.0 if row == column else cosines.get(known)
            place = (margin + column * cell, margin + row * cell)
            _draw_cell(pen, place, cell, value, font if has_numbers else None)
    return image


def _draw_cell(
    pen: Any,
    place: tuple[int, int],
    cell: int,
    value: float | None,
    font: Any,
) -> None:
    left, top = place
    corners = (left, top, left + cell - 2, top + cell - 2)
    colour = _NONE if value is None else _colour(value)
    pen.rectangle(corners, fill=colour)
    if value is None or font is None:
        return
    ink = _GROUND if abs(value) > 0.6 else _INK
    middle = (left + cell // 2 - 1, top + cell // 2 - 1)
    pen.text(middle, f"{value:.2f}", fill=ink, font=font, anchor="mm")


def _colour(value: float) -> tuple[int, ...]:
    strength = min(abs(value), 1.0)
    end = _ALONG if value > 0 else _AGAINST
    return tuple(round(255 + strength * (part - 255)) for part in end)


def _write_names(
    image: Any, tasks: Sequence[str], margin: int, cell: int, font: Any
) -> None:
    """Names of the rows, and, once more and turned, of the columns."""
    strip = Image.new("RGB", (margin, len(tasks) * cell), _GROUND)
    pen = ImageDraw.Draw(strip)
    for index, task in enumerate(tasks):
        place = (margin - _GAP, index * cell + cell // 2)
        pen.text(place, task, fill=_INK, font=font, anchor="rm")
    image.paste(strip, (0, margin))
    for index in range(len(tasks)):
        name = strip.crop((0, index * cell, margin, (index + 1) * cell))
        turned = name.transpose(Image.Transpose.ROTATE_270)
        image.paste(turned, (margin + index * cell, 0))
