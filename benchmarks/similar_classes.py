"""Classifiers built from similar classes, against random ones.

    python benchmarks/similar_classes.py --data $KERAS_MTL_DATA \
        --wordnet nltk_data --vectors gloss_vectors.txt --out curves.json

Appendix A of the thesis on Fashion-MNIST and MNIST: trains on five classes,
then transfers to the other five with few images each. Prints the F-score on
the test images before the first update and the best one along the training;
`--picture FILE` draws the curves. WordNet needs the folder that `keras-mtl
data wordnet` makes, word vectors any file in the format of word2vec, such as
that of `gloss_vectors.py`; what is not given is left out.

The convolutions are frozen, so what they make of the images is computed once.
The dense layer and the classifier after them are trained.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from class_cases import CASES, Case, few, read
from class_curves import picture, table

from keras_mtl.transfer import (
    InferenceSimilarity,
    Word2VecSimilarity,
    WordNetSimilarity,
    f_scores,
    initialize_classifier,
    load_pretrained,
)

Samples = tuple[Any, Any]


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--images", default="1,2,5,10,25,50,100")
    parser.add_argument("--source-images", type=int, default=12_000)
    parser.add_argument("--source-epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=256)
    parser.add_argument("--k", type=int, default=3)
    parser.add_argument("--wordnet", help="A data folder of NLTK.")
    parser.add_argument("--vectors", help="A file of word2vec.")
    parser.add_argument("--out", type=Path, help="JSON file of all curves.")
    parser.add_argument("--picture", type=Path, help="PNG file of them.")
    return parser.parse_args()


def encoder() -> keras.Model:
    """Two convolutions: images to 800 features."""
    image = keras.Input((28, 28, 1))
    x: Any = image
    for index, filters in enumerate((16, 32)):
        name = f"conv{index}"
        x = keras.layers.Conv2D(filters, 3, activation="relu", name=name)(x)
        x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(image, x, name="encoder")


def classifier(units: int) -> keras.Model:
    """What is trained for the targets too: features to logits."""
    features = keras.Input((800,))
    x = keras.layers.Dense(128, activation="relu", name="dense")(features)
    x = keras.layers.Dropout(0.75)(x)
    x = keras.layers.Dense(units, name="logits")(x)
    return keras.Model(features, x, name="classifier")


def compiled(model: keras.Model) -> keras.Model:
    """Ready to train with Adam at 1e-3."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss)
    return model


@dataclass(frozen=True, eq=False)
class Source:
    """A trained network: what is frozen, and what follows it."""

    encoder: keras.Model
    classifier: keras.Model

    def features(self, samples: Samples) -> Samples:
        """Features and labels of images and labels."""
        x, y = samples
        return self.encoder.predict(x, batch_size=500, verbose=0), y


def trained_source(samples: Samples, options: Any, seed: int) -> Source:
    """Trains encoder and classifier on the source classes."""
    keras.utils.set_random_seed(seed)
    source = Source(encoder(), classifier(len(np.unique(samples[1]))))
    outputs = source.classifier(source.encoder.output)
    model = compiled(keras.Model(source.encoder.input, outputs))
    rows = np.random.default_rng(seed).permutation(len(samples[0]))
    rows = rows[: options.source_images]
    x, y = (values[rows] for values in samples)
    model.fit(x, y, batch_size=64, epochs=options.source_epochs, verbose=0)
    return source


def transferred(
    source: Source,
    names: tuple[list[str], list[str]],
    similarity: Any,
    k: int,
    seed: int,
) -> tuple[keras.Model, Any]:
    """A classifier for the targets, and what its classes were built from."""
    keras.utils.set_random_seed(seed)
    model = classifier(len(names[1]))
    load_pretrained(model, source.classifier, layers=["dense"])
    if similarity is None:
        return compiled(model), None
    report = initialize_classifier(
        model.get_layer("logits"),
        source.classifier,
        similarity,
        k,
        source_classes=names[0],
        target_classes=names[1],
    )
    return compiled(model), report


def score(model: keras.Model, samples: Samples) -> float:
    """Mean F-score of the classes."""
    x, y = samples
    predicted = np.argmax(model(x, training=False), axis=-1)
    number = len(np.unique(y))
    return float(np.mean(np.diag(f_scores(predicted, y, number, number))))


def curve(
    model: keras.Model, train: Samples, test: Samples, places: list[int]
) -> list[float]:
    """F-scores before the first update, and after those at `places`."""
    x, y = train
    batches = _batches(len(x))
    scores = [score(model, test)]
    for start, stop in itertools.pairwise(places):
        for rows in itertools.islice(batches, stop - start):
            model.train_on_batch(x[rows], y[rows])
        scores.append(score(model, test))
    return scores


def _batches(number: int) -> Iterator[Any]:
    """Rows of batches of 64, or of all, epoch after epoch."""
    size = min(64, number)
    generator = np.random.default_rng(0)
    while True:
        rows = generator.permutation(number)
        for start in range(0, number - size + 1, size):
            yield rows[start : start + size]


def similarities(options: Any, train: Samples) -> dict[str, Any]:
    """Name of the initialisation to the similarity, `None` for random."""
    found: dict[str, Any] = {
        "random": None,
        "inference": InferenceSimilarity(*train),
    }
    if options.wordnet:
        found["wordnet"] = WordNetSimilarity(options.wordnet)
    if options.vectors:
        found["word2vec"] = options.word_similarity
    return found


def run(case: Case, seed: int, options: Any) -> Iterator[tuple[str, str, Any]]:
    """Number of images, initialisation and curve, for one seed."""
    ids = case.ids(seed)
    root = options.data / case.folder
    source = trained_source(read(root, "train", ids[0]), options, seed)
    everything = read(root, "train", ids[1])
    test = source.features(read(root, "t10k", ids[1]))
    names = tuple([case.names[i] for i in part] for part in ids)
    own = source.features(read(root, "t10k", ids[0]))
    reached = score(source.classifier, own)
    print(f"seed {seed}: the source reaches an F-score of {reached:.3f}")
    for number in options.images.split(","):
        train = source.features(few(*everything, int(number), seed))
        for name, similarity in similarities(options, train).items():
            model, report = transferred(
                source, names, similarity, options.k, seed
            )
            if report is not None and number == "100":
                print(f"{name}, {number} images a class\n{report}\n")
            yield number, name, curve(model, train, test, options.places)


def main() -> None:
    """Runs everything and prints the tables."""
    options = arguments()
    options.places = [0] + [
        2**i for i in range(options.steps.bit_length()) if options.steps
    ]
    if options.vectors:
        options.word_similarity = Word2VecSimilarity(options.vectors)
    curves: dict[str, Any] = {}
    for name in options.cases.split(","):
        begun = time.process_time()
        found: dict[str, Any] = {}
        for seed in range(options.seeds):
            for number, start, scores in run(CASES[name], seed, options):
                of_number = found.setdefault(number, {})
                of_number.setdefault(start, []).append(scores)
        curves[name] = found
        seconds = time.process_time() - begun
        print(f"\n{name} ({seconds:.0f} s), first / best\n\n{table(found)}\n")
        if options.out:
            text = json.dumps({"steps": options.places, "curves": curves})
            options.out.write_text(text, encoding="utf-8")
    if options.picture:
        shown = ("1", "5", "25", "100")
        numbers = [n for n in options.images.split(",") if n in shown]
        picture(curves, options.places, numbers, options.picture)


if __name__ == "__main__":
    main()
