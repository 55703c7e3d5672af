"""What aggregators and weightings have in common as Keras layers."""

from __future__ import annotations

from typing import Any, ClassVar

import keras


def state_dtype() -> str:
    """Dtype of accumulations and of state: float32, or float64 on request."""
    policy = keras.config.dtype_policy()
    return "float64" if policy.variable_dtype == "float64" else "float32"


class Component(keras.layers.Layer):
    """A layer for its state alone: saved and restored with the trainer.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.
    """

    # Where the method comes from, as `keras-mtl list` shows it.
    paper: ClassVar[str] = ""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", state_dtype())
        kwargs.setdefault("autocast", False)
        super().__init__(**kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "weights" in cls.__dict__:
            raise TypeError(
                f"{cls.__name__}.weights would hide the variables of a Keras "
                "layer. Name the method `task_weights`."
            )
