import math
import random

import numpy as np
import pytest
from scipy import stats

from keras_mtl.errors import ConfigError, DataError
from keras_mtl.report import Options, compare, read_runs
from keras_mtl.report.form import Form
from keras_mtl.report.formats import written


def table(runs, **options):
    found = read_runs([runs.path])
    return compare(found.runs, Options(**options), found.notes)


def test_a_cell_against_numpy_and_scipy(runs):
    runs.study(seeds=range(5))
    found = table(runs)
    assert [c.name for c in found.columns] == [
        "left.accuracy",
        "right.accuracy",
    ]
    column = found.columns[0]
    scores = {
        method.label: np.array(list(method.values(column).values()))
        for method in found.methods
    }
    best = max(scores, key=lambda label: scores[label].mean())
    for row in found.rows:
        cell, own = row.cells[column], scores[row.label]
        assert cell.mean == pytest.approx(own.mean())
        assert cell.deviation == pytest.approx(own.std(ddof=1))
        assert cell.count == 5
        assert cell.is_best == (row.label == best)
        if row.label != best:
            p = stats.ttest_rel(scores[best], own).pvalue
            assert cell.p_value == pytest.approx(p)
            assert cell.is_equal == (p >= 0.05)
    population = table(runs, deviation="population").rows[0].cells[column]
    own = scores[found.rows[0].label]
    assert population.deviation == pytest.approx(own.std())


def test_the_order_of_runs_changes_nothing(runs):
    root = runs.study()
    folders = sorted(root.iterdir())
    texts = set()
    for seed in range(4):
        random.Random(seed).shuffle(folders)
        found = read_runs(folders)
        random.Random(seed).shuffle(found.runs)
        done = compare(found.runs, Options(), found.notes)
        texts.add(
            tuple(written(done, Form(), f) for f in ("md", "csv", "json"))
        )
    assert len(texts) == 1


def test_a_single_task_method_is_the_reference(runs):
    runs.study(names=("shared", "single_task", "independent"))
    found = table(runs)
    assert found.rows[0].label == "single_task"
    reference = found.rows[0]
    assert reference.is_reference
    assert reference.mean_rank is None
    assert not any(cell.is_best for cell in reference.cells.values())
    row = found.rows[1]
    gains = [
        row.cells[c].mean / reference.cells[c].mean - 1 for c in found.columns
    ]
    assert row.delta_m == pytest.approx(np.mean(gains))
    assert {row.mean_rank for row in found.rows[1:]} <= {1.0, 1.5, 2.0}


def test_literal_values_are_a_reference_too(runs):
    runs.write("a", runs.accuracies(0.9, 0.8))
    values = {"left.accuracy": 0.6, "right.accuracy": 1.0}
    row = table(runs, reference_values=values).rows[0]
    assert row.delta_m == pytest.approx((0.5 - 0.2) / 2)
    with pytest.raises(ConfigError, match=r"'left.acuracy'.*Did you mean"):
        table(runs, reference_values={"left.acuracy": 1.0})


def test_an_unknown_reference_or_metric_is_named(runs):
    runs.study(names=("shared", "independent"))
    with pytest.raises(ConfigError, match="Did you mean 'shared'"):
        table(runs, reference="share")
    with pytest.raises(
        ConfigError, match=r"'acuracy'.*Did you mean 'accuracy'"
    ):
        table(runs, metrics=("acuracy",))


def test_metrics_are_chosen_by_name_or_by_task(runs):
    runs.write("a", runs.accuracies(0.9, 0.8))
    chosen = table(runs, metrics=("loss", "right.accuracy")).columns
    assert [c.name for c in chosen] == [
        "left.loss", "right.accuracy", "right.loss",
    ]  # fmt: skip


def test_an_unknown_metric_is_stated_and_not_ranked(runs):
    runs.write("a", {"left": {"gloss": 1.0}}, trainer__name="a")
    runs.write("b", {"left": {"gloss": 2.0}}, trainer__name="b")
    found = table(runs)
    assert all(not row.cells[found.columns[0]].is_best for row in found.rows)
    assert any(
        note.startswith("gloss: it is not known") for note in found.notes
    )
    known = table(runs, directions={"gloss": -1})
    assert known.rows[0].cells[known.columns[0]].is_best


