"""Base of what is done with outputs after the network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_mtl.errors import ConfigError
from keras_mtl.pipelines.network import Network
from keras_mtl.pipelines.reading import Reading

Measured = dict[str, dict[str, float]]
State = dict[str, Any]


class Pipeline(ABC):
    """From the outputs of a network to what a user wants to know.

    A run that names one in its configuration (`pipeline:`) adds what it
    measures to the metrics of its test, and `keras-mtl predict` applies it.
    """

    #: Task to the kinds that it may be of.
    kinds: Mapping[str, tuple[str, ...]] = {}

    def check(self, tasks: Mapping[str, Any]) -> None:
        """Refuses data that it can do nothing with.

        Args:
            tasks: Task to `TaskSpec`.

        Raises:
            ConfigError: If none of its tasks is there, or one is of another
                kind.
        """
        if not set(self.kinds) & set(tasks):
            raise ConfigError(
                f"`pipeline` needs one of the tasks {sorted(self.kinds)}. The "
                f"data has {sorted(tasks)}: leave it out."
            )
        for task in sorted(set(self.kinds) & set(tasks)):
            if tasks[task].kind not in self.kinds[task]:
                raise ConfigError(
                    f"`pipeline` needs the task {task!r} to be of the kind "
                    f"{' or '.join(self.kinds[task])}. Received: "
                    f"{tasks[task].kind!r}."
                )

    def fit(self, data: Any) -> State:
        """Learns what the network does not, from the training labels.

        Args:
            data: A `MultiTaskData`.

        Returns:
            Plain JSON values, which the run keeps.
        """
        return {}

    @abstractmethod
    def measure(self, model: Any, split: Any, state: State) -> Measured:
        """Applies the network to a split, and measures what comes of it.

        Args:
            model: The network, a Keras model.
            split: A `Split`.
            state: What `fit` returned.

        Returns:
            Task to name to value; NaN where it is not defined.
        """

    @abstractmethod
    def read(
        self,
        network: Network,
        image: NDArray[np.float32],
        size: tuple[int, int],
        state: State,
    ) -> Reading:
        """Applies the network to one photograph.

        Args:
            network: The network.
            image: The photograph as the data set gives it, shape
                `(height, width, channels)`, of the size that `input_size`
                asks for.
            size: Height and width of the photograph as it is stored.
            state: What `fit` returned.

        Returns:
            What was found, at the size of the photograph.
        """

    def input_size(
        self,
        network: Network,
        resized: tuple[int, int] | None,
        stored: tuple[int, int],
    ) -> tuple[int, int]:
        """The size of the image that `read` takes; that of the network.

        Args:
            network: The network.
            resized: Height and width that the images of the run's data were
                resized to, before any window was cut; `None` if they kept
                their size.
            stored: Height and width of the photograph.
        """
        height, width = network.input_shape[:2]
        return height, width

    def definitions(self) -> dict[str, Any]:
        """What its numbers depend on, for `manifest.json`."""
        own = type(self)
        return {"class": f"{own.__module__}:{own.__name__}", "config": {}}
