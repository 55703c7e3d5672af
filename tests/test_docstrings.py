"""Every module imports without a warning, and its examples hold."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def module_names():
    """All modules, from the files: nothing is imported at collection."""
    for folder in ("keras_mtl", "trainers", "datasets", "configs"):
        package = () if folder == "keras_mtl" else ("keras_mtl",)
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join((*package, *parts)).removesuffix(".__init__")
            if not name.endswith("__main__"):
                yield name


@pytest.mark.parametrize("name", list(module_names()))
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=FLAGS)
    assert result.failed == 0
