"""The network of one task, without the filters it does not use."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_mtl.graph import walk
from keras_mtl.graph.channel_rules import rule_for
from keras_mtl.graph.channels import (
    Channels,
    Mask,
    Normalization,
    Rule,
)
from keras_mtl.graph.flat_graph import Call, flat_graph
from keras_mtl.graph.opening import OpenGraph, open_graph
from keras_mtl.graph.places import is_convolution
from keras_mtl.graph.split import split
from keras_mtl.layers.roaming_mask import RoamingMask
from keras_mtl.layers.select_tasks import SelectTasks
from keras_mtl.layers.task_batch_normalization import TaskBatchNormalization
from keras_mtl.layers.task_ids import TaskIds
from keras_mtl.layers.tile_tasks import TileTasks

_WIRES = (SelectTasks, TaskIds, TileTasks)


def compressed(model: keras.Model, task: str) -> keras.Model:
    """The network of one task, without the filters it does not use.

    Filters that the masks of a partitioned model hide from the task are cut
    out of kernels, biases and normalisations, as are the weights that read
    them. A filter that lives on in a residual stream stays there. What
    cannot do without a filter (group normalisation, layers that are called
    twice, layers that are not Keras's) gets zeros in its place.

    The result is in inference the same but for rounding, smaller, and made
    of layers of Keras alone where the model is, masks and task-wise
    normalisation apart. Its weights are copies.

    Args:
        model: Functional model whose output is a dict, task to tensor;
            partitioned or not.
        task: Name of the task.

    Returns:
        A Keras model from the inputs of `model` to `{task: output}`.

    Raises:
        ValueError: If the model is not Functional, or has no such task.
    """
    parts = split(model, allow_disjoint=True)
    if parts.graph is None:
        raise ValueError(
            f"Model {model.name!r} of class {type(model).__name__} is not a "
            "Functional model, whose layers could be told apart. Received it "
            "to be compressed; use its weights as they are."
        )
    single = walk.as_functional(parts.forward((task,)))
    graph = open_graph(flat_graph(single), _is_wanted)
    output = _Compression(graph, task).run()
    with warnings.catch_warnings():
        # The model's own inputs: it warned, if at all, when it was made.
        warnings.filterwarnings("ignore", "When providing `inputs` as a dict")
        small = keras.Model(graph.structure, {task: output}, name=model.name)
        copy: keras.Model = keras.models.clone_model(small)
    copy.set_weights(small.get_weights())
    return copy


def _is_wanted(operation: Any) -> bool:
    norm = isinstance(operation, keras.layers.BatchNormalization)
    mine = isinstance(operation, (RoamingMask, *_WIRES))
    return norm or mine or is_convolution(operation)


class _Compression:
    """One walk forwards, one back, and one that builds.

    Args:
        graph: The calls of the task.
        task: Its name.
    """

    def __init__(self, graph: OpenGraph, task: str) -> None:
        self.graph = graph
        self.task = task
        self.makers = graph.makers()
        self.lanes = self._lanes()
        self.calls = [
            call
            for call in graph.calls
            if not isinstance(call.node.operation, _WIRES)
        ]
        count: dict[int, int] = {}
        for call in self.calls:
            key = id(call.node.operation)
            count[key] = count.get(key, 0) + 1
        self.rules = {
            id(call): self._rule(call, count[id(call.node.operation)])
            for call in self.calls
        }

    # Samples of the task, where a batch holds those of all -----------------

    def _lanes(self) -> dict[int, int]:
        """Which part of a batch is the task's, by `id` of the tensor."""
        lanes = {id(self.graph.outputs[self.task]): 0}
        for call in reversed(self.graph.calls):
            lane = lanes.get(id(call.outputs[0]), 0)
            operation = call.node.operation
            if isinstance(operation, SelectTasks):
                lane = operation.tasks[lane]
            for tensor in call.inputs:
                lanes[id(tensor)] = lane
        return lanes

    def _source(self, tensor: Any) -> Any:
        """The tensor without repetition and selection of samples."""
        while id(tensor) in self.makers:
            call = self.makers[id(tensor)]
            if not isinstance(call.node.operation, _WIRES):
                break
            tensor = call.inputs[0]
        return tensor

    def _row(self, call: Call) -> int:
        """Row of the task in a layer that is called with a task."""
        task = walk.node_option(call.node, "task")
        if isinstance(task, int):
            return task
        ids = self.makers[id(task)].node.operation
        return int(ids.tasks[self.lanes[id(call.outputs[0])]])

    def _inputs(self, call: Call) -> list[Any]:
        """What a call reads, task ids left out."""
        if isinstance(
            call.node.operation, (RoamingMask, TaskBatchNormalization)
        ):
            return [self._source(call.inputs[0])]
        return [self._source(x) for x in call.inputs]

    # Rules -----------------------------------------------------------------

    def _rule(self, call: Call, uses: int) -> Rule:
        operation = call.node.operation
        inputs = self._inputs(call)
        sizes = [_channels(x) for x in inputs]
        size = _channels(call.outputs[0])
        if isinstance(operation, RoamingMask):
            row = operation.mask.numpy()[self._row(call)] > 0.5
            return Mask(operation, sizes, size, row)
        if isinstance(operation, TaskBatchNormalization):
            return Normalization(operation, sizes, size, self._row(call))
        if uses > 1 or 0 in sizes or size == 0 or len(call.outputs) > 1:
            return Rule(operation, sizes, size)
        kind = rule_for(operation, inputs, call.outputs[0])
        return kind(operation, sizes, size)

    def run(self) -> Any:
        """The symbolic output of the smaller network."""
        zero = self._zeros()
        need = self._needs()
        env = {id(x): x for x in self.graph.inputs}
        keep = {id(x): np.ones(_channels(x), bool) for x in self.graph.inputs}
        for call in self.calls:
            rule, inputs = self.rules[id(call)], self._inputs(call)
            given = [keep[id(x)] for x in inputs]
            for output in call.outputs:
                key = id(output)
                keep[key] = np.ones(_channels(output), bool)
            key = id(call.outputs[0])
            keep[key] = rule.kept(need[key], zero[key], given)
            wants = rule.wants(keep[key], given)
            tensors = [
                _adapted(env[id(x)], have, want)
                for x, have, want in zip(inputs, given, wants, strict=True)
            ]
            self._record(call, rule, env, tensors, keep[key], wants)
        output = self._source(self.graph.outputs[self.task])
        full = np.ones(_channels(output), bool)
        return _adapted(env[id(output)], keep[id(output)], full)

    def _zeros(self) -> dict[int, Channels]:
        zero = {id(x): np.zeros(_channels(x), bool) for x in self.graph.inputs}
        for call in self.calls:
            given = [zero[id(x)] for x in self._inputs(call)]
            for output in call.outputs:
                zero[id(output)] = np.zeros(_channels(output), bool)
            zero[id(call.outputs[0])] = self.rules[id(call)].zero(given)
        return zero

    def _needs(self) -> dict[int, Channels]:
        output = self._source(self.graph.outputs[self.task])
        need = {id(output): np.ones(_channels(output), bool)}
        for call in reversed(self.calls):
            needed = need.get(id(call.outputs[0]))
            if needed is None:  # only another of its outputs is read
                needed = np.ones(_channels(call.outputs[0]), bool)
                need[id(call.outputs[0])] = needed
            if needed.size and not needed.any():
                needed[0] = True  # a layer has at least one channel
            rule = self.rules[id(call)]
            inputs = self._inputs(call)
            for x, channels in zip(inputs, rule.need(needed), strict=True):
                old = need.get(id(x), np.zeros(_channels(x), bool))
                need[id(x)] = old | channels
        return need

    def _record(
        self,
        call: Call,
        rule: Rule,
        env: walk.Env,
        tensors: Sequence[Any],
        keep: Channels,
        wants: Sequence[Channels],
    ) -> None:
        """Records the smaller layer, or the call as it is."""
        if isinstance(rule, Mask):
            env[id(call.outputs[0])] = tensors[0]
            return
        layer = rule.smaller(keep, wants)
        if layer is None:
            inner = {
                id(x): tensor
                for x, tensor in zip(call.inputs, tensors, strict=True)
            }
            walk.copy_node(call.node, inner, {})
            for output in call.outputs:
                env[id(output)] = inner[id(output)]
            return
        several = walk.takes_list(call.node)
        result = layer(list(tensors) if several else tensors[0])
        rule.fill(layer, keep, wants)
        env[id(call.outputs[0])] = result


def _channels(tensor: Any) -> int:
    """Number of channels; 0 where they are not known."""
    shape = tensor.shape
    return int(shape[-1]) if len(shape) > 1 and shape[-1] is not None else 0


def _adapted(tensor: Any, have: Channels, want: Channels) -> Any:
    """Takes the channels that are wanted, and zeros for what is missing."""
    if np.array_equal(have, want):
        return tensor
    places = np.cumsum(have) - 1
    if (want & ~have).any():
        width = [(0, 0)] * (len(tensor.shape) - 1)
        tensor = ops.pad(tensor, [*width, (0, 1)])
        places = np.where(have, places, have.sum())
    return ops.take(tensor, [int(i) for i in places[want]], axis=-1)
