from keras_mtl.report.plots.profile import profile


def test_the_lines_are_the_single_tasks_means(runs, table):
    runs.study(names=("single_task", "shared"))
    found = table(runs.path)
    axes = profile(found)[0].figure.axes[0]
    reference = found.rows[0]
    x, y = (reference.cells[column].mean for column in found.columns)
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert dashed[0].get_xdata()[0] == x
    assert dashed[1].get_ydata()[0] == y
    places = [c.lines[0].get_xydata()[0] for c in axes.containers]
    for row, place in zip(found.rows, places, strict=True):
        assert list(place) == [row.cells[c].mean for c in found.columns]
