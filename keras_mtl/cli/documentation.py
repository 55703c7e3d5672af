"""What docstrings say about a component."""

from __future__ import annotations

import inspect
import re
from typing import Any

_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)")
_SECTION = re.compile(r"^(Reference|References):\s*$")


def summary(component: Any) -> str:
    """The first line of the docstring, without its full stop."""
    text = inspect.getdoc(component) or ""
    return text.partition("\n\n")[0].replace("\n", " ").removesuffix(".")


def paper(component: Any) -> str:
    """Where the method was published, or nothing.

    The attribute `paper`, or what stands under `Reference` in the docstring.
    """
    given = getattr(component, "paper", None)
    if isinstance(given, str):
        return given
    lines = (inspect.getdoc(component) or "").splitlines()
    for index, line in enumerate(lines):
        if _SECTION.match(line):
            return _plain(_indented(lines[index + 1 :]))
    return ""


def option_rows(kind: str, component: Any) -> list[list[str]]:
    """Name, type and default of every option, as one may write them.

    Args:
        kind: Kind of the component.
        component: Class or function.
    """
    from keras_mtl.config.components import default_of, nested_kinds
    from keras_mtl.config.signature import options

    nested = nested_kinds(kind)
    return [
        [
            option.name,
            _type_name(option.annotation, nested.get(option.name)),
            _default(option.required, option.name, default_of(option, kind, 0)),
        ]
        for option in options(component, kind)
    ]


def _indented(lines: list[str]) -> str:
    block = []
    for line in lines:
        if line and not line.startswith(" "):
            break
        block.append(line.strip())
    return " ".join(part for part in block if part)


def _plain(markdown: str) -> str:
    return _LINK.sub(r"\1, \2", markdown)


def _default(required: bool, name: str, default: Any) -> str:
    if required:
        return "required"
    if name == "seed":
        return "seed of the run"
    return "null" if default is None else str(default)


def _type_name(annotation: Any, nested: str | None) -> str:
    """A type as one may write it in a configuration."""
    text = inspect.formatannotation(annotation)
    for prefix in ("typing.", "collections.abc."):
        text = text.replace(prefix, "")
    if nested and text == "Any":
        return f"one of the {nested}, or null"
    if nested:
        return f"{text}, or one of the {nested}"
    return "any" if text == "Any" else text
