"""The shapes of a graph with loops of TF1, as far as they can be known.

A graph that comes from a file does not know what shape a loop variable has in all turns: TensorFlow
looks at the first value before the one of the next turn is there. So each loop is cut open, and
TensorFlow asked again until what goes round is no other than what was taken for it.

Of a placeholder that says nothing of its shape, `tf.placeholder(tf.float32)`, it is known how many
axes it was fed, and of what was taken from a queue, too, of which TensorFlow infers nothing. What a
program has set, `x.set_shape([None, 2])`, is in no GraphDef and will not be known where the code is
traced, unless it follows from the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from graphlab.engine.kernels.control_flow import ENTERS, MERGES, NEXTS
from graphlab.model import Shape, node_of

MOST_ROUNDS = 20
HANDLES = (tf.resource, tf.variant)


def with_shapes(graph: tf.Graph, fed: Mapping[str, Shape]) -> tf.Graph:
    """The graph, or one with the same tensors that knows their shapes in loops, and behind what is
    `fed`, by tensor; and that forgets what was set."""
    is_told = any(shape_of(graph, tensor) != fed[tensor] for tensor in fed)
    if is_told or _may_have_been_told(graph):
        graph = _imported(_definition(graph, fed)) or graph
    merges = [op for op in graph.get_operations() if op.type in MERGES and _is_unknown(op)]
    if not merges:
        return graph
    definition = _definition(graph, fed)
    nodes = {node.name: node for node in definition.node}
    ways = {op.name: (_source(op, ENTERS), _source(op, NEXTS)) for op in merges}
    dtypes = {op.name: op.outputs[0].dtype.as_datatype_enum for op in merges}
    guessed: dict[str, tf.TensorShape | None] = dict.fromkeys(ways)
    for _ in range(MOST_ROUNDS):
        for name, shape in guessed.items():
            node = nodes[name]
            node.Clear()
            # It may have another shape than what it is given; and a Placeholder of an old graph
            # that says it is a scalar is taken for one of any shape.
            node.name, node.op = name, "PlaceholderWithDefault"
            node.input.append(ways[name][0])
            node.attr["dtype"].type = dtypes[name]
            node.attr["shape"].shape.CopyFrom(tf.TensorShape(shape).as_proto())
        found = _imported(definition)
        if found is None:
            return graph
        if _is_settled(found, ways, guessed):
            return found
    return graph


def shape_of(graph: tf.Graph, tensor: str) -> Shape:
    """The static shape of a tensor; None where it is not known."""
    try:
        shape = graph.get_tensor_by_name(tensor).shape
    except (KeyError, ValueError):
        return None
    return None if shape.rank is None else tuple(shape.as_list())


def _may_have_been_told(graph: tf.Graph) -> bool:
    """Whether something has no rank, behind which another may have been told its own. The graph of
    a function and one with loops know more than can be found out again."""
    ops = graph.get_operations()
    is_lost = hasattr(graph, "captures") or any(op.type in NEXTS for op in ops)
    return not is_lost and any(map(_has_no_rank, ops))


def _has_no_rank(op: tf.Operation) -> bool:
    return any(each.shape.rank is None and each.dtype not in HANDLES for each in op.outputs)


def _definition(graph: tf.Graph, fed: Mapping[str, Shape]) -> Any:
    """The graph's, with the shapes of what is fed."""
    definition = graph.as_graph_def()
    names = {node_of(tensor) for tensor in fed}
    for node in [node for node in definition.node if node.name in names]:
        outputs = graph.get_operation_by_name(node.name).outputs
        shapes = [fed.get(each.name, shape_of(graph, each.name)) for each in outputs]
        told = node.attr["_output_shapes"]
        told.Clear()
        told.list.shape.extend(tf.TensorShape(shape).as_proto() for shape in shapes)
    return definition


def _imported(definition: Any) -> tf.Graph | None:
    with tf.Graph().as_default() as graph:
        try:
            tf.import_graph_def(definition, name="")
        except (ValueError, tf.errors.OpError):
            return None
    return graph


def _is_unknown(merge: tf.Operation) -> bool:
    """Whether it is a loop variable of which the graph knows less than of its first value."""
    begins = [t.op for t in merge.inputs if t.op.type in ENTERS]
    turns = [t.op for t in merge.inputs if t.op.type in NEXTS]
    taken = merge.outputs[1].consumers()
    return bool(begins and turns and not taken and merge.outputs[0].shape.rank is None)


def _source(merge: tf.Operation, kinds: frozenset[str]) -> str:
    return next(t.op.inputs[0].name for t in merge.inputs if t.op.type in kinds)


def _is_settled(
    graph: tf.Graph,
    ways: dict[str, tuple[str, str]],
    guessed: dict[str, tf.TensorShape | None],
) -> bool:
    """Whether the guesses hold for the first values and the next; else they are bettered. A None
    is no guess yet."""
    before = dict(guessed)
    for name, (begins, turns) in ways.items():
        first, following = (graph.get_tensor_by_name(each).shape for each in (begins, turns))
        guess = guessed[name]
        if guess is None:
            guessed[name] = first
        else:
            guessed[name] = guess.most_specific_common_supertype([first, following])
    return all(before[name] is not None and _same(before[name], guessed[name]) for name in guessed)


def _same(one: tf.TensorShape | None, other: tf.TensorShape | None) -> bool:
    """Whether two shapes say the same; that of unknown sizes is not equal to itself."""
    return tf.TensorShape(one).as_proto() == tf.TensorShape(other).as_proto()
