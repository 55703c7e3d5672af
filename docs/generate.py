"""Writes docs/reference from the table of components.

    python docs/generate.py            # write
    python docs/generate.py --check    # only tell what is out of date

One page a kind: what each component is, its options as a configuration names
them, and the paper. Nothing there is written by hand, so that it cannot go
stale; a test runs the check.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path
from typing import Any

from keras_mtl.cli.documentation import option_rows, paper, summary
from keras_mtl.cli.startup import start_keras
from keras_mtl.config.registry import names, resolve, target

FOLDER = Path(__file__).resolve().parent / "reference"
TITLES = {
    "trainers": "Trainers: the update schemes",
    "aggregators": "Aggregators: task gradients to one direction",
    "weightings": "Weightings: task losses to task weights",
    "layers": "Layers",
    "models": "Networks",
    "datasets": "Data sets",
    "losses": "Losses",
    "metrics": "Metrics",
    "callbacks": "Callbacks",
}
HEAD = "<!-- Made by docs/generate.py; changes here are overwritten. -->"
TRAITS = {
    "aggregators": ("reads", "guarantees"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    start_keras()
    stale = stale_pages()
    if check:
        sys.exit(f"Out of date: {', '.join(stale)}. Run it." if stale else 0)
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(stale)} of {len(pages())} pages changed")


def stale_pages() -> list[str]:
    """Names of the pages that are missing, or not what they should be."""
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    return stale


def pages() -> dict[str, str]:
    """File name to content."""
    return {f"{kind}.md": page(kind) for kind in TITLES}


def page(kind: str) -> str:
    """All components of one kind."""
    components = {name: resolve(kind, name) for name in names(kind)}
    lines = [HEAD, f"# {TITLES[kind]}", ""]
    lines += [
        f"In a configuration a component is named with its options beside it: "
        f"`{{name: {next(iter(components))}, ...}}`.",
        "`keras-mtl show NAME` prints the same and more.",
        "",
        *index(components),
    ]
    for name, component in components.items():
        lines += ["", *section(kind, name, component)]
    return "\n".join(lines) + "\n"


def index(components: dict[str, Any]) -> list[str]:
    rows = [
        [
            f"[`{name}`](#{name})",
            cell(summary(component)),
            cell(paper(component)),
        ]
        for name, component in components.items()
    ]
    return table(["name", "what it is", "paper"], rows)


def section(kind: str, name: str, component: Any) -> list[str]:
    module, _, attribute = target(kind, name).partition(":")
    lines = [f"## {name}", "", f"`{public(module)}.{attribute}`", ""]
    lines += [body(component)]
    for trait in TRAITS.get(kind, ()):
        value = getattr(component, trait)
        text = value if isinstance(value, str) else ", ".join(sorted(value))
        lines += ["", f"{trait.capitalize()}: {text or 'none'}."]
    rows = [
        [f"`{option}`", cell(f"`{type_}`"), cell(f"`{default}`")]
        for option, type_, default in option_rows(kind, component)
    ]
    if rows:
        lines += ["", *table(["option", "type", "default"], rows)]
    if paper(component):
        lines += ["", f"Paper: {paper(component)}"]
    return lines


def public(module: str) -> str:
    """The package that exports it: `keras_mtl.aggregators`."""
    return ".".join(module.split(".")[:2])


def body(component: Any) -> str:
    """The docstring up to its first section, as Markdown."""
    text = inspect.getdoc(component) or ""
    return re.split(r"\n\n[A-Z][A-Za-z ]*:\n", text)[0]


def table(columns: list[str], rows: list[list[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    main()
