"""Environment variables in `data.dir`: `${KERAS_MTL_DATA}/MNIST`.

Nowhere else: a configuration says what a run does, and only where the data
lies differs from machine to machine. The run keeps the text as written.
"""

from __future__ import annotations

import os
import re

from keras_mtl.config.document import Document
from keras_mtl.config.problem import Problem
from keras_mtl.errors import ConfigError

_PATH = ("data", "dir")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def check_variables(document: Document) -> list[Problem]:
    """Problems of the syntax; whether a variable is set matters later."""
    text = document.get(_PATH)
    if not isinstance(text, str) or "$" not in _VARIABLE.sub("", text):
        return []
    message = (
        "expected a folder; an environment variable is written as "
        f"${{NAME}}. Received: {text!r}."
    )
    return [Problem(_PATH, message, document.locate(_PATH))]


def expand_variables(text: str, key: str = "data.dir") -> str:
    """Replaces `${NAME}` and a leading `~`.

    Args:
        text: The value of the key.
        key: The key, for the message.

    Returns:
        A path.

    Raises:
        ConfigError: If a variable is not set, by name.
    """
    for name in _VARIABLE.findall(text):
        if not os.environ.get(name):
            raise ConfigError(
                f"the environment variable {name} is not set, which "
                f"{text!r} needs. Set it (export {name}=/path/to/data), or "
                f"give the path itself: --set {key}=/path/to/it."
            )
    expanded = _VARIABLE.sub(lambda found: os.environ[found[1]], text)
    return os.path.expanduser(expanded)
