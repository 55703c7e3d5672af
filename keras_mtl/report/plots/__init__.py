"""Pictures of a comparison. They need Matplotlib: the extra `report`.

A kind of picture is a function of the comparison that draws what its data
allow, which may be nothing; `KINDS` lists them in the order of a page.
"""

from __future__ import annotations

from collections.abc import Callable

from keras_mtl.report.comparison import Comparison
from keras_mtl.report.plots.bubbles import bubbles
from keras_mtl.report.plots.cosines import cosines
from keras_mtl.report.plots.curves import curves
from keras_mtl.report.plots.distances import distances
from keras_mtl.report.plots.flatness import flatness
from keras_mtl.report.plots.picture import Picture, require_matplotlib
from keras_mtl.report.plots.profile import profile
from keras_mtl.report.plots.radar import radar
from keras_mtl.report.plots.rates import rates
from keras_mtl.report.plots.weights import weights

__all__ = ["KINDS", "Picture", "pictures"]

KINDS: tuple[Callable[[Comparison], list[Picture]], ...] = (
    profile,
    radar,
    rates,
    bubbles,
    curves,
    weights,
    cosines,
    distances,
    flatness,
)


def pictures(comparison: Comparison) -> list[Picture]:
    """Everything that can be drawn of a comparison.

    Args:
        comparison: What is compared.

    Returns:
        The pictures; names are unique.

    Raises:
        ConfigError: If Matplotlib is not installed; names the extra.
    """
    require_matplotlib()
    return [picture for kind in KINDS for picture in kind(comparison)]
