import pytest

from keras_mtl.report.plots.radar import radar


def test_the_best_lies_outermost_and_the_worst_inside(telling, table):
    found = table(telling)
    axes = radar(found)[0].figure.axes[0]
    radii = [line.get_ydata() for line in axes.lines]
    assert len(radii) == len(found.rows)
    for place, column in enumerate(found.columns):
        means = [row.cells[column].mean for row in found.rows]
        own = [radius[place] for radius in radii]
        assert own[means.index(max(means))] == pytest.approx(1.0)
        assert own[means.index(min(means))] == min(own) > 0


def test_two_columns_make_no_area(runs, table):
    runs.study(seeds=[0])
    assert radar(table(runs.path)) == []
