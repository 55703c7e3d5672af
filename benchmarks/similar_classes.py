"""Classifiers built from similar classes, against random ones.

    python benchmarks/similar_classes.py --data $KERAS_MTL_DATA/FashionMNIST

Trains on six classes of Fashion-MNIST, then transfers to the other four with
few images each: F-scores on the test images before the first and after the
best epoch, and what the classes were built from. `--vectors FILE` adds the
similarity of the names' word vectors, `--wordnet DIR` that of WordNet.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_mtl.datasets.idx import read_idx
from keras_mtl.transfer import (
    InferenceSimilarity,
    Word2VecSimilarity,
    WordNetSimilarity,
    f_scores,
    initialize_classifier,
    load_pretrained,
)

NAMES = (
    "T-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "boot",
)
TARGETS = (4, 6, 7, 9)
SOURCES = tuple(i for i in range(10) if i not in TARGETS)


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--images", default="1,2,5,10,25,50,100")
    parser.add_argument("--source-images", type=int, default=12_000)
    parser.add_argument("--source-epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--k", type=int, default=3)
    parser.add_argument("--vectors")
    parser.add_argument("--wordnet")
    parser.add_argument("--out", help="JSON file for all curves.")
    return parser.parse_args()


def read(folder: str, part: str, classes: tuple[int, ...]) -> tuple[Any, Any]:
    """Images in [0, 1], shape `(n, 28, 28, 1)`, and ids of some classes."""
    root = Path(folder)
    images = read_idx(_file(root, f"{part}-images"), 3)
    labels = read_idx(_file(root, f"{part}-labels"), 1)
    kept = np.isin(labels, classes)
    x = images[kept][..., None].astype("float32") / 255
    return x, np.searchsorted(classes, labels[kept])


def _file(root: Path, start: str) -> Path:
    (path,) = sorted(root.rglob(f"{start}*"))[:1]
    return path


def network(units: int) -> keras.Model:
    """A small network; the layers before `logits` are the encoder."""
    inputs = keras.Input((28, 28, 1))
    x = inputs
    for index, filters in enumerate((16, 32)):
        x = keras.layers.Conv2D(
            filters, 3, activation="relu", name=f"conv{index}"
        )(x)
        x = keras.layers.MaxPooling2D(name=f"pool{index}")(x)
    x = keras.layers.Flatten(name="flat")(x)
    x = keras.layers.Dense(64, activation="relu", name="dense")(x)
    return keras.Model(inputs, keras.layers.Dense(units, name="logits")(x))


def compiled(model: keras.Model) -> keras.Model:
    """Ready to train with Adam at 1e-3."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss)
    return model


def score(model: keras.Model, x: Any, y: Any) -> float:
    """Mean F-score over the target classes."""
    predicted = np.argmax(model.predict(x, batch_size=512, verbose=0), axis=-1)
    number = len(TARGETS)
    return float(np.mean(np.diag(f_scores(predicted, y, number, number))))


def few(x: Any, y: Any, number: int, seed: int) -> tuple[Any, Any]:
    """`number` images of each class, drawn by the seed."""
    generator = np.random.default_rng(seed)
    rows = [
        generator.permutation(np.flatnonzero(y == one))[:number]
        for one in range(len(TARGETS))
    ]
    order = generator.permutation(np.concatenate(rows))
    return x[order], y[order]


def transferred(
    source: keras.Model, similarity: Any, k: int, seed: int
) -> tuple[keras.Model, Any]:
    """A network for the targets, and what its classes were built from."""
    keras.utils.set_random_seed(seed)
    model = network(len(TARGETS))
    load_pretrained(model, source, layers=["conv*", "dense"])
    if similarity is None:
        return compiled(model), None
    report = initialize_classifier(
        model.get_layer("logits"),
        source,
        similarity,
        k,
        source_classes=[NAMES[i] for i in SOURCES],
        target_classes=[NAMES[i] for i in TARGETS],
    )
    return compiled(model), report


def curve(
    model: keras.Model,
    train: tuple[Any, Any],
    test: tuple[Any, Any],
    options: Any,
) -> list[float]:
    """F-scores before training and along it, at ten places."""
    x, y = train
    epochs = max(1, options.steps // 10 // -(-len(x) // 64))
    scores = [score(model, *test)]
    for _ in range(10):
        model.fit(x, y, batch_size=64, epochs=epochs, verbose=0)
        scores.append(score(model, *test))
    return scores


def similarities(options: Any, train: tuple[Any, Any]) -> dict[str, Any]:
    """Name of the initialisation to the similarity, `None` for random."""
    found: dict[str, Any] = {
        "random": None,
        "inference": InferenceSimilarity(*train),
    }
    if options.vectors:
        found["word2vec"] = Word2VecSimilarity(options.vectors)
    if options.wordnet:
        found["wordnet"] = WordNetSimilarity(options.wordnet)
    return found


def main() -> None:
    """Runs everything and prints the table."""
    options = arguments()
    test = read(options.data, "t10k", TARGETS)
    everything = read(options.data, "train", TARGETS)
    x, y = read(options.data, "train", SOURCES)
    curves: dict[str, list[list[float]]] = {}
    for seed in range(options.seeds):
        keras.utils.set_random_seed(seed)
        source = compiled(network(len(SOURCES)))
        rows = np.random.default_rng(seed).permutation(len(x))
        rows = rows[: options.source_images]
        source.fit(
            x[rows],
            y[rows],
            batch_size=64,
            epochs=options.source_epochs,
            verbose=0,
        )
        for number in map(int, options.images.split(",")):
            train = few(*everything, number, seed)
            for name, similarity in similarities(options, train).items():
                model, report = transferred(source, similarity, options.k, seed)
                if report is not None and seed == 0:
                    print(f"{name}, {number} images a class\n{report}\n")
                key = f"{number} {name}"
                found = curve(model, train, test, options)
                curves.setdefault(key, []).append(found)
    print("| images a class | initialisation | first F-score | best F-score |")
    print("|---|---|---|---|")
    for key, found in curves.items():
        number, name = key.split()
        first = [one[0] for one in found]
        best = [max(one) for one in found]
        print(f"| {number} | {name} | {_spread(first)} | {_spread(best)} |")
    if options.out:
        Path(options.out).write_text(json.dumps(curves), encoding="utf-8")


def _spread(values: list[float]) -> str:
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


if __name__ == "__main__":
    main()
