"""Finds a backbone by name: keras-hub, keras.applications, or a folder."""

from __future__ import annotations

import contextlib
import difflib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from keras_mtl.errors import ConfigError, OfflineError

AUTO = "auto"


def load_backbone(
    name: str,
    input_shape: Sequence[int],
    weights: str | None,
    options: Mapping[str, Any],
) -> Any:
    """Makes a network without its last layers.

    Args:
        name: A function of `keras.applications`, a class of
            `keras_hub.models`, the name of a keras-hub preset, or a folder
            that `save_to_preset` wrote.
        input_shape: Height, width and channels of an image.
        weights: `"auto"`: those of the preset, and random ones for a class or
            function; `None`: random ones; a `.weights.h5` file; or the name
            of weights for a function (`"imagenet"`) or class (a preset).
        options: Arguments of the class or function.

    Returns:
        A Functional model.

    Raises:
        ConfigError: If the name or the file is unknown, an option does not
            fit, or keras-hub is needed and not installed.
        OfflineError: If something had to be downloaded and could not be.
    """
    shape = tuple(input_shape)
    file = weights if weights and weights.endswith(".h5") else None
    if file is not None:
        if not Path(file).is_file():
            raise ConfigError(
                f"`weights` names a file that is not there: {file!r}. Give "
                "a .weights.h5 file, the name of a preset, or null."
            )
        weights = None
    if hasattr(keras.applications, name) and name[0].isupper():
        model = _application(name, shape, weights, options)
    else:
        model = _hub(name, shape, weights, options)
    if file is not None:
        model.load_weights(file)
    return model


def _application(
    name: str,
    shape: tuple[int, ...],
    weights: str | None,
    options: Mapping[str, Any],
) -> Any:
    make = getattr(keras.applications, name)
    weights = None if weights == AUTO else weights
    with _offline(f"the weights {weights!r} of {name}"), _fitting(name, make):
        return make(
            include_top=False, weights=weights, input_shape=shape, **options
        )


def _hub(
    name: str,
    shape: tuple[int, ...],
    weights: str | None,
    options: Mapping[str, Any],
) -> Any:
    hub = _keras_hub(name)
    known = [n for n in dir(hub) if n.endswith("Backbone")]
    sized = {"image_shape": shape, **options}
    if name not in known:
        _check_preset(name, hub, known)
        return _preset(hub.Backbone, name, weights is not None, sized)
    make = getattr(hub, name)
    if weights not in (None, AUTO):
        _check_preset(str(weights), hub, known)
        return _preset(make, str(weights), True, sized)
    with _fitting(name, make):
        return make(**sized)


def _preset(make: Any, preset: str, load: bool, options: Any) -> Any:
    with _offline(f"the preset {preset!r}"), _fitting(preset, make):
        return make.from_preset(preset, load_weights=load, **options)


def _keras_hub(name: str) -> Any:
    try:
        import keras_hub
    except ImportError as error:
        close = difflib.get_close_matches(name, dir(keras.applications), n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ConfigError(
            f"`backbone` {name!r} is no function of keras.applications, and "
            "keras-hub is not installed: `pip install keras-mtl[backbones]`."
            f"{hint}"
        ) from error
    return keras_hub.models


def _check_preset(name: str, hub: Any, known: list[str]) -> None:
    """Refuses what is neither a folder, nor a known preset, nor an address."""
    if (Path(name) / "config.json").is_file() or "://" in name:
        return
    if name in hub.Backbone.presets:
        return
    names = [*known, *hub.Backbone.presets, *_applications()]
    close = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ConfigError(
        "`backbone` must be a class of keras_hub.models, a function of "
        "keras.applications, the name of a keras-hub preset, or a folder "
        f"with a config.json. Received: {name!r}.{hint}"
    )


def _applications() -> list[str]:
    return [
        name
        for name in dir(keras.applications)
        if name[0].isupper() and callable(getattr(keras.applications, name))
    ]


@contextlib.contextmanager
def _offline(what: str) -> Iterator[None]:
    """Says what to do where a download fails, however it is reported."""
    try:
        yield
    except (ConfigError, TypeError):
        raise
    except Exception as error:  # kagglehub, huggingface and Keras differ
        text = f"{type(error).__name__}: {error}".strip()
        if not _is_download(error):
            raise
        raise OfflineError(
            f"{what[0].upper()}{what[1:]} had to be downloaded and could not "
            f"be ({text.splitlines()[0][:200]}). Connect to the network, or "
            "give as `backbone` a folder that `save_to_preset` wrote, or the "
            "name of a class, with `weights: null`."
        ) from error


def _is_download(error: BaseException | None) -> bool:
    words = ("URL fetch failure", "config.json")
    while error is not None:
        if isinstance(error, OSError) and not isinstance(
            error, FileNotFoundError
        ):
            return True
        if any(word in str(error) for word in words):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextlib.contextmanager
def _fitting(name: str, make: Any) -> Iterator[None]:
    """Names the arguments where those given do not fit."""
    try:
        yield
    except TypeError as error:
        known = [
            parameter.name
            for parameter in inspect.signature(make).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        raise ConfigError(
            f"`options` of {name!r} do not fit: {error}. Its arguments are "
            f"{known}."
        ) from error
