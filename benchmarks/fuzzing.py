"""Mutations of configurations and data files, and what comes of them.

Used by `fuzz.py` and the tests. A case is a function of a folder and a source
of chance; it returns whether the input was accepted or refused, and raises
whatever should not happen.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from damage import damaged, outcome
from fuzzing_data import csv_files, idx_files, image_files, npy_files

from keras_mtl.config import load, load_values
from keras_mtl.config.registry import kinds, names
from keras_mtl.config.sources import find_config, read_config
from keras_mtl.errors import ConfigError, DataError

Case = Callable[[Path, random.Random], str]

# Small, so that nothing large is built of them.
ODD: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2, 3, 7, 0.5, -0.5, 1e-3, 1.5, float("nan"),
    float("inf"), "", "x", "0", "1e-3", "null", "${X}", "a:b", "os:system",
    "../../etc/passwd", "\x00", "é", [], {}, [1], [[]], [None], ["left"],
    {"name": "x"}, {"name": None}, {"left": 1}, {"name": {"name": {}}},
)  # fmt: skip
KINDS = {
    "model": "models",
    "trainer": "trainers",
    "aggregator": "aggregators",
    "weighting": "weightings",
    "optimizer": "optimizers",
    "learning_rate": "schedules",
}
PRESETS = (
    "multi_digits",
    "multi_digits_mmoe",
    "multi_mnist_uncertainty",
    "multi_fashion_roaming",
    "mnist_cooperative",
    "census_income",
)
SMALL: dict[str, Any] = {
    "seed": 3,
    "data": {
        "name": "multi_digits",
        "train_size": 16,
        "batch_size": 4,
        "validation": 0.1,
        "offset": 4,
    },
    "model": {"name": "mlp", "units": [4], "dropout": 0.1},
    "trainer": {
        "name": "independent",
        "groups": [["left", "right"]],
        "aggregator": {"name": "pcgrad"},
    },
    "optimizer": {
        "name": "adam",
        "learning_rate": {
            "name": "cosine_decay",
            "initial_learning_rate": 0.1,
            "decay_steps": 10,
        },
    },
    "tasks": {"left": {"metrics": ["accuracy"], "weight": 0.5}},
    "callbacks": [],
    "fit": {"epochs": 1, "monitor": "val_loss"},
}


def config_values(folder: Path, chance: random.Random) -> str:
    """A preset with keys dropped, renamed, moved or given odd values."""
    preset = read_config(find_config(chance.choice(PRESETS))).data
    config = mutated(preset, chance, chance.randint(1, 4))
    return outcome(lambda: load_values(config, "fuzzed"), ConfigError)


def config_text(folder: Path, chance: random.Random) -> str:
    """The file of a preset with bytes damaged."""
    path = folder / "config.yaml"
    source = Path(find_config(chance.choice(PRESETS)))
    path.write_bytes(damaged(source.read_bytes(), chance))
    return outcome(lambda: load(str(path)), ConfigError)


def config_override(folder: Path, chance: random.Random) -> str:
    """A preset with odd `--set` options."""
    preset = read_config(find_config("multi_digits")).data
    keys = [".".join(map(str, path)) for path in _paths(preset)]
    value = chance.choice([str(odd) for odd in ODD] + ["[", "{a: ", "&a", "!x"])
    key = chance.choice(keys)
    if chance.random() < 0.5:
        key = damaged(key.encode(), chance).decode(errors="replace")
    text = f"{key}={value}"
    return outcome(lambda: load("multi_digits", [text]), ConfigError)


def build(folder: Path, chance: random.Random) -> str:
    """A small configuration, mutated and then built, if it is valid.

    One in eight of those that can be built makes a training step, too.
    """
    import keras

    config = mutated(SMALL, chance, chance.randint(1, 2))
    data = config.get("data")
    if isinstance(data, dict) and data.get("name") in names("datasets"):
        data["name"] = "multi_digits"  # another one might be downloaded
    try:
        return outcome(
            lambda: _built(config, chance.random() < 1 / 8),
            ConfigError,
            DataError,
        )
    finally:
        keras.backend.clear_session()
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def _built(config: dict[str, Any], is_tried: bool) -> None:
    from keras_mtl.config import build as build_experiment

    made = build_experiment(load_values(config, "fuzzed"))
    if is_tried:
        stream = made.data.train_stream()
        made.trainer.fit(stream, steps_per_epoch=1, epochs=1, verbose=0)


def mutated(value: Any, chance: random.Random, times: int) -> Any:
    """A copy of nested mappings and lists with some places changed."""
    value = copy.deepcopy(value)
    for _ in range(times):
        paths = list(_paths(value))
        if paths:
            _mutate(value, chance.choice(paths), chance)
    return value


def _mutate(value: Any, path: tuple[Any, ...], chance: random.Random) -> None:
    parent = value
    for key in path[:-1]:
        parent = parent[key]
    key = path[-1]
    actions = ("set", "set", "alike", "alike", "name", "drop", "rename")
    action = chance.choice(actions)
    if action == "alike":
        parent[key] = _alike(path, parent[key], chance)
    elif action == "set":
        parent[key] = copy.deepcopy(chance.choice(ODD))
    elif action == "name":
        name = chance.choice(names(chance.choice(kinds())))
        parent[key] = chance.choice((name, {"name": name}))
    elif action == "drop":
        del parent[key]
    elif isinstance(parent, dict):
        parent[damaged(str(key).encode(), chance).decode("latin-1")] = (
            parent.pop(key)
        )


def _alike(path: tuple[Any, ...], value: Any, chance: random.Random) -> Any:
    """Another value of the same kind, which may well be valid."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return chance.choice((0, 1, 2, 3, 5, 8, 16, 0.1, 0.5, 1e-4, -1))
    kind = KINDS.get(str(path[-2])) if path[-1] == "name" and path[1:] else None
    if kind is not None:
        return chance.choice(names(kind))
    if isinstance(value, list) and value:
        return chance.sample(value, len(value)) + chance.choices(value, k=1)
    return value


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """The path of everything below a mapping or list."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, child in list(pairs):
            yield (*path, key)
            yield from _paths(child, (*path, key))


CASES: dict[str, tuple[Case, int]] = {
    "configuration, values": (config_values, 900),
    "configuration, text": (config_text, 400),
    "configuration, --set": (config_override, 200),
    "configuration, built": (build, 60),
    "idx": (idx_files, 250),
    "csv": (csv_files, 200),
    "png, jpg": (image_files, 100),
    "npy": (npy_files, 100),
}
