"""Steps that float16 overflowed change nothing but the loss scale."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from keras import ops

from keras_mtl.backend.phase import Phase


@contextlib.contextmanager
def kept_on_overflow(phase: Phase) -> Iterator[None]:
    """Puts the weighting's state back where a step was skipped.

    A gradient that overflowed leaves weights and slots alone, and aggregators
    see it themselves; but the losses of such a step are finite.

    Args:
        phase: Its optimizer and weighting; the step is taken inside.
    """
    scale = getattr(phase.optimizer, "dynamic_scale", None)
    if scale is None or phase.weighting is None:
        yield
        return
    variables = phase.weighting.variables
    # Sums are copies: `value` is the variable.
    before = [variable.value + 0 for variable in variables]
    old = scale.value + 0.0
    yield
    # It is halved where a step is skipped, and there only.
    skipped = scale.value < old
    for variable, value in zip(variables, before, strict=True):
        variable.assign(ops.where(skipped, value, variable.value))
