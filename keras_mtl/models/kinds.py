"""What the outputs of a network look like: kinds of tasks."""

from __future__ import annotations

from collections.abc import Mapping

VECTOR_KINDS = ("classification", "binary", "regression")
DENSE_KINDS = ("segmentation", "mask", "depth", "normals", "heatmap")


def is_dense(kind: str) -> bool:
    """Whether a task of this kind has an output for every pixel.

    Args:
        kind: One of `VECTOR_KINDS` or `DENSE_KINDS`.

    Returns:
        True for outputs `(batch, height, width, units)`, False for outputs
        `(batch, units)`.
    """
    return kind in DENSE_KINDS


def check_kinds(
    tasks: Mapping[str, int], kinds: Mapping[str, str] | None, default: str
) -> dict[str, str]:
    """Gives every task its kind.

    Args:
        tasks: Task name to number of output units.
        kinds: Task name to kind; tasks may be left out, as may all.
        default: Kind of the tasks that are left out.

    Returns:
        Task name to kind, in the order of `tasks`.

    Raises:
        ValueError: If `kinds` names another task, or an unknown kind.
    """
    given = {} if kinds is None else kinds
    if not isinstance(given, Mapping) or set(given) - set(tasks):
        raise ValueError(
            f"`kinds` must map tasks among {sorted(tasks)} to their kinds. "
            f"Received: kinds={kinds!r}."
        )
    known = (*VECTOR_KINDS, *DENSE_KINDS)
    for task, kind in given.items():
        if kind not in known:
            raise ValueError(
                f"`kinds[{task!r}]` must be one of {list(known)}. Received: "
                f"{kind!r}."
            )
    return {task: given.get(task, default) for task in tasks}
