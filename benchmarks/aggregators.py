"""Times the aggregators: weights, whole aggregations, and share of a step.

    python benchmarks/aggregators.py                  # weights, T = 2 to 64
    python benchmarks/aggregators.py --sizes 4,5,6,7  # 10^4 to 10^7 parameters
    python benchmarks/aggregators.py --share          # of a ResNet-18's step

Everything runs in one process and takes turns. A call is one call of a traced
function on tensors in memory, result waited for. Beside it stands the same
problem solved with NumPy and SciPy (`nnls`, or `SLSQP` for CAGrad) and, where
it is installed, with torchjd. Microseconds are medians; those of processor
time, unlike those of the clock, hold on a busy machine, but add up over cores.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from routes import NUMPY, torchjd_route

from keras_mtl import aggregators
from keras_mtl.backend.combination import blocks_of, combine

tf.get_logger().setLevel("ERROR")
Call = Callable[[], Any]
METHODS: dict[str, Callable[[], aggregators.Aggregator]] = {
    "pcgrad": lambda: aggregators.PCGrad(seed=0),
    "gradvac": lambda: aggregators.GradVac(seed=0),
    "mgda": aggregators.MGDA,
    "upgrad": aggregators.UPGrad,
    "dualproj": aggregators.DualProj,
    "cagrad": aggregators.CAGrad,
    "nash_mtl": aggregators.NashMTL,
    "fairgrad": aggregators.FairGrad,
    "imtl_g": aggregators.IMTLG,
    "aligned_mtl": aggregators.AlignedMTL,
    "con_fig": aggregators.ConFIG,
    "sdmgrad": aggregators.SDMGrad,
    "krum": aggregators.Krum,
}


def main() -> None:
    arguments = parse()
    names = arguments.only.split(",") if arguments.only else list(METHODS)
    unknown = sorted(set(names) - set(METHODS))
    if unknown:
        sys.exit(f"Expected methods of {list(METHODS)}. Received: {unknown}")
    if arguments.share:
        show_share(names, arguments.rounds)
    elif arguments.sizes:
        for exponent in map(int, arguments.sizes.split(",")):
            show_sizes(names, 10**exponent, arguments.rounds)
    else:
        for num_tasks in map(int, arguments.tasks.split(",")):
            show_weights(names, num_tasks, arguments)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="comma-separated methods")
    parser.add_argument("--tasks", default="2,4,8,16,32,64")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument(
        "--rank", type=int, help="of the gradients; independent by default"
    )
    parser.add_argument(
        "--sizes", help="time Gram matrix, weights and combination: exponents"
    )
    parser.add_argument(
        "--share", action="store_true", help="of a step, 8 tasks, ResNet-18"
    )
    return parser.parse_args()


def jacobian(num_tasks: int, num_params: int) -> np.ndarray:
    random = np.random.default_rng(0)
    return random.normal(size=(num_tasks, num_params)).astype("float32")


def measure(calls: dict[str, Call], rounds: int) -> dict[str, list[float]]:
    """Median microseconds (processor, clock) of calls that take turns."""
    names = list(calls)
    times: dict[str, list[tuple[float, float]]] = {n: [] for n in names}
    for name in names:
        calls[name]()
        calls[name]()
    for index in range(rounds):
        shift = index % len(names)
        for name in names[shift:] + names[:shift]:
            start = time.process_time(), time.perf_counter()
            calls[name]()
            end = time.process_time(), time.perf_counter()
            times[name].append((end[0] - start[0], end[1] - start[1]))
    return {
        name: [
            1e6 * statistics.median(column)
            for column in zip(*rows, strict=True)
        ]
        for name, rows in times.items()
    }


def show_weights(
    names: list[str], num_tasks: int, arguments: argparse.Namespace
) -> None:
    rows = jacobian(num_tasks, arguments.rank or 4 * num_tasks)
    gram = rows @ rows.T
    calls: dict[str, Call] = {}
    for name in fitting(names, num_tasks):
        calls[name] = of_gram(METHODS[name](), gram)
        if name in NUMPY:
            calls[f"{name} numpy"] = lambda f=NUMPY[name]: f(gram)
        other = torchjd_route(name, gram)
        if other is not None:
            calls[f"{name} torchjd"] = other
    title = f"weights of a {num_tasks} x {num_tasks} Gram matrix, rank "
    show(title + str(min(rows.shape)), calls, arguments.rounds)


def fitting(names: list[str], num_tasks: int) -> list[str]:
    return [name for name in names if name != "krum" or num_tasks > 3]


def of_gram(aggregator: Any, gram: np.ndarray) -> Call:
    aggregator.build_state(len(gram), [])
    function = tf.function(lambda given: aggregator.task_weights(given))
    given = tf.constant(gram)
    return lambda: function(given).numpy()


def show_sizes(names: list[str], num_params: int, rounds: int) -> None:
    """Gram matrix, weights and combination of one large variable."""
    rows = jacobian(8, num_params)
    stacks = [tf.constant(rows)]
    calls = {name: of_stacks(METHODS[name](), stacks) for name in names}
    for name in set(names) & NUMPY.keys():
        calls[f"{name} numpy"] = lambda f=NUMPY[name]: f(rows @ rows.T) @ rows
    title = f"aggregation of 8 tasks with {num_params:,} parameters"
    show(title, dict(sorted(calls.items())), rounds)


def of_stacks(aggregator: Any, stacks: list[Any]) -> Call:
    shapes = [tuple(stack.shape[1:]) for stack in stacks]
    aggregator.build_state(len(stacks[0]), shapes)
    paths = [f"{index}/kernel" for index in range(len(stacks))]
    blocks, num_blocks = blocks_of(aggregator, paths)

    @tf.function
    def function(given: list[Any]) -> Any:
        found = combine(aggregator, given, blocks, num_blocks)
        return tf.add_n([tf.reshape(g, (-1,))[0] for g in found.gradients])

    return lambda: function(stacks).numpy()


def show_share(names: list[str], rounds: int) -> None:
    """Aggregation at the shapes of a ResNet-18 against a PCGrad step."""
    import networks
    from cases import Case

    from keras_mtl.graph import split

    model = networks.build("resnet18")
    num_tasks = networks.SETTINGS["resnet18"].num_tasks
    random = np.random.default_rng(0)
    stacks = [
        tf.constant(random.normal(size=(num_tasks, *v.shape)), tf.float32)
        for v in split(model).shared_variables
    ]
    step = "step of shared pcgrad"
    case = Case("shared pcgrad", "resnet18")
    calls = {name: of_stacks(METHODS[name](), stacks) for name in names}
    show("aggregation", {step: case.step, **calls}, rounds, whole=step)


def show(
    title: str, calls: dict[str, Call], rounds: int, whole: str | None = None
) -> None:
    found = measure(calls, rounds)
    print(f"{title} ({rounds} rounds, {os.cpu_count()} cores)")
    print(f"{'':24}{'processor us':>14}{'clock us':>14}", end="")
    print(f"{'share':>10}" if whole else "")
    for name, (processor, clock) in found.items():
        print(f"{name:24}{processor:>14,.0f}{clock:>14,.0f}", end="")
        print(f"{clock / found[whole][1]:>10.1%}" if whole else "")
    if importlib.util.find_spec("torchjd") is None:
        print("torchjd is not installed: left out")
    print(flush=True)


if __name__ == "__main__":
    main()
