import math
from types import SimpleNamespace

import numpy as np
import pytest

from keras_mtl.errors import ConfigError
from keras_mtl.pipelines import Glaucoma
from keras_mtl.retina import dice

SIDE = 16


def box(top, bottom, value=1.0):
    found = np.zeros((SIDE, SIDE, 1), np.float32)
    found[top:bottom, 4:12] = value
    return found


def point(row, column):
    found = np.zeros((SIDE, SIDE, 1), np.float32)
    found[row, column] = 1.0
    return found


class Split:
    """Two batches of two eyes; the last has no answer and no fovea."""

    cups = (2, 3, 8, 9)
    answers = (0.0, 0.0, 1.0, 1.0)

    def __init__(self, sizes=None, weighted=True):
        self.source = SimpleNamespace(shape=(SIDE, SIDE, 3))
        if sizes:
            self.source.stored_sizes = lambda: sizes
        self.weighted = weighted

    def plain(self):
        return self

    def dataset(self):
        for rows in ((0, 1), (2, 3)):
            labels = {
                "glaucoma": np.array([[self.answers[i]] for i in rows]),
                "disc": np.stack([box(2, 14) for i in rows]),
                "cup": np.stack([box(4, 4 + self.cups[i]) for i in rows]),
                "fovea": np.stack([point(8, 3) for i in rows]),
            }
            known = {
                "glaucoma": np.array([float(i != 3) for i in rows]),
                "fovea": np.stack(
                    [np.full((SIDE, SIDE), float(i != 3)) for i in rows]
                ),
            }
            images = np.zeros((2, SIDE, SIDE, 3))
            yield (images, labels, known) if self.weighted else (images, labels)


class Network:
    """Gives what it was told, batch after batch."""

    def __init__(self, **outputs):
        self.outputs = outputs
        self.place = 0

    def predict_on_batch(self, images):
        rows = slice(self.place, self.place + len(images))
        self.place += len(images)
        return {task: v[rows] for task, v in self.outputs.items()}


def specs(**kinds):
    return {task: SimpleNamespace(kind=kind) for task, kind in kinds.items()}


DATA = SimpleNamespace(
    tasks=specs(glaucoma="binary", disc="mask", cup="mask", fovea="heatmap"),
    train=Split(weighted=False),
)


def network(empty=(), cups=(2, 3, 8, 9), logits=(-1.0, 2.0, 1.0, 3.0)):
    discs = [
        box(2, 14, 9) - 4 if i not in empty else box(0, 0) for i in range(4)
    ]
    return Network(
        glaucoma=np.array(logits)[:, None],
        disc=np.stack(discs),
        cup=np.stack([box(4, 4 + height, 9) - 4 for height in cups]),
        fovea=np.stack([point(8, 6)] * 4),
    )


def test_the_scores_of_eyes_by_hand():
    pipeline = Glaucoma()
    state = pipeline.fit(DATA)
    classifier = pipeline.classifier(state)
    assert classifier.coefficient > 0
    split = Split(sizes=[(32, 64)] * 4)
    found = pipeline.measure(network(cups=(2, 3, 8, 12)), split, state)
    assert found["disc"] == {"refined_dice": 1.0}
    last = dice(box(4, 16), box(4, 13))
    assert found["cup"]["refined_dice"] == pytest.approx((3 + last) / 4)
    assert found["cup"]["vcdr_error"] == pytest.approx(3 / 12 / 4)
    assert found["cup"]["vcdr_undefined"] == 0
    # The fourth eye has no answer: 0, 0 and 1.
    assert found["glaucoma"]["vcdr_auroc"] == 1.0
    assert found["fovea"] == {
        "fovea_distance_256": pytest.approx(3 * 256 / SIDE),
        "fovea_distance_original": pytest.approx(3 * 64 / SIDE),
        "fovea_undefined": 0.0,
    }
    ratios = np.array([2, 3, 8]) / 12
    odds = classifier.coefficient * ratios + classifier.intercept
    logits = np.array([-1.0, 2.0, 1.0])
    both = 1 / (1 + np.exp(-odds)) + 1 / (1 + np.exp(-logits))
    fused = both / 2
    right = (fused > 0.5) == np.array([False, False, True])
    assert found["glaucoma"]["fused_accuracy"] == pytest.approx(right.mean())
    area = ((fused[2] > fused[:2]) + 0.5 * (fused[2] == fused[:2])).mean()
    assert found["glaucoma"]["fused_auroc"] == pytest.approx(area)


