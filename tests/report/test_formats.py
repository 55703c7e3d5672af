import csv
import io
import json

import pytest

from keras_mtl.report import Column, Comparison, Method, Options
from keras_mtl.report.form import POSTER, Form
from keras_mtl.report.formats import written
from keras_mtl.report.row import Cell, Row

LEFT = Column("left", "accuracy", 1, is_fraction=True)
RIGHT = Column("right_|x", "depth", -1)


def row(label, left, right, **options):
    return Row(label, 3, False, {LEFT: left, RIGHT: right}, **options)


@pytest.fixture
def comparison():
    rows = (
        row(
            "plain 50%",
            Cell(0.9941, 0.00036, 3, is_equal=True, rank=2.0, p_value=0.3),
            Cell(12.5, 0.25, 3, is_equal=False, rank=2.0, p_value=0.01),
            ratio=1.98,
            mean_rank=2.0,
            delta_m=-0.012,
        ),
        row(
            "a_b|c",
            Cell(0.9972, 0.0004, 3, is_best=True, rank=1.0),
            Cell(11.0, None, 1, is_best=True, rank=1.0),
            published={LEFT: (0.996, 0.0005)},
            ratio=1.0,
            mean_rank=1.0,
            seconds=125.0,
            memory=2.0**29,
        ),
    )
    methods = tuple(Method(r.label, {}, {}) for r in rows)
    return Comparison((LEFT, RIGHT), rows, ("A note.",), Options(), methods)


MARKDOWN = """\
| method | left accuracy % ↑ | published left accuracy % ↑ | right_\\|x depth ↓ | n | mean rank ↓ | Δm % ↑ | params | time | memory |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| plain 50% | <u>99.41 ± 0.04</u> | - | 12.50 ± 0.25 | 3 | 2.00 | -1.20 | 1.98 | - | - |
| a_b\\|c | **99.72 ± 0.04** | 99.60 ± 0.05 | **11.00** | 3 | 1.00 | - | 1.00 | 2 min 05 s | 512 MiB |

- A note.
- Mean ± standard deviation over seeds (sample: divided by n - 1).
- Bold: the best mean. Underlined: not told apart from it (two-sided paired t-test over shared seeds, p >= 0.05; not corrected for the number of tests).
- params: all weights, relative to the smallest method.
"""  # noqa: E501

LATEX = r"""% A note.
% Mean ± standard deviation over seeds (sample: divided by n - 1).
% Bold: the best mean. Underlined: not told apart from it (two-sided paired t-test over shared seeds, p >= 0.05; not corrected for the number of tests).
% params: all weights, relative to the smallest method.
\begin{tabular}{lrrrr}
\toprule
method & left accuracy \% $\uparrow$ & published left accuracy \% $\uparrow$ & right\_|x depth $\downarrow$ & params \\
\midrule
plain 50\% & \underline{99.410 $\pm$ 0.036} & - & 12.500 $\pm$ 0.250 & 1.98 \\
a\_b|c & \textbf{99.720 $\pm$ 0.040} & 99.600 $\pm$ 0.050 & \textbf{11.000} & 1.00 \\
\bottomrule
\end{tabular}
"""  # noqa: E501


def test_markdown_is_frozen(comparison):
    assert written(comparison, Form(percent=True), "md") == MARKDOWN


def test_the_poster_in_latex_is_frozen(comparison):
    form = Form(percent=True, digits=3, extras=POSTER)
    assert written(comparison, form, "latex") == LATEX


def test_csv_has_every_digit(comparison):
    rows = list(csv.DictReader(io.StringIO(written(comparison, Form(), "csv"))))
    assert len(rows) == 4
    assert float(rows[0]["mean"]) == 0.9941
    assert rows[0]["method"] == "plain 50%"
    assert rows[2]["published_mean"] == "0.996"
    assert rows[3]["deviation"] == ""
    assert rows[3]["metric"] == "depth"


def test_json_has_everything(comparison):
    found = json.loads(written(comparison, Form(), "json"))
    assert found["notes"] == ["A note."]
    best = found["methods"][1]["scores"][0]
    assert best["mean"] == 0.9972
    assert best["is_best"] is True
    assert best["published_mean"] == 0.996
    assert found["methods"][0]["delta_m"] == -0.012


def test_the_terminal_marks_without_bold(comparison):
    text = written(comparison, Form(percent=True), "terminal")
    assert "99.72 ± 0.04 *" in text
    assert "99.41 ± 0.04 =" in text
    assert "- A note." in text
