"""What a stranger's file may make the package do: read numbers, no more."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    path
    for top in ("keras_mtl", "trainers", "datasets", "configs", "benchmarks")
    for path in sorted((ROOT / top).rglob("*.py"))
]
# They unpickle, or run what a file says.
MODULES = {
    "cloudpickle", "code", "dill", "jsonpickle", "marshal", "pickle",
    "shelve",
}  # fmt: skip
BUILTINS = {"eval", "exec", "compile", "__import__"}
SAFE_LOADERS = {"SafeLoader", "CSafeLoader"}


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def problems(tree):
    """Line and name of everything unsafe in a module."""
    loaders = safe_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            named = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                named = [node.module or ""]
            for name in named:
                if name.partition(".")[0] in MODULES:
                    yield node.lineno, name
        if isinstance(node, ast.Call):
            yield from unsafe_call(node, loaders)


def unsafe_call(node, loaders):
    called = ast.unparse(node.func)
    options = {k.arg: ast.unparse(k.value) for k in node.keywords}
    last = called.rpartition(".")[2]
    if called in BUILTINS:
        yield node.lineno, called
    if called.startswith("yaml.") and last in (
        "full_load", "unsafe_load", "load_all", "full_load_all",
        "unsafe_load_all",
    ):  # fmt: skip
        yield node.lineno, called
    if called in ("yaml.load", "yaml.compose", "yaml.parse", "yaml.scan"):
        given = [ast.unparse(one) for one in node.args[1:]]
        given += [options[k] for k in ("Loader",) if k in options]
        if not given or given[0].rpartition(".")[2] not in loaders:
            yield node.lineno, called
    if called in ("np.load", "numpy.load") and (
        options.get("allow_pickle") != "False"
    ):
        yield node.lineno, called
    if options.get("allow_pickle") == "True":
        yield node.lineno, "allow_pickle=True"
    if options.get("shell") == "True" or called == "os.system":
        yield node.lineno, "shell"
    if (
        last == "load_model"
        and called.startswith("keras.")
        and (options.get("safe_mode") != "True")
    ):
        yield node.lineno, called
    if last == "enable_unsafe_deserialization":
        yield node.lineno, called
    if last in ("extractall", "extract") or last == "unpack_archive":
        yield node.lineno, called


def safe_names(tree):
    """Names of loaders that make plain values only."""
    found = set(SAFE_LOADERS)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base) for base in node.bases]
            if bases and {b.rpartition(".")[2] for b in bases} <= SAFE_LOADERS:
                found.add(node.name)
        if isinstance(node, ast.AnnAssign | ast.Assign) and node.value:
            targets = getattr(node, "targets", None) or [node.target]
            # `yaml.SafeLoader`, or `getattr(yaml, "CSafeLoader", ...)`.
            named = re.findall(r"\w*Loader", ast.unparse(node.value))
            if named and set(named) <= SAFE_LOADERS:
                found |= {ast.unparse(target) for target in targets}
    return found


@pytest.mark.parametrize(
    "path", SOURCES, ids=[str(p.relative_to(ROOT)) for p in SOURCES]
)
def test_a_module_unpickles_and_evaluates_nothing(path):
    assert list(problems(parsed(path))) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from marshal import loads",
        "import shelve as s",
        "eval('1')",
        "exec(text)",
        "__import__('os')",
        "yaml.load(text)",
        "yaml.load(text, yaml.Loader)",
        "yaml.load(text, Loader=yaml.FullLoader)",
        "yaml.compose(text)",
        "yaml.unsafe_load(text)",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "keras.saving.load_model(path)",
        "keras.models.load_model(path, safe_mode=False)",
        "keras.config.enable_unsafe_deserialization()",
        "archive.extractall(folder)",
        "subprocess.run(line, shell=True)",
        "_Loader = yaml.Loader\nyaml.load(text, _Loader)",
        "class L(yaml.Loader): ...\nyaml.load(text, L)",
    ],
)
def test_the_scan_finds(text):
    assert list(problems(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    [
        "yaml.safe_load(text)",
        "yaml.load(text, yaml.SafeLoader)",
        "_L: Any = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)\n"
        "yaml.load(text, _L)",
        "np.load(path, allow_pickle=False)",
        "keras.saving.load_model(path, compile=False, safe_mode=True)",
        "class L(yaml.SafeLoader): ...\nyaml.compose(text, Loader=L)",
        "re.compile('a')",
        "trainer.compile('adam')",
        "model.eval()",
    ],
)
def test_the_scan_lets_pass(text):
    assert list(problems(ast.parse(text))) == []