def test_an_eye_without_a_disc_is_counted_and_its_ratio_left_out():
    state = Glaucoma().fit(DATA)
    found = Glaucoma().measure(network(empty=(1,)), Split(), state)
    assert found["cup"]["vcdr_error"] == 0.0
    assert found["cup"]["vcdr_undefined"] == 1.0
    assert found["disc"]["refined_dice"] == 0.75
    assert "fovea_distance_original" not in found["fovea"]
    every = Glaucoma().measure(network(empty=range(4)), Split(), state)
    assert math.isnan(every["cup"]["vcdr_error"])
    assert every["cup"]["vcdr_undefined"] == 4.0
    assert math.isnan(every["glaucoma"]["vcdr_auroc"])
    assert every["glaucoma"]["fused_auroc"] == 0.5  # of the network alone


def test_a_flat_fovea_map_is_counted():
    flat = network()
    flat.outputs["fovea"][1] = 0.5
    found = Glaucoma().measure(flat, Split(), {})["fovea"]
    assert found["fovea_undefined"] == 1.0
    assert found["fovea_distance_256"] == pytest.approx(48)
    raw = Glaucoma(published=True).measure(network(), Split(), {})["fovea"]
    assert raw["published_fovea_distance_256"] == pytest.approx(48)
    pulled = network()
    pulled.outputs["fovea"] += 0.1
    raw = Glaucoma(published=True).measure(pulled, Split(), {})["fovea"]
    assert raw["fovea_distance_256"] == pytest.approx(48)
    # To the middle, 7.5: 25.6 parts of 26.6 are background.
    row = (8 + 25.6 * 7.5) / 26.6
    column = (6 + 25.6 * 7.5) / 26.6
    far = math.hypot(8 - row, 3 - column) * 256 / SIDE
    assert raw["published_fovea_distance_256"] == pytest.approx(far)
    assert raw["published_fovea_undefined"] == 0


def test_the_penalty_of_the_regression():
    slopes = [
        Glaucoma(strength=strength).fit(DATA)["vcdr_classifier"]["coefficient"]
        for strength in (1.0, 100.0)
    ]
    assert slopes[1] > 3 * slopes[0] > 0
    with pytest.raises(ConfigError, match=r"Received: strength=0"):
        Glaucoma(strength=0)


def test_no_regression_where_it_cannot_be_fitted():
    alike = Split(weighted=False)
    alike.answers = (1.0,) * 4
    for data in (
        SimpleNamespace(tasks=DATA.tasks, train=alike),
        SimpleNamespace(tasks=specs(disc="mask"), train=alike),
    ):
        assert Glaucoma().fit(data) == {"vcdr_classifier": None}
    found = Glaucoma().measure(network(), Split(), {"vcdr_classifier": None})
    assert "glaucoma" not in found
    with pytest.raises(ConfigError, match=r"expected `data.mode: shared`"):
        Glaucoma().fit(SimpleNamespace(tasks=DATA.tasks, train=None))


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        (specs(depth="depth"), r"needs one of the tasks \['cup', 'disc'"),
        (specs(disc="segmentation"), r"'disc' to be of the kind mask"),
    ],
)
def test_data_that_it_can_do_nothing_with(tasks, message):
    with pytest.raises(ConfigError, match=message):
        Glaucoma().check(tasks)
    Glaucoma().check(specs(disc="mask", other="depth"))
