"""Reads YAML into plain values and the place of each of them.

Scalars follow the YAML 1.2 core schema: `1e-3` is a number, only `true` and
`false` are booleans (`on` and `yes` are strings), dates are strings. Duplicate
keys are refused. Tags are refused too, so that no object is ever made.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from keras_mtl.config.document import Document, expand_shorthands
from keras_mtl.config.location import Location, Path
from keras_mtl.config.problem import Problem, error_of
from keras_mtl.errors import ConfigError

# Aliases can make a small file enormous.
_MAX_NODES = 50_000
_MAX_DEPTH = 50

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,100}")
_OCTAL = re.compile(r"0o[0-7]{1,100}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF|nan|NaN|NAN)")


def read_yaml(text: str, source: str) -> Document:
    """Parses one configuration file.

    Args:
        text: Content of the file.
        source: Its name, for the errors.

    Returns:
        The values with their places. An empty file gives an empty mapping.

    Raises:
        ConfigError: If the text is not YAML, not a mapping, or repeats a key.
    """
    node = _compose(text, source)
    if node is None:
        return Document({}, values={(): Location(source, 1, 1)})
    reader = _Reader(source)
    data = reader.value(node, (), 0)
    if not isinstance(data, dict):
        reader.complain((), node, f"expected `key: value` pairs, got {data!r}")
    if reader.problems:
        raise error_of(reader.problems)
    return expand_shorthands(Document(data, reader.keys, reader.values))


def read_value(text: str, source: str) -> Any:
    """Parses one YAML value, such as the right-hand side of `--set`.

    Args:
        text: The value.
        source: The option it came from, for the errors.

    Returns:
        A scalar, list or dict.

    Raises:
        ConfigError: If the text is not YAML.
    """
    node = _compose(text, source)
    if node is None:
        return None
    reader = _Reader(source)
    value = reader.value(node, (), 0)
    if reader.problems:
        raise error_of(reader.problems)
    return value


def _compose(text: str, source: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(source, mark) if mark else Location(source)
        message = error.problem or str(error)
        raise ConfigError(f"{place}: not valid YAML: {message}.") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{source}: not valid YAML: {reason}.") from error
    except RecursionError as error:
        raise ConfigError(f"{source}: nested too deeply.") from error


class _Loader(yaml.SafeLoader):
    """A loader that refuses tags, and with them every object."""

    def compose_node(
        self, parent: yaml.Node | None, index: Any
    ) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise yaml.composer.ComposerError(
                None,
                None,
                f"the tag {tag!r} is not allowed, expected a plain value",
                event.start_mark,
            )
        return super().compose_node(parent, index)


def _place(source: str, mark: yaml.Mark) -> Location:
    return Location(source, mark.line + 1, mark.column + 1)


class _Reader:
    """Turns nodes into values, collecting places and problems."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.keys: dict[Path, Location] = {}
        self.values: dict[Path, Location] = {}
        self.problems: list[Problem] = []
        self.count = 0

    def complain(self, path: Path, node: yaml.Node, message: str) -> None:
        place = _place(self.source, node.start_mark)
        self.problems.append(Problem(path, message + ".", place))

    def value(self, node: yaml.Node, path: Path, depth: int) -> Any:
        self.count += 1
        if self.count > _MAX_NODES or depth > _MAX_DEPTH:
            place = _place(self.source, node.start_mark)
            raise ConfigError(
                f"{place}: too large: expected at most {_MAX_NODES} values, "
                f"nested at most {_MAX_DEPTH} deep. Check the aliases."
            )
        self.values[path] = _place(self.source, node.start_mark)
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(child, (*path, index), depth + 1)
                for index, child in enumerate(node.value)
            ]
        return self.scalar(node, path)

    def mapping(
        self, node: yaml.MappingNode, path: Path, depth: int
    ) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node, path)
            if key is None:
                continue
            if key in result:
                first = self.keys[(*path, key)]
                self.complain((*path, key), key_node, f"already set at {first}")
                continue
            self.keys[(*path, key)] = _place(self.source, key_node.start_mark)
            result[key] = self.value(value_node, (*path, key), depth + 1)
        return result

    def key(self, node: yaml.Node, path: Path) -> str | None:
        if not isinstance(node, yaml.ScalarNode) or not node.value:
            self.complain(path, node, "expected a word before the colon")
            return None
        if not _is_text(node.value):
            self.complain(path, node, "expected a key of valid Unicode")
            return None
        return str(node.value)

    def scalar(self, node: yaml.Node, path: Path) -> Any:
        if not _is_text(node.value):
            self.complain(path, node, "expected valid Unicode")
            return None
        if getattr(node, "style", None) is not None:
            return str(node.value)
        return plain_scalar(node.value)


def plain_scalar(text: str) -> bool | int | float | str | None:
    """The value of an unquoted scalar under the YAML 1.2 core schema."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    special = _SPECIAL.fullmatch(text)
    if special:
        return float(special.group(1) + special.group(2))
    return text


def _is_text(text: str) -> bool:
    """Whether the text can be encoded: no lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
