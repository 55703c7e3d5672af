"""One self-contained page to look through what was found."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from keras_mtl.version import __version__

# Pixels of the longer side of an embedded picture.
_SIDE = 720
_QUALITY = 82


@dataclass(frozen=True)
class Card:
    """One photograph of the page.

    Args:
        name: Name of the photograph.
        picture: A JPEG file, as `embedded` makes it; empty if it could not
            be read.
        values: Name to number; `None` where it is not defined.
        remarks: What is missing or unusual.
    """

    name: str
    picture: bytes
    values: Mapping[str, float | None]
    remarks: Sequence[str] = ()


def embedded(picture: Any) -> bytes:
    """A Pillow image as a small JPEG file."""
    from PIL import Image

    small = picture.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def page(cards: Sequence[Card], title: str, legend: Mapping[str, str]) -> str:
    """Writes the page.

    Cards can be sorted by name and by every value, and filtered by their
    name and remarks. With j and k, or the arrow keys, one goes from card to
    card; Enter shows one large, and Escape goes back.

    Args:
        cards: The photographs.
        title: Heading of the page.
        legend: What is drawn to its colour, as in CSS.

    Returns:
        HTML that needs no other file, readable on a phone, light or dark as
        its reader prefers.
    """
    style, script = _resource("page.css"), _resource("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'"
    )
    names = list(dict.fromkeys(name for card in cards for name in card.values))
    body = "\n".join(_card(index, card) for index, card in enumerate(cards))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, '
        'initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<header><h1>{escape(title)}</h1>{_legend(legend)}\n"
        f"{_controls(names)}</header>\n"
        f'<main id="cards">\n{body}\n</main>\n'
        "<footer>For research; not for the diagnosis of patients. Made by "
        f"keras-mtl {escape(__version__)}.</footer>\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _resource(name: str) -> str:
    return files("keras_mtl.pipelines").joinpath(name).read_text("utf-8")


def _legend(legend: Mapping[str, str]) -> str:
    items = "".join(
        f'<li><span class="patch" style="background:{escape(colour)}"></span>'
        f"{escape(name)}</li>"
        for name, colour in legend.items()
    )
    return f'<ul class="legend">{items}</ul>' if items else ""


def _controls(names: Sequence[str]) -> str:
    options = "".join(
        f'<option value="{escape(name)}">{escape(_words(name))}</option>'
        for name in names
    )
    return (
        '<form class="controls"><label>Sort by <select id="sort">'
        f'<option value="">name</option>{options}</select></label>'
        '<label>Order <select id="order"><option value="-1">highest first'
        '</option><option value="1">lowest first</option></select></label>'
        '<label>Filter <input id="filter" type="search" '
        'placeholder="name or remark"></label>'
        '<label><input id="remarked" type="checkbox"> with remarks only'
        '</label><output id="count"></output></form>'
        '<p class="hint">Keys: j and k or arrows go from one to the next, '
        "Enter enlarges, Escape goes back.</p>"
    )


def _card(index: int, card: Card) -> str:
    data = "".join(
        f' data-{escape(name.replace("_", "-"))}="{value!r}"'
        for name, value in card.values.items()
        if value is not None
    )
    rows = "".join(
        f"<div><dt>{escape(_words(name))}</dt><dd>{_number(value)}</dd></div>"
        for name, value in card.values.items()
    )
    remarks = "".join(f"<li>{escape(one)}</li>" for one in card.remarks)
    listed = f'<ul class="remarks">{remarks}</ul>' if remarks else ""
    name = escape(card.name)
    picture = '<p class="lost">no picture</p>'
    if card.picture:
        code = base64.b64encode(card.picture).decode()
        picture = (
            f'<img src="data:image/jpeg;base64,{code}" '
            f'alt="{name}, with what was found drawn over it" loading="lazy">'
        )
    return (
        f'<article tabindex="0" id="card-{index}" data-name="{name}"{data}>'
        f"{picture}<h2>{name}</h2><dl>{rows}</dl>{listed}</article>"
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: float | None) -> str:
    if value is None:
        return "undefined"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"
