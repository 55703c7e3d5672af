from types import SimpleNamespace

import pytest

from keras_mtl.runs.manifest import collective


@pytest.mark.parametrize(
    ("total", "expected"),
    [(0, {}), (948, {"collective_bytes_per_step": 948})],
)
def test_what_devices_sum_is_recorded_where_there_are_several(total, expected):
    trainer = SimpleNamespace(collectives=SimpleNamespace(total=total))
    assert collective(trainer) == expected
