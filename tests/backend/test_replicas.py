"""Trainers on two devices, each with its part of every batch.

In processes of their own: see `replicated.py`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_mtl.backend import replicas
from keras_mtl.config import registry
from keras_mtl.losses.task_loss import LossValue

SCRIPT = Path(__file__).with_name("replicated.py")
# Trunk of 4 -> 6 units, heads of 6 -> 2, 3 and 2 units, in float32.
SHARED, HEADS = 4 * (4 * 6 + 6), 4 * (7 * 7)
FITTED = ("sum", "pcgrad")


@pytest.fixture(scope="module")
def found():
    """What `replicated.py` prints: case to how two devices differ from one."""
    ran = subprocess.run(
        [sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.slow
def test_two_devices_train_as_one(found):
    """One test, so that one process makes the devices."""
    check_trainers(found)
    check_methods(found["methods"])
    check_bytes(found)
    check_configured(found["configured"])


def check_trainers(found):
    """Weights and logs after 20 steps, some labels missing."""
    for name, case in found.items():
        if name in ("configured", "methods"):
            continue
        exact = name not in FITTED  # in float64
        assert case["weights"] < (1e-9 if exact else 1e-5), name
        assert case["logs"] < (1e-8 if exact else 1e-4), name
        assert case["bytes"][0] == 0 < case["bytes"][1], name


def check_methods(apart):
    """Every aggregator and weighting there is."""
    names = {*registry.names("aggregators"), *registry.names("weightings")}
    assert set(apart) == names
    assert {n: value for n, value in apart.items() if not value < 1e-9} == {}


def check_bytes(found):
    """Gradients are summed over the devices once."""
    # Presence and counts as 3 numbers each, losses, and the trunk's penalty.
    small = 4 * (3 + 3 + 3 + 1)
    assert found["sum"]["bytes"][1] == SHARED + HEADS + small
    # A gradient per task, and that of the penalty on the trunk's kernel.
    rows = 3 * SHARED + HEADS + small + 4 * 24
    assert found["pcgrad"]["bytes"][1] == rows


def check_configured(case):
    """A configuration asks for devices."""
    assert case["replicas"] == 2
    assert case["loss"][1] < case["loss"][0]
    assert case["bytes"] > 0


def test_without_replicas_everything_is_what_it_was():
    tensors = [tf.constant([1.0, 2.0]), tf.constant(3.0)]
    counter = replicas.CollectiveBytes()
    with counter.counting():
        assert replicas.summed(tensors) == tensors
    assert replicas.num_replicas() == 1
    assert counter.total == 0
    values = [LossValue(tensors[1], tensors[1])]
    assert replicas.shares(values, ["mean"]) == values
    assert replicas.share(tensors[0]) is tensors[0]
    assert replicas.share(None) is None
    variable = keras.Variable(1.0)
    pairs = [(None, variable), (tensors[1], variable)]
    assert replicas.summed_pairs(pairs) == pairs


def test_shares_add_up_to_the_loss_of_the_global_batch(monkeypatch):
    """Two replicas, one of them without elements, played one by one."""
    monkeypatch.setattr(replicas, "num_replicas", lambda: 2)
    counts = np.array([3.0, 1.0], "float32")
    monkeypatch.setattr(replicas, "summed", lambda _: [tf.constant(counts)])
    first = [LossValue(2.0, 3.0), LossValue(float("nan"), 0.0)]
    second = [LossValue(0.0, 0.0), LossValue(5.0, 1.0)]
    found = [
        replicas.shares(
            [LossValue(*map(tf.constant, v)) for v in values], ["mean"] * 2
        )
        for values in (first, second)
    ]
    totals = [float(a.value + b.value) for a, b in zip(*found, strict=True)]
    assert totals == [2.0, 5.0]
    assert [float(share.count) for share in found[0]] == [3.0, 1.0]
    summing = [LossValue(tf.constant(4.0), tf.constant(3.0))] * 2
    shares = replicas.shares(summing, ["sum", "sum"])
    assert [float(share.value) for share in shares] == [4.0, 4.0]
