"""Does what the block `transfer` asks for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras

from keras_mtl.config.builder import Builder
from keras_mtl.config.class_similarity import class_similarity
from keras_mtl.config.environment import expand_variables
from keras_mtl.config.registry import suggestion
from keras_mtl.config.schema import RunConfig
from keras_mtl.config.transfer_schema import ClassifierConfig, TransferConfig
from keras_mtl.transfer import (
    ClassifierReport,
    GradualUnfreezing,
    LayerwiseOptimizer,
    TransferReport,
    freeze,
    initialize_classifier,
    layer_rates,
    learning_rate_parts,
    load_pretrained,
)
from keras_mtl.transfer.freezing import freeze_named
from keras_mtl.transfer.initialize_classifier import check_names
from keras_mtl.transfer.source_head import find_head
from keras_mtl.transfer.weight_source import load_model


@dataclass
class Transfer:
    """What a network takes over; does nothing without the block.

    Args:
        config: The configuration.
        data: The data set.
        builder: For errors that name their key.
        report: What became of every layer, after `start`.
        classifiers: Task to what its classes were built from.
        frozen: Layers that are not trained.
        rates: Layer to learning-rate multiplier and first epoch.
    """

    config: RunConfig
    data: Any
    builder: Builder
    report: TransferReport | None = None
    classifiers: dict[str, ClassifierReport] = field(default_factory=dict)
    frozen: list[str] = field(default_factory=list)
    rates: dict[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def block(self) -> TransferConfig | None:
        """The block of the configuration."""
        return self.config.transfer

    @property
    def has_reports(self) -> bool:
        """Whether weights were taken over."""
        return self.report is not None

    def start(self, model: keras.Model) -> None:
        """Takes over weights and decides what is trained how.

        Args:
            model: The network, before it is partitioned.

        Raises:
            ConfigError: If the block does not fit the network or the source.
            DataError: If a file cannot be read.
            OfflineError: If a preset had to be downloaded and could not be.
        """
        block = self.block
        if block is None:
            return
        self._check(block)
        with self.builder.blaming(("transfer",)):
            if block.weights is not None:
                self.report = load_pretrained(
                    model,
                    self._path(block.weights),
                    match=block.match,
                    layers=block.layers,
                    rename=block.rename,
                )
            taken = self.report.named("matched") if self.report else []
            self.rates = layer_rates(
                model, block.learning_rate_multiplier, block.unfreeze_at, taken
            )
        for task, classifier in block.classifiers.items():
            self.classifiers[task] = self._classifier(model, task, classifier)
        with self.builder.blaming(("transfer",)):
            self.frozen = freeze(model, block.freeze)

    def finish(self, model: keras.Model) -> None:
        """Freezes layers that partitioning has replaced.

        Args:
            model: The network as it is trained.
        """
        freeze_named(model, self.frozen)

    def optimizer(self, optimizer: Any, model: keras.Model) -> Any:
        """The optimizer, with the learning rates of the parts.

        Args:
            optimizer: The optimizer of the configuration.
            model: The network as it is trained.
        """
        parts = learning_rate_parts(model, self.rates)
        return LayerwiseOptimizer(optimizer, parts) if parts else optimizer

    def callbacks(self) -> tuple[Any, ...]:
        """What the training needs besides."""
        waits = any(epoch > 0 for _, epoch in self.rates.values())
        return (GradualUnfreezing(),) if waits else ()

    def as_dict(self) -> dict[str, Any]:
        """The reports, as plain values."""
        return {
            "weights": self.report.as_dict() if self.report else None,
            "classifiers": {
                task: one.as_dict() for task, one in self.classifiers.items()
            },
            "frozen": self.frozen,
            "rates": {
                name: {"multiplier": factor, "start_epoch": epoch}
                for name, (factor, epoch) in self.rates.items()
            },
        }

    def _check(self, block: TransferConfig) -> None:
        rate = block.learning_rate_multiplier
        slower = isinstance(rate, float) and rate != 1
        wanting = "classifiers" if block.classifiers else ""
        wanting = "learning_rate_multiplier" if slower else wanting
        if wanting and block.weights is None:
            raise self.builder.error(
                ("transfer", wanting),
                "needs `weights`, from which layers are taken over. Without, "
                "give learning-rate multipliers by names of layers.",
            )
        for task in block.classifiers:
            spec = self.data.tasks.get(task)
            if spec is None or spec.kind != "classification":
                known = [
                    name
                    for name, one in self.data.tasks.items()
                    if one.kind == "classification"
                ]
                raise self.builder.error(
                    ("transfer", "classifiers", task),
                    f"expected one of {sorted(known)}, the classifications "
                    f"of {self.data.name!r}.{suggestion(task, known)}",
                    key=True,
                )

    def _classifier(
        self, model: keras.Model, task: str, block: ClassifierConfig
    ) -> ClassifierReport:
        weights = self._path(str(self.config.transfer.weights))  # type: ignore[union-attr]
        if not weights.endswith(".keras"):
            raise self.builder.error(
                ("transfer", "classifiers", task),
                "the classes of a head are built from those of a whole model: "
                f"a .keras file. Received: weights={weights!r}.",
            )
        with self.builder.blaming(("transfer", "classifiers", task)):
            source, head = load_model(weights), find_head(model, task)
            units = find_head(source, block.source_output).units
            sources = _source_classes(block, units)
            targets = self._target_classes(block, task)
            # Before what takes long to read.
            check_names("source_classes", sources, units)
            check_names("target_classes", targets, head.units)
            return initialize_classifier(
                head,
                source,
                class_similarity(block, self.data, task),
                _k(block),
                source_classes=sources,
                target_classes=targets,
                class_types=block.class_types,
                source_output=block.source_output,
            )

    def _target_classes(self, block: ClassifierConfig, task: str) -> list[str]:
        spec = self.data.tasks[task]
        given = block.target_classes or spec.class_names
        if given is None and block.similarity == "inference":
            return [str(index) for index in range(spec.num_outputs)]
        return list(given or ())

    def _path(self, text: str) -> str:
        with self.builder.blaming(("transfer", "weights")):
            return expand_variables(text, "transfer.weights")


def _k(block: ClassifierConfig) -> int | dict[str, int]:
    if isinstance(block.k, int):
        return block.k
    return {str(name): number for name, number in block.k.items()}


def _source_classes(block: ClassifierConfig, units: int) -> list[str]:
    if block.source_classes is None and block.similarity == "inference":
        return [str(index) for index in range(units)]
    return list(block.source_classes or ())
