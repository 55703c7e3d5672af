from keras_mtl.report.plots.bubbles import bubbles


def test_the_larger_the_better(telling, table):
    found = table(telling)
    picture = bubbles(found)[0]
    axes = picture.figure.axes[0]
    assert "dice" in picture.title
    places = {
        tuple(c.get_offsets()[0]): c.get_sizes()[0] for c in axes.collections
    }
    assert set(places) == {(1, 0.25), (1, 1), (10, 0.25), (10, 1)}
    column = found.columns[0]
    means = {
        (
            method.config["callbacks.0.every.steps"],
            method.config["callbacks.0.update_ratio"],
        ): row.cells[column].mean
        for method, row in zip(found.methods, found.rows, strict=True)
        if "callbacks.0.update_ratio" in method.config
    }
    assert sorted(places, key=places.get) == sorted(means, key=means.get)


def test_no_grid_no_picture(runs, table):
    runs.study(seeds=[0])
    assert bubbles(table(runs.path)) == []
