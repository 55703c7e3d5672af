"""Variables that stand in for others while a function is traced."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras


@contextlib.contextmanager
def substituted(
    variables: Sequence[keras.Variable], values: Sequence[Any]
) -> Iterator[None]:
    """Lets Keras variables read and write other TensorFlow variables.

    Unlike `keras.StatelessScope`, which keeps assignments back, what is
    assigned inside goes to the stand-ins. Optimizers find the slots of a
    variable by the identity of its TensorFlow variable, so that a stand-in
    takes that over; give variables that exist only inside a function.

    Args:
        variables: Keras variables.
        values: A `tf.Variable` of the same shape and dtype for each.
    """
    before = [variable._value for variable in variables]
    try:
        for variable, old, new in zip(variables, before, values, strict=True):
            new._unique_id = old._unique_id
            variable._value = new
        yield
    finally:
        for variable, old in zip(variables, before, strict=True):
            variable._value = old
