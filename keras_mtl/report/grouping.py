"""Runs to methods."""

from __future__ import annotations

import json
from collections.abc import Sequence

from keras_mtl.report.files import shortest
from keras_mtl.report.flat import distinguishing
from keras_mtl.report.labels import differing_keys, labels
from keras_mtl.report.merging import are_disjoint, merged
from keras_mtl.report.method import Method
from keras_mtl.report.run import Run


def methods(
    runs: Sequence[Run], split: str, ignored: Sequence[str] = ()
) -> tuple[list[Method], list[str]]:
    """Puts runs together that differ in nothing but their seed.

    Args:
        runs: Finished runs.
        split: Split to compare on.
        ignored: Keys of the configuration that make no difference.

    Returns:
        Methods, sorted by label, and notes: repeated seeds, seeds that other
        methods have, labels that cover several configurations.
    """
    configs = [distinguishing(run.flat, tuple(ignored)) for run in runs]
    texts = [json.dumps(c, sort_keys=True, default=str) for c in configs]
    # A run without a label joins the method that does the same.
    known = {
        text: run.label
        for run, text in zip(runs, texts, strict=True)
        if run.label is not None
    }
    groups: dict[tuple[str, str], list[Run]] = {}
    for run, text in zip(runs, texts, strict=True):
        label = run.label or known.get(text)
        key = ("", text) if label is None else (label, "")
        groups.setdefault(key, []).append(run)
    notes: list[str] = []
    unnamed = [group for (label, _), group in groups.items() if not label]
    taken = {label for label, _ in groups}
    names = iter(_names(unnamed, taken, tuple(ignored)))
    found = []
    for (label, _), group in groups.items():
        notes += _several(label, group, ignored)
        name = label or next(names)
        by_seed, repeated = _by_seed(name, group)
        notes += repeated
        config = distinguishing(group[0].flat, tuple(ignored))
        found.append(Method(name, config, by_seed, split))
    found.sort(key=lambda method: natural(method.label))
    return found, sorted(notes) + _missing_seeds(found)


def _names(
    groups: Sequence[list[Run]], taken: set[str], ignored: tuple[str, ...]
) -> list[str]:
    if not groups:
        return []
    found = labels([distinguishing(g[0].flat, ignored) for g in groups])
    return [f"{name} (no label)" if name in taken else name for name in found]


def natural(label: str) -> tuple[tuple[int, float, str], ...]:
    """Sorts `bound=0.003` before `bound=0.01`, and words by letter."""
    parts = []
    for word in label.replace("=", " = ").split():
        try:
            parts.append((0, float(word), ""))
        except ValueError:
            parts.append((1, 0.0, word))
    return tuple(parts)


def _several(label: str, group: list[Run], ignored: Sequence[str]) -> list[str]:
    if not label:
        return []
    configs = [distinguishing(run.flat, tuple(ignored)) for run in group]
    keys = differing_keys(configs)
    if not keys:
        return []
    shown = ", ".join(list(keys)[:5]) + (", ..." if len(keys) > 5 else "")
    return [f"{label}: covers runs of different configurations ({shown})."]


def _by_seed(
    name: str, group: list[Run]
) -> tuple[dict[int | None, Run], list[str]]:
    """One run a seed: the latest, or all if they have other tasks each."""
    by_seed: dict[int | None, list[Run]] = {}
    for run in sorted(group, key=_age, reverse=True):
        by_seed.setdefault(run.seed, []).append(run)
    found: dict[int | None, Run] = {}
    notes = []
    for seed in sorted(by_seed, key=lambda s: (s is not None, s or 0)):
        runs = by_seed[seed]
        found[seed] = runs[0]
        if len(runs) > 1 and are_disjoint(runs):
            found[seed] = merged(sorted(runs, key=lambda run: str(run.path)))
            notes.append(
                f"{name}: seed {seed} is made of {len(runs)} runs with tasks "
                "of their own."
            )
            continue
        notes += [
            f"{name}: seed {seed} was run twice; {shortest(runs[0].path)} "
            f"counts, {shortest(run.path)} is left out."
            for run in runs[1:]
        ]
    return found, notes


def _age(run: Run) -> tuple[str, str]:
    return str(run.manifest.get("finished")), str(run.path)


def _missing_seeds(found: Sequence[Method]) -> list[str]:
    every = {seed for method in found for seed in method.runs}
    notes = []
    for method in found:
        missing = sorted(str(s) for s in every - method.runs.keys())
        if missing:
            many = "s" if len(missing) > 1 else ""
            notes.append(
                f"{method.label}: no finished run of seed{many} "
                f"{', '.join(missing)}, which others have."
            )
    return notes
