"""Times start-up: `import keras_mtl` and `keras-mtl --help`.

    python benchmarks/import_time.py

Every figure is the median over fresh processes that take turns; the first
round warms the file cache and does not count.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time

COMMANDS = {
    "python": ["-c", "pass"],
    "import keras": ["-c", "import keras"],
    "import keras_mtl": ["-c", "import keras_mtl"],
    "import keras, all of keras_mtl": [
        "-c",
        "import keras_mtl; [getattr(keras_mtl, n) for n in dir(keras_mtl)]",
    ],
    "keras-mtl --help": [
        "-c",
        "import sys; from keras_mtl.cli import main; "
        "sys.argv = ['keras-mtl', '--help']; sys.exit(main())",
    ],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for index in range(rounds + 1):
            for name, arguments in COMMANDS.items():
                elapsed = timed(arguments, folder)
                if index:
                    seconds[name].append(elapsed)
    for name, values in seconds.items():
        print(f"{name:32} {statistics.median(values):6.2f} s")


def timed(arguments: list[str], folder: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
