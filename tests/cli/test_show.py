import pytest

from keras_mtl.config.registry import kinds, names

ALL = sorted({name for kind in kinds() for name in names(kind)})


@pytest.mark.parametrize("name", ALL)
def test_every_component_can_be_shown(run, name):
    assert run("show", name).exit_code == 0


def test_documentation_options_and_paper(run):
    output = run("show", "pcgrad").output
    for text in (
        "aggregators",
        "order",
        "shuffled",
        "seed of the run",
        "Paper: Yu et al., 2020",
    ):
        assert text in output


def test_required_options_and_components_in_options(run):
    assert "required" in run("show", "cosine_decay").output
    assert "or one of the schedules" in run("show", "adam").output
    assert "one of the aggregators, or null" in run("show", "shared").output


def test_a_name_of_several_kinds(run):
    both = run("show", "mean_squared_error").output
    assert "(losses, " in both
    assert "(metrics, " in both
    one = run("show", "losses/mean_squared_error").output
    assert "(metrics, " not in one


def test_unknown_names_get_the_nearest_one(run):
    result = run("show", "pcgard")
    assert result.exit_code == 2
    assert "Did you mean 'pcgrad'" in result.output
