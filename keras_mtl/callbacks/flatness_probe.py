"""Measures how flat the minimum is that the tasks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras

from keras_mtl.typing import Logs


class FlatnessProbe(keras.callbacks.Callback):
    """Logs `<task>_flatness_<bound>`: losses under noise on other encoders.

    Only for the `Cooperative` trainer; see its method `flatness`. List it
    before the loggers. The losses after training are left in `result`; a run
    of a configuration keeps them in `flatness.csv`.

    Args:
        batches: What to measure on, batches as for `evaluate`; gone through
            once per measurement. In a configuration it is given: the
            validation split, or the test split where there is none.
        bounds: Sizes of the noise, 0 or more, in units of the weights.
        num_samples: Draws of noise that the losses are averaged over.
        every: Epochs between two measurements; `None` measures only when
            training is over.
        seed: Seed of the noise.

    Raises:
        ValueError: If `every` is less than 1, or the trainer is another.
    """

    def __init__(
        self,
        batches: Iterable[Any],
        bounds: Sequence[float],
        num_samples: int = 5,
        every: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if every is not None and every < 1:
            raise ValueError(
                "`every` must be a number of epochs, 1 or more, or None. "
                f"Received: every={every!r}."
            )
        self.batches = batches
        self.bounds = list(bounds)
        self.num_samples = num_samples
        self.every = every
        self.seed = seed
        self.result: dict[str, dict[float, float]] | None = None

    def set_model(self, model: Any) -> None:
        """Refuses trainers that cannot be probed."""
        super().set_model(model)
        if not hasattr(model, "flatness"):
            raise ValueError(
                "FlatnessProbe needs a trainer with the method `flatness`, "
                "which `keras_mtl.trainers.Cooperative` has. Received: "
                f"{type(model).__name__}. For other schemes call "
                "`keras_mtl.trainers.flatness(trainer, ...)` after training."
            )

    def measure(self) -> dict[str, dict[float, float]]:
        """Task to bound to mean loss, at the weights of now."""
        found: dict[str, dict[float, float]] = self.model.flatness(
            self.batches, self.bounds, self.num_samples, self.seed
        )
        return found

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Measures every so many epochs."""
        if logs is None or self.every is None or (epoch + 1) % self.every:
            return
        for task, curve in self.measure().items():
            for bound, loss in curve.items():
                logs[f"{task}_flatness_{bound:g}"] = loss

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Measures the trained weights."""
        self.result = self.measure()
