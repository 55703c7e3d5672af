"""Times `keras-mtl compare` over many run folders (bound: 3 s for 200).

    python benchmarks/compare.py

The folders are made up: 20 methods x 10 seeds, 3 tasks with 2 metrics each.
Every figure is the median over fresh processes; the first does not count.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from keras_mtl.config import load

BOUND = 3.0
SEEDS = 10
COMMAND = "import sys; from keras_mtl.cli import main; sys.exit(main())"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_runs(Path(folder), options.runs)
        for form in ("terminal", "md", "json"):
            print_time(folder, form, options.rounds)


def write_runs(root: Path, count: int) -> None:
    """Writes run folders with a whole resolved configuration each."""
    resolved = load("multi_digits").config.resolved()
    generator = random.Random(0)
    for index in range(count):
        method, seed = divmod(index, SEEDS)
        config = json.loads(json.dumps(resolved))
        config["seed"] = config["data"]["seed"] = seed
        config["trainer"]["seed"] = seed
        config["optimizer"]["learning_rate"] = 1e-4 * (1 + method)
        folder = root / f"run-{index}"
        (folder / "logs" / "train").mkdir(parents=True)
        (folder / "checkpoints").mkdir()
        (folder / "resolved.yaml").write_text(yaml.safe_dump(config))
        scores = {
            task: {
                "accuracy": generator.gauss(0.9, 0.01),
                "auc": generator.gauss(0.9, 0.01),
                "loss": generator.gauss(0.3, 0.01),
            }
            for task in ("left", "middle", "right")
        }
        write_json(folder / "metrics.json", {"test": scores})
        write_json(
            folder / "manifest.json",
            {"status": "finished", "parameters": 10_000, "seconds": 1.0},
        )


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))


def print_time(folder: str, form: str, rounds: int) -> None:
    seconds = []
    command = [sys.executable, "-c", COMMAND, "compare", folder]
    for _ in range(rounds + 1):
        start = time.perf_counter()
        subprocess.run(
            [*command, "--format", form], stdout=subprocess.PIPE, check=True
        )
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds[1:])
    print(
        f"compare --format {form}: {median:.2f} s, {median / BOUND:.2f} of "
        f"the bound ({BOUND:.0f} s for 200 runs)"
    )


if __name__ == "__main__":
    main()
