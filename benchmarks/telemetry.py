"""What measuring costs: losses, norms, cosines, the distance covered.

    python benchmarks/telemetry.py --network lenet --rounds 30

A step of a method that reads the Gram matrix, with and without telemetry and
distance. All live in one process and take turns, so that a busy machine slows
all of them; ratios are medians of the ratios within a round. A point of the
curves is what `TensorBoard` reads, computes and writes every `log_every`
batches; its share is that of as many steps. At most 1.05 in all.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

LOG_EVERY = 50  # the default of `fit.log_every`
BARE, TELEMETRY, DISTANCE = "bare", "telemetry", "telemetry + distance"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--network", choices=("lenet", "resnet18"), default="lenet"
    )
    parser.add_argument("--method", default="shared pcgrad")
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    cases = {
        name: make_case(name, arguments.method, arguments.network)
        for name in (BARE, TELEMETRY, DISTANCE)
    }
    seconds = measure(cases, arguments.rounds)
    point = statistics.median(seconds.pop("point"))
    print(f"{arguments.method}, {arguments.network}, {arguments.rounds} rounds")
    bare = seconds[BARE]
    share = point / LOG_EVERY / statistics.median(bare)
    for name, own in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(own, bare, strict=True))
        median = 1000 * statistics.median(own)
        print(f"{name:22}{median:10.2f} ms{ratio:8.3f}")
    print(f"a point every {LOG_EVERY} steps: {1000 * point:.2f} ms, "
          f"{share:.4f} of the steps")  # fmt: skip


def make_case(name: str, method: str, network: str) -> Any:
    """A trainer, its compiled step and its batch."""
    from cases import Case

    from keras_mtl.callbacks import CoveredDistance

    case = Case(method, network)
    trainer = case.model
    if name == BARE:
        trainer.phases = tuple(
            dataclasses.replace(phase, telemetry=None)
            for phase in trainer.phases
        )
        trainer.telemetries = []
    if name == DISTANCE:
        case.distance = CoveredDistance()
        case.distance.set_model(trainer)
        case.distance.on_train_begin()
    trainer.make_train_function(force=True)
    case.function = trainer.train_function
    return case


def measure(cases: dict[str, Any], rounds: int) -> dict[str, list[float]]:
    """Interleaved rounds; the order shifts by one from round to round."""
    from keras_mtl.callbacks import TensorBoard

    names = list(cases)
    for case in cases.values():
        case.step()
        case.step()
    seconds: dict[str, list[float]] = {name: [] for name in [*names, "point"]}
    with tempfile.TemporaryDirectory() as folder:
        board = TensorBoard(folder, sources=[cases[DISTANCE].distance])
        board.set_model(cases[DISTANCE].model)
        board.set_params({"epochs": 1})
        board.on_train_begin()
        board.on_epoch_begin(0)
        for index in range(rounds):
            shift = index % len(names)
            for name in names[shift:] + names[:shift]:
                seconds[name].append(timed(cases[name].step))
            step = int(cases[DISTANCE].model.step)
            seconds["point"].append(
                timed(lambda s=step: board._write_window(s))
            )
        board.close()
    return seconds


def timed(function: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
