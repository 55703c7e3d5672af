"""Runs a pydantic model over plain values and words its complaints."""

from __future__ import annotations

import json
from typing import Any

import pydantic

from keras_mtl.config.document import Document
from keras_mtl.config.location import Path
from keras_mtl.config.problem import Problem
from keras_mtl.config.registry import suggestion

_WORDS = {
    "Input should be a valid ": "expected a valid ",
    "Input should be ": "expected ",
    "a valid boolean": "true or false",
    "a valid array": "a list",
    "a valid list": "a list",
    "an object": "a mapping",
    "a valid dictionary": "a mapping",
    "a valid string": "text",
    "a valid ": "a ",
    "a integer": "an integer",
}


def check(
    model: type[pydantic.BaseModel],
    data: dict[str, Any],
    path: Path,
    document: Document,
) -> list[Problem]:
    """Validates values strictly: no text for a number, no 1 for true.

    Args:
        model: The model. Its fields are named by their aliases.
        data: Plain values, as in JSON.
        path: Where the values stand in the document.
        document: For the places of the complaints.

    Returns:
        Every problem, one a value.
    """
    try:
        # As JSON, where strict means what one expects of a configuration:
        # lists may be tuples, but "1" is not a number.
        model.model_validate_json(json.dumps(data), strict=True)
    except pydantic.ValidationError as error:
        return _problems(error, model, data, path, document)
    return []


def _problems(
    error: pydantic.ValidationError,
    model: type[pydantic.BaseModel],
    data: dict[str, Any],
    path: Path,
    document: Document,
) -> list[Problem]:
    problems: list[Problem] = []
    messages: dict[Path, list[str]] = {}
    received: dict[Path, Any] = {}
    for entry in error.errors(include_url=False):
        inner = _walk(data, entry["loc"])
        if entry["type"] == "extra_forbidden":
            problems.append(_unknown(model, inner, path, document))
        elif entry["type"] == "missing" and inner != entry["loc"]:
            missing = (*path, *inner, entry["loc"][-1])
            place = document.locate(missing)
            problems.append(Problem(missing, "required, but missing.", place))
        else:
            messages.setdefault(inner, []).append(_words(entry["msg"]))
            received[inner] = _value(data, inner)
    for inner, texts in messages.items():
        here = (*path, *inner)
        problems.append(
            Problem(
                here,
                f"{_joined(texts)}. Received: {describe(received[inner])}.",
                document.locate(here),
            )
        )
    return problems


def describe(value: Any) -> str:
    """A value as it may be shown in a message, with its type."""
    kinds: dict[type, str] = {
        bool: "a boolean",
        dict: "a mapping",
        float: "a number",
        int: "an integer",
        list: "a list",
        str: "text",
    }
    if value is None:
        return "null"
    text = repr(value)
    if len(text) > 60:
        text = f"{text[:57]}..."
    return f"{text} ({kinds.get(type(value), type(value).__name__)})"


def unknown_key(path: Path, known: list[str], document: Document) -> Problem:
    """The problem of a key that does not exist."""
    hint = suggestion(str(path[-1]), known)
    expected = f"expected one of {sorted(known)}" if known else "none expected"
    return Problem(
        path, f"unknown key, {expected}.{hint}", document.locate(path, key=True)
    )


def _unknown(
    model: type[pydantic.BaseModel],
    inner: Path,
    path: Path,
    document: Document,
) -> Problem:
    owner: Any = model
    for part in inner[:-1]:
        owner = _member(owner, part)
    known = [field.alias or name for name, field in owner.model_fields.items()]
    return unknown_key((*path, *inner), known, document)


def _member(model: Any, part: str | int) -> Any:
    """The model of a field, looked up by alias; of a dict, that of a value."""
    for name, field in getattr(model, "model_fields", {}).items():
        if part in (name, field.alias):
            annotation = field.annotation
            arguments = [
                argument
                for argument in getattr(annotation, "__args__", ())
                if argument is not type(None)
            ]
            return arguments[-1] if arguments else annotation
    return model


def _walk(data: Any, loc: tuple[str | int, ...]) -> Path:
    """The part of `loc` that exists in the data: tags of unions do not."""
    path: list[str | int] = []
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            continue
        path.append(part)
    return tuple(path)


def _value(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _words(message: str) -> str:
    for old, new in _WORDS.items():
        message = message.replace(old, new)
    return message


def _joined(messages: list[str]) -> str:
    """Alternatives of a union as one sentence."""
    unique = list(dict.fromkeys(messages))
    prefix = "expected "
    first, *rest = unique
    parts = [first, *(text.removeprefix(prefix) for text in rest)]
    return " or ".join(parts)
