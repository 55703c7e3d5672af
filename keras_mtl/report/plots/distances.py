"""How far the shared weights went."""

from __future__ import annotations

from keras_mtl.report.comparison import Comparison
from keras_mtl.report.plots.curves import columns_over_epochs, draw_lines
from keras_mtl.report.plots.picture import Picture
from keras_mtl.report.plots.series import histories

# Columns of the history, and what they are called.
COLUMNS = {
    "distance_total": "Distance covered",
    "distance_shortest": "Distance from the start",
    "distance_ratio": "Distance covered, relative to the shortest",
}


def distances(comparison: Comparison) -> list[Picture]:
    """Total path of the shared weights, and how far it led (thesis, 4.3.4)."""
    rows = {m.label: histories(m) for m in comparison.methods}
    is_sample = comparison.options.deviation == "sample"
    order = [method.label for method in comparison.methods]
    found = []
    for name, title in COLUMNS.items():
        lines = columns_over_epochs(rows, name, is_sample)
        if lines:
            found.append(
                draw_lines(
                    title,
                    "L2 norm" if name != "distance_ratio" else "ratio",
                    lines,
                    order,
                    "Shared weights without normalisation layers. Mean over "
                    "seeds; the band is one standard deviation.",
                )
            )
    return found
