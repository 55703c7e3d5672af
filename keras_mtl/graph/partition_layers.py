"""The layers that `partition` inserts and replaces."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import Any, Literal

import keras
import numpy as np
from keras import layers, ops

from keras_mtl.graph import walk
from keras_mtl.graph.flat_graph import Call
from keras_mtl.graph.opening import OpenGraph
from keras_mtl.graph.passes import Group, Wiring
from keras_mtl.graph.places import Place
from keras_mtl.layers.roaming_mask import RoamingMask
from keras_mtl.layers.squeeze_excite_gate import SqueezeExciteGate
from keras_mtl.layers.task_batch_normalization import TaskBatchNormalization

Kind = Literal["roaming", "routing", "se"]
Norm = Literal["batch", "task_batch", "group"]


class Partitioner(abc.ABC):
    """Puts a layer that depends on the task behind a convolution.

    Args:
        ratios: Name of a convolution to the share of its filters.
        seed: Seed of everything that is drawn.
    """

    def __init__(self, ratios: Mapping[str, float], seed: int) -> None:
        self.ratios = ratios
        self.seed = seed
        self.layers: dict[Any, Any] = {}

    @abc.abstractmethod
    def apply(
        self, wiring: Wiring, place: Place, features: Any, group: Group
    ) -> Any:
        """Records the layer; its output stands for `features`."""


class RoamingMasks(Partitioner):
    """One mask per convolution, with a row for each task."""

    roaming = True

    def apply(
        self, wiring: Wiring, place: Place, features: Any, group: Group
    ) -> Any:
        """Records the mask."""
        if id(place) not in self.layers:
            index = len(self.layers)
            draws = np.random.SeedSequence([self.seed, index])
            self.layers[id(place)] = RoamingMask(
                len(place.tasks),
                self.ratios[place.name],
                roaming=self.roaming,
                axis=place.axis,
                seed=int(draws.generate_state(1)[0]),
                name=f"{place.name}_mask",
            )
        task = wiring.task(place.after, group, features)
        return self.layers[id(place)](features, task=task)


class RoutingMasks(RoamingMasks):
    """Masks that stay as they are."""

    roaming = False


class Gates(Partitioner):
    """One gate per convolution and task.

    Each is a layer of its own, so that its weights belong to its task alone:
    no other task's step moves them.
    """

    def apply(
        self, wiring: Wiring, place: Place, features: Any, group: Group
    ) -> Any:
        """Records the gate of the one task of the group."""
        return self._gate(place, group[0])(features, task=0)

    def _gate(self, place: Place, task: str) -> SqueezeExciteGate:
        key = (id(place), task)
        if key not in self.layers:
            name = f"{place.name}_{task}_gate".replace("/", "_")
            self.layers[key] = SqueezeExciteGate(1, axis=place.axis, name=name)
        gate: SqueezeExciteGate = self.layers[key]
        return gate


PARTITIONERS: dict[str, type[Partitioner]] = {
    "roaming": RoamingMasks,
    "routing": RoutingMasks,
    "se": Gates,
}


class NormLayers:
    """Replaces the batch normalisations that tasks share.

    Args:
        norm: By what.
        graph: The opened graph.
    """

    def __init__(self, norm: Norm, graph: OpenGraph) -> None:
        self.norm = norm
        self.users = graph.users()
        self.replaced = set()
        if norm != "batch":
            self.replaced = _shared_norms(graph, self.users)
        self.layers: dict[int, Any] = {}

    def __contains__(self, operation: Any) -> bool:
        return id(operation) in self.replaced

    def record(
        self, wiring: Wiring, call: Call, env: walk.Env, group: Group
    ) -> None:
        """Records the call of the layer that stands for `call`'s."""
        old = call.node.operation
        features = env[id(call.inputs[0])]
        key = id(call.outputs[0])
        if self.norm == "group":
            env[key] = self._group_norm(old, features)(features)
            return
        if id(old) not in self.layers:
            self.layers[id(old)] = _task_norm(old, len(self.users[id(old)]))
        new = self.layers[id(old)]
        training = walk.node_option(call.node, "training")
        task = wiring.task(old, group, features)
        env[key] = new(features, task=task, training=training)
        _copy(old, new)

    def _group_norm(self, old: Any, features: Any) -> Any:
        if id(old) in self.layers:
            return self.layers[id(old)]
        channels = features.shape[old.axis]
        # 32 groups, as published, or the next smaller number that divides.
        groups = max(g for g in range(1, 33) if channels % g == 0)
        new = layers.GroupNormalization(
            groups,
            axis=old.axis,
            epsilon=old.epsilon,
            center=old.center,
            scale=old.scale,
            dtype=old.dtype_policy,
            name=old.name,
        )
        new.build(features.shape)
        _copy(old, new)
        self.layers[id(old)] = new
        return new


def _task_norm(old: Any, num_tasks: int) -> TaskBatchNormalization:
    config = old.get_config()
    for name in ("renorm", "renorm_clipping", "renorm_momentum"):
        config.pop(name, None)
    config.pop("synchronized", None)
    new: TaskBatchNormalization = TaskBatchNormalization.from_config(
        {**config, "num_tasks": num_tasks}
    )
    return new


def _copy(old: Any, new: Any) -> None:
    """Copies values; averages go to every task."""
    for name in ("gamma", "beta", "moving_mean", "moving_variance"):
        source = getattr(old, name, None)
        target = getattr(new, name, None)
        if isinstance(source, keras.Variable) and target is not None:
            target.assign(ops.broadcast_to(source.value, target.shape))


def _shared_norms(
    graph: OpenGraph, users: Mapping[int, tuple[str, ...]]
) -> set[int]:
    return {
        id(call.node.operation)
        for call in graph.calls
        if type(call.node.operation) is layers.BatchNormalization
        and len(users[id(call.node.operation)]) > 1
    }
