"""What the README says can be done can be done."""

import re
from pathlib import Path

import keras
import pytest

import keras_mtl
from keras_mtl.cli.app import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_python_examples_run(here):
    names = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    model = keras.saving.load_model(here / "model.keras")
    assert set(model.output_names) == {"left", "right"}
    assert names["parts"].tasks == ("species", "weight")


def test_each_of_the_two_commands_stands_on_a_line_of_its_own():
    install, test = re.findall(r"^python3 -m venv .*$", README, re.M)
    assert install.endswith("&& .venv/bin/keras-mtl fit")
    assert test.endswith("&& .venv/bin/pytest")


def test_every_command_of_the_readme_exists():
    used = set(re.findall(r"^keras-mtl ([a-z]+)", README, re.M))
    assert used == set(COMMANDS)


@pytest.mark.parametrize(
    "link", sorted(set(re.findall(r"\]\(([\w./-]+)\)", README)))
)
def test_links_lead_to_files(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("kind", ["Aggregators", "Weightings"])
def test_the_methods_it_names_exist(kind):
    package = getattr(keras_mtl, kind.lower())
    paragraph = re.search(rf"^- {kind}: (.*?)\.$", README, re.M | re.S)[1]
    names = re.findall(r"`(\w+)`", paragraph)
    assert set(names) <= set(package.__all__)


def test_the_trainers_it_names_exist():
    names = re.findall(r"^\| `(\w+)` \|", README, re.M)
    assert {"Shared", "Alternating", "Independent", "SingleTask"} <= set(names)
    assert set(names) <= set(keras_mtl.trainers.__all__)
