"""Kills runs at random moments, resumes them, and compares bit by bit.

For each of a dozen small configurations, `keras-mtl fit` runs once without
interruption, with deterministic operations on the CPU. Then other runs are
killed with SIGKILL, several times each: in training, in the middle of writing
a checkpoint, or at any moment since the process began; some are stopped with
SIGTERM as well, which leaves a checkpoint in the middle of an epoch. In the
end, all weights, optimizer slots, random states and metrics must be the same
to the last bit.

    python benchmarks/kill_resume.py [--kills 30] [--seed 0] [--only dwa,moco]

Processes are forked from one that has loaded TensorFlow, since loading it
takes most of the time; `--fresh` starts each of them anew.
"""

from __future__ import annotations

import argparse
import collections
import random
import statistics
import tempfile
import time
from pathlib import Path

from interrupted_runs import CASES, Harness
from starters import Forked, Fresh


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="names of cases, with commas")
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(CASES)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        Fresh() if options.fresh else Forked() as starter,
    ):
        chance = random.Random(options.seed)
        harness = Harness(Path(folder), starter, chance)
        for index, name in enumerate(names):
            extra = index < options.kills % len(names)
            kills = options.kills // len(names) + extra
            report(name, harness, kills)
    summarise(harness, time.monotonic() - began)


def report(name: str, harness: Harness, kills: int) -> None:
    """Checks one configuration, and prints how it went."""
    before = len(harness.moments)
    differences = harness.check(name, kills)
    moments = ", ".join(harness.moments[before:])
    print(f"{name:22s} {moments}", flush=True)
    for line in differences or ["the same to the last bit"]:
        print(f"{'':22s} {line}", flush=True)


def summarise(harness: Harness, seconds: float) -> None:
    counts = collections.Counter(
        moment.partition(" ")[0] for moment in harness.moments
    )
    listed = ", ".join(f"{name} {count}" for name, count in counts.items())
    kills = counts.total() - counts["stopped"]
    print(f"{kills} kills in {seconds:.0f} s ({listed})")
    print(f"{harness.compared} runs compared, {harness.unequal} differ")
    first, resumed = (
        statistics.median(times) for times in (harness.first, harness.resumed)
    )
    print(
        f"process to first batch done: {first:.1f} s, resumed {resumed:.1f} s "
        f"({resumed / first:.2f} times)"
    )


if __name__ == "__main__":
    main()
