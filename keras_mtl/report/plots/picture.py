"""One picture, and what all of them have in common."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from keras_mtl.errors import ConfigError

# Stands for the colour of the text around the picture, light or dark.
INK = "#1a2b3c"
# Told apart by most readers, on white as well as on black.
COLOURS = (
    "#0077bb",
    "#dd5500",
    "#00956e",
    "#c2559d",
    "#a8790a",
    "#3aa6d8",
    "#8566c4",
    "#7d8489",
    "#97a30b",
    "#d0302b",
)
LINES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
# Inches. Nearly the width of a phone, so that letters keep their size there.
WIDTH, HEIGHT = 3.7, 2.7
_STYLE = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
# Nothing is cut off at an edge.
_WHOLE = {"bbox_inches": "tight", "pad_inches": 0.04}
# Letters in a line of the legend.
_LEGEND_WIDTH = 44


@dataclass(frozen=True)
class Picture:
    """A drawing with its words.

    Args:
        name: Unique name, fit for a file.
        title: What it shows, one line.
        caption: How to read it.
        figure: A Matplotlib figure.
    """

    name: str
    title: str
    caption: str
    figure: Any

    def file(self) -> str:
        """The drawing as the content of an SVG file."""
        text = io.StringIO()
        with styled(**{"svg.hashsalt": self.name}):
            self.figure.savefig(
                text, format="svg", metadata={"Date": None}, **_WHOLE
            )
        return text.getvalue()

    def svg(self) -> str:
        """The drawing as an element for a page, in the page's text colour."""
        drawing = self.file()
        drawing = drawing[drawing.index("<svg") :].replace(INK, "currentColor")
        # Ids have to be unique on the page.
        prefix = f"{self.name}-"
        drawing = re.sub(r'\bid="', f'id="{prefix}', drawing)
        drawing = drawing.replace("url(#", f"url(#{prefix}")
        drawing = drawing.replace('href="#', f'href="#{prefix}')
        return re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.S)

    def png(self) -> bytes:
        """The drawing on white, 200 dots an inch."""
        data = io.BytesIO()
        self.figure.savefig(
            data, format="png", dpi=200, facecolor="white", **_WHOLE
        )
        return data.getvalue()


def require_matplotlib() -> None:
    """Checks that Matplotlib is installed.

    Raises:
        ConfigError: If not; names the extra to install.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise ConfigError(
            "Pictures need Matplotlib, which is not installed. Install the "
            "extra: pip install 'keras-mtl[report]'."
        )


@contextlib.contextmanager
def styled(**more: Any) -> Iterator[None]:
    """Whatever is drawn in here follows the style of all pictures."""
    import matplotlib as mpl

    settings: Any = {**_STYLE, **more}
    with mpl.rc_context(settings):
        yield


def new_figure(
    labels: Sequence[str] = (), height: float = HEIGHT, **options: Any
) -> tuple[Any, Any]:
    """A figure with one set of axes, and room for a legend below it.

    Args:
        labels: What the legend will say.
        height: Height of the axes and their labels, inches.
        **options: For `add_subplot`.

    Returns:
        Figure and axes.
    """
    from matplotlib.figure import Figure

    extra = 0.16 * _legend_lines(labels) + 0.1 if labels else 0.0
    with styled():
        figure = Figure(figsize=(WIDTH, height + extra), layout="constrained")
        axes = figure.add_subplot(**options)
        axes.grid(visible=True, color=INK, alpha=0.2)
    return figure, axes


def finish(picture_axes: Any, figure: Any, labels: Sequence[str]) -> None:
    """Adds the legend of all labelled artists below the axes.

    Args:
        picture_axes: The axes.
        figure: Their figure.
        labels: What the legend says; none draws none.
    """
    handles, names = picture_axes.get_legend_handles_labels()
    if labels and handles:
        with styled():
            figure.legend(
                handles,
                [_wrapped(name) for name in names],
                loc="outside lower left",
                ncols=_legend_columns(labels),
                fontsize=8,
                labelcolor=INK,
                borderpad=0.2,
                columnspacing=1.2,
                labelspacing=0.3,
            )


def style(index: int) -> dict[str, Any]:
    """Colour, line and marker of the method with an index."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": LINES[index // len(COLOURS) % len(LINES)],
        "marker": MARKERS[index % len(MARKERS)],
    }


def file_name(*parts: str) -> str:
    """Parts as one name of letters, digits, dots and hyphens."""
    text = "-".join(re.sub(r"[^A-Za-z0-9.]+", "-", part) for part in parts)
    return text.strip("-").lower()


def _legend_columns(labels: Sequence[str]) -> int:
    longest = max((len(label) for label in labels), default=0)
    return max(1, min(3, len(labels), 50 // (longest + 6)))


def _legend_lines(labels: Sequence[str]) -> int:
    lines = sum(_wrapped(label).count("\n") + 1 for label in labels)
    return -(-lines // _legend_columns(labels))


def _wrapped(label: str) -> str:
    return "\n".join(textwrap.wrap(label, _LEGEND_WIDTH)) or label
