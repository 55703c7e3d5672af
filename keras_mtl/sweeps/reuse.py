"""Finished runs that need not be run again."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.runs import RunFolder
from keras_mtl.runs.atomic import disk_errors
from keras_mtl.sweeps.record import FINISHED, Record
from keras_mtl.sweeps.sweep_folder import SweepFolder
from keras_mtl.sweeps.trial import key_of
from keras_mtl.version import __version__


def reuse(sweep: SweepFolder, folders: Iterable[Path]) -> list[Record]:
    """Copies finished runs of the same configuration into a sweep.

    The name of a run does not matter, anything else does. A run that was
    limited with `--limit-batches` is left out.

    Args:
        sweep: A sweep. Only trials that were never started are looked for.
        folders: Where to look: run folders, or folders with runs anywhere
            below.

    Returns:
        The records of the trials found.

    Raises:
        ConfigError: If a folder does not exist.
        DataError: If the disk is full or read-only.
    """
    finished: dict[str, RunFolder] = {}
    for folder in folders:
        for run in finished_runs(folder):
            finished.setdefault(key_of(run.resolved), run)
    found = []
    for record in list(sweep.records.values()):
        path = sweep.run_path(record.name)
        if record.state == FINISHED or path.exists():
            continue
        known = finished.get(key_of(sweep.resolved(record.name)))
        if known is not None:
            copy_run(known.path, path)
            found.append(_adopted(sweep, record, known))
    return found


def finished_runs(folder: Path) -> Iterator[RunFolder]:
    """Finds the finished runs in a folder and below.

    Raises:
        ConfigError: If the folder does not exist.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"--reuse: expected a folder with runs. Received: {str(folder)!r}."
        )
    for path, below, files in os.walk(folder):
        below[:] = sorted(name for name in below if name[0] != ".")
        if "manifest.json" not in files:
            continue
        below.clear()  # runs are not nested
        with contextlib.suppress(DataError):
            run = RunFolder.open(path)
            if _is_whole(run):
                yield run


def copy_run(old: Path, new: Path) -> None:
    """Copies a finished run, all or nothing.

    Files are linked where the disk allows it, so that checkpoints take no
    room: what changes a finished run replaces whole files.
    """
    temporary = new.with_name(f".{new.name}.new-{os.getpid()}")
    skip = shutil.ignore_patterns(".lock")
    with disk_errors(new):
        try:
            shutil.copytree(old, temporary, ignore=skip, copy_function=_link)
            temporary.rename(new)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _link(old: str, new: str) -> None:
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)


def _is_whole(run: RunFolder) -> bool:
    manifest: Any = run.manifest
    return (
        isinstance(manifest, dict)
        and isinstance(run.resolved, dict)
        and manifest.get("status") == "finished"
        and "--limit-batches" not in (manifest.get("command") or [])
        and run.metrics_path.is_file()
    )


def _adopted(sweep: SweepFolder, record: Record, run: RunFolder) -> Record:
    version = (run.manifest.get("versions") or {}).get("keras-mtl")
    return sweep.update(
        record.name,
        state=FINISHED,
        exit_code=0,
        reason=None,
        reused_from=str(run.path),
        version=version or "unknown",
    )


def versions_note(records: Iterable[Record]) -> str | None:
    """Says which runs are of another version of this package, if any."""
    others = [r for r in records if r.version != __version__]
    if not others:
        return None
    versions = ", ".join(sorted({str(record.version) for record in others}))
    return (
        f"{len(others)} of the reused runs were trained with keras-mtl "
        f"{versions}; this is {__version__}."
    )
