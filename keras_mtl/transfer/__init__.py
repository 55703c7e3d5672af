"""What a network may take over from one that was trained before."""

from __future__ import annotations

from keras_mtl.transfer.classifier_report import ClassifierReport, ClassOrigin
from keras_mtl.transfer.f_scores import f_scores
from keras_mtl.transfer.inference_similarity import InferenceSimilarity
from keras_mtl.transfer.initialize_classifier import initialize_classifier
from keras_mtl.transfer.shares import class_shares, combined
from keras_mtl.transfer.similarity import ClassSimilarity, Similarity
from keras_mtl.transfer.word2vec_similarity import Word2VecSimilarity
from keras_mtl.transfer.wordnet_files import open_wordnet, write_lexnames
from keras_mtl.transfer.wordnet_similarity import WordNetSimilarity

__all__ = [
    "ClassOrigin",
    "ClassSimilarity",
    "ClassifierReport",
    "InferenceSimilarity",
    "Similarity",
    "Word2VecSimilarity",
    "WordNetSimilarity",
    "class_shares",
    "combined",
    "f_scores",
    "initialize_classifier",
    "open_wordnet",
    "write_lexnames",
]
