"""Networks side by side, one per task, grown stage by stage."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import layers

from keras_mtl.models.blocks import norm_relu
from keras_mtl.models.heads import check_input_shape, check_units, task_output
from keras_mtl.models.kinds import check_kinds, is_dense

# What becomes of a layer before it is called: itself by default.
Place = Callable[[Any], Callable[[Any], Any]]


@dataclasses.dataclass(frozen=True)
class Columns:
    """How a column looks: convolutions for images, dense layers for tables.

    Args:
        shape: Shape of one sample: three axes for an image, one for a row.
        widths: Filters (or units) of each stage.
        depth: Layers of each stage. A max-pooling stands between stages of
            images.
    """

    shape: tuple[int, ...]
    widths: Sequence[int]
    depth: int

    @classmethod
    def checked(
        cls,
        tasks: Mapping[str, int],
        input_shape: Sequence[int],
        kinds: Mapping[str, str] | None,
        widths: Sequence[int],
        depth: int,
    ) -> tuple[Columns, dict[str, str]]:
        """Checks the options of a builder.

        Args:
            tasks: Task name to number of output units.
            input_shape: Shape of one sample.
            kinds: Task to kind; vectors where left out.
            widths: Filters (or units) of each stage.
            depth: Layers of each stage.

        Returns:
            The columns, and the kind of each task.

        Raises:
            ValueError: If an option is out of its range, or maps are asked
                of a table.
        """
        check_units("widths", widths, least=1)
        check_units("depth", [depth])
        found = check_kinds(tasks, kinds, default="classification")
        shape = check_input_shape(input_shape)
        if len(shape) == 3:
            shape = check_input_shape(shape, 3, 2 ** (len(widths) - 1))
        elif len(shape) != 1:
            raise ValueError(
                "`input_shape` must be (height, width, channels) of an image "
                f"or (features,) of a table. Received: input_shape={shape}."
            )
        maps = [task for task, kind in found.items() if is_dense(kind)]
        if maps and len(shape) != 3:
            raise ValueError(
                f"The tasks {maps} need an output for every pixel, but the "
                f"samples are no images. Received: input_shape={shape}."
            )
        return cls(shape, widths, depth), found

    def input(self) -> Any:
        """The input: `image`, or the `features` of a table."""
        name = "image" if len(self.shape) == 3 else "features"
        return keras.Input(self.shape, name=name)

    def stage(
        self, x: Any, index: int, name: str, place: Place | None = None
    ) -> Any:
        """One stage of a column.

        Args:
            x: Symbolic tensor, shape `(batch, ..., channels)`.
            index: Which stage, counted from 0.
            name: Start of the names of the layers.
            place: Makes of a layer with weights what is called.

        Returns:
            Symbolic tensor, shape `(batch, ..., widths[index])`.
        """
        width = int(self.widths[index])
        is_image = len(x.shape) == 4
        if is_image and index:
            x = layers.MaxPooling2D(2, name=f"{name}_pool")(x)
        for number in range(1, self.depth + 1):
            prefix = f"{name}_{number}"
            layer = _layer(width, is_image, prefix)
            x = (layer if place is None else place(layer))(x)
            if is_image:
                x = norm_relu(x, prefix)
            else:
                x = layers.ReLU(name=f"{prefix}_relu")(x)
        return x

    def outputs(
        self,
        features: Mapping[str, Any],
        tasks: Mapping[str, int],
        kinds: Mapping[str, str],
    ) -> dict[str, Any]:
        """A head for every task on its own features.

        Args:
            features: Task to symbolic tensor.
            tasks: Task to number of output units.
            kinds: Task to kind.

        Returns:
            Task to symbolic tensor, see `task_output`.
        """
        size = self.shape[:2]
        return {
            task: task_output(features[task], task, units, kinds[task], size)
            for task, units in tasks.items()
        }


def _layer(width: int, is_image: bool, name: str) -> Any:
    if not is_image:
        return layers.Dense(width, name=name)
    initializer = keras.initializers.VarianceScaling(
        2.0, mode="fan_out", distribution="untruncated_normal"
    )
    return layers.Conv2D(
        width,
        3,
        padding="same",
        use_bias=False,
        kernel_initializer=initializer,
        name=name,
    )
