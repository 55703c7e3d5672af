"""What a run was made with: versions, revision, devices, tasks."""

from __future__ import annotations

import datetime
import importlib.metadata
import math
import platform
import subprocess
import sys
from typing import Any

PACKAGES = ("keras-mtl", "keras", "tensorflow", "tensorboard", "numpy")


def environment(command: list[str], seed: Any) -> dict[str, Any]:
    """The part of a manifest that needs no framework to be loaded.

    Args:
        command: The command line, program first.
        seed: The seed of the run.

    Returns:
        Plain JSON values.
    """
    return {
        "created": now(),
        "status": "created",
        "command": command,
        "seed": seed,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "versions": {name: _version(name) for name in PACKAGES},
        "git": git_revision(),
    }


def described(trainer: Any, data: Any) -> dict[str, Any]:
    """The part of a manifest that needs the built trainer and the data.

    Args:
        trainer: A built trainer.
        data: The data it is trained on.

    Returns:
        Plain JSON values.
    """
    return {
        "trainer": type(trainer).__name__,
        "tasks": list(trainer.tasks),
        "task_groups": [list(group) for group in trainer.groups],
        "parameters": int(trainer.model.count_params()),
        "shared_parameters": sum(
            math.prod(one.shape) for one in trainer.split.shared_variables
        ),
        "devices": devices(),
        "data": {
            "name": data.name,
            "fingerprint": data.fingerprint,
            # Unlike the fingerprint, the same whatever the seed.
            "contents": getattr(data, "contents", None),
        },
    }


def collective(trainer: Any) -> dict[str, int]:
    """What a trained trainer's devices sum in a training step.

    Args:
        trainer: A trainer.

    Returns:
        `collective_bytes_per_step`, of one device; nothing for a single one.
    """
    total = int(trainer.collectives.total)
    return {"collective_bytes_per_step": total} if total else {}


def devices() -> list[str]:
    """Kind and name of every device TensorFlow may use."""
    import tensorflow as tf

    found = tf.config.list_physical_devices()
    details = tf.config.experimental.get_device_details
    return [
        f"{device.device_type} {details(device).get('device_name', '')}".strip()
        for device in found
    ]


def git_revision() -> dict[str, Any] | None:
    """Revision of the working folder and whether it has changes, if any."""
    revision = _git("rev-parse", "HEAD")
    if revision is None:
        return None
    return {"revision": revision, "dirty": bool(_git("status", "--porcelain"))}


def now() -> str:
    """The time in UTC, ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def peak_memory() -> int | None:
    """Largest resident size of this process, bytes; None on Windows."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
