"""Where the labels of one task are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keras_mtl.errors import ConfigError

# Colours of a picture with pure ones, as bits of red, green and blue.
COLOURS = {
    "black": 0, "blue": 1, "green": 2, "cyan": 3,
    "red": 4, "magenta": 5, "yellow": 6, "white": 7,
}  # fmt: skip
_TABLE = ("table", "sheet", "id", "rows", "name", "digits")
_KEYS = {
    "folder": ("always",),
    "cell": (*_TABLE, "column", "yes", "no", "unlabelled"),
    "point": (*_TABLE, "x", "y"),
    "levels": ("file", "yes", "no"),
    "above": ("file", "above"),
    "colours": ("file", "colours", "unlabelled"),
    "outline": ("file", "outline"),
}
FILES = ("levels", "above", "colours", "outline")
# Order of the two numbers in a line of an outline.
OUTLINES = ("xy", "yx")
_NEEDED = {
    "folder": ("always",),
    "cell": ("table", "id", "column", "yes", "no"),
    "point": ("table", "id", "x", "y"),
    "levels": ("file", "yes", "no"),
    "above": ("file", "above"),
    "colours": ("file", "colours"),
    "outline": ("file", "outline"),
}


@dataclass(frozen=True)
class Rule:
    """Where the labels of one task are, and what they mean.

    Args:
        form: `"folder"`: all images of the block have the answer `always`;
            `"cell"`: the cell of a table is a yes or a no; `"point"`: two
            cells are the x and y of a pixel; `"levels"`: an image with grey
            levels that are yes or no; `"above"`: an image whose levels above
            one are yes; `"colours"`: an image with the colours of each map;
            `"outline"`: a text with the corners of a polygon, one a line.
        options: The options of the form.
    """

    form: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Kind of the task."""
        if self.form in FILES:
            return "mask"
        return "heatmap" if self.form == "point" else "binary"

    @property
    def meaning(self) -> str:
        """Kind of the task, and what the contents of its maps mean."""
        if self.form not in FILES:
            return self.kind
        meant = {k: v for k, v in self.options.items() if k != "file"}
        return f"{self.form} {sorted(meant.items())}"

    @property
    def channels(self) -> int:
        """Channels of the image of a map."""
        return 3 if self.form == "colours" else 1

    @property
    def maps(self) -> tuple[str, ...] | None:
        """Names of several maps of a mask."""
        if self.form != "colours":
            return None
        return tuple(self.options["colours"])


def has_id(pattern: str) -> bool:
    """Whether a pattern of `FileIndex` names samples."""
    return "{id}" in pattern or "{id:" in pattern


def read_rule(where: str, options: Any) -> Rule:
    """Checks what a layout says of a task.

    Args:
        where: Layout, part and task, for messages.
        options: What it says.

    Raises:
        ConfigError: If that cannot be.
    """
    if isinstance(options, Mapping):
        for form, known in _KEYS.items():
            there = set(options)
            if there <= set(known) and there >= set(_NEEDED[form]):
                _check(where, form, options)
                return Rule(form, dict(options))
    raise ConfigError(
        f"{where}: expected a table with the keys of one of "
        f"{'; '.join(', '.join(keys) for keys in _NEEDED.values())}. "
        f"Received: {options!r}."
    )


def _check(where: str, form: str, options: Mapping[str, Any]) -> None:
    if form == "levels":
        levels = [*options["yes"], *options["no"]]
        _check_levels(where, levels)
    elif form == "above":
        _check_levels(where, [options["above"]])
    elif form == "colours":
        listed = [*options["colours"].values(), options.get("unlabelled", [])]
        for colour in (one for colours in listed for one in colours):
            if colour not in COLOURS:
                raise ConfigError(
                    f"{where}: expected colours of {', '.join(COLOURS)}. "
                    f"Received: {colour!r}."
                )
    elif form == "outline" and options["outline"] not in OUTLINES:
        raise ConfigError(
            f"{where}: expected `outline` to be one of {', '.join(OUTLINES)}: "
            f"the order of the numbers. Received: {options['outline']!r}."
        )
    elif form in ("cell", "point") and "{id}" not in options.get(
        "rows", "{id}"
    ):
        raise ConfigError(
            f"{where}: expected `rows` to have {{id}} in it. Received: "
            f"{options['rows']!r}."
        )
    if form in FILES and not has_id(options["file"]):
        raise ConfigError(
            f"{where}: expected `file`, a path with {{id}} in it. Received: "
            f"{options['file']!r}."
        )


def _check_levels(where: str, levels: list[Any]) -> None:
    good = all(isinstance(v, int) and 0 <= v < 256 for v in levels)
    if not good or len(set(levels)) < len(levels):
        raise ConfigError(
            f"{where}: expected grey levels in 0..255, each once. Received: "
            f"{levels}."
        )
