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
    option: str,
    preference: Preference,
    tasks: Sequence[str],
    among: Sequence[str] | None = None,
) -> list[float] | None:
    """Preferences in the order of the tasks.

    Args:
        option: Name of the option, for the error.
        preference: Task name to number, or one number per task.
        tasks: Names of the tasks, sorted.
        among: Names of all tasks, sorted: those that `preference` is for;
            `None` means `tasks`.

    Returns:
        One number for each of `tasks`, or `None`.

    Raises:
        ValueError: If the tasks of the preference are not those of the model.
    """
    if preference is None:
        return None
    everyone = list(tasks if among is None else among)
    if isinstance(preference, Mapping):
        if set(preference) != set(everyone):
            raise ValueError(
                f"`{option}` must have one number for each of the tasks "
                f"{everyone}. Received: {sorted(preference)}."
            )
        return [float(preference[task]) for task in tasks]
    if len(preference) != len(everyone):
        raise ValueError(
            f"`{option}` must have {len(everyone)} numbers, one for each of "
            f"the tasks {everyone} in this order. Received: {preference!r}."
        )
    by_name = dict(zip(everyone, preference, strict=True))
    return [float(by_name[task]) for task in tasks]


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

    def check_tasks(
        self, tasks: Sequence[str], among: Sequence[str] | None = None
    ) -> None:
        """Puts the preferences in the order of the tasks."""
        super().check_tasks(tasks, among)
        values = in_order("preference", self.preference, tasks, among)
        if values is not None and not any(values):
            raise ValueError(
                f"`preference` is 0 for all of the tasks {list(tasks)}, which "
                "are combined on their own. Give one of them a positive "
                "preference, or group them with others."
            )
        self._values = values

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
