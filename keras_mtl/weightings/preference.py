"""What weightings that aim at preferred losses have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keras import ops

from keras_mtl.typing import Tensor
from keras_mtl.weightings.base import Weighting


class PreferenceWeighting(Weighting):
    """A weighting that knows a ray of preferred losses.

    Args:
        preference: A number for all tasks, or by task. Positive.
        **kwargs: Arguments of `Weighting`.

    Raises:
        ValueError: If, when the trainer is built, a preference is not
            positive or names a task that does not exist.
    """

    def __init__(
        self, preference: float | Mapping[str, float] = 1.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.preference = (
            dict(preference) if isinstance(preference, Mapping) else preference
        )

    def build_state(self, tasks: Sequence[str]) -> None:
        """Puts the preferences in the order of the tasks."""
        super().build_state(tasks)
        self.preferences = self.per_task("preference", self.preference, 1.0)
        if min(self.preferences) <= 0.0:
            raise ValueError(
                "`preference` must be positive. Received: "
                f"preference={self.preference!r}."
            )

    @property
    def ray(self) -> Tensor:
        """The preferences: float tensor, shape `(num_tasks,)`."""
        return ops.convert_to_tensor(list(self.preferences), self.dtype)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "preference": self.preference}
