import pydantic
import pytest

from keras_mtl.config.schema import RunConfig, TaskConfig

BLOCKS = {"data": {"name": "x"}, "model": {"name": "y"}}


def test_defaults():
    config = RunConfig.model_validate(BLOCKS)
    assert config.trainer == {"name": "shared"}
    assert config.fit.epochs == 10
    assert config.precision == "float32"


def test_resolved_holds_only_the_tasks_options_that_were_given():
    config = RunConfig.model_validate({**BLOCKS, "tasks": {"a": {"weight": 2}}})
    assert config.resolved()["tasks"] == {"a": {"weight": 2.0}}
    assert RunConfig.model_validate(config.resolved()) == config


@pytest.mark.parametrize("name", ["../up", ".hidden", "a/b", "", "a b", "a\n"])
def test_a_name_cannot_leave_its_folder(name):
    with pytest.raises(pydantic.ValidationError, match="pattern"):
        RunConfig.model_validate({**BLOCKS, "name": name})


@pytest.mark.parametrize("weight", [-1, float("inf"), float("nan")])
def test_a_weight_is_not_negative_and_finite(weight):
    with pytest.raises(pydantic.ValidationError):
        TaskConfig.model_validate({"weight": weight})
