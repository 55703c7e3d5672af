import pytest

from keras_mtl.cli.documentation import (
    arguments,
    paper,
    summary,
    text_without_arguments,
)


def documented():
    """Does a thing
    over two lines.

    Args:
        first: One of
            two lines. And a second sentence.
        second (int): Typed: with a colon.
        **kwargs: Whatever.

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


class Base:
    """A base.

    Args:
        one: Of the base.
        two: Of the base, too.
    """


class Derived(Base):
    """Something derived.

    Args:
        one: Of its own.
    """


def test_arguments_are_described_a_line_each():
    assert arguments(documented) == {
        "first": "One of two lines. And a second sentence",
        "second": "Typed: with a colon",
        "**kwargs": "Whatever",
    }
    found = arguments(Derived)
    assert found["one"] == "Of its own"
    assert found["two"] == "Of the base, too"


def test_the_text_without_arguments_keeps_the_rest():
    text = text_without_arguments(documented)
    assert text.startswith("Does a thing\nover two lines.\n\nReference:\n")
    assert text.endswith("More text.")
    assert "kwargs" not in text
