"""Runs killed by SIGKILL end as if nothing had happened.

`benchmarks/kill_resume.py` kills more often, and in more configurations.
"""

import random
import sys

import pytest


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
def test_killed_runs_end_the_same_to_the_last_bit(benchmark_module, tmp_path):
    runs = benchmark_module("interrupted_runs")
    with benchmark_module("starters").Forked() as starter:
        harness = runs.Harness(tmp_path, starter, random.Random(1))
        for name, kills in (("roaming", 2), ("moco", 1)):
            assert harness.check(name, kills) == []
    killed = [m for m in harness.moments if not m.startswith("stopped")]
    assert len(killed) == 3
    assert harness.compared >= 2


def test_a_different_run_is_noticed(benchmark_module, tmp_path):
    h5py = pytest.importorskip("h5py")
    compare = benchmark_module("run_differences").different_arrays
    contents = []
    for value in (1.0, 1.0 + 2**-52):
        path = tmp_path / f"{value}.h5"
        with h5py.File(path, "w") as file:
            file["layers/dense/vars/0"] = [value]
        contents.append(path.read_bytes())
    assert list(compare("a", contents[0], contents[0])) == []
    assert list(compare("a", *contents)) == ["a: layers/dense/vars/0"]