def test_what_a_metric_says_of_itself_is_believed(runs):
    recorded = {"left": {"gloss": {"class": "x:Y", "higher_is_better": False}}}
    runs.write(
        "a",
        {"left": {"gloss": 1.0}},
        manifest={"metric_definitions": recorded},
    )
    assert table(runs).columns[0].direction == -1


def test_a_nan_is_noted_and_left_out_of_the_mean(runs):
    runs.write("a", runs.accuracies(0.9, 0.8), seed=0)
    scores = {"left": {"accuracy": None}, "right": {"accuracy": 0.6}}
    runs.write("b", scores, seed=1)
    found = table(runs)
    cell = found.rows[0].cells[found.columns[0]]
    assert (cell.mean, cell.count, cell.deviation) == (0.9, 1, None)
    assert (
        "shared: left.accuracy is not a number for seed 1; the mean is over 1 "
        "of 2 runs." in found.notes
    )


def test_runs_of_other_tasks_are_noted(runs):
    runs.write("a", runs.accuracies(0.9, 0.8), trainer__name="a")
    runs.write("b", {"left": {"accuracy": 0.7}}, trainer__name="b")
    runs.write("c", {}, trainer__name="c")
    found = table(runs)
    assert "b: has no task 'right'." in found.notes
    assert "c: no test scores for seed 0." in found.notes
    by_label = {row.label: row for row in found.rows}
    assert by_label["b"].mean_rank is None
    assert by_label["b"].score is None
    assert by_label["c"].cells == {}
    assert by_label["a"].cells[found.columns[0]].rank == 1.0


def test_a_score_that_only_some_seeds_have_is_noted(runs):
    runs.write("a", {"left": {"accuracy": 0.9, "auc": 0.5}}, seed=0)
    runs.write("b", {"left": {"accuracy": 0.9}}, seed=1)
    notes = table(runs).notes
    assert "shared: left.auc was not measured for seed 1." in notes


def test_single_runs_are_not_tested(runs):
    runs.study(seeds=[0])
    found = table(runs)
    cells = [row.cells[found.columns[0]] for row in found.rows]
    assert {cell.is_equal for cell in cells} == {None}
    assert any("no test is possible" in note for note in found.notes)


def test_averages_over_tasks_and_gains_over_each(runs):
    runs.write("a", runs.accuracies(0.9, 0.8))
    values = {"left.accuracy": 0.6, "right.accuracy": 1.0}
    found = table(runs, average=True, reference_values=values)
    assert [c.name for c in found.columns] == ["mean.accuracy"]
    row = found.rows[0]
    assert row.cells[found.columns[0]].mean == pytest.approx(0.85)
    assert row.delta_m == pytest.approx(0.15)


def test_facts_of_the_runs(runs):
    runs.write("a", {"t": {"accuracy": 0.9}}, trainer__name="a")
    twice = {"parameters": 2000, "seconds": 30.0, "shared_parameters": 7}
    runs.write("b", {"t": {"accuracy": 0.9}}, manifest=twice, trainer__name="b")
    first, second = table(runs).rows
    assert (first.ratio, second.ratio) == (1.0, 2.0)
    assert (first.seconds, second.seconds) == (60.0, 30.0)
    assert (first.shared_parameters, second.shared_parameters) == (None, 7)
    assert first.memory == 2**29


def test_weights_of_different_epochs_are_noted(runs):
    scores = {"t": {"accuracy": 0.9}}
    best = {"evaluated": "best", "best": {"validation": scores}}
    runs.write("a", scores, trainer__name="a")
    runs.write("b", scores, trainer__name="b", metrics=best)
    notes = table(runs).notes
    assert "Not the same weights were tested: best of b; last of a." in notes


def test_nothing_to_compare_says_why(runs):
    runs.write("a", {}, manifest={"status": "running"})
    with pytest.raises(DataError, match=r"no finished run(.|\n)*running"):
        table(runs)
    runs.write("b", {})
    with pytest.raises(DataError, match="No run has scores on the test split"):
        table(runs)


@pytest.mark.parametrize(
    "choice", [{"ties": "x"}, {"split": "x"}, {"alpha": 1}]
)
def test_wrong_options_are_refused(choice):
    with pytest.raises(ConfigError, match=r"must be one of|probability"):
        Options(**choice)


def test_all_means_are_finite(runs):
    runs.study()
    for row in table(runs).rows:
        assert all(math.isfinite(cell.mean) for cell in row.cells.values())
