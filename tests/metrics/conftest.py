"""One case a metric: data with missing labels, and an independent value."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as oracle

from keras_mtl import metrics

NUMBERS = np.random.default_rng(0)
SIZE, SHAPE = 11, (4, 5)


@dataclass(frozen=True)
class Case:
    """Data of one metric, and the value that it must have."""

    name: str
    make: Any
    labels: np.ndarray
    outputs: np.ndarray
    weight: np.ndarray
    expected: float
    rtol: float = 1e-5


def pixel_weight():
    """Zeros and ones; one image has no label at all."""
    weight = NUMBERS.integers(0, 2, (SIZE, *SHAPE)).astype("float32")
    weight[2] = 0
    return weight


def mean(values):
    return float(np.nanmean(np.array(values, float)))


def ratio(part, whole):
    return part / whole if whole else float("nan")


def attributes():
    labels = NUMBERS.integers(0, 2, (SIZE, 4)).astype("float32")
    outputs = (labels + NUMBERS.normal(size=(SIZE, 4)) - 0.5).astype("float32")
    weight = np.ones(SIZE, "float32")
    weight[[1, 6]] = 0
    kept = weight > 0
    truth, chosen = labels[kept], outputs[kept] > 0
    masked = labels.copy()
    masked[~kept] = np.nan
    average = {"average": "macro", "zero_division": 0}
    values = {
        metrics.Precision: oracle.precision_score(truth, chosen, **average),
        metrics.Recall: oracle.recall_score(truth, chosen, **average),
        metrics.F1Score: oracle.f1_score(truth, chosen, **average),
        metrics.Sensitivity: oracle.recall_score(truth, chosen, **average),
        metrics.Specificity: oracle.recall_score(1 - truth, ~chosen, **average),
        metrics.AUROC: oracle.roc_auc_score(truth, outputs[kept]),
    }
    for kind, value in values.items():
        yield Case(
            f"{kind.__name__}, attributes",
            lambda kind=kind: kind(4),
            masked,
            outputs,
            weight,
            value,
        )


def classes():
    labels = NUMBERS.integers(0, 3, SIZE)
    outputs = NUMBERS.normal(size=(SIZE, 4)).astype("float32")
    weight = np.ones(SIZE, "float32")
    weight[4] = 0
    kept = weight > 0
    truth, chosen = labels[kept], outputs[kept].argmax(-1)
    average = {"average": "macro", "zero_division": 0, "labels": range(4)}
    labels = np.where(kept, labels, 255)
    values = {
        metrics.Precision: oracle.precision_score(truth, chosen, **average),
        metrics.Recall: oracle.recall_score(truth, chosen, **average),
        metrics.F1Score: oracle.f1_score(truth, chosen, **average),
        metrics.PixelAccuracy: oracle.accuracy_score(truth, chosen),
    }
    for kind, value in values.items():
        yield Case(
            f"{kind.__name__}, classes",
            lambda kind=kind: kind(4),
            labels,
            outputs,
            weight,
            value,
        )


def segmentation():
    number = 4  # the last is neither labelled nor predicted
    labels = NUMBERS.integers(0, 3, (SIZE, *SHAPE))
    labels[3] = 0
    outputs = NUMBERS.normal(size=(SIZE, *SHAPE, number)).astype("float32")
    outputs[..., 3] = -9
    weight = pixel_weight()
    chosen, kept = outputs.argmax(-1), weight > 0
    truth = labels[kept], chosen[kept]
    published = []
    for c in range(number):
        overlaps = [
            ratio(
                ((t == c) & (p == c) & k).sum(),
                (((t == c) | (p == c)) & k).sum(),
            )
            for t, p, k in zip(labels, chosen, kept, strict=True)
            if ((t == c) & k).any()
        ]
        published.append(np.mean(overlaps) if overlaps else np.nan)
    values = [
        (
            "MeanIoU",
            lambda: metrics.MeanIoU(number),
            oracle.jaccard_score(*truth, labels=range(3), average="macro"),
        ),
        (
            "MeanIoU, published",
            lambda: metrics.MeanIoU(number, published=True),
            mean(published),
        ),
        (
            "PixelAccuracy",
            lambda: metrics.PixelAccuracy(number),
            oracle.accuracy_score(*truth),
        ),
    ]
    labels = np.where(kept, labels, 255)
    for name, make, value in values:
        yield Case(name, make, labels, outputs, weight, value)


def masks():
    number = 2
    labels = NUMBERS.integers(0, 2, (SIZE, *SHAPE, number)).astype("float32")
    outputs = NUMBERS.normal(size=labels.shape).astype("float32")
    weight = pixel_weight()
    # Both empty; only predicted; only labelled.
    labels[[0, 4], ..., 0] = 0
    outputs[[0, 5], ..., 0] = -1
    chosen, kept = outputs > 0, weight > 0
    dice, chapter_3, chapter_4, data_set, right = [], [], [], [], []
    for c in range(number):
        pairs = [
            (t[..., c][k] > 0, p[..., c][k], k.any())
            for t, p, k in zip(labels, chosen, kept, strict=True)
        ]
        dice.append(
            mean(
                [
                    ratio(2 * (t & p).sum(), t.sum() + p.sum())
                    if t.any() or p.any()
                    else 1
                    for t, p, known in pairs
                    if known
                ]
            )
        )
        each = [ratio((t & p).sum(), (t | p).sum()) for t, p, _ in pairs]
        chapter_3.append(mean(each))
        chapter_4.append(
            mean(
                [e for e, (t, _, _) in zip(each, pairs, strict=True) if t.any()]
            )
        )
        together = np.concatenate([t for t, _, _ in pairs])
        guesses = np.concatenate([p for _, p, _ in pairs])
        data_set.append(oracle.jaccard_score(together, guesses))
        right.append(oracle.accuracy_score(together, guesses))
    highest = np.where(chosen.any(-1), outputs.argmax(-1) + 1, 0)
    truth = np.where(labels.any(-1), labels.argmax(-1) + 1, 0)
    labels = np.where(kept[..., None], labels, np.nan)
    values = [
        ("Dice", lambda: metrics.Dice(number), mean(dice)),
        (
            "MeanIoU, chapter 3",
            lambda: metrics.MeanIoU(number, published="chapter_3"),
            mean(chapter_3),
        ),
        (
            "MeanIoU, chapter 4",
            lambda: metrics.MeanIoU(number, published="chapter_4"),
            mean(chapter_4),
        ),
        ("MeanIoU, masks", lambda: metrics.MeanIoU(number), mean(data_set)),
        (
            "PixelAccuracy, masks",
            lambda: metrics.PixelAccuracy(number),
            mean(right),
        ),
        (
            "PixelAccuracy, published",
            lambda: metrics.PixelAccuracy(number, published=True),
            (highest == truth)[kept].mean(),
        ),
    ]
    for name, make, value in values:
        yield Case(name, make, labels, outputs, weight, value)


def depth():
    labels = NUMBERS.uniform(0.5, 9, (SIZE, *SHAPE, 1)).astype("float32")
    labels[1, 2] = 0
    outputs = NUMBERS.uniform(0, 9, labels.shape).astype("float32")
    weight = pixel_weight()
    kept = (weight > 0) & (labels[..., 0] > 0)
    truth, guess = labels[kept].astype(float), outputs[kept].astype(float)
    labels = np.where(weight[..., None] > 0, labels, np.nan)
    values = {
        metrics.AbsoluteError: oracle.mean_absolute_error(truth, guess),
        metrics.RelativeError: oracle.mean_absolute_percentage_error(
            truth, guess
        ),
    }
    for kind, value in values.items():
        yield Case(kind.__name__, kind, labels, outputs, weight, value)


def normals():
    labels = NUMBERS.normal(size=(SIZE, *SHAPE, 3))
    labels /= np.linalg.norm(labels, axis=-1, keepdims=True)
    outputs = labels + 0.5 * NUMBERS.normal(size=labels.shape)
    labels[3, 1] = 0
    labels, outputs = labels.astype("float32"), outputs.astype("float32")
    weight = pixel_weight()
    kept = (weight > 0) & (np.abs(labels).sum(-1) > 0)
    units = outputs[kept] / np.linalg.norm(
        outputs[kept].astype(float), axis=-1, keepdims=True
    )
    cosines = (labels[kept].astype(float) * units).sum(-1)
    off = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    labels = np.where(weight[..., None] > 0, labels, np.nan)
    yield Case(
        "MeanAngle", metrics.MeanAngle, labels, outputs, weight, off.mean()
    )
    median = np.sort(off)[(len(off) - 1) // 2]
    yield Case(
        "MedianAngle",
        metrics.MedianAngle,
        labels,
        outputs,
        weight,
        median,
        0.006 / median,
    )
    for degrees in (11.25, 22.5, 30):
        yield Case(
            f"WithinAngle, {degrees}",
            lambda degrees=degrees: metrics.WithinAngle(degrees),
            labels,
            outputs,
            weight,
            (off < degrees).mean(),
        )


def heat_maps():
    rows, columns = np.mgrid[:9, :12]
    points = NUMBERS.uniform(3, 5, (2, SIZE, 2))
    maps = np.exp(
        -(
            (rows - points[..., 0, None, None]) ** 2
            + (columns - points[..., 1, None, None]) ** 2
        )
        / 2
    )[..., None].astype("float32")
    labels, outputs = maps[0], 0.2 + 0.5 * maps[1]
    weight = np.ones((SIZE, 9, 12), "float32")
    weight[[2, 7]] = 0
    kept = weight[:, 0, 0] > 0

    def center(image, published):
        if not published:
            image = np.maximum(image - (image.max() + image.min()) / 2, 0)
        return np.array([(image * r).sum() for r in (rows, columns)]) / (
            image.sum()
        )

    for published in (False, True):
        gaps = [
            np.linalg.norm(
                center(t.astype(float), False)
                - center(p.astype(float), published)
            )
            for t, p in zip(
                labels[kept, ..., 0], outputs[kept, ..., 0], strict=True
            )
        ]
        yield Case(
            f"FoveaDistance, published={published}",
            lambda published=published: metrics.FoveaDistance(published),
            np.where(weight[..., None] > 0, labels, np.nan),
            outputs,
            weight,
            np.mean(gaps),
        )


CASES = [
    case
    for cases in (
        attributes,
        classes,
        segmentation,
        masks,
        depth,
        normals,
        heat_maps,
    )
    for case in cases()
]


def pytest_generate_tests(metafunc):
    """Runs a test that asks for a `case` with every one."""
    if "case" in metafunc.fixturenames:
        names = [case.name for case in CASES]
        metafunc.parametrize("case", CASES, ids=names)


@pytest.fixture
def cases():
    return CASES
