"""The block `transfer` of a configuration."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from keras_mtl.config.strict import STRICT

ClassType = Literal["included", "inclusive", "disjoint"]
_Factor = Annotated[float, pydantic.Field(ge=0, le=1e6)]
_Epoch = Annotated[int, pydantic.Field(ge=0, le=10**9)]
_Count = Annotated[int, pydantic.Field(ge=1, le=10**9)]


class ClassifierConfig(pydantic.BaseModel):
    """How the classes of a head are built from those of the source."""

    model_config = STRICT

    similarity: Literal["inference", "wordnet", "word2vec"] = pydantic.Field(
        "inference",
        description="What makes two classes similar: that the source model "
        "takes training images of one for the other, WordNet, or the word "
        "vectors of their names.",
    )
    k: _Count | dict[ClassType, _Count] = pydantic.Field(
        3,
        description="How many of the most similar source classes a class is "
        "built from; or for each type of class, included, inclusive and "
        "disjoint.",
    )
    source_classes: list[str] | None = pydantic.Field(
        None,
        description="Names of the source classes, in order; inference can do "
        "without.",
    )
    target_classes: list[str] | None = pydantic.Field(
        None,
        description="Names of the classes, in order; by default those of the "
        "data set.",
    )
    class_types: dict[str, ClassType] | None = pydantic.Field(
        None, description="Class to its type, where WordNet is not asked."
    )
    source_output: str | None = pydantic.Field(
        None, description="Output of the source model, if it has several."
    )
    vectors: str | None = pydantic.Field(
        None, description="A word2vec file, text or binary (.bin)."
    )
    wordnet: str | None = pydantic.Field(
        None,
        description="A data folder of NLTK with corpora/wordnet in it; by "
        "default where NLTK looks.",
    )
    images: _Count = pydantic.Field(
        1000, description="Training images that inference looks at, at most."
    )


class TransferConfig(pydantic.BaseModel):
    """What the network takes over from one that was trained before."""

    model_config = STRICT

    weights: str | None = pydantic.Field(
        None,
        description="A .keras or .weights.h5 file, or the name or folder of a "
        "keras-hub preset. ${VARIABLE} stands for an environment variable. "
        "Read again when the run is resumed or evaluated.",
    )
    match: Literal["name", "position"] = pydantic.Field(
        "name", description="Which layers belong together."
    )
    layers: list[str] = pydantic.Field(
        default_factory=lambda: ["*"],
        description="Layers that may take over weights: names or patterns.",
    )
    rename: dict[str, str] = pydantic.Field(
        default_factory=dict,
        description="Regular expressions to what takes their place in the "
        "name of a layer before it is looked up.",
    )
    freeze: list[str] = pydantic.Field(
        default_factory=list,
        description="Layers that are not trained: names or patterns.",
    )
    learning_rate_multiplier: _Factor | dict[str, _Factor] = pydantic.Field(
        1.0,
        description="Factor of the learning rate of the layers that took over "
        "weights; or of any layers, by name or pattern.",
    )
    unfreeze_at: dict[str, _Epoch] = pydantic.Field(
        default_factory=dict,
        description="Layers, by name or pattern, to the first epoch that "
        "trains them, counted from 0.",
    )
    classifiers: dict[str, ClassifierConfig] = pydantic.Field(
        default_factory=dict,
        description="Task to how its head is built from similar classes of "
        "the source model, a .keras file.",
    )
