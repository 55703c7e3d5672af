"""What a network may take over from one that was trained before."""

from __future__ import annotations

from keras_mtl.transfer.classifier_report import ClassifierReport, ClassOrigin
from keras_mtl.transfer.f_scores import f_scores
from keras_mtl.transfer.freezing import freeze
from keras_mtl.transfer.gradual_unfreezing import GradualUnfreezing
from keras_mtl.transfer.inference_similarity import InferenceSimilarity
from keras_mtl.transfer.initialize_classifier import initialize_classifier
from keras_mtl.transfer.layerwise_optimizer import LayerwiseOptimizer
from keras_mtl.transfer.learning_rate_part import (
    LearningRatePart,
    layer_rates,
    learning_rate_parts,
)
from keras_mtl.transfer.load_pretrained import load_pretrained
from keras_mtl.transfer.scaled_schedule import ScaledSchedule
from keras_mtl.transfer.shares import class_shares, combined
from keras_mtl.transfer.similarity import ClassSimilarity, Similarity
from keras_mtl.transfer.transfer_report import LayerTransfer, TransferReport
from keras_mtl.transfer.word2vec_similarity import Word2VecSimilarity
from keras_mtl.transfer.wordnet_files import (
    open_wordnet,
    prepare_wordnet,
    write_lexnames,
)
from keras_mtl.transfer.wordnet_similarity import WordNetSimilarity

__all__ = [
    "ClassOrigin",
    "ClassSimilarity",
    "ClassifierReport",
    "GradualUnfreezing",
    "InferenceSimilarity",
    "LayerTransfer",
    "LayerwiseOptimizer",
    "LearningRatePart",
    "ScaledSchedule",
    "Similarity",
    "TransferReport",
    "Word2VecSimilarity",
    "WordNetSimilarity",
    "class_shares",
    "combined",
    "f_scores",
    "freeze",
    "initialize_classifier",
    "layer_rates",
    "learning_rate_parts",
    "load_pretrained",
    "open_wordnet",
    "prepare_wordnet",
    "write_lexnames",
]
