import itertools

import numpy as np
import pytest

from keras_mtl.backend.telemetry import Telemetry, TelemetryGroup

TASKS = ("a", "b", "c")


def jacobian(seed=0):
    return np.random.default_rng(seed).normal(size=(3, 7)).astype("float32")


def expected(rows, weights, factors):
    """Tags and values from the rows themselves, in NumPy."""
    combined = weights @ rows
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    pairs = list(itertools.combinations(range(3), 2))
    cosines = [unit[a] @ unit[b] for a, b in pairs]
    length = np.linalg.norm(combined)
    tags = {
        "gradient_norm/combined": length,
        "conflict/fraction": np.mean(np.array(cosines) < 0),
    }
    for index, task in enumerate(TASKS):
        tags[f"weight/{task}"] = weights[index] * factors[index]
        tags[f"gradient_norm/{task}"] = np.linalg.norm(rows[index])
        tags[f"alignment/{task}"] = unit[index] @ combined / length
    for (a, b), cosine in zip(pairs, cosines, strict=True):
        tags[f"cosine/{TASKS[a]}/{TASKS[b]}"] = cosine
    return tags


def compare(found, tags):
    assert sorted(found) == sorted(tags)
    for tag, value in tags.items():
        assert found[tag] == pytest.approx(value, rel=1e-5, abs=1e-6), tag


def test_values_are_those_of_the_rows():
    telemetry = Telemetry(TASKS)
    rows = jacobian()
    weights = np.array([0.5, 1.0, 2.0], "float32")
    factors = np.array([3.0, 1.0, 0.1], "float32")
    telemetry.update_state(weights, rows @ rows.T, factors)
    compare(
        TelemetryGroup([telemetry]).result(), expected(rows, weights, factors)
    )


def test_results_are_means_until_the_reset():
    telemetry = Telemetry(TASKS)
    group, ones = TelemetryGroup([telemetry]), np.ones(3, "float32")
    steps = [jacobian(seed) for seed in range(3)]
    for rows in steps:
        telemetry.update_state(ones, rows @ rows.T)
    each = [expected(rows, ones, ones) for rows in steps]
    compare(group.result(), {t: np.mean([e[t] for e in each]) for t in each[0]})
    group.reset()
    assert group.result() == {}


def test_absent_tasks_do_not_count():
    telemetry = Telemetry(TASKS)
    rows, ones = jacobian(), np.ones(3, "float32")
    telemetry.update_state(ones, rows @ rows.T)
    before = TelemetryGroup([telemetry]).result()
    partial = rows * np.array([[1], [0], [1]], "float32")
    telemetry.update_state(
        np.array([1, 0, 1], "float32"),
        partial @ partial.T,
        present=np.array([True, False, True]),
    )
    after = TelemetryGroup([telemetry]).result()
    for tag in ("weight/b", "gradient_norm/b", "cosine/a/b", "cosine/b/c"):
        assert after[tag] == pytest.approx(before[tag])
    pairs = [rows[a] @ rows[b] < 0 for a, b in ((0, 1), (0, 2), (1, 2))]
    both = np.mean([np.mean(pairs), pairs[1]])
    assert after["conflict/fraction"] == pytest.approx(both)


def test_a_step_that_overflowed_does_not_count():
    telemetry = Telemetry(TASKS)
    rows, ones = jacobian(), np.ones(3, "float32")
    telemetry.update_state(ones, rows @ rows.T)
    before = TelemetryGroup([telemetry]).result()
    infinite = np.full((3, 3), np.inf, "float32")
    telemetry.update_state(np.full(3, np.nan, "float32"), infinite)
    after = TelemetryGroup([telemetry]).result()
    compare(after, before)


def test_weights_alone_need_no_gram_matrix():
    telemetry = Telemetry(("a", "b"), gradients=False, suffix="/a+b")
    telemetry.update_state(np.array([0.25, 4.0], "float32"))
    found = TelemetryGroup([telemetry]).result()
    assert found == {"weight/a": 0.25, "weight/b": 4.0}


def test_the_residual_is_told_where_there_is_one():
    telemetry = Telemetry(TASKS, suffix="/a+b+c")
    rows, ones = jacobian(), np.ones(3, "float32")
    telemetry.update_state(ones, rows @ rows.T, residual=0.25)
    telemetry.update_state(ones, rows @ rows.T)
    found = TelemetryGroup([telemetry]).result()
    assert found["residual/a+b+c"] == 0.25


def test_tags_of_no_task_carry_the_suffix():
    tags = Telemetry(("a", "b"), suffix="/a+b").tags
    assert "gradient_norm/combined/a+b" in tags
    assert "conflict/fraction/a+b" in tags
    assert "cosine/a/b" in tags
