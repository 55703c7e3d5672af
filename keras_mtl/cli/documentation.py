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


def _indented(lines: list[str]) -> str:
    block = []
    for line in lines:
        if line and not line.startswith(" "):
            break
        block.append(line.strip())
    return " ".join(part for part in block if part)


def _plain(markdown: str) -> str:
    return _LINK.sub(r"\1, \2", markdown)
