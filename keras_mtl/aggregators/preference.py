"""Aggregators that take a preference: how much each task matters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from keras_mtl.aggregators.base import Aggregator

Preference = Mapping[str, float] | Sequence[float] | None


def numbers(preference: Mapping[str, float] | Sequence[float]) -> list[float]:
    """The numbers of a mapping or of a sequence."""
    if isinstance(preference, Mapping):
        return list(preference.values())
    return list(preference)


def check_preference(option: str, preference: Preference) -> None:
    """Refuses negative, infinite or all-zero preferences.

    Args:
        option: Name of the option, for the error.
        preference: Task name to number, or one number per task.

    Raises:
        ValueError: If it is not usable.
    """
    if preference is None:
        return
    values = [float(value) for value in numbers(preference)]
    usable = all(math.isfinite(value) and value >= 0.0 for value in values)
    if not (usable and any(value > 0.0 for value in values)):
        raise ValueError(
            f"`{option}` must be finite and not negative, with some positive. "
            f"Received: {option}={preference!r}."
        )


def in_order(
    option: str, preference: Preference, tasks: Sequence[str]
) -> list[float] | None:
    """Preferences in the order of the tasks.

    Args:
        option: Name of the option, for the error.
        preference: Task name to number, or one number per task.
        tasks: Names of the tasks, sorted.

    Returns:
        One number per task, or `None`.

    Raises:
        ValueError: If the tasks of the preference are not those of the model.
    """
    if preference is None:
        return None
    if isinstance(preference, Mapping):
        if set(preference) != set(tasks):
            raise ValueError(
                f"`{option}` must have one number for each of the tasks "
                f"{list(tasks)}. Received: {sorted(preference)}."
            )
        return [float(preference[task]) for task in tasks]
    if len(preference) != len(tasks):
        raise ValueError(
            f"`{option}` must have {len(tasks)} numbers, one for each of the "
            f"tasks {list(tasks)} in this order. Received: {preference!r}."
        )
    return [float(value) for value in preference]


def plain(value: Any) -> Any:
    """A plain dict, list or number, whatever Keras wrapped it into."""
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Sequence) else value


class PreferenceAggregator(Aggregator):
    """An aggregator with a `preference`. See `Aggregator`.

    Args:
        preference: How much each task matters: task name to number, or one
            number per task in the order of the sorted names. Non-negative;
            `None` for equal preferences.
        **kwargs: Arguments of `Aggregator`.

    Raises:
        ValueError: If a preference is negative or not finite, or (when the
            trainer is built) does not fit the tasks.
    """

    def __init__(self, preference: Preference = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_preference("preference", preference)
        named = isinstance(preference, Mapping)
        self.preference = preference
        self._values: Any = None if named else preference

    def check_tasks(self, tasks: Sequence[str]) -> None:
        """Puts the preferences in the order of the tasks."""
        super().check_tasks(tasks)
        self._values = in_order("preference", self.preference, tasks)

    def values(self) -> list[float] | None:
        """Preferences in the order of the tasks, `None` if equal.

        Raises:
            ValueError: If they are by name and the names are not known yet.
        """
        if self._values is None and self.preference is not None:
            raise ValueError(
                "`preference` is given by task name: call `check_tasks(tasks)` "
                "first, or give a list in the order of the gradients."
            )
        if self._values is None:
            return None
        return [float(value) for value in self._values]

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "preference": plain(self.preference)}
