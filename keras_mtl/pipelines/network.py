"""A network that a pipeline applies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Outputs = dict[str, NDArray[Any]]
Predict = Callable[[NDArray[Any]], Mapping[str, Any]]


class Network:
    """Maps a batch of images to outputs by task.

    Args:
        predict: From a float32 batch, `(batch, height, width, channels)`, to
            task to output.
        input_shape: Height, width and channels that it takes.
        model: The Keras model behind it, which can be made to take images of
            another size; `None` where there is none.
    """

    def __init__(
        self,
        predict: Predict,
        input_shape: tuple[int, ...],
        model: Any = None,
    ) -> None:
        self._predict = predict
        self.input_shape = tuple(input_shape)
        self.model = model
        # Each is traced once.
        self._others: dict[tuple[int, int], Network] = {}

    @classmethod
    def of(cls, model: Any) -> Network:
        """The network of a Keras model with one input and named outputs."""
        shape = tuple(model.inputs[0].shape[1:])
        return cls(model.predict_on_batch, shape, model)

    def __call__(self, images: NDArray[Any]) -> Outputs:
        """Outputs for a batch, task to array."""
        found = self._predict(images)
        return {task: np.asarray(values) for task, values in found.items()}

    def at(self, size: tuple[int, int]) -> Network:
        """The same network, with the same weights, for another size.

        Args:
            size: Height and width.

        Raises:
            ValueError: If the network does not allow it: its size is part of
                an exported file, or of its layers.
        """
        if size == self.input_shape[:2]:
            return self
        if self.model is None or len(self.model.inputs) != 1:
            raise ValueError(
                f"The network takes images of {self.input_shape[:2]} only. "
                f"Received: size={size}."
            )
        if size not in self._others:
            self._others[size] = Network.of(_resized(self.model, size))
        return self._others[size]


def _resized(model: Any, size: tuple[int, int]) -> Any:
    import keras

    (old,) = model.inputs
    new = keras.Input((*size, *old.shape[3:]), dtype=old.dtype, name=old.name)
    one = model.input if isinstance(model.input, dict) else None
    given: Any = new if one is None else {next(iter(one)): new}
    return keras.models.clone_model(
        model,
        input_tensors=given,
        clone_function=lambda layer: layer,  # the layers are shared
    )
