"""What the command line sets: `--set trainer.name=independent`."""

from __future__ import annotations

import re
from typing import Any

from keras_mtl.config.document import Document, ListItems, expand_shorthands
from keras_mtl.config.location import Location, Path
from keras_mtl.config.yaml_reader import read_value
from keras_mtl.errors import ConfigError

_MAX_DEPTH = 20
_PART = re.compile(r"\s*([^\[\]]+?)\s*((?:\[\d+\])*)\s*")


def read_override(text: str) -> Document:
    """Parses one `a.b=value` or `a[0].b=value`.

    Args:
        text: Dotted key, equals sign and a value in YAML. An index names an
            entry of a list, counted from 0.

    Returns:
        A document that holds this one value.

    Raises:
        ConfigError: If there is no key or the value is not YAML.
    """
    source = f"--set {text}"
    key, equals, value = text.partition("=")
    parts = _parts(key)
    if not equals or not parts or len(parts) > _MAX_DEPTH:
        raise ConfigError(
            f"{source}: expected key=value, with dots between the keys, for "
            "example --set trainer.name=independent."
        )
    data: Any = read_value(value, source)
    place = Location(source)
    paths: list[Path] = [parts[:end] for end in range(1, len(parts) + 1)]
    for part in reversed(parts):
        data = (
            ListItems({part: data}) if isinstance(part, int) else {part: data}
        )
    marks = dict.fromkeys(paths, place)
    return expand_shorthands(Document(data, dict(marks), dict(marks)))


def _parts(key: str) -> Path:
    """`"a[0].b"` as `("a", 0, "b")`; nothing where it is no key."""
    parts: list[str | int] = []
    for text in key.split("."):
        found = _PART.fullmatch(text)
        if found is None:
            return ()
        parts.append(found[1])
        parts.extend(int(index) for index in re.findall(r"\d+", found[2]))
    return tuple(parts)
