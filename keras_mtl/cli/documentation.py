"""What docstrings say about a component."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

_ARGUMENTS = re.compile(r"\n\nArgs:\n(?:(?: .*)?(?:\n|$))*")
_LITERAL = re.compile(r"Literal\[([^]]*)\]")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s]+)\)")
_SECTION = re.compile(r"^(Reference|References):\s*$")
# `seed: Seed of the draws.`, one level in, as Google's style has it.
_ARGUMENT = re.compile(r"^ {4}(\*{0,2}\w+)(?: ?\(.*?\))?: ?(.*)$")


def summary(component: Any) -> str:
    """The first line of the docstring, without its full stop."""
    text = inspect.getdoc(component) or ""
    return text.partition("\n\n")[0].replace("\n", " ").removesuffix(".")


def text_without_arguments(component: Any) -> str:
    """The docstring, but for its section `Args`."""
    text = inspect.getdoc(component) or ""
    return _ARGUMENTS.sub("\n\n", text, count=1).strip()


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


def arguments(component: Any) -> dict[str, str]:
    """What the docstring says of each argument, a line each.

    A class may leave arguments to the docstrings of its bases.

    Args:
        component: Class or function.

    Returns:
        Argument to its description, without a full stop at the end.
    """
    found: dict[str, str] = {}
    for one in getattr(component, "__mro__", (component,)):
        for name, text in _described(inspect.cleandoc(one.__doc__ or "")):
            found.setdefault(name, text)
    return found


def option_rows(kind: str, component: Any) -> list[list[str]]:
    """Name, type, default and meaning of every option, as one may write them.

    Args:
        kind: Kind of the component.
        component: Class or function.
    """
    from keras_mtl.config.components import default_of, nested_kinds
    from keras_mtl.config.signature import options

    nested = nested_kinds(kind)
    meanings = _meanings(kind, component)
    return [
        [
            option.name,
            _type_name(option.annotation, nested.get(option.name)),
            _default(option.required, option.name, default_of(option, kind, 0)),
            meanings.get(option.name, ""),
        ]
        for option in options(component, kind)
    ]


def _meanings(kind: str, component: Any) -> dict[str, str]:
    if kind != "datasets":
        return arguments(component)
    from keras_mtl.datasets.registry import mode_options

    return arguments(mode_options) | arguments(component)


def _described(text: str) -> Iterator[tuple[str, str]]:
    """Arguments and descriptions in the section `Args` of a docstring."""
    _, _, section = text.partition("\nArgs:\n")
    name, words = "", [""]
    for line in section.splitlines():
        if line and not line.startswith(" "):
            break
        start = _ARGUMENT.match(line)
        if start:
            if name:
                yield name, _sentence(words)
            name, words = start[1], [start[2]]
        elif line:
            words.append(line.strip())
    if name:
        yield name, _sentence(words)


def _sentence(words: list[str]) -> str:
    return " ".join(words).strip().removesuffix(".")


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
    text = _LITERAL.sub(lambda found: found[1].replace(", ", " | "), text)
    if nested and text == "Any":
        return f"one of the {nested}, or null"
    if nested:
        return f"{text}, or one of the {nested}"
    return "any" if text == "Any" else text
