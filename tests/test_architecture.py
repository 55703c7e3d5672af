"""The arrows between the packages go one way, and imports stay lazy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("keras_mtl", "trainers", "datasets", "configs")
COMPOSERS = ("keras_mtl/config/", "keras_mtl/cli/")
FOUNDATION = {"keras_mtl.typing", "keras_mtl.errors", "keras_mtl.version"}
# Folder: the packages of the project that it may import besides itself and
# the foundation.
ARROWS = {
    "keras_mtl/aggregators/": set(),
    "keras_mtl/weightings/": {"keras_mtl.aggregators"},
    "keras_mtl/graph/": {"keras_mtl.layers"},
    "keras_mtl/layers/": set(),
    "keras_mtl/models/": {"keras_mtl.layers"},
    "keras_mtl/losses/": set(),
    "keras_mtl/metrics/": set(),
    "keras_mtl/retina/": set(),
    "keras_mtl/backend/": {
        "keras_mtl.aggregators",
        "keras_mtl.losses",
        "keras_mtl.weightings",
    },
    "keras_mtl/exporting/": {"keras_mtl.graph", "keras_mtl.layers"},
    "keras_mtl/pipelines/": {"keras_mtl.retina"},
    "keras_mtl/report/": {"keras_mtl.runs"},
    "keras_mtl/transfer/": {"keras_mtl.layers", "keras_mtl.models"},
    "trainers/": {
        "keras_mtl.aggregators",
        "keras_mtl.backend",
        "keras_mtl.graph",
        "keras_mtl.losses",
        "keras_mtl.metrics",
        "keras_mtl.weightings",
    },
    "datasets/": {"keras_mtl.losses", "keras_mtl.metrics"},
    "configs/": set(),
}
LAZY = """
import sys
import keras_mtl, keras_mtl.cli
import keras_mtl.report, keras_mtl.report.plots, keras_mtl.report.page
heavy = {"keras", "tensorflow", "numpy", "sklearn", "tensorboard"}
print(sorted(heavy & set(sys.modules)))
"""


def sources(*folders):
    return [
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def tree(path):
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def package_of(path):
    parts = path.removesuffix(".py").split("/")[:-1]
    return parts if parts[0] == "keras_mtl" else ["keras_mtl", *parts]


def imports(path):
    """Full names of what a file imports, inside functions as well."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = package_of(path)
            package = package[: len(package) + 1 - node.level]
            parts = [*package, node.module] if node.level else [node.module]
            base = ".".join(part for part in parts if part)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_in(name, package):
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("path", sources("keras_mtl"))
def test_only_the_composers_import_trainers_and_datasets(path):
    if not path.startswith(COMPOSERS):
        for name in imports(path):
            assert not is_in(name, "keras_mtl.trainers"), name
            assert not is_in(name, "keras_mtl.datasets"), name


@pytest.mark.parametrize("folder", ARROWS)
def test_arrows(folder):
    own = ".".join(package_of(f"{folder}x.py"))
    allowed = {own, *FOUNDATION, *ARROWS[folder]}
    for path in sources(folder):
        for name in imports(path):
            if is_in(name, "keras_mtl"):
                assert any(is_in(name, package) for package in allowed), (
                    f"{path} imports {name}"
                )


@pytest.mark.parametrize(
    "path", sources("keras_mtl/aggregators", "keras_mtl/weightings")
)
def test_the_methods_need_keras_alone(path):
    for name in imports(path):
        top = name.split(".")[0]
        assert top in {"keras", "keras_mtl"} | sys.stdlib_module_names, name


@pytest.mark.parametrize("path", sources(*FOLDERS))
def test_no_bare_name_of_a_top_level_folder(path):
    for name in imports(path):
        assert name.split(".")[0] not in {"trainers", "datasets", "configs"}


@pytest.mark.parametrize("path", sources(*FOLDERS))
def test_one_place_knows_autodiff_and_one_walks_graphs(path):
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    if not path.startswith("keras_mtl/backend/"):
        assert "GradientTape" not in names
    if not path.startswith("keras_mtl/graph/"):
        assert "_keras_history" not in names


def test_the_package_and_its_command_line_import_lazily(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", LAZY],
        capture_output=True,
        cwd=tmp_path,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_an_unknown_attribute_is_refused_by_name():
    import keras_mtl

    with pytest.raises(AttributeError, match=r"'keras_mtl' has no .*'nope'"):
        _ = keras_mtl.nope
    assert "trainers" in dir(keras_mtl)
