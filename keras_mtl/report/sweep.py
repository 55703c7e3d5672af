"""What the files of a sweep say of its runs and of its table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_mtl.errors import DataError
from keras_mtl.report.files import read_mapping, read_yaml, shortest
from keras_mtl.report.options import SPLITS
from keras_mtl.runs.atomic import read_json

FILES = ("sweep.yaml", "trials.json")


@dataclass(frozen=True)
class Sweep:
    """A sweep, or several as one.

    Args:
        labels: Run folder to the row it belongs to.
        problems: Run folder to why it is not finished, as far as known.
        order: Labels in the order of the table.
        published: Label to task to metric to mean and deviation.
        sources: Where the published values are from.
        reference: Label of the row that is measured against.
        metrics: `TASK.METRIC` to show; all if empty.
        split: What to compare on; empty: the test.
        notes: What could not be read.
    """

    labels: Mapping[Path, str] = field(default_factory=dict)
    problems: Mapping[Path, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    published: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    reference: str | None = None
    metrics: tuple[str, ...] = ()
    split: str = ""
    notes: tuple[str, ...] = ()


def read_sweep(folder: Path) -> Sweep:
    """Reads `sweep.yaml` and `trials.json`.

    Args:
        folder: A sweep folder.

    Returns:
        What they say; if they are damaged, a note of it alone.
    """
    try:
        asked = read_mapping(read_yaml(folder / "sweep.yaml"), "sweep.yaml")
        state = read_mapping(read_json(folder / "trials.json"), "trials.json")
        return _sweep(folder, asked, state)
    except (
        DataError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        return Sweep(
            notes=(f"{shortest(folder)}: damaged sweep folder ({error}).",)
        )


def joined(sweeps: Sequence[Sweep]) -> Sweep:
    """Several sweeps as one; of what contradicts, the first counts."""
    every = list(reversed(sweeps))
    return Sweep(
        labels={k: v for one in every for k, v in one.labels.items()},
        problems={k: v for one in every for k, v in one.problems.items()},
        order=tuple(dict.fromkeys(r for one in sweeps for r in one.order)),
        published={k: v for one in every for k, v in one.published.items()},
        sources=tuple(dict.fromkeys(s for o in sweeps for s in o.sources)),
        reference=next((o.reference for o in sweeps if o.reference), None),
        metrics=tuple(dict.fromkeys(m for o in sweeps for m in o.metrics)),
        split=next((o.split for o in sweeps if o.split), ""),
        notes=tuple(note for one in sweeps for note in one.notes),
    )


def _sweep(
    folder: Path, asked: Mapping[str, Any], state: Mapping[str, Any]
) -> Sweep:
    labels, problems, notes = {}, {}, []
    for trial in state["trials"]:
        path = (folder / trial["folder"]).absolute()
        labels[path] = str(trial["label"])
        problem = _problem(trial)
        if problem:
            problems[path] = problem
            if not path.is_dir():
                notes.append(f"{problem}.")
    published = asked.get("published") or {}
    columns = [str(name) for name in asked.get("columns") or ()]
    source, reference = published.get("source"), asked.get("reference")
    return Sweep(
        labels=labels,
        problems=problems,
        order=tuple(str(label) for label in asked.get("rows") or ()),
        published=_scores(published.get("rows") or {}),
        sources=(str(source),) if source else (),
        reference=str(reference) if reference else None,
        metrics=tuple(
            name if "." in name else name.replace("/", ".") for name in columns
        ),
        split=_split(asked.get("split")),
        notes=tuple(notes),
    )


def _scores(rows: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Label to task to metric to mean and deviation, either may be `None`."""
    return {
        str(label): {
            str(task): {
                str(metric): tuple(
                    None if number is None else _finite(number)
                    for number in (*values, None)[:2]
                )
                for metric, values in metrics.items()
            }
            for task, metrics in tasks.items()
        }
        for label, tasks in rows.items()
    }


def _split(value: Any) -> str:
    if value is None or value in SPLITS:
        return str(value or "")
    raise ValueError(f"the split is {value!r}")


def _finite(value: Any) -> float:
    if not math.isfinite(value):
        raise ValueError(f"a published value is {value}")
    return float(value)


def _problem(trial: Mapping[str, Any]) -> str | None:
    state = trial.get("state")
    if state == "finished":
        return None
    reason = trial.get("reason")
    text = f"{trial['label']}, seed {trial.get('seed')}: {state}"
    return f"{text} ({reason})" if reason else text
