import pytest

from keras_mtl.config.registry import kinds, names


@pytest.mark.parametrize("kind", kinds())
def test_every_component_is_in_the_table(run, kind):
    result = run("list", kind)
    assert result.exit_code == 0
    assert all(name in result.output for name in names(kind))


def test_aggregators_show_what_they_read_and_promise(run):
    output = run("list", "aggregators").output
    for text in ("reads", "gram", "non-conflicting", "1810.04650"):
        assert text in output


def test_aggregators_show_what_a_step_costs(run):
    rows = {
        cells[0]: cells
        for line in run("list", "aggregators").output.splitlines()
        if len(cells := [c.strip() for c in line.split("  ") if c.strip()]) > 3
    }
    costs = {name: rows[name][3] for name in ("mean", "pcgrad", "moco")}
    assert costs == {"mean": "1", "pcgrad": "T, or 1 + heads", "moco": "T"}


def test_presets_come_with_their_comment(run):
    output = run("list", "presets").output
    assert "multi_mnist_pcgrad" in output
    assert "nothing to download" in output


def test_unknown_kinds_get_the_nearest_one(run):
    result = run("list", "agregators")
    assert result.exit_code == 2
    assert "Did you mean 'aggregators'" in result.output
