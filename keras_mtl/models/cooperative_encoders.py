"""The encoders of a cooperative network, grown level by level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras_mtl.layers import CooperativeFusion

# (features, number of units, prefix of the layers' names) to features.
Block = Callable[[Any, int, str], Any]
SHARED = "shared"


class CooperativeEncoders:
    """One encoder per task that reads the others', or one for all tasks.

    Args:
        tasks: Names of the tasks.
        inputs: Symbolic tensor that every encoder reads first.
        design: `"cooperative"`, or `"joint"`: one encoder of full width.
        fusion: `"cross"`: from the second level on, a level reads the
            features of all tasks; `"late"`: only its own.
        stop_gradients: Whether a task leaves the others' encoders alone.
    """

    def __init__(
        self,
        tasks: Sequence[str],
        inputs: Any,
        design: str,
        fusion: str,
        stop_gradients: bool,
    ) -> None:
        self.owners = tuple(sorted(tasks)) if design != "joint" else (SHARED,)
        self.fusion = fusion
        self.stop_gradients = stop_gradients
        self.features = dict.fromkeys(self.owners, inputs)
        self._name = ""
        self._fused: dict[str, Any] = {}

    def level(self, block: Block, width: int, name: str) -> None:
        """Adds a level: a block of `width / number of encoders` for each.

        Args:
            block: Makes the layers.
            width: Units of all encoders together.
            name: Name of the level; names the layers.
        """
        units = width // len(self.owners)
        self._set(
            name,
            {
                owner: block(self._read(owner), units, f"{owner}_{name}")
                for owner in self.owners
            },
        )

    def apply(self, block: Block, name: str) -> None:
        """Applies layers without weights to the features of each encoder."""
        self._set(
            name,
            {
                owner: block(self.features[owner], 0, f"{owner}_{name}")
                for owner in self.owners
            },
        )

    def fused(self, task: str) -> Any:
        """What a task reads of the last level: the features of all."""
        if self.owners == (SHARED,):
            return self.features[SHARED]
        if task not in self._fused:
            fuse = CooperativeFusion(
                task, self.stop_gradients, name=f"{task}_{self._name}_fusion"
            )
            self._fused[task] = fuse(self.features)
        return self._fused[task]

    def _read(self, owner: str) -> Any:
        # Before the first level there is only the common input.
        if not self._name or self.fusion == "late":
            return self.features[owner]
        return self.fused(owner)

    def _set(self, name: str, features: dict[str, Any]) -> None:
        self.features = features
        self._name = name
        self._fused = {}
