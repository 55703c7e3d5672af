import contextlib

import pydantic
import pytest

from keras_mtl.config import load_values
from keras_mtl.config.devices import strategy_scope
from keras_mtl.config.schema import DistributeConfig, RunConfig
from keras_mtl.errors import ConfigError

BASE = {
    "data": {"name": "multi_digits", "train_size": 64, "batch_size": 32},
    "model": {"name": "lenet"},
}


def test_a_name_alone_means_all_devices():
    config = load_values({**BASE, "distribute": "mirrored"}, "test").config
    assert config.distribute == DistributeConfig(name="mirrored")
    assert config.resolved()["distribute"] == {
        "name": "mirrored",
        "devices": None,
    }


def test_editors_know_both_forms():
    schema = RunConfig.model_json_schema()
    forms = schema["properties"]["distribute"]["anyOf"]
    assert {"const": "mirrored", "type": "string"} in forms
    assert {"$ref": "#/$defs/DistributeConfig"} in forms


def test_devices_may_be_named():
    block = {"name": "mirrored", "devices": ["GPU:0", "GPU:1"]}
    config = load_values({**BASE, "distribute": block}, "test").config
    assert config.distribute.devices == ["GPU:0", "GPU:1"]


def test_without_it_a_resolved_configuration_is_what_it_was():
    config = load_values(BASE, "test").config
    assert config.distribute is None
    assert "distribute" not in config.resolved()
    assert isinstance(strategy_scope(None), contextlib.nullcontext)


def test_strategies_of_several_machines_are_no_choice():
    with pytest.raises((ConfigError, pydantic.ValidationError)) as caught:
        load_values({**BASE, "distribute": "multi_worker"}, "test")
    assert "mirrored" in str(caught.value)
    assert "multi_worker" in str(caught.value)


def test_devices_that_do_not_exist_are_named():
    block = DistributeConfig(devices=["CPU:0", "GPU:17"])
    with pytest.raises(ConfigError, match=r"Received: \['GPU:17'\]"):
        strategy_scope(block)


def test_one_device_is_a_strategy_too():
    import tensorflow as tf

    with strategy_scope(DistributeConfig(devices=["CPU:0"])):
        strategy = tf.distribute.get_strategy()
    assert isinstance(strategy, tf.distribute.MirroredStrategy)
    assert strategy.num_replicas_in_sync == 1
