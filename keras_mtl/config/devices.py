"""Devices that a run is spread over."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from keras_mtl.errors import ConfigError

if TYPE_CHECKING:
    from keras_mtl.config.schema import DistributeConfig


def strategy_scope(
    distribute: DistributeConfig | None,
) -> AbstractContextManager[Any]:
    """The scope in which network and trainer are made.

    Args:
        distribute: The block of the configuration, or `None`.

    Returns:
        The scope of a `tf.distribute.MirroredStrategy`; one that does
        nothing for `None`.

    Raises:
        ConfigError: If a device does not exist.
    """
    if distribute is None:
        return contextlib.nullcontext()
    import tensorflow as tf

    devices = distribute.devices
    if devices is not None:
        known = [d.name for d in tf.config.list_logical_devices()]
        names = [name.removeprefix("/device:") for name in known]
        missing = [
            d for d in devices if d.removeprefix("/device:") not in names
        ]
        if missing:
            raise ConfigError(
                f"distribute.devices: expected devices among {names}. "
                f"Received: {missing}. Leave `devices` out to use all GPUs."
            )
    return tf.distribute.MirroredStrategy(devices).scope()  # type: ignore[no-any-return]
