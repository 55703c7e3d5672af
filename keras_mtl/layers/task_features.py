"""Features of several tasks, as a dict of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras_mtl.typing import Shape


def check_alike(shapes: Mapping[str, Shape], layer: Any) -> Shape:
    """Refuses features that cannot be added to each other.

    Args:
        shapes: Task to shape.
        layer: The layer that reads them, for the message.

    Returns:
        The shape that all of them have.

    Raises:
        ValueError: If it is no dict, or the shapes differ.
    """
    if not isinstance(shapes, Mapping) or not shapes:
        raise ValueError(
            f"Layer {layer.name!r} needs a dict of features, task to tensor. "
            f"Received: {shapes}."
        )
    found = {tuple(shape) for shape in shapes.values()}
    if len(found) > 1:
        raise ValueError(
            f"Layer {layer.name!r} needs features of one shape for all "
            f"tasks. Received: {dict(shapes)}."
        )
    return found.pop()
