"""Writes docs/reference from the table of components.

    python docs/generate.py            # write
    python docs/generate.py --check    # only tell what is out of date

One page a kind: what each component is, its options as a configuration names
them, and the paper; and a page of the keys of a configuration. Nothing there is
written by hand, so that it cannot go stale; a test runs the check.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
from pathlib import Path
from typing import Any

import pydantic

from keras_mtl.cli.documentation import option_rows, paper, summary
from keras_mtl.cli.startup import start_keras
from keras_mtl.config.registry import names, resolve, target
from keras_mtl.config.schema import (
    DistributeConfig,
    FitConfig,
    PartitionConfig,
    RunConfig,
    TaskConfig,
)
from keras_mtl.config.transfer_schema import ClassifierConfig, TransferConfig

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
    "pipelines": "Pipelines: after the network",
}
# Heading of the keys of a block, and what checks them.
BLOCKS = {
    "The file": RunConfig,
    "fit": FitConfig,
    "tasks: a task": TaskConfig,
    "partition": PartitionConfig,
    "transfer": TransferConfig,
    "transfer.classifiers: a task": ClassifierConfig,
    "distribute": DistributeConfig,
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
    made = {f"{kind}.md": page(kind) for kind in TITLES}
    return {**made, "configuration.md": configuration()}


def configuration() -> str:
    """The keys of a configuration file, block by block."""
    lines = [
        HEAD,
        "# Configuration: the keys of a file",
        "",
        "A YAML file. `extends: NAME` starts from a preset or another file; "
        "what stands in the file goes before it, mapping by mapping.",
        "A component is named with its options beside it, or by its name "
        "alone: `optimizer: adam`, `optimizer: {name: adam, ...}`; "
        "`module:Class` names one of your own.",
        "`keras-mtl validate FILE` tells every problem at once, and `keras-mtl "
        "schema` prints the JSON Schema for completion in an editor.",
    ]
    for title, block in BLOCKS.items():
        lines += ["", f"## {title}", "", *keys(block)]
    return "\n".join(lines) + "\n"


def keys(block: type[pydantic.BaseModel]) -> list[str]:
    rows = [
        [f"`{name}`", cell(default(field)), cell(field.description or "")]
        for name, field in block.model_fields.items()
    ]
    return table(["key", "default", "what it is"], rows)


def default(field: pydantic.fields.FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, pydantic.BaseModel):
        return "see below"
    return f"`{json.dumps(value)}`"


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
        [f"`{option}`", cell(f"`{type_}`"), cell(f"`{default}`"), cell(meaning)]
        for option, type_, default, meaning in option_rows(kind, component)
    ]
    if rows:
        lines += ["", *table(["option", "type", "default", "meaning"], rows)]
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
    """Text within a table, where `<task>` is no element of HTML."""
    parts = text.replace("|", "\\|").replace("\n", " ").split("`")
    # Every second part is code, which is shown as it is.
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)


if __name__ == "__main__":
    main()
