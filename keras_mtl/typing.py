"""Names for the types that recur in signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# A backend tensor, a Keras variable or anything `ops.convert_to_tensor` takes.
Tensor = Any
# Task name to tensor.
Tensors = Mapping[str, Any]
# What Keras hands to callbacks.
Logs = dict[str, Any]
Shape = tuple[int | None, ...]
# Groups of tasks: names, or how many to deal the tasks into.
Groups = int | Sequence[Sequence[str]] | None
