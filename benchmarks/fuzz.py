"""Feeds mutated configurations and damaged data files to the package.

Every case must be accepted, or refused by an error of the package: exit code
2 for a configuration, 3 for data. Anything else is printed with the seed that
makes it again, and the script ends with code 1.

    python benchmarks/fuzz.py [--scale 1.0] [--seed 0] [--only csv]
"""

from __future__ import annotations

import argparse
import collections
import logging
import os
import random
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from fuzzing import CASES, Case  # after the log level


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="a kind of cases")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    total: collections.Counter[str] = collections.Counter()
    began = time.monotonic()
    for kind, (case, number) in CASES.items():
        if options.only in (None, kind):
            wanted = max(1, round(number * options.scale))
            total += run(kind, case, wanted, options.seed)
    seconds = time.monotonic() - began
    print(f"{total.total()} cases in {seconds:.0f} s, {total['failed']} failed")
    sys.exit(1 if total["failed"] else 0)


def run(
    kind: str, case: Case, number: int, seed: int
) -> collections.Counter[str]:
    """Runs the cases of one kind, and prints what came of them."""
    found: collections.Counter[str] = collections.Counter()
    began = time.monotonic()
    for index in range(seed, seed + number):
        with tempfile.TemporaryDirectory() as folder:
            try:
                result = case(Path(folder), random.Random(index))
            except Exception:
                result = "failed"
                print(f"{kind}, --seed {index} --scale 0 --only '{kind}':")
                traceback.print_exc(limit=-6)
        found[result] += 1
    listed = ", ".join(f"{found[name]} {name}" for name in sorted(found))
    seconds = time.monotonic() - began
    print(f"{kind:24s} {number:5d} cases {seconds:6.1f} s  {listed}")
    sys.stdout.flush()
    return found


if __name__ == "__main__":
    main()
