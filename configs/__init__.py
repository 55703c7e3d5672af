"""The presets: one commented YAML file an experiment, and one a sweep."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent

__all__ = ["preset_names", "preset_path", "sweep_names", "sweep_path"]


def preset_names() -> list[str]:
    """Names of the presets, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def preset_path(name: str) -> Path:
    """The file of a preset.

    Args:
        name: One of `preset_names()`.

    Returns:
        Path of its YAML file.

    Raises:
        KeyError: If there is no such preset.
    """
    if name not in preset_names():
        raise KeyError(
            f"expected one of the presets {preset_names()}. Received: {name!r}."
        )
    return _FOLDER / f"{name}.yaml"


def sweep_names() -> list[str]:
    """Names of the sweeps, `sweeps/NAME`, sorted."""
    return sorted(
        f"sweeps/{path.stem}" for path in (_FOLDER / "sweeps").glob("*.yaml")
    )


def sweep_path(name: str) -> Path:
    """The file of a sweep.

    Args:
        name: One of `sweep_names()`.

    Returns:
        Path of its YAML file.

    Raises:
        KeyError: If there is no such sweep.
    """
    if name not in sweep_names():
        raise KeyError(
            f"expected one of the sweeps {sweep_names()}. Received: {name!r}."
        )
    return _FOLDER / f"{name}.yaml"
