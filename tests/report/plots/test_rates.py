from keras_mtl.report.plots.rates import rates


def test_methods_that_differ_in_the_rate_alone_are_one_line(telling, table):
    found = table(telling)
    pictures = rates(found)
    assert [p.name for p in pictures] == [
        "rates-cup.dice", "rates-disc.dice", "rates-fovea.dice",
    ]  # fmt: skip
    axes = pictures[0].figure.axes[0]
    assert len(axes.lines) == 1
    assert list(axes.lines[0].get_xdata()) == [0.0001, 0.001, 0.01]
    column = found.columns[0]
    means = [r.cells[column].mean for r in found.rows if "shared" in r.label]
    assert sorted(axes.lines[0].get_ydata()) == sorted(means)
    assert axes.get_xscale() == "log"


def test_one_rate_makes_no_picture(runs, table):
    runs.study(seeds=[0])
    assert rates(table(runs.path)) == []
