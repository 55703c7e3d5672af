import pytest

from keras_mtl.config.schema import RunConfig
from keras_mtl.config.task_settings import said

CONFIG = RunConfig.model_validate(
    {
        "data": {"name": "multi_digits"},
        "model": {"name": "lenet"},
        "tasks": {
            "*": {"weight": 2.0, "metrics": ["precision"]},
            "left": {"metrics": []},
        },
    }
)


@pytest.mark.parametrize(
    ("task", "field", "key"),
    [
        ("left", "metrics", "left"),  # an empty list is said, too
        ("left", "weight", "*"),
        ("right", "metrics", "*"),
        ("right", "loss", None),
    ],
)
def test_the_own_block_comes_before_that_of_every_task(task, field, key):
    found = said(CONFIG, task, field)
    assert (found and found.key) == key
    assert found is None or found.task is CONFIG.tasks[key]
