"""Runs that are killed and resumed, beside runs that are not.

Used by `kill_resume.py` and the tests.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from run_differences import differences
from starters import Forked, Fresh

LIMIT = 900.0  # seconds that one process may take
STARTED = "started"  # made beside the run folder after the first batch

MLP = {"name": "mlp", "units": [12], "dropout": 0.2}
DATA = {
    "name": "multi_digits",
    "train_size": 128,
    "batch_size": 16,
    "validation": 0.05,
}
CASES: dict[str, dict[str, Any]] = {
    "pcgrad": {"trainer": {"name": "shared", "aggregator": "pcgrad"}},
    "alternating": {"trainer": {"name": "alternating", "order": "shuffled"}},
    "independent": {
        "trainer": {"name": "independent"},
        "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
    },
    "cooperative": {
        "model": {"name": "cooperative", "widths": [2, 4, 4]},
        "trainer": {"name": "cooperative", "bound": 0.01, "anchor_every": 5},
    },
    "roaming": {
        "model": {"name": "lenet"},
        "trainer": {"name": "independent"},
        "partition": {"kind": "roaming", "p": 0.5},
        "callbacks": [
            {"name": "roaming", "every": {"steps": 3}, "reset_slots": True}
        ],
        "fit": {"checkpoint_every_batches": 2},
    },
    "gradnorm": {"trainer": {"name": "shared", "weighting": "gradnorm"}},
    "dwa": {"trainer": {"name": "shared", "weighting": "dwa"}},
    "famo": {"trainer": {"name": "shared", "weighting": "famo"}},
    "moco": {"trainer": {"name": "shared", "aggregator": "moco"}},
    "nash_mtl": {
        "trainer": {
            "name": "shared",
            "aggregator": {"name": "nash_mtl", "update_every": 3},
        },
        "fit": {"checkpoint_every": 2},
    },
    "augmentation": {
        "data": {
            "name": "image_folder",
            "table": "table.csv",
            "size": [8, 8],
            "batch_size": 4,
            "augmentation": ["flip", "colour", "crop"],
            "tasks": {
                "left": {"kind": "binary"},
                "right": {"kind": "regression"},
            },
        },
    },
    "per_task": {
        "data": {**DATA, "mode": "per_task"},
        "trainer": {"name": "alternating"},
    },
}


class Harness:
    """Kills runs, resumes them, and compares them.

    Args:
        folder: An empty folder to work in.
        starter: Starts the processes.
        chance: Chooses the moments.

    Attributes:
        moments: What was done to runs, in order: `stopped` (SIGTERM), or
            `training`, `checkpoint`, `anywhere` (SIGKILL), and the seconds.
        first: Seconds from the start of a process to its first batch.
        resumed: The same of resumed ones.
        compared: Runs that were compared.
        unequal: Those that differ.
    """

    def __init__(
        self, folder: Path, starter: Fresh | Forked, chance: random.Random
    ) -> None:
        self.folder = folder
        self.starter = starter
        self.chance = chance
        self.moments: list[str] = []
        self.first: list[float] = []
        self.resumed: list[float] = []
        self.compared = self.unequal = 0

    def check(self, name: str, kills: int) -> list[str]:
        """Kills runs of one configuration so many times.

        Args:
            name: Name of a case.
            kills: How many SIGKILLs.

        Returns:
            What differs from the run that was not interrupted.

        Raises:
            RuntimeError: If a run failed by itself.
        """
        config = written(self.folder / name, name)
        whole = Interrupted(self.starter, config, config.parent / "whole")
        whole.finish()
        self.first += whole.times
        found: list[str] = []
        number = 0
        while kills > 0 or number == 0:
            run = Interrupted(self.starter, config, config.parent / f"{number}")
            kills -= self._interrupt(run, kills, whole.span)
            self.resumed += run.times[1:]
            differing = list(differences(whole.path, run.path))
            found += [f"run {number}: {line}" for line in differing]
            self.compared += 1
            self.unequal += bool(differing)
            number += 1
        return found

    def _interrupt(self, run: Interrupted, kills: int, span: float) -> int:
        """Interrupts a run up to so many times; it is finished then."""
        done = 0
        while done < kills:
            kind = self.chance.choices(
                ("training", "checkpoint", "anywhere", "stopped"),
                (3, 4, 1, 2),
            )[0]
            seconds = self.chance.uniform(0, 0.6 * span)
            if not run.interrupt(kind, seconds):
                return done
            self.moments.append(f"{kind} {seconds:.2f}")
            done += kind != "stopped"
        run.finish()
        return done


class Interrupted:
    """One run, in as many processes as it takes.

    Args:
        starter: Starts them.
        config: The configuration file.
        path: The run folder.
    """

    def __init__(
        self, starter: Fresh | Forked, config: Path, path: Path
    ) -> None:
        self.starter = starter
        self.config = config
        self.path = path
        self.log = path.with_suffix(".log")
        self.marker = config.with_name(STARTED)
        self.times: list[float] = []
        self.span = 0.0

    def finish(self) -> None:
        """Runs it to its end."""
        pid, began = self._start()
        self._wait(pid, began, self.marker.exists)
        started = time.monotonic()
        code = self._wait(pid, began, lambda: False)
        self.span = time.monotonic() - started
        if code != 0:
            raise self._failure(code)

    def interrupt(self, kind: str, seconds: float) -> bool:
        """Starts or resumes it, and interrupts it; False if it had ended."""
        pid, began = self._start()
        if kind == "anywhere":
            until = began + 4 * seconds
        else:
            self._wait(pid, began, self.marker.exists)
            until = time.monotonic() + seconds
        self._wait(pid, began, lambda: time.monotonic() >= until)
        if kind == "checkpoint":
            self._wait(pid, began, self._is_writing)
        code = self.starter.code(pid)
        if code is None:
            is_stop = kind == "stopped"
            os.kill(pid, signal.SIGTERM if is_stop else signal.SIGKILL)
            code = self._wait(pid, began, lambda: False)
        if code not in (0, 130, -signal.SIGKILL):
            raise self._failure(code)
        return code != 0

    def _start(self) -> tuple[int, float]:
        self.marker.unlink(missing_ok=True)
        there = (self.path / "manifest.json").exists()
        arguments = ["fit", str(self.config), "--out", str(self.path)]
        resume = ["--resume"] if there else []
        began = time.monotonic()
        return self.starter.start([*arguments, *resume], self.log), began

    def _wait(
        self, pid: int, began: float, condition: Callable[[], bool]
    ) -> int | None:
        """Waits for a condition, or the end of the process."""
        is_first = not self.marker.exists()
        while True:
            if condition():
                if is_first and self.marker.exists():
                    self.times.append(time.monotonic() - began)
                return None
            code = self.starter.code(pid)
            if code is not None:
                return code
            if time.monotonic() - began > LIMIT:
                os.kill(pid, signal.SIGKILL)
                raise self._failure(None)
            time.sleep(0.001)

    def _is_writing(self) -> bool:
        try:
            names = os.listdir(self.path / "checkpoints")
        except OSError:
            return False
        return any(name.startswith(".tmp-") for name in names)

    def _failure(self, code: int | None) -> RuntimeError:
        text = self.log.read_text(errors="replace")[-2000:]
        return RuntimeError(f"{self.path} ended with {code}:\n{text}")


def written(folder: Path, name: str) -> Path:
    """Writes a case and the data that it needs; returns its file."""
    config = {
        "name": name,
        "seed": 3,
        "data": DATA,
        "model": MLP,
        "callbacks": [],
        **CASES[name],
    }
    config["fit"] = {"epochs": 4, "log_every": 3, **config.get("fit", {})}
    folder.mkdir(parents=True)
    if config["data"]["name"] == "image_folder":
        config["data"] = {**config["data"], "dir": str(folder)}
        write_images(folder)
    pause = {"name": "pause:Pause", "marker": str(folder / STARTED)}
    config["callbacks"] = [*config["callbacks"], pause]
    path = folder / "config.yaml"
    path.write_text(json.dumps(config), encoding="utf-8")  # is YAML, too
    return path


def write_images(folder: Path, count: int = 48) -> None:
    """Writes images of noise and a table of two labels for each."""
    from PIL import Image

    chance = np.random.default_rng(0)
    lines = ["image,left,right"]
    for index in range(count):
        pixels = chance.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{index}.png")
        lines.append(f"{index}.png,{index % 2},{chance.normal():.3f}")
    (folder / "table.csv").write_text("\n".join(lines), encoding="utf-8")
