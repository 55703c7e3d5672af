"""A real TensorBoard, read over HTTP and looked at in a browser."""

import json
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import numpy as np
import pytest
import yaml
from PIL import Image

from keras_mtl.runs import RunFolder

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
PATIENCE = 240  # seconds, for machines that are busy


class Server:
    """`keras-mtl tensorboard` in a process of its own, on a free port."""

    def __init__(self, *paths):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "keras_mtl.cli", "tensorboard",
             *map(str, paths), "--port", "0"],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        self.lines = []
        threading.Thread(target=self._listen, daemon=True).start()
        found = self.wait(lambda: re.search(r"http://\S+/", self.output))
        self.address = found.group()

    def _listen(self):
        for line in self.process.stderr:
            self.lines.append(line)

    @property
    def output(self):
        return "".join(self.lines)

    def wait(self, condition):
        """What a condition says, as soon as it is true."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, self.output
            assert self.process.poll() is None, self.output
            time.sleep(0.2)
        return found

    def get(self, path, data=None, **query):
        """The answer to a request, or `None` if it was refused."""
        url = f"{self.address}data/{path}?{urllib.parse.urlencode(query)}"
        body = None if data is None else json.dumps(data).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError:
            return None

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)


@pytest.fixture
def server():
    started = []

    def start(*paths):
        started.append(Server(*paths))
        return started[-1]

    yield start
    for one in started:
        one.stop()


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


@pytest.fixture
def sweep(tmp_path, finished):
    """A sweep of two learning rates and two seeds; one trial is pending."""
    folder = tmp_path / "sweep"
    (folder / "trials").mkdir(parents=True)
    trials = []
    for label, rate, seed in (("slow", 1e-3, 0), ("slow", 1e-3, 1),
                              ("fast", 1e-2, 0)):  # fmt: skip
        name = f"{label}-seed{seed}"
        resolved = RunFolder.open(finished).resolved
        resolved |= {"name": name, "seed": seed}
        resolved["optimizer"] = {"name": "adam", "learning_rate": rate}
        text = yaml.safe_dump(resolved)
        (folder / "trials" / f"{name}.yaml").write_text(text)
        trial = {"name": name, "label": label, "seed": seed}
        trials.append({**trial, "folder": f"trials/{name}"})
        if seed == 0:
            shutil.copytree(finished, folder / "trials" / name)
    (folder / "sweep.yaml").write_text("config: multi_digits\n")
    (folder / "trials.json").write_text(json.dumps({"trials": trials}))
    return folder


def looked_at(browser, address, texts, path):
    """Opens a page, waits for texts on it, and takes a picture."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(address)
    for text in texts:
        page.get_by_text(text, exact=False).first.wait_for(state="visible")
    page.wait_for_timeout(2000)  # curves are animated
    page.screenshot(path=path)
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50
    return pixels


@pytest.mark.slow
def test_the_curves_of_a_run_are_served_and_shown(
    server, browser, finished, tmp_path
):
    started = server(finished)
    assert started.address.startswith("http://127.0.0.1:")
    runs = started.wait(lambda: set(started.get("runs")) >= {
        "train", "validation"} and started.get("runs"))  # fmt: skip
    assert set(runs) == {".", "train", "validation"}
    (row,) = RunFolder.open(finished).history
    for run, tag, key in (
        ("train", "loss/total", "loss"),
        ("validation", "loss/total", "val_loss"),
        ("validation", "metric/left/accuracy", "val_left_accuracy"),
    ):
        points = started.wait(
            lambda run=run, tag=tag: started.get(
                "plugin/scalars/scalars", run=run, tag=tag
            )
        )
        _, step, value = points[-1]
        assert step == row["step"]
        np.testing.assert_allclose(value, row[key], rtol=1e-5)
    looked_at(
        browser,
        f"{started.address}#timeseries",
        ("loss", "loss/total"),
        tmp_path / "run.png",
    )


@pytest.mark.slow
def test_a_sweep_is_a_table(server, browser, sweep, tmp_path):
    started = server(sweep)

    def groups():
        found = started.get(
            "plugin/hparams/session_groups",
            {
                "experimentName": "",
                "allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS"],
                "colParams": [
                    {"metric": {"group": "validation", "tag": "loss/total"}}
                ],
                "startIndex": 0,
                "sliceSize": 100,
                "aggregationType": "AGGREGATION_AVG",
            },
        )
        both = (found or {}).get("sessionGroups", ())
        known = all(one.get("metricValues") for one in both)
        return both if len(both) == 2 and known else None

    found = {one["hparams"]["method"]: one for one in started.wait(groups)}
    assert set(found) == {"slow", "fast"}
    assert found["fast"]["hparams"]["optimizer.learning_rate"] == 1e-2
    assert len(found["slow"]["sessions"]) == 2  # the seeds
    looked_at(
        browser,
        f"{started.address}#hparams",
        ("method", "optimizer.learning_rate", "slow"),
        tmp_path / "sweep.png",
    )
