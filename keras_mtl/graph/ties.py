"""What ties tasks that share no trainable variable."""

from __future__ import annotations

from keras_mtl.graph.flat_graph import NOBODY, FlatGraph, Tasks


def are_tied(graph: FlatGraph) -> bool:
    """Whether tasks share frozen weights, or a layer whose loss ties them.

    Args:
        graph: The opened graph of a model.
    """
    return _share_frozen(graph) or _share_loss(graph)


def _share_frozen(graph: FlatGraph) -> bool:
    """Whether tasks share weights that are not trained."""
    return any(
        len(call.tasks) > 1
        and getattr(call.node.operation, "weights", ())
        and not call.node.operation.trainable
        for call in graph.calls
    )


def _share_loss(graph: FlatGraph) -> bool:
    """Whether a layer with variables for each task ties them by its loss."""
    users: dict[int, Tasks] = {}
    for call in graph.calls:
        operation = call.node.operation
        if hasattr(operation, "call_variables"):
            users[id(operation)] = users.get(id(operation), NOBODY) | call.tasks
    return any(len(found) > 1 for found in users.values())
