from keras_mtl.report.plots.few import few_columns
from keras_mtl.report.plots.rates import rates


def test_many_tasks_are_averaged(runs, table):
    tasks = [f"task{i}" for i in range(9)]
    for rate in (0.1, 0.2):
        scores = {t: {"accuracy": i / 10 * rate} for i, t in enumerate(tasks)}
        runs.write(str(rate), scores, optimizer__learning_rate=rate)
    found = table(runs.path)
    assert len(found.columns) == 9
    assert [c.name for c in few_columns(found)] == ["mean.accuracy"]
    axes = rates(found)[0].figure.axes[0]
    expected = [0.04, 0.08]
    for value, wanted in zip(axes.lines[0].get_ydata(), expected, strict=True):
        assert abs(value - wanted) < 1e-12


def test_few_tasks_are_not(runs, table):
    runs.write("a", runs.accuracies(0.9, 0.8))
    found = table(runs.path)
    assert few_columns(found) == list(found.columns)
