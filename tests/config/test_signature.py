from collections.abc import Sequence
from typing import Any, Literal

import keras
import pydantic
import pytest

from keras_mtl.aggregators import Aggregator
from keras_mtl.config.signature import accepts, options, options_model


class Method(Aggregator):
    def __init__(self, strength: float = 0.5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strength = strength


def build(
    tasks: dict[str, int],
    input_shape: tuple[int, ...],
    units: Sequence[int] = (64,),
    kind: Literal["a", "b"] = "a",
    initializer: keras.initializers.Initializer | None = None,
    name: str = "x",
): ...


def names(component, kind):
    return [option.name for option in options(component, kind)]


def check(component, kind, data):
    model = options_model(component, kind)
    return model.model_validate_json(data, strict=True)


def test_options_of_the_bases_count_up_to_those_of_keras():
    assert names(Method, "aggregators") == ["strength", "scale"]


def test_what_the_builder_gives_is_no_option():
    assert names(build, "models") == ["units", "kind", "initializer"]


def test_keras_constructors_are_typed_by_hand():
    found = {o.name: o for o in options(keras.optimizers.Adam, "optimizers")}
    assert found["clipnorm"].annotation == float | None
    assert found["amsgrad"].annotation is bool
    assert found["learning_rate"].default == 0.001
    assert "name" not in found


def test_required_options_have_no_default():
    schedule = keras.optimizers.schedules.CosineDecay
    found = {o.name: o for o in options(schedule, "schedules")}
    assert found["decay_steps"].required
    assert not found["alpha"].required


@pytest.mark.parametrize(
    "data",
    ['{"units": [1, 2]}', '{"kind": "b"}', '{"initializer": null}', "{}"],
)
def test_values_of_the_right_type_pass(data):
    check(build, "models", data)


@pytest.mark.parametrize(
    "data",
    [
        '{"units": 3}',
        '{"units": ["a"]}',
        '{"kind": "c"}',
        '{"unit": [1]}',
        '{"tasks": {}}',
    ],
)
def test_values_of_the_wrong_type_do_not(data):
    with pytest.raises(pydantic.ValidationError):
        check(build, "models", data)


@pytest.mark.parametrize(
    "data",
    ['{"strength": "1"}', '{"strength": true}', '{"strength": NaN}'],
)
def test_numbers_are_finite_and_never_text(data):
    with pytest.raises(pydantic.ValidationError):
        check(Method, "aggregators", data)


def test_accepts():
    assert accepts(build, "tasks")
    assert accepts(Method, "anything")
    assert not accepts(build, "anything")
    assert not accepts(Method, "kinds")
    assert accepts(lambda kinds: None, "kinds")
