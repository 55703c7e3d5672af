"""Where the regions of cooperative training are centred."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
from keras import ops

from keras_mtl.typing import Tensor


class Anchors:
    """A variable to remember the place of each variable.

    Not a container that Keras tracks: the encoders are the model's.
    """

    def __init__(self) -> None:
        self.pairs: list[tuple[keras.Variable, keras.Variable]] = []

    def add(
        self,
        variable: keras.Variable,
        add_weight: Callable[..., keras.Variable],
    ) -> None:
        """Anchors a variable where it is.

        Args:
            variable: The variable.
            add_weight: Makes the anchor, so that it is saved.
        """
        anchor = add_weight(
            variable.shape,
            "zeros",
            dtype=variable.dtype,
            trainable=False,
            name=f"anchor_{len(self.pairs)}",
        )
        anchor.assign(variable.value)
        self.pairs.append((variable, anchor))

    def move(self, due: Tensor) -> None:
        """Puts every anchor where its variable is.

        Args:
            due: Boolean scalar; false leaves the anchors alone.
        """
        for variable, anchor in self.pairs:
            anchor.assign(ops.where(due, variable.value, anchor.value))

    def of(
        self, variables: Sequence[keras.Variable]
    ) -> tuple[keras.Variable, ...] | None:
        """The anchors of some variables.

        Args:
            variables: Variables.

        Returns:
            One anchor each; `None` if there are no anchors at all.

        Raises:
            ValueError: If only some variables have one.
        """
        if not self.pairs:
            return None
        known = {id(variable): anchor for variable, anchor in self.pairs}
        missing = [v.path for v in variables if id(v) not in known]
        if missing:
            raise ValueError(
                "The encoders must stay what they were when the trainer was "
                f"made. Received: {missing}, trainable since. Make a new "
                "trainer after layers were made trainable."
            )
        return tuple(known[id(variable)] for variable in variables)
