"""A part of a split model."""

from __future__ import annotations

from typing import Any

import keras

from keras_mtl.layers.affine import forget


class Stage(keras.Model):
    """A trunk or a head: a Functional model with two differences.

    It returns a list wherever its outputs are a list, also of one tensor,
    and it takes inputs that carry a mask, as the tensors inside a model do
    (Keras warns that a Functional model drops it), without putting that mask
    on an output that has none.

    Args:
        inputs: Symbolic input tensors.
        outputs: Symbolic output tensor, or list of them.
        name: Name of the model.
    """

    def call(
        self,
        inputs: Any,
        training: bool | None = None,
        mask: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Runs the part on its inputs, as any Functional model."""
        outputs = super().call(inputs, training=training, mask=mask, **kwargs)
        for tensor in keras.tree.flatten(outputs):
            forget(tensor)
        if isinstance(self.output, list) and len(self.output) == 1:
            return [outputs]
        return outputs

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Leaves the masks that the layers inside have set."""
