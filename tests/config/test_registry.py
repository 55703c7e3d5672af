import importlib.metadata

import pytest

from keras_mtl.config import registry
from keras_mtl.errors import ConfigError

ROWS = [
    (kind, name) for kind in registry.kinds() for name in registry.names(kind)
]


@pytest.mark.parametrize(("kind", "name"), ROWS)
def test_every_row_resolves_to_something_documented(kind, name):
    component = registry.resolve(kind, name)
    assert callable(component)
    assert component.__doc__


@pytest.mark.parametrize(
    "package",
    [
        "aggregators",
        "callbacks",
        "layers",
        "losses",
        "metrics",
        "models",
        "trainers",
        "weightings",
    ],
)
def test_what_a_package_exports_has_a_row(package):
    """Adding a component means adding its row."""
    module = importlib.import_module(f"keras_mtl.{package}")
    rows = {registry.resolve(package, name) for name in registry.names(package)}
    base = registry._BASES.get(package)
    for name in module.__all__:
        exported = getattr(module, name)
        if base and name == base.rpartition(":")[2]:
            continue
        if name in ("Trainer", "TaskLoss", "ValidLoss", "DataSetMetric"):
            continue
        if isinstance(exported, type) or package == "models":
            assert exported in rows, name


def test_a_component_from_elsewhere():
    found = registry.resolve("models", "keras_mtl.models.lenet:lenet")
    assert found.__name__ == "lenet"


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("aggregators", "pcgard", r"Did you mean 'pcgrad'"),
        ("aggregator", "pcgrad", r"Did you mean 'aggregators'"),
        ("models", "no_such_package:x", "ModuleNotFoundError"),
        ("models", "keras_mtl:nope", "AttributeError"),
        ("models", ":", "cannot be imported: ValueError"),
        ("models", "..a:b", "cannot be imported"),
        ("models", "keras_mtl.version:__version__", "class or a function"),
        ("models", "builtins:dict", "does not tell its options"),
        ("aggregators", "keras.layers:Dense", "subclass of Aggregator"),
        ("weightings", "keras_mtl.models:lenet", "subclass of Weighting"),
        ("optimizers", "keras.losses:Huber", "subclass of Optimizer"),
    ],
)
def test_what_is_wrong_is_said(kind, name, message):
    with pytest.raises(ConfigError, match=message):
        registry.resolve(kind, name)


def test_plugins_are_found_by_their_entry_point(monkeypatch):
    points = importlib.metadata.EntryPoints(
        [
            importlib.metadata.EntryPoint(
                "models.mine", "keras_mtl.models.mlp:mlp", registry.PLUGIN_GROUP
            )
        ]
    )
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda group: points
    )
    assert registry.resolve("models", "mine").__name__ == "mlp"
    with pytest.raises(ConfigError, match="expected one of"):
        registry.resolve("layers", "mine")
    with pytest.raises(ConfigError, match="expected one of"):
        registry.resolve("models", "mine", plugins=False)


def test_plugins_can_be_forbidden():
    with pytest.raises(ConfigError, match="--no-plugins forbids"):
        registry.resolve("models", "os:system", plugins=False)
    assert registry.resolve("models", "lenet", plugins=False)
