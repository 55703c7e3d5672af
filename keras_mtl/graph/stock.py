"""The same network, made of layers that Keras itself has."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from keras_mtl.graph import walk
from keras_mtl.graph.flat_graph import Call, flat_graph
from keras_mtl.graph.opening import OpenGraph, open_graph
from keras_mtl.layers.cooperative_fusion import CooperativeFusion
from keras_mtl.layers.roaming_mask import RoamingMask
from keras_mtl.layers.select_tasks import SelectTasks
from keras_mtl.layers.squeeze_excite_gate import SqueezeExciteGate
from keras_mtl.layers.stop_gradient import StopGradient
from keras_mtl.layers.task_batch_normalization import TaskBatchNormalization
from keras_mtl.layers.task_ids import TaskIds
from keras_mtl.layers.tile_tasks import TileTasks

# Layer, row of the task and features to the features that come out.
Replacement = Callable[[Any, int, Any], Any]
_WIRES = (SelectTasks, TaskIds, TileTasks)
_POOLS: dict[int, Any] = {
    3: layers.GlobalAveragePooling1D,
    4: layers.GlobalAveragePooling2D,
    5: layers.GlobalAveragePooling3D,
}


def with_stock_layers(model: keras.Model) -> keras.Model:
    """The network for inference, without the layers of this package.

    Masks become constant factors, task-wise normalisations one batch
    normalisation per task, gates dense layers; one pass over a batch of all
    tasks becomes a pass per task. So that the file of the result loads
    wherever Keras is.

    Args:
        model: Functional model whose output is a dict, task to tensor.

    Returns:
        A model with the same inputs and outputs; other layers and their
        variables are shared with `model`. It is `model` itself if there is
        nothing to replace. Left as they are: layers whose task is an input
        of the model, and gates of models with channels first.
    """
    functional = walk.as_functional(model)
    graph = open_graph(flat_graph(functional), _is_ours)
    if not any(_is_ours(call.node.operation) for call in graph.calls):
        return model
    outputs, nodes = _Rewriting(graph).run()
    structure = graph.structure
    with walk.unique_names(nodes, structure), warnings.catch_warnings():
        # The model's own inputs: it warned, if at all, when it was made.
        warnings.filterwarnings("ignore", "When providing `inputs` as a dict")
        return keras.Model(structure, outputs, name=model.name)


def _is_ours(operation: Any) -> bool:
    return isinstance(operation, (*_REPLACEMENTS, *_WIRES, *_JOINTS))


class _Rewriting:
    """Repeats the calls of a graph, with other layers for some.

    A batch of several tasks is taken apart into lanes, one per task; a lane
    is an index into the tasks of the batch, 0 for a batch of one.

    Args:
        graph: The calls.
    """

    def __init__(self, graph: OpenGraph) -> None:
        self.graph = graph
        self.makers = graph.makers()
        self.done: dict[tuple[int, int], Any] = {}
        self.made: dict[tuple[int, int], Any] = {}

    def run(self) -> tuple[dict[str, Any], list[Any]]:
        """Task to symbolic output, and the nodes with their layers."""
        lanes = self._lanes()
        nodes = []
        for tensor in self.graph.inputs:
            self.done[id(tensor), 0] = tensor
        for call in self.graph.calls:
            if isinstance(call.node.operation, TaskIds):
                continue
            wanted = set().union(*(lanes.get(id(x), ()) for x in call.outputs))
            for lane in sorted(wanted):
                self._record(call, lane)
            nodes.append(call.node)
        outputs = {
            task: self.done[id(x), 0] for task, x in self.graph.outputs.items()
        }
        return outputs, nodes

    def _lanes(self) -> dict[int, set[int]]:
        """The lanes of every tensor that are needed, by its `id`."""
        lanes: dict[int, set[int]] = {}
        for tensor in self.graph.outputs.values():
            lanes.setdefault(id(tensor), set()).add(0)
        for call in reversed(self.graph.calls):
            for output in call.outputs:
                for lane in lanes.get(id(output), set()):
                    source = _source_lane(call.node.operation, lane)
                    for tensor in call.inputs:
                        lanes.setdefault(id(tensor), set()).add(source)
        return lanes

    def _record(self, call: Call, lane: int) -> None:
        operation = call.node.operation
        source = _source_lane(operation, lane)
        (first, *_) = call.inputs
        if isinstance(operation, _WIRES):
            value = self.done[id(first), source]
            self.done[id(call.outputs[0]), lane] = value
            return
        result = None
        if isinstance(operation, _JOINTS):
            result = self._joined(call, lane)
        elif isinstance(operation, tuple(_REPLACEMENTS)):
            result = self._replaced(call, lane)
        if result is None:
            self._copied(call, lane)
        else:
            self.done[id(call.outputs[0]), lane] = result

    def _copied(self, call: Call, lane: int) -> None:
        env = {id(x): self.done[id(x), lane] for x in call.inputs}
        walk.copy_node(call.node, env, {})
        for output in call.outputs:
            self.done[id(output), lane] = env[id(output)]

    def _joined(self, call: Call, lane: int) -> Any:
        inputs = [self.done[id(x), lane] for x in call.inputs]
        if isinstance(call.node.operation, StopGradient):
            return inputs[0]
        if len(inputs) == 1:
            return inputs[0]
        fusion = call.node.operation
        key = (id(fusion), 0)
        if key not in self.made:
            self.made[key] = layers.Concatenate(
                axis=fusion.axis, dtype=fusion.dtype_policy, name=fusion.name
            )
        # The inputs of a dict come in the order of its sorted keys.
        return self.made[key](inputs)

    def _replaced(self, call: Call, lane: int) -> Any:
        layer = call.node.operation
        row = self._row(call, lane)
        features = self.done[id(call.inputs[0]), lane]
        if row is None:
            return None
        kind = next(k for k in _REPLACEMENTS if isinstance(layer, k))
        key = (id(layer), row)
        if key not in self.made:
            self.made[key] = _REPLACEMENTS[kind](layer, row, features)
        make = self.made[key]
        return None if make is None else make(features)

    def _row(self, call: Call, lane: int) -> int | None:
        """Row of the task, `None` where it is an input of the model."""
        task = walk.node_option(call.node, "task")
        if isinstance(task, int):
            return task
        maker = self.makers.get(id(task))
        if maker is None or not isinstance(maker.node.operation, TaskIds):
            return None
        return int(maker.node.operation.tasks[lane])


def _source_lane(operation: Any, lane: int) -> int:
    if isinstance(operation, SelectTasks):
        return operation.tasks[lane]
    return 0 if isinstance(operation, TileTasks) else lane


def _factor(mask: Any, row: int, features: Any) -> Any:
    """A mask as a constant factor."""
    values = mask.mask.numpy()[row]
    rank = len(features.shape)
    axis = mask.axis % rank
    # With channels first by default, `Rescaling` would move the axis.
    first = keras.config.image_data_format() == "channels_first"
    if axis != rank - 1 or first:
        values = values.reshape([-1] + [1] * (rank - 1 - axis))
    name = f"{mask.name}_{row}"
    return layers.Rescaling(values.tolist(), dtype=mask.dtype_policy, name=name)


def _normalization(norm: Any, row: int, features: Any) -> Any:
    """Normalisation by the averages of one task."""
    config = {**norm.get_config(), "name": f"{norm.name}_{row}"}
    config.pop("num_tasks")
    new = layers.BatchNormalization.from_config(config)
    new.build(features.shape)
    for name in ("gamma", "beta"):
        if isinstance(getattr(norm, name, None), keras.Variable):
            getattr(new, name).assign(getattr(norm, name))
    new.moving_mean.assign(norm.moving_mean[row])
    new.moving_variance.assign(norm.moving_variance[row])
    return new


def _gate(gate: Any, row: int, features: Any) -> Any:
    """A gate as pooling, two dense layers and a product."""
    rank = len(features.shape)
    if gate.axis % rank != rank - 1 or rank not in (2, *_POOLS):
        return None
    stem = f"{gate.name}_{row}"
    dtype = gate.dtype_policy
    steps = []
    if rank in _POOLS:
        pool = _POOLS[rank]
        steps.append(
            pool(
                keepdims=True,
                data_format="channels_last",
                dtype=dtype,
                name=f"{stem}_squeeze",
            )
        )
    for part, activation in (("squeeze", "relu"), ("excite", "sigmoid")):
        kernel, bias = getattr(gate, part)
        dense = layers.Dense(
            kernel.shape[-1],
            activation,
            dtype=dtype,
            name=f"{stem}_{part}_dense",
        )
        dense.build((None, kernel.shape[1]))
        dense.set_weights([kernel[row], bias[row]])
        steps.append(dense)
    product = layers.Multiply(dtype=dtype, name=f"{stem}_product")

    def apply(x: Any) -> Any:
        weights = x
        for step in steps:
            weights = step(weights)
        return product([x, weights])

    return apply


_JOINTS = (CooperativeFusion, StopGradient)
_REPLACEMENTS: dict[type, Replacement] = {
    RoamingMask: _factor,
    TaskBatchNormalization: _normalization,
    SqueezeExciteGate: _gate,
}
