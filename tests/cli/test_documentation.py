import pytest

from keras_mtl.cli.documentation import paper, summary


def documented():
    """Does a thing
    over two lines.

    Reference:
        [Author, 2020](https://example.org/a),
        [Other, 2021](https://example.org/b)

    More text.
    """


class WithPaper:
    paper = "Somebody, 1999"


def test_the_summary_is_one_line_without_its_full_stop():
    assert summary(documented) == "Does a thing over two lines"


@pytest.mark.parametrize(
    ("component", "text"),
    [
        (
            documented,
            "Author, 2020, https://example.org/a, "
            "Other, 2021, https://example.org/b",
        ),
        (WithPaper, "Somebody, 1999"),
        (test_the_summary_is_one_line_without_its_full_stop, ""),
    ],
)
def test_the_paper_is_found(component, text):
    assert paper(component) == text
