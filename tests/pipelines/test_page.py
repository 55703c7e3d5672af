import io
import re
import shutil

import pytest
from PIL import Image

from keras_mtl.pipelines.page import Card, embedded, page

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
HOSTILE = '<script>alert("x")</script>.jpg'
ORDER = "Array.from(document.querySelectorAll('article'))" \
    ".filter(e => !e.hidden).map(e => e.dataset.name)"  # fmt: skip
LARGE = "Array.from(document.querySelectorAll('.large'), e => e.dataset.name)"


def cards():
    picture = embedded(Image.new("RGB", (900, 600), (200, 90, 30)))
    return [
        Card("a.jpg", picture, {"glaucoma": 0.25, "fovea_x": 1234.5}),
        Card("b10.jpg", picture, {"glaucoma": 0.9, "fovea_x": 12.0}),
        Card(
            "b9.jpg",
            picture,
            {"glaucoma": None, "fovea_x": None},
            ["no optic disc was found"],
        ),
        Card(HOSTILE, b"", {}, ["cannot be decoded"]),
    ]


def test_the_page_is_self_contained_and_escapes_names():
    text = page(cards(), "4 photographs", {"disc": "rgb(0, 220, 255)"})
    assert text.count("<script>") == 1
    assert not re.search(r'(src|href)="(?!data:image/jpeg)', text)
    assert "default-src 'none'" in text
    assert text.count("data:image/jpeg;base64,") == 3
    assert "&lt;script&gt;alert(" in text
    assert "<dd>undefined</dd>" in text
    assert 'data-glaucoma="0.25"' in text
    assert page([], "Nothing", {}).count("<article") == 0


def test_embedded_pictures_are_small():
    with Image.open(io.BytesIO(cards()[0].picture)) as picture:
        assert picture.size == (720, 480)


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
def test_a_browser_sorts_filters_and_enlarges(browser, tmp_path):
    path = tmp_path / "index.html"
    path.write_text(page(cards(), "Four", {"disc": "red"}), encoding="utf-8")
    for width in (390, 1280):
        shown = browser.new_page(viewport={"width": width, "height": 800})
        requests, messages = [], []
        shown.on("request", lambda one, to=requests: to.append(one.url))
        shown.on("console", lambda one, to=messages: to.append(one.text))
        shown.goto(path.as_uri())
        inside = "document.documentElement.scrollWidth"
        assert shown.evaluate(inside) <= width
        # By the first value, the highest first; what has none comes last.
        order = shown.evaluate(ORDER)
        assert order[:2] == ["b10.jpg", "a.jpg"]
        shown.select_option("#order", "1")
        assert shown.evaluate(ORDER)[:2] == ["a.jpg", "b10.jpg"]
        shown.select_option("#sort", "")
        by_name = [name for name in shown.evaluate(ORDER) if name != HOSTILE]
        assert by_name == ["a.jpg", "b9.jpg", "b10.jpg"]
        shown.fill("#filter", "OPTIC")
        assert shown.evaluate(ORDER) == ["b9.jpg"]
        assert shown.inner_text("#count") == "1 of 4"
        shown.fill("#filter", "")
        shown.check("#remarked")
        assert len(shown.evaluate(ORDER)) == 2
        shown.uncheck("#remarked")
        shown.select_option("#sort", "glaucoma")
        shown.evaluate("document.activeElement.blur()")
        shown.keyboard.press("j")
        shown.keyboard.press("j")
        shown.keyboard.press("Enter")
        assert shown.evaluate(LARGE) == ["b10.jpg"]
        shown.keyboard.press("k")
        assert shown.evaluate(LARGE) == ["a.jpg"]
        assert shown.evaluate(inside) <= width
        shown.keyboard.press("Escape")
        assert shown.evaluate(LARGE) == []
        assert all(url.startswith(("file:", "data:")) for url in requests)
        assert messages == []
        shown.close()
