"""Packaging of keras-mtl.

`trainers/`, `datasets/` and `configs/` stand at the top of the repository
because they are what people open first, and install as subpackages of
`keras_mtl`, so that no bare `datasets` module lands on anyone's path.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
TOP_LEVEL = ("trainers", "datasets", "configs")

INSTALL_REQUIRES = [
    # MultiOptimizer, and the fix for metrics given per task.
    "keras>=3.15",
    # The first release tested with Keras 3.15 on Python 3.11 to 3.13.
    "tensorflow>=2.20",
    # TensorFlow 2.21 no longer brings it; event files are read with it.
    "tensorboard>=2.20",
    # Index arithmetic of the loaders; what TensorFlow 2.20 runs with.
    "numpy>=1.26",
    # Names in the weights files that Keras writes with it.
    "h5py>=3.10",
    # The command line.
    "click>=8.1",
    # Validation that reports every problem at once, and the JSON Schema.
    "pydantic>=2.7",
    # Configuration files, with line and column marks.
    "PyYAML>=6.0",
    # Tables and the progress line on a terminal.
    "rich>=13.7",
    # The bundled digits, and metrics that Keras lacks.
    "scikit-learn>=1.4",
    # Decoding and writing images.
    "pillow>=10.3",
]

EXTRAS_REQUIRE = {
    # CUDA libraries that match TensorFlow's build.
    "gpu": ["tensorflow[and-cuda]>=2.20"],
    # Pretrained and published backbones by name, offline with random weights.
    "backbones": ["keras-hub>=0.25"],
    "medical": [
        # Connected components of the optic disc and cup.
        "scipy>=1.11",
        # Spreadsheets with labels and coordinates.
        "openpyxl>=3.1",
    ],
    # Pictures of `keras-mtl compare`.
    "report": ["matplotlib>=3.8"],
    # The search of `keras-mtl sweep --tune` for learning rates.
    "tune": ["optuna>=4.0"],
    "transfer": [
        # Reads WordNet, for similar classes by their names.
        "nltk>=3.9",
        # Reads word2vec files, for the same.
        "gensim>=4.3.3",
    ],
    "onnx": [
        # The format itself: names of axes, metadata.
        "onnx>=1.16",
        # Reads back what was written, to compare it.
        "onnxruntime>=1.19",
        # The converter that Keras uses for TensorFlow.
        "tf2onnx>=1.16",
    ],
    "test": [
        # The runner; the configuration uses its strict modes.
        "pytest>=8",
        # Two processes: tracing keeps one core busy each.
        "pytest-xdist>=3.5",
        # Property tests over sampled Gram matrices and graphs.
        "hypothesis>=6.100",
        # The oracle of the quadratic programmes.
        "scipy>=1.11",
        # Spreadsheets are written and read.
        "openpyxl>=3.1",
        # Searches are run.
        "optuna>=4.0",
        # Pictures are drawn and looked at.
        "matplotlib>=3.8",
        # Tiny WordNet and word2vec files are read.
        "nltk>=3.9",
        "gensim>=4.3.3",
        # The page of a comparison, in a browser where one is installed.
        "playwright>=1.40",
        # The wheel is built from the tests without a network.
        "setuptools>=77",
    ],
    "dev": [
        # Lint and format, with the rules of pyproject.toml.
        "ruff>=0.9",
        # Static types, strict.
        "mypy>=1.15",
        # Types of PyYAML, which carries none.
        "types-PyYAML>=6.0.12.20240311",
        # The wheel, in an isolated environment.
        "build>=1.2",
    ],
}


def version() -> str:
    """The version, read without importing the package."""
    text = (HERE / "keras_mtl" / "version.py").read_text(encoding="utf-8")
    match = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if match is None:
        raise RuntimeError("keras_mtl/version.py holds no __version__ line.")
    return match.group(1)


def packages() -> dict[str, str]:
    """Import name to folder, for every package of the repository."""
    folders = {
        name: name.replace(".", "/")
        for name in find_packages(include=["keras_mtl", "keras_mtl.*"])
    }
    for top in TOP_LEVEL:
        folders[f"keras_mtl.{top}"] = top
        for name in find_packages(top):
            folders[f"keras_mtl.{top}.{name}"] = f"{top}/{name}"
    return folders


setup(
    version=version(),
    packages=list(packages()),
    package_dir=packages(),
    package_data={
        "keras_mtl": ["py.typed"],
        "keras_mtl.report": ["page.css"],
        "keras_mtl.pipelines": ["page.css", "page.js"],
        "keras_mtl.datasets.fundus": ["layouts/*.toml"],
        "keras_mtl.configs": ["*.yaml", "**/*.yaml"],
    },
    install_requires=INSTALL_REQUIRES,
    extras_require=EXTRAS_REQUIRE,
    entry_points={"console_scripts": ["keras-mtl = keras_mtl.cli:main"]},
)
