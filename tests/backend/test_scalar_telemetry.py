"""Means of what was measured, and of nothing else."""

import math

from keras_mtl.backend.scalar_telemetry import ScalarTelemetry
from keras_mtl.backend.telemetry import TelemetryGroup


def test_means_of_the_steps_that_count():
    telemetry = ScalarTelemetry({"gap": "x/gap", "share": "x/share"})
    group = TelemetryGroup([telemetry])
    assert group.result() == {}
    telemetry.update_state({"share": 1.0, "gap": 2.0, "unknown": 9.0})
    telemetry.update_state({"share": 0.0, "gap": 4.0})
    telemetry.update_state({"share": 5.0, "gap": 5.0}, present=False)
    telemetry.update_state({"share": 0.0, "gap": math.inf})
    assert group.result() == {"x/gap": 3.0, "x/share": 0.5}
    assert float(telemetry.result()["x/share"]) == 0.5
    group.reset()
    assert group.result() == {}
