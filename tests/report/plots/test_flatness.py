from keras_mtl.report.plots.flatness import flatness, read_flatness


def test_means_over_seeds_by_method(telling, table):
    pictures = flatness(table(telling))
    assert [picture.name for picture in pictures] == ["flatness-cup"]
    lines = pictures[0].figure.axes[0].lines
    assert len(lines) == 3
    assert list(lines[0].get_xdata()) == [0.0, 0.1]
    assert list(lines[0].get_ydata()) == [1.0, 2.5]


def test_a_damaged_file_is_left_out(tmp_path):
    path = tmp_path / "flatness.csv"
    assert read_flatness(path) == {}
    path.write_text("task,bound\na,1\n")
    assert read_flatness(path) == {}
    path.write_text("task,bound,loss\na,0.1,2\n")
    assert read_flatness(path) == {"a": {0.1: 2.0}}
