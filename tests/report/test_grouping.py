from keras_mtl.report import read_runs
from keras_mtl.report.grouping import methods, natural


def grouped(runs, labels=None, ignored=()):
    return methods(read_runs([runs.path], labels).runs, "test", ignored)


def test_seeds_are_one_method_and_the_rest_makes_another(runs):
    runs.study(seeds=range(3))
    found, notes = grouped(runs)
    assert [m.label for m in found] == ["alternating", "independent", "shared"]
    assert all(list(method.runs) == [0, 1, 2] for method in found)
    assert notes == []


def test_a_missing_seed_is_noted(runs):
    runs.study(seeds=range(3), names=("shared", "independent"))
    for file in (runs.path / "shared-1").iterdir():
        file.unlink()
    _, notes = grouped(runs)
    assert notes == ["shared: no finished run of seed 1, which others have."]


def test_of_a_repeated_seed_the_latest_counts(runs):
    late = {"finished": "2031-01-01T00:00:00+00:00"}
    runs.write("old", runs.accuracies(0.1, 0.1))
    runs.write("new", runs.accuracies(0.9, 0.9), manifest=late)
    found, notes = grouped(runs)
    assert [run.path.name for run in found[0].runs.values()] == ["new"]
    assert len(notes) == 1
    assert "seed 0 was run twice" in notes[0]
    assert "old is left out" in notes[0]


def test_labels_join_configurations_and_say_so(runs):
    runs.write("ours/a", {}, seed=0, optimizer__learning_rate=0.1)
    runs.write("ours/b", {}, seed=1, optimizer__learning_rate=0.2)
    found, notes = grouped(runs, {str(runs.path / "ours"): "Ours"})
    assert [method.label for method in found] == ["Ours"]
    assert notes == [
        "Ours: covers runs of different configurations "
        "(optimizer.learning_rate)."
    ]


def test_a_run_without_a_label_joins_the_method_that_does_the_same(runs):
    runs.write("ours/a", {}, seed=0)
    runs.write("more", {}, seed=1)
    found, _ = grouped(runs, {str(runs.path / "ours"): "Ours"})
    assert [method.label for method in found] == ["Ours"]
    assert list(found[0].runs) == [0, 1]


def test_an_ignored_key_makes_no_method(runs):
    runs.write("a", {}, seed=0, fit__epochs=1)
    runs.write("b", {}, seed=1, fit__epochs=2)
    assert len(grouped(runs)[0]) == 2
    assert len(grouped(runs, ignored=["fit.epochs"])[0]) == 1


def test_numbers_are_sorted_by_size():
    names = ["b=0.1", "b=0.01", "b=10", "a"]
    assert sorted(names, key=natural) == ["a", "b=0.01", "b=0.1", "b=10"]
