"""Builds the classes of a new classifier from those of a trained one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from keras_mtl.errors import ConfigError
from keras_mtl.transfer.classifier_report import ClassifierReport, ClassOrigin
from keras_mtl.transfer.shares import class_shares, combined
from keras_mtl.transfer.similarity import ClassSimilarity, Similarity
from keras_mtl.transfer.source_head import find_head, logits_model

CLASS_TYPES = ("included", "inclusive", "disjoint")


def initialize_classifier(
    target_head: keras.layers.Dense,
    source_model: keras.Model,
    similarity: Similarity | npt.ArrayLike,
    k: int | Mapping[str, int] = 3,
    *,
    source_classes: Sequence[str],
    target_classes: Sequence[str],
    class_types: Mapping[str, str] | None = None,
    source_output: str | None = None,
    source_head: str | None = None,
) -> ClassifierReport:
    """Builds every target class from the source classes most similar to it.

    Its weights and bias become the average of those of the `k` nearest source
    classes, weighted by their similarities. A class that nothing is similar
    to keeps the weights that the initializer of the head drew.

    Args:
        target_head: Last layer of the new classifier, a built `Dense` with
            one unit for each target class.
        source_model: The trained classifier, Functional or `Sequential`.
        similarity: An `InferenceSimilarity`, `WordNetSimilarity` or
            `Word2VecSimilarity`; or a matrix of shape
            `(num_targets, num_sources)`.
        k: How many source classes a target class is built from, 1 or more;
            or, for each of the types `"included"` (a kind of a source class),
            `"inclusive"` (a source class is a kind of it) and `"disjoint"`.
        source_classes: Names of the source classes, in order.
        target_classes: Names of the target classes, in order.
        class_types: Target class to its type, where the similarity does not
            know them (WordNet does). Those left out are disjoint.
        source_output: Output of the source model, if it has several.
        source_head: Name of its last `Dense` layer; found by default.

    Returns:
        The source classes of each target class, with their shares.

    Raises:
        ConfigError: If head and source do not fit each other, class names
            are missing, or the types are not known.

    Reference:
        Pascal, Bost and Huet, CBMI 2019
    """
    source = find_head(source_model, source_output, source_head)
    _check_heads(target_head, source)
    check_names("source_classes", source_classes, source.units)
    check_names("target_classes", target_classes, target_head.units)
    found = _similarity(
        similarity,
        logits_model(source_model, source_output),
        source_classes,
        target_classes,
    )
    types = _types(found, class_types, target_classes)
    counts = _counts(k, types, len(target_classes))
    shares = class_shares(found.matrix, counts)
    _assign(target_head, source, shares)
    origins = tuple(
        _origin(
            target,
            source_classes,
            shares[row],
            found.matrix[row],
            counts[row],
            types[row] if types else None,
        )
        for row, target in enumerate(target_classes)
    )
    return ClassifierReport(origins, found.notes)


def check_names(argument: str, names: Sequence[str] | None, units: int) -> None:
    """Refuses class names that do not name every unit of a head once.

    Args:
        argument: Name of the argument, for the message.
        names: Names of classes.
        units: Units of the head.

    Raises:
        ConfigError: If names are missing, or occur twice.
    """
    given = list(names or ())
    if len(given) != units or len(set(given)) != len(given):
        raise ConfigError(
            f"`{argument}` must give each of the {units} classes a name of "
            f"its own, in the order of the outputs. Received: {given}."
        )


def _check_heads(target: Any, source: Any) -> None:
    if not getattr(target, "built", False) or not hasattr(target, "kernel"):
        raise ConfigError(
            "`target_head` must be a Dense layer that is built, that is, part "
            f"of a model. Received: {target!r}."
        )
    widths = (target.kernel.shape[0], source.kernel.shape[0])
    if widths[0] != widths[1]:
        raise ConfigError(
            f"The head {target.name!r} reads {widths[0]} features, and the "
            f"head {source.name!r} of the source model {widths[1]}. They must "
            "read the same features: use the same encoder for both."
        )


def _similarity(
    similarity: Any,
    model: Any,
    sources: Sequence[str],
    targets: Sequence[str],
) -> ClassSimilarity:
    if callable(similarity):
        found: ClassSimilarity = similarity(model, sources, targets)
    else:
        found = ClassSimilarity(np.asarray(similarity, np.float64))
    shape = (len(targets), len(sources))
    if found.matrix.shape != shape:
        raise ConfigError(
            f"`similarity` must have shape {shape}: a row for each target "
            "class, a column for each source class. Received: "
            f"{found.matrix.shape}."
        )
    return found


def _types(
    found: ClassSimilarity,
    given: Mapping[str, str] | None,
    targets: Sequence[str],
) -> tuple[str, ...] | None:
    if given is None:
        return found.class_types
    unknown = sorted(set(given) - set(targets))
    wrong = sorted(set(given.values()) - set(CLASS_TYPES))
    if unknown or wrong:
        raise ConfigError(
            f"`class_types` must give target classes one of {CLASS_TYPES}. "
            f"Received: {unknown or wrong}."
        )
    return tuple(given.get(name, "disjoint") for name in targets)


def _counts(
    k: int | Mapping[str, int], types: tuple[str, ...] | None, number: int
) -> list[int]:
    if not isinstance(k, Mapping):
        counts = [k] * number
    elif set(k) != set(CLASS_TYPES):
        raise ConfigError(
            f"`k` must be a number, or one for each of {CLASS_TYPES}. "
            f"Received: k={dict(k)!r}."
        )
    elif types is None:
        raise ConfigError(
            "`k` for each type of class needs the types, which WordNet "
            "knows. Give one `k` for all classes, or `class_types`."
        )
    else:
        counts = [k[one] for one in types]
    whole = [c for c in counts if isinstance(c, int | np.integer)]
    if len(whole) < number or any(c is True or c < 1 for c in whole):
        raise ConfigError(
            f"`k` must be a whole number, 1 or more. Received: k={k!r}."
        )
    return counts


def _assign(target: Any, source: Any, shares: Any) -> None:
    """Writes the classes that have a source, and leaves the others."""
    built = shares.any(axis=1)
    pairs = [(target.kernel, source.kernel)]
    if target.bias is not None and source.bias is not None:
        pairs.append((target.bias, source.bias))
    for variable, given in pairs:
        values = keras.ops.convert_to_numpy(variable).copy()
        new = combined(shares, keras.ops.convert_to_numpy(given))
        values[..., built] = new[..., built]
        variable.assign(values)


def _origin(
    target: str,
    names: Sequence[str],
    shares: npt.NDArray[np.float64],
    similarities: npt.NDArray[np.float64],
    k: int,
    class_type: str | None,
) -> ClassOrigin:
    order = np.argsort(-shares, kind="stable")
    return ClassOrigin(
        target,
        {names[j]: float(shares[j]) for j in order if shares[j] > 0},
        {name: float(similarities[j]) for j, name in enumerate(names)},
        k,
        class_type,
    )
