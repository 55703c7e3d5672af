"""Packages that only a part of the transfers needs."""

from __future__ import annotations

import importlib
from typing import Any

from keras_mtl.errors import ConfigError


def required(module: str, package: str) -> Any:
    """Imports a module of the extra `transfer`.

    Args:
        module: Name of the module.
        package: The package that it comes with.

    Returns:
        The module.

    Raises:
        ConfigError: If it is not installed; names the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"This similarity needs {package}, which cannot be imported "
            f"({error}): `pip install keras-mtl[transfer]`."
        ) from error
