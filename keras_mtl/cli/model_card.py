"""What a run has to remember for its model to be used without its data."""

from __future__ import annotations

from typing import Any

from keras_mtl.datasets.standardise import Standardise


def model_card(data: Any) -> dict[str, Any]:
    """Tasks and inputs of a data set, as plain JSON values.

    Args:
        data: A `MultiTaskData`.

    Returns:
        `input_shape`; `scaling`, the `mean` and `std` that pixels in [0, 1]
        are standardised with (`None` if the data set prepares its inputs in
        another way); `tasks`, task to its kind and class names.
    """
    return {
        "input_shape": list(data.input_shape),
        "scaling": _scaling(data.train.source),
        "tasks": {
            name: {
                "kind": spec.kind,
                "num_outputs": spec.num_outputs,
                "class_names": list(spec.class_names or ()) or None,
            }
            for name, spec in data.tasks.items()
        },
    }


def _scaling(source: Any) -> dict[str, float] | None:
    for name in ("standardise", "prepare"):
        prepare = getattr(source, name, None)
        if isinstance(prepare, Standardise):
            return {"mean": prepare.mean, "std": prepare.std}
    return None
