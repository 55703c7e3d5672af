"""What the command line sets: `--set trainer.name=independent`."""

from __future__ import annotations

from typing import Any

from keras_mtl.config.document import Document, expand_shorthands
from keras_mtl.config.location import Location, Path
from keras_mtl.config.yaml_reader import read_value
from keras_mtl.errors import ConfigError

_MAX_DEPTH = 20


def read_override(text: str) -> Document:
    """Parses one `a.b=value`.

    Args:
        text: Dotted key, equals sign and a value in YAML.

    Returns:
        A document that holds this one value.

    Raises:
        ConfigError: If there is no key or the value is not YAML.
    """
    source = f"--set {text}"
    key, equals, value = text.partition("=")
    parts = tuple(part.strip() for part in key.split("."))
    if not equals or not all(parts) or len(parts) > _MAX_DEPTH:
        raise ConfigError(
            f"{source}: expected key=value, with dots between the keys, for "
            "example --set trainer.name=independent."
        )
    data: Any = read_value(value, source)
    place = Location(source)
    paths: list[Path] = [parts[:end] for end in range(1, len(parts) + 1)]
    for part in reversed(parts):
        data = {part: data}
    marks = dict.fromkeys(paths, place)
    return expand_shorthands(Document(data, dict(marks), dict(marks)))
