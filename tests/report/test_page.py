import re
import shutil
from html.parser import HTMLParser

import pytest

from keras_mtl.report import Options, compare, read_runs
from keras_mtl.report.form import Form
from keras_mtl.report.page import page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OUTSIDE = "Array.from(document.querySelectorAll({selector})).filter(e => {{" \
    "const box = e.getBoundingClientRect();" \
    "return box.left < 0 || box.right > innerWidth + 1;}}).length"  # fmt: skip
HOSTILE = '<script>alert("x")</script> & <b>'


class Elements(HTMLParser):
    """Counts elements and finds what would be loaded."""

    def __init__(self, text):
        super().__init__()
        self.names, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        self.links += [v for k, v in attrs if k.endswith(("src", "href"))]


def comparison(path, labels=None):
    found = read_runs([path], labels)
    return compare(found.runs, Options(), found.notes)


@pytest.fixture
def telling_page(telling):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    from keras_mtl.report.plots import pictures

    found = comparison(telling)
    return page(found, Form(), pictures(found), "A study")


def test_the_page_is_self_contained(telling_page):
    found = Elements(telling_page)
    assert "script" not in found.names
    assert "link" not in found.names
    assert found.names.count("svg") == found.names.count("figure") > 9
    assert all(link.startswith(("#", "data:image/")) for link in found.links)
    assert "default-src 'none'" in telling_page
    # Names of vocabularies are no requests.
    rest = re.sub(r'xmlns(:\w+)?="[^"]*"', "", telling_page)
    assert not re.search(r"@import|url\((?!#)", rest)


def test_labels_are_text_and_nothing_else(runs):
    runs.write("a", runs.accuracies(0.9, 0.8))
    found = comparison(runs.path, {str(runs.path / "a"): HOSTILE})
    text = page(found, Form(), (), HOSTILE)
    assert "script" not in Elements(text).names
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp;" in text


def test_the_best_and_the_notes_are_shown(runs):
    runs.study()
    text = page(comparison(runs.path), Form())
    assert text.count('class="best"') == 2
    assert "<li>Bold: the best mean." in text
    assert 'data-label="left accuracy ↑"' in text
    assert "seed 3: <code>" in text


@pytest.fixture
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed"
    )
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.slow
def test_a_browser_shows_it_without_scrolling_sideways(
    telling_page, browser, tmp_path
):
    path = tmp_path / "page.html"
    path.write_text(telling_page, encoding="utf-8")
    colours = set()
    for width, scheme in ((390, "light"), (390, "dark"), (1280, "light")):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        shown = context.new_page()
        requests, messages = [], []
        shown.on("request", lambda one, to=requests: to.append(one.url))
        shown.on("console", lambda one, to=messages: to.append(one.text))
        shown.goto(path.as_uri())
        assert requests == [path.as_uri()]
        assert messages == []
        wide = "document.documentElement.scrollWidth"
        assert shown.evaluate(wide) <= width
        selector = "'h1, h2, h3, figure, svg, li, tr'"
        assert shown.evaluate(OUTSIDE.format(selector=selector)) == 0
        letters = "getComputedStyle(document.querySelector('svg text')).fill"
        height = shown.evaluate(
            "document.querySelector('svg text').getBoundingClientRect().height"
        )
        assert height >= 8  # CSS pixels
        colours.add((scheme, shown.evaluate(letters)))
        context.close()
    assert len({colour for _, colour in colours}) == 2
