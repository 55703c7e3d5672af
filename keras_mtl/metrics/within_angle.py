"""The share of surface normals that are nearly right."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_mtl.metrics.angles import angles
from keras_mtl.metrics.mean_metric import MeanMetric
from keras_mtl.typing import Tensor


@keras.saving.register_keras_serializable(package="keras_mtl")
class WithinAngle(MeanMetric):
    """Share of the pixels whose normal is off by less than an angle.

    Labels and outputs have shape `(batch, ..., 3)`. Outputs need not have
    unit length; the zero label is missing.

    Args:
        degrees: The angle, in (0, 180]. 11.25, 22.5 and 30 are usual.
        name: Name in the logs; `None` stands for `within_11_25` and so on.
        dtype: Dtype in which elements are computed.

    Raises:
        ValueError: If the angle is out of its range.
    """

    label = "within"

    def __init__(
        self,
        degrees: float = 11.25,
        name: str | None = None,
        dtype: Any = "float32",
    ) -> None:
        if not 0 < degrees <= 180:
            raise ValueError(
                f"`degrees` must be in (0, 180]. Received: degrees={degrees!r}."
            )
        self.degrees = degrees
        super().__init__(name=name, dtype=dtype)

    def default_name(self) -> str:
        """`within_11_25` for 11.25 degrees, `within_30` for 30."""
        return f"{self.label}_{self.degrees:g}".replace(".", "_")

    def values(self, y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        """1 where the angle is less, and where there is a label."""
        found, valid = angles(y_true, y_pred)
        return ops.cast(found < self.degrees, self.dtype), valid

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "degrees": self.degrees}
