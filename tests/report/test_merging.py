import pytest

from keras_mtl.report import Options, compare, read_runs
from keras_mtl.report.merging import are_disjoint, merged


def test_runs_of_one_task_each_are_a_single_task_method(runs):
    for seed in (0, 1):
        for task, score in (("left", 0.8), ("right", 0.5)):
            runs.write(
                f"alone/{task}-{seed}",
                {task: {"accuracy": score}},
                seed,
                data__tasks=[task],
                manifest={"data": {"contents": task}, "parameters": 600},
            )
        runs.write(f"both-{seed}", runs.accuracies(0.88, 0.4), seed)
    labels = {str(runs.path / "alone"): "STL", str(runs.path): "MTL"}
    found = read_runs([runs.path], labels)
    table = compare(found.runs, Options(reference="STL"), found.notes)
    single, both = table.rows
    assert (single.label, single.count) == ("STL", 2)
    assert single.parameters == 1200
    assert single.seconds == 120
    assert single.memory == 2**29
    assert [c.mean for c in single.cells.values()] == [0.8, 0.5]
    assert both.delta_m == pytest.approx((0.1 - 0.2) / 2)
    assert (
        "STL: seed 0 is made of 2 runs with tasks of their own." in table.notes
    )
    assert not any("run twice" in note for note in table.notes)


def test_the_same_task_twice_is_no_whole(runs):
    runs.write("a", {"left": {"accuracy": 0.1}})
    runs.write("b", runs.accuracies(0.2, 0.3))
    runs.write("c", {"right": {"accuracy": 0.4}})
    a, b, c = read_runs([runs.path]).runs
    assert are_disjoint([a, c])
    assert not are_disjoint([a, b])
    whole = merged([a, c])
    assert whole.results("test") == {
        "left": {"accuracy": 0.1}, "right": {"accuracy": 0.4},
    }  # fmt: skip
    assert whole.results("validation") == whole.results("test")
