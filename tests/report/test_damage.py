"""Whatever a file holds, a comparison notes it or refuses it by name."""

import json
import tempfile
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.report import compare, read_runs
from keras_mtl.report.form import Form
from keras_mtl.report.formats import FORMATS, written

SCORES = {"left": {"accuracy": 0.5, "loss": 1.0}}
CONFIG = {
    "name": "a",
    "seed": 0,
    "data": {"name": "d"},
    "trainer": {"name": "t"},
}
MANIFEST = {
    "status": "finished",
    "finished": "2030",
    "parameters": 10,
    "data": {"contents": "abc"},
    "metric_definitions": {"left": {"accuracy": {"class": "x:Y"}}},
}
METRICS = {"test": SCORES, "evaluated": "last", "last": {"validation": SCORES}}
SWEEP = {
    "rows": ["A", "B"],
    "published": {"source": "x", "rows": {"A": {"left": {"accuracy": [0.5]}}}},
    "reference": "A",
    "columns": ["left/accuracy"],
}
TRIALS = {
    "trials": [
        {"label": "A", "seed": 0, "folder": "run-0", "state": "finished"},
        {"label": "B", "seed": 0, "folder": "run-1", "state": "failed"},
    ]
}
junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["left", "accuracy", "name", "x"]), inner
        )
    ),
    max_leaves=4,
)


@st.composite
def damaged(draw, value):
    """A value with junk in one place of it."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        return {**value, key: draw(damaged(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [draw(damaged(value[0])), *value[1:]]
    return draw(junk)


def write(root, files):
    for index in range(2):
        folder = root / f"run-{index}"
        folder.mkdir()
        config, manifest, metrics = files if index == 0 else ORDERLY
        (folder / "resolved.yaml").write_text(yaml.safe_dump(config))
        (folder / "manifest.json").write_text(json.dumps(manifest))
        (folder / "metrics.json").write_text(json.dumps(metrics))


ORDERLY = (CONFIG, MANIFEST, METRICS)


def refuse(constant):
    raise AssertionError(f"{constant} is no JSON")


def check(root):
    try:
        found = read_runs([root])
        done = compare(found.runs, None, found.notes, found.sweep)
    except (ConfigError, DataError):
        return
    for name in FORMATS:
        text = written(done, Form(), name)
        if name == "json":
            json.loads(text, parse_constant=refuse)


@settings(max_examples=120)
@given(st.data(), st.integers(0, 2))
def test_a_damaged_run(data, which):
    files = list(ORDERLY)
    files[which] = data.draw(damaged(files[which]))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), files)
        check(Path(folder))


@settings(max_examples=120)
@given(damaged(SWEEP), damaged(TRIALS))
def test_a_damaged_sweep(asked, trials):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, ORDERLY)
        (root / "sweep.yaml").write_text(yaml.safe_dump(asked))
        (root / "trials.json").write_text(json.dumps(trials))
        check(root)
