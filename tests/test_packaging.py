"""The wheel and the editable install put every file in its place."""

import ast
import email
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {
    "keras_mtl": "keras_mtl",
    "trainers": "keras_mtl/trainers",
    "datasets": "keras_mtl/datasets",
    "configs": "keras_mtl/configs",
}
FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")
DISTRIBUTIONS = {
    "PIL": "pillow",
    "keras_hub": "keras-hub",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
# Extras whose packages this one does not import.
FOR_DEVELOPERS = {"dev", "test"}
# Loaded by other dependencies or by the command line, never imported.
NOT_IMPORTED = {"tensorboard"}
LOCATE = """
import importlib.util, json, sys
names = ["keras_mtl", "keras_mtl.trainers", "keras_mtl.datasets",
         "keras_mtl.configs", "keras_mtl.cli", "trainers", "configs"]
specs = {name: importlib.util.find_spec(name) for name in names}
print(json.dumps({name: spec and spec.origin for name, spec in specs.items()}))
"""


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of what is built, so that the tree keeps no `build/`."""
    folder = tmp_path_factory.mktemp("source")
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in SOURCES:
        shutil.copytree(ROOT / name, folder / name, ignore=skip)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    (folder / "tests").mkdir()
    (folder / "tests" / "__init__.py").touch()
    return folder


def build(source, folder, hook):
    """Calls a hook of the build backend, without a network."""
    script = (
        f"from setuptools import build_meta as b; b.{hook}({str(folder)!r})"
    )
    run(sys.executable, "-c", script, cwd=source)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    path = build(source, tmp_path_factory.mktemp("wheel"), "build_wheel")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def metadata(wheel):
    name = next(n for n in wheel.namelist() if n.endswith("/METADATA"))
    return email.message_from_bytes(wheel.read(name))


def test_wheel_holds_every_module_and_configuration(wheel):
    expected = {
        f"{place}/{path.relative_to(ROOT / name).as_posix()}"
        for name, place in SOURCES.items()
        for path in (ROOT / name).rglob("*")
        if path.suffix in {".py", ".yaml", ".typed"}
    }
    assert expected <= set(wheel.namelist())


def test_wheel_puts_one_name_on_the_path(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "keras_mtl"
    }


def test_wheel_carries_the_licence_and_the_command(wheel, metadata):
    names = {name.rsplit("/", 1)[1]: name for name in wheel.namelist()}
    licence = wheel.read(names["LICENSE"]).decode()
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    entry_points = wheel.read(names["entry_points.txt"]).decode()
    assert "keras-mtl = keras_mtl.cli:main" in entry_points
    assert metadata["Requires-Python"] == ">=3.11"


def test_every_requirement_has_a_lower_bound(metadata):
    for requirement in metadata.get_all("Requires-Dist"):
        assert ">=" in requirement, requirement


def test_the_version_is_that_of_the_package(metadata):
    text = (ROOT / "keras_mtl" / "version.py").read_text(encoding="utf-8")
    assert f'"{metadata["Version"]}"' in text


def imported_distributions():
    names = set()
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    names.add(node.module)
    tops = {name.split(".")[0] for name in names} - {"keras_mtl"}
    return {
        DISTRIBUTIONS.get(top, top) for top in tops - sys.stdlib_module_names
    }


def test_what_is_imported_is_declared_and_the_reverse(metadata):
    required, optional = set(), set()
    for line in metadata.get_all("Requires-Dist"):
        name = re.split(r"[^\w-]", line)[0].lower()
        extra = re.search(r"extra == ['\"](\w+)", line)
        if extra is None:
            required.add(name)
        elif extra[1] not in FOR_DEVELOPERS:
            optional.add(name)
    assert imported_distributions() <= required | optional
    assert required - NOT_IMPORTED <= imported_distributions()


def test_wheel_imports_from_another_folder(wheel, tmp_path):
    wheel.extractall(tmp_path / "site")
    (tmp_path / "elsewhere").mkdir()
    start = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})"
    found = json.loads(
        run(
            *(sys.executable, "-S", "-c", start + LOCATE),
            cwd=tmp_path / "elsewhere",
        )
    )
    assert found.pop("trainers") is found.pop("configs") is None
    for name, origin in found.items():
        place = tmp_path / "site" / name.replace(".", "/") / "__init__.py"
        assert Path(origin) == place


def test_editable_install_imports_from_another_folder(source, tmp_path):
    """Only the standard library and the editable hook are on the path."""
    (tmp_path / "wheel").mkdir()
    path = build(source, tmp_path / "wheel", "build_editable")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "site")
    start = f"import site; site.addsitedir({str(tmp_path / 'site')!r})"
    found = json.loads(
        run(sys.executable, "-S", "-c", start + LOCATE, cwd=tmp_path)
    )
    assert found.pop("trainers") is found.pop("configs") is None
    for name, origin in found.items():
        last = name.rsplit(".", 1)[-1]
        folder = source / last if last in SOURCES else source / "keras_mtl/cli"
        assert Path(origin) == folder / "__init__.py"
