"""Makes components, and says which key is to blame when one refuses."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from keras_mtl.config.components import nested_kinds
from keras_mtl.config.environment import expand_variables
from keras_mtl.config.loading import Loaded
from keras_mtl.config.location import Path
from keras_mtl.config.problem import Problem
from keras_mtl.config.registry import resolve
from keras_mtl.config.signature import accepts
from keras_mtl.datasets import load as load_data
from keras_mtl.errors import ConfigError, KerasMTLError

# An option as messages write it: `groups`, `data.size` or groups=3.
_MENTIONED = re.compile(r"`(?:\w+\.)?(\w+)`|\b(\w+)=")


class _PlacedError(ConfigError):
    """An error that names its key and place already."""


class Builder:
    """Makes the components of one configuration.

    Args:
        loaded: The configuration, with the places of its values.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._document = loaded.document
        self._plugins = loaded.plugins

    def component(self, kind: str, block: Any, path: Path, **given: Any) -> Any:
        """Makes a component and the components in its options.

        Args:
            kind: Kind of component.
            block: Mapping with its name and options.
            path: Where the block stands, for the errors.
            **given: Further arguments, left out if it does not take them.

        Returns:
            The instance, or what the function returned.

        Raises:
            ConfigError: If it refuses an option.
        """
        make = resolve(kind, block["name"], self._plugins)
        options = {key: block[key] for key in block if key != "name"}
        for name, nested in nested_kinds(kind).items():
            if isinstance(options.get(name), dict):
                options[name] = self.component(
                    nested, options[name], (*path, name)
                )
        options |= {name: given[name] for name in given if accepts(make, name)}
        with self.blaming(path):
            return make(**options)

    def data(self, block: dict[str, Any]) -> Any:
        """Makes the data set.

        Args:
            block: The block `data`.

        Returns:
            A `MultiTaskData`.

        Raises:
            ConfigError: If it refuses an option.
            DataError: If data is missing or unreadable.
        """
        options = {key: block[key] for key in block if key != "name"}
        path = ("data",)
        if isinstance(options.get("dir"), str):
            with self.blaming((*path, "dir")):
                options["dir"] = expand_variables(options["dir"])
        loader = resolve("datasets", block["name"], self._plugins)
        with self.blaming(path):
            return load_data(loader, **options)

    def optimizer(self, block: dict[str, Any]) -> Any:
        """Makes the optimizer, with its learning-rate schedule."""
        return self.component("optimizers", block, ("optimizer",))

    def error(self, path: Path, message: str, key: bool = False) -> ConfigError:
        """An error about one key, with the place where it was written."""
        place = self._document.locate(path, key)
        return _PlacedError(str(Problem(path, message, place)))

    @contextlib.contextmanager
    def blaming(self, path: Path) -> Iterator[None]:
        """Turns what a component raises into an error about its block."""
        try:
            yield
        except ConfigError as error:
            if isinstance(error, _PlacedError):
                raise
            raise self._blame(path, error) from error
        except KerasMTLError:
            raise
        except (TypeError, ValueError) as error:
            raise self._blame(path, error) from error

    def _blame(self, path: Path, error: Exception) -> ConfigError:
        """The error, at the option that its message names first."""
        message = str(error) or type(error).__name__
        block = self._document.get(path)
        for quoted, assigned in _MENTIONED.findall(message):
            name = quoted or assigned
            if isinstance(block, dict) and name in block:
                path = (*path, name)
                break
        return self.error(path, message)
