"""Where a release keeps its images and labels: a small TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from keras_mtl.datasets.fundus.rule import FILES, Rule, has_id, read_rule
from keras_mtl.datasets.options import wrong
from keras_mtl.errors import ConfigError

PARTS = ("train", "validation", "test", "all")
FIELD_OF_VIEW = "field_of_view"
_HOME = Path(__file__).parent / "layouts"


@dataclass(frozen=True)
class Block:
    """Images of one kind, and where their labels are.

    Args:
        image: Pattern of the images, see `FileIndex`.
        rules: Task to where its labels are.
        field_of_view: Pattern of the masks of the field of view, or `None`.
    """

    image: str
    rules: Mapping[str, Rule]
    field_of_view: str | None = None


@dataclass(frozen=True)
class Layout:
    """The blocks of each part of a release.

    Args:
        name: Name of the layout.
        about: What the folder should hold and where it comes from.
        parts: `train`, `validation` and `test` as far as the release splits;
            or `all`.
        digest: SHA-256 (hex) of the file.
    """

    name: str
    about: str
    parts: Mapping[str, tuple[Block, ...]]
    digest: str = ""

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks of the training images."""
        return tuple(self.rules)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Task to what its labels are, in the first block."""
        blocks = self.parts.get("train") or self.parts["all"]
        return blocks[0].rules

    def share(self, task: str, other: str) -> bool:
        """Whether two tasks always read the same file, in the same way."""
        pairs = [
            (block.rules[task], block.rules[other])
            for blocks in self.parts.values()
            for block in blocks
        ]
        return task == other or all(
            one.form in FILES
            and two.form in FILES
            and one.channels == two.channels
            and one.options["file"] == two.options["file"]
            for one, two in pairs
        )


def layout_names() -> list[str]:
    """The layouts that come with the package."""
    return sorted(path.stem for path in _HOME.glob("*.toml"))


def read_layout(name: str) -> Layout:
    """Reads a layout.

    Args:
        name: One of `layout_names()`, or the path of a `.toml` file.

    Raises:
        ConfigError: If there is none, or what it says cannot be.
    """
    is_path = isinstance(name, str) and name.endswith(".toml")
    if not is_path and name not in layout_names():
        raise wrong(
            "layout",
            f"one of {', '.join(layout_names())}, or the path of a .toml file",
            name,
        )
    path = Path(name).expanduser() if is_path else _HOME / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The layout {path} cannot be read: {error}. Correct "
            "`data.layout`, or the file."
        ) from error
    return _layout(path, found, sha256(text.encode()).hexdigest())


def _layout(path: Path, found: Mapping[str, Any], digest: str) -> Layout:
    parts = {part: found[part] for part in PARTS if part in found}
    unknown = sorted(set(found) - {"about", *PARTS})
    is_split = "train" in parts and "all" not in parts
    if unknown or not (is_split or list(parts) == ["all"]):
        raise ConfigError(
            f"The layout {path} must have `about`, and [[train]] with "
            "[[validation]] or [[test]], or [[all]] alone. Received: "
            f"{sorted(found)}."
        )
    blocks = {
        part: tuple(_block(path, part, block) for block in listed)
        for part, listed in parts.items()
    }
    meanings = {
        tuple(sorted((t, r.meaning) for t, r in block.rules.items()))
        for listed in blocks.values()
        for block in listed
    }
    if len(meanings) > 1:
        raise ConfigError(
            f"The layout {path} must have the same tasks in every block, and "
            f"maps that mean the same. Received: {sorted(meanings)}."
        )
    about = str(found.get("about", path.stem))
    return Layout(path.stem, about, blocks, digest)


def _block(path: Path, part: str, block: Any) -> Block:
    where = f"The layout {path}, [[{part}]]"
    image = block.get("image") if isinstance(block, Mapping) else None
    if not isinstance(image, str) or not has_id(image):
        raise ConfigError(
            f"{where}: expected `image`, a path with {{id}} in it. Received: "
            f"{image!r}."
        )
    view = block.get(FIELD_OF_VIEW)
    if view is not None and not has_id(str(view)):
        raise ConfigError(
            f"{where}: expected `{FIELD_OF_VIEW}` to be a path with {{id}} "
            f"in it. Received: {view!r}."
        )
    rules = {
        task: read_rule(f"{where}, {task}", rule)
        for task, rule in block.items()
        if task not in ("image", FIELD_OF_VIEW)
    }
    if not rules:
        raise ConfigError(f"{where}: expected a task or more beside `image`.")
    return Block(image, rules, view)
