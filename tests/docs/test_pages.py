"""What the pages under docs/ say can be done can be done."""

import re
from pathlib import Path

import pytest
import yaml

from keras_mtl.config import load_values

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))


BASE = {"data": {"name": "multi_digits"}, "model": {"name": "lenet"}}
RUN = ["quickstart.md", "compose.md", "extend.md", "transfer.md"]


@pytest.mark.parametrize("page", RUN)
def test_the_python_examples_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
    assert blocks
    names = {"__name__": "example"}
    for block in blocks:
        exec(compile(block, page, "exec"), names)


def test_the_blocks_on_transfer_are_valid():
    text = (DOCS / "transfer.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)
    assert blocks
    for block in blocks:
        values = {**BASE, **yaml.safe_load(block)}
        assert load_values(values, "transfer.md").config.transfer is not None


def test_the_blocks_on_scenes_are_valid():
    text = (DOCS / "scenes.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)
    assert len(blocks) == 2
    for block in blocks:
        values = {**BASE, **yaml.safe_load(block)}
        assert load_values(values, "scenes.md").notes == ()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (page.parent / link).exists(), link
