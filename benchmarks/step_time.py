"""Times one training step of every scheme against a plain Keras step.

    python benchmarks/step_time.py --network lenet --rounds 20
    python benchmarks/step_time.py --network resnet18 --rounds 5

All schemes live in one process and take turns, so that a busy machine slows
all of them; ratios are medians of the ratios within a round. A step is one
call of the compiled training function on a batch that is in memory already,
for plain Keras and for the trainers alike. The first step (tracing included)
and the memory come from a fresh process per scheme: the peak of its resident
memory, and what the tensors of a later step take at their peak, beyond those
that outlive it, as the device's allocator counts them.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

Seconds = dict[str, list[float]]


def main() -> None:
    arguments = parse()
    if arguments.child:
        print(json.dumps(first_step(arguments.child, arguments.network)))
        return
    names = selected(arguments.only)
    result = measure(names, arguments.network, arguments.rounds)
    if not arguments.no_memory:
        for name in names:
            note(f"fresh process of {name}")
            child = fresh_process(name, arguments.network)
            result["cases"][name].update(child)
    add_bounds(result)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--network", choices=("lenet", "resnet18"), default="lenet"
    )
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument(
        "--only", help="comma-separated schemes; plain keras always runs"
    )
    parser.add_argument("--json", help="file to write the numbers to")
    parser.add_argument(
        "--no-memory",
        action="store_true",
        help="leave out the fresh process per scheme",
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def selected(only: str | None) -> list[str]:
    from cases import CASES, PLAIN

    if not only:
        return list(CASES)
    names = [name.strip() for name in only.split(",")]
    unknown = sorted(set(names) - set(CASES))
    if unknown:
        sys.exit(f"Expected schemes out of {list(CASES)}. Received: {unknown}")
    return list(dict.fromkeys([PLAIN, *names]))


def measure(names: list[str], network: str, rounds: int) -> dict[str, Any]:
    """Interleaved rounds; the order shifts by one from round to round."""
    import networks
    from cases import Case

    cases = {name: Case(name, network) for name in names}
    for name, case in cases.items():
        note(f"first steps of {name}")
        case.step()
        case.step()
    traces = {name: case.num_traces() for name, case in cases.items()}
    seconds: Seconds = {name: [] for name in names}
    for index in range(rounds):
        note(f"round {index + 1} of {rounds}")
        shift = index % len(names)
        for name in names[shift:] + names[:shift]:
            seconds[name].append(timed(cases[name].step))
    rows = summary(seconds)
    for name, case in cases.items():
        rows[name]["retraces"] = case.num_traces() - traces[name]
    setting = networks.SETTINGS[network]
    return {
        "network": network,
        "num_tasks": setting.num_tasks,
        "batch_size": setting.batch_size,
        "rounds": rounds,
        "versions": versions(),
        "cases": rows,
    }


def note(message: str) -> None:
    """Progress, apart from the result."""
    print(message, file=sys.stderr, flush=True)


def timed(function: Any) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def summary(seconds: Seconds) -> dict[str, dict[str, Any]]:
    from cases import PLAIN

    rows = {}
    for name, values in seconds.items():
        pairs = zip(values, seconds[PLAIN], strict=True)
        rows[name] = {
            "median_ms": 1e3 * statistics.median(values),
            "ratio": statistics.median(own / plain for own, plain in pairs),
        }
    return rows


def versions() -> dict[str, str]:
    import keras
    import tensorflow as tf

    return {
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "devices": ", ".join(
            device.device_type for device in tf.config.list_logical_devices()
        ),
        "cores": str(os.cpu_count()),
    }


def first_step(name: str, network: str) -> dict[str, float]:
    """First step and peak memory; to be called in a fresh process."""
    from cases import Case

    case = Case(name, network)
    seconds = timed(case.step)
    found = {
        "first_step_s": seconds,
        "shared_mb": case.shared_megabytes(),
        "peak_mb": peak_megabytes(),
    }
    # Not every build of TensorFlow counts the memory of a CPU.
    with contextlib.suppress(ValueError):
        found["step_mb"] = max(step_megabytes(case.step) for _ in range(3))
    return found


def step_megabytes(step: Any) -> float:
    """Peak of the memory of a step's tensors, in MiB.

    Resident memory would not do: TensorFlow keeps what was freed.
    """
    import tensorflow as tf

    memory = tf.config.experimental
    device = tf.config.list_logical_devices()[-1].name
    memory.reset_memory_stats(device)
    before = memory.get_memory_info(device)["current"]
    step()
    return (memory.get_memory_info(device)["peak"] - before) / 2**20


def peak_megabytes() -> float:
    """Peak resident memory of this process, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux `ru_maxrss` starts from that of the parent process.
        lines = dict(
            line.split(":", 1) for line in status.read_text().splitlines()
        )
        return int(lines["VmHWM"].split()[0]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes, but bytes on macOS.
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def fresh_process(name: str, network: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--network", network, "--child", name]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def add_bounds(result: dict[str, Any]) -> None:
    """What the package promises, as a ratio to the plain step.

    With `F` and `B` the times of a forward and of a backward pass, a method
    that needs every task's gradient cannot be cheaper than
    `(F + T B) / (F + B)`.
    """
    from cases import FORWARD, GRAM, SINGLE, SUMMED

    rows, num_tasks = result["cases"], result["num_tasks"]
    bounds = {"shared sum": 1.05}
    if num_tasks == 8:
        bounds["shared mgda-ub"] = 1.35
    if FORWARD in rows and SUMMED in rows:
        forward = rows[FORWARD]["median_ms"]
        backward = rows[SUMMED]["median_ms"] - forward
        floor = (forward + num_tasks * backward) / (forward + backward)
        result.update(forward_ms=forward, backward_ms=backward, floor=floor)
        bounds.update(dict.fromkeys(GRAM, 1.15 * floor))
    if SINGLE in rows:
        bound = 1.15 * num_tasks * rows[SINGLE]["ratio"]
        bounds["alternating"] = bounds["independent"] = bound
    for name in bounds.keys() & rows.keys():
        rows[name]["bound"] = bounds[name]
    if num_tasks == 8:
        add_memory_bounds(rows, num_tasks)


def add_memory_bounds(rows: dict[str, Any], num_tasks: int) -> None:
    """Methods that read a Gram matrix hold every task's gradient at once.

    Of networks whose variables outweigh their activations, that is: of a
    smaller one, the activations held for the next backward pass cost more.
    """
    from cases import GRAM, PLAIN

    plain = rows[PLAIN]
    if "step_mb" not in plain:
        return
    for name in rows:
        rows[name]["above_mb"] = rows[name]["step_mb"] - plain["step_mb"]
    for name in set(GRAM) & rows.keys():
        shared = rows[name]["shared_mb"]
        rows[name]["memory_bound"] = (num_tasks + 1.5) * shared


def show(result: dict[str, Any]) -> None:
    print(
        f"{result['network']}: {result['num_tasks']} tasks, batch "
        f"{result['batch_size']}, {result['rounds']} rounds, "
        + ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    )
    columns = {
        "median ms": ("median_ms", "{:.1f}"),
        "ratio": ("ratio", "{:.2f}"),
        "bound": ("bound", "{:.2f}"),
        "first step s": ("first_step_s", "{:.1f}"),
        "peak MB": ("peak_mb", "{:.0f}"),
        "step MB": ("step_mb", "{:.0f}"),
        "above plain": ("above_mb", "{:.0f}"),
        "bound MB": ("memory_bound", "{:.0f}"),
        "retraces": ("retraces", "{}"),
    }
    print(f"{'':22}" + "".join(f"{title:>15}" for title in columns))
    for name, row in result["cases"].items():
        cells = [
            pattern.format(row[key]) if key in row else "-"
            for key, pattern in columns.values()
        ]
        print(f"{name:22}" + "".join(f"{cell:>15}" for cell in cells))
    if "floor" in result:
        print(
            "F {forward_ms:.1f} ms, B {backward_ms:.1f} ms, "
            "(F + T B) / (F + B) = {floor:.2f}".format(**result)
        )


if __name__ == "__main__":
    main()
