"""Whatever is damaged, the answer is an error in words.

`benchmarks/fuzz.py` runs thousands of these cases.
"""

import random

import pytest

COUNTS = {
    "configuration, values": 100,
    "configuration, text": 50,
    "configuration, --set": 30,
    "configuration, built": 6,
    "idx": 20,
    "csv": 20,
    "png, jpg": 4,
    "npy": 6,
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", COUNTS)
def test_mutations_are_accepted_or_refused(kind, benchmark_module, tmp_path):
    case, _ = benchmark_module("fuzzing").CASES[kind]
    found = set()
    for seed in range(COUNTS[kind]):
        folder = tmp_path / str(seed)
        folder.mkdir()
        # Seeds that the benchmark does not reach.
        found.add(case(folder, random.Random(10**6 + seed)))
    assert found <= {"accepted", "refused"}
    assert "refused" in found


def test_every_kind_of_case_is_run(benchmark_module):
    assert set(COUNTS) == set(benchmark_module("fuzzing").CASES)


def test_damage_changes_the_bytes(benchmark_module):
    damaged = benchmark_module("fuzzing").damaged
    data = bytes(range(256))
    changed = [damaged(data, random.Random(seed)) != data for seed in range(99)]
    assert sum(changed) > 95
