"""Checks the components that a configuration names, and completes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from keras_mtl.config.checks import check, describe, unknown_key
from keras_mtl.config.document import Document
from keras_mtl.config.location import Path, dotted
from keras_mtl.config.problem import Problem
from keras_mtl.config.registry import resolve
from keras_mtl.config.signature import Option, options, options_model
from keras_mtl.errors import ConfigError

# Options that hold a component of their own, by the kind of their owner.
_NESTED = {"aggregator": "aggregators", "weighting": "weightings"}
# Networks give logits; Keras assumes probabilities.
_DEFAULTS: dict[tuple[str, str], Any] = {
    ("losses", "from_logits"): True,
    ("metrics", "from_logits"): True,
}

# Left out where they are not given, so that what was resolved without them
# is still the same.
_UNSAID = {("datasets", name) for name in ("mode", "length", "turns")}


def nested_kinds(kind: str) -> dict[str, str]:
    """Options of a kind that may hold a component, and its kind."""
    if kind == "optimizers":
        return {"learning_rate": "schedules"}
    return _NESTED if kind in ("trainers", *_NESTED.values()) else {}


def default_of(option: Option, kind: str, seed: int) -> Any:
    """The value of an option that is not given, as plain data.

    A `seed` defaults to the seed of the run. What cannot be written in a
    configuration gives `None`.
    """
    if option.name == "seed":
        return seed
    default = _DEFAULTS.get((kind, option.name), option.default)
    try:
        return json.loads(json.dumps(default))
    except (TypeError, ValueError):
        return None


@dataclass
class Completer:
    """Walks over components, collecting problems and notes.

    Args:
        document: The values as written, for their places.
        seed: Seed of the run.
        plugins: Whether components of other packages are allowed.
    """

    document: Document
    seed: int
    plugins: bool = True
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def complete(self, kind: str, block: Any, path: Path) -> dict[str, Any]:
        """Checks a block and fills in the defaults of its component.

        Args:
            kind: Kind of component.
            block: The block, or the name alone.
            path: Where it stands.

        Returns:
            The block with every option, or as it was if something is wrong.
        """
        if isinstance(block, str):
            block = {"name": block}
        if not isinstance(block, dict):
            self._complain(
                path,
                "expected a name, or a mapping with a name and options. "
                f"Received: {describe(block)}.",
            )
            return {}
        component = self._component(kind, block, path)
        if component is None:
            return block
        return self._completed(kind, component, block, path)

    def _component(
        self, kind: str, block: dict[str, Any], path: Path
    ) -> Callable[..., Any] | None:
        name = block.get("name")
        here = (*path, "name")
        if not isinstance(name, str):
            what = describe(name) if "name" in block else "nothing"
            self._complain(here, f"expected a name. Received: {what}.")
            return None
        try:
            found: Callable[..., Any] = resolve(kind, name, self.plugins)
        except ConfigError as error:
            self._complain(here, str(error))
            return None
        return found

    def _completed(
        self,
        kind: str,
        component: Callable[..., Any],
        block: dict[str, Any],
        path: Path,
    ) -> dict[str, Any]:
        known = options(component, kind)
        given = self._given(block, [option.name for option in known], path)
        inner = {
            name: nested
            for name, nested in nested_kinds(kind).items()
            if name in given and _holds_component(nested, given[name])
        }
        plain = {key: given[key] for key in given if key not in inner}
        model = options_model(component, kind, tuple(inner))
        required = dict.fromkeys(inner)
        self.problems += check(
            model, {**plain, **required}, path, self.document
        )
        filled = {"name": block["name"]}
        for option in known:
            name = option.name
            if name in inner:
                filled[name] = self.complete(
                    inner[name], given[name], (*path, name)
                )
            elif name in given:
                filled[name] = given[name]
            elif (kind, name) not in _UNSAID:
                filled[name] = default_of(option, kind, self.seed)
        return filled

    def _given(
        self, block: dict[str, Any], known: list[str], path: Path
    ) -> dict[str, Any]:
        """The options of a block, without those it does not take."""
        given = {}
        for key, value in block.items():
            here = (*path, key)
            if key in known:
                given[key] = value
            elif here in self.document.inherited:
                self.notes.append(
                    f"{dotted(here)} is left out: {block['name']!r} does not "
                    "take it."
                )
            elif key != "name":
                self.problems.append(unknown_key(here, known, self.document))
        return given

    def _complain(self, path: Path, message: str) -> None:
        place = self.document.locate(path)
        self.problems.append(Problem(path, message, place))


def _holds_component(kind: str, value: Any) -> bool:
    """Numbers are learning rates; nothing means no aggregator."""
    if kind == "schedules":
        return isinstance(value, dict)
    return value is not None
