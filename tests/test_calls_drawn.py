"""A call whose body is drawn keeps its own inputs: the same in picture, text and page."""

from __future__ import annotations

import re

import pytest
import tensorflow as tf

from graphlab import _private
from graphlab.model import Graph, Marks, Node, TensorSpec, check, node_of
from graphlab.sources import live, ops
from visualize.diagram.build import diagram
from visualize.diagram.drawn import boxes
from visualize.hierarchy.inline import ARGUMENTS, DATASETS, INSTRUCTIONS, inline
from visualize.hierarchy.order import events
from visualize.page.columns import graph_columns
from visualize.pictures.dot import dot
from visualize.text.rows import as_graph

LISTED = 2  # tensors of an input that stands for several

# Each op that calls a function, and the attributes that name one.
CALLS = {
    op.name: [attr.name for attr in op.attr if "func" in attr.type]
    for op in _private.all_op_defs()
    if op.name in ops.table() and any("func" in attr.type for attr in op.attr)
}


def node(name, op="Relu", inputs=(), outputs=1, **more):
    specs = tuple(TensorSpec(f"{name}:{k}", "float32", ()) for k in range(outputs))
    return Node(name, op, tuple(inputs), outputs=specs, **more)


def fed(op: str) -> list[str]:
    """The names of an op's inputs, one a tensor: `["cond", "input_0", "input_1"]`."""
    definition = ops.definition(op)
    assert definition is not None
    return [
        name
        for each in definition.inputs
        for name in (
            [f"{each.name}_{k}" for k in range(LISTED)] if each.count or each.each else [each.name]
        )
    ]


def body(arguments: int) -> Graph:
    """What gives back the sum of its arguments."""
    taken = [node(f"a{k}", "_Arg") for k in range(arguments)]
    total = node("sum", "AddN", [f"a{k}:0" for k in range(arguments)])
    return Graph((*taken, total, node("r", "_Retval", ["sum:0"], 0)))


def calling(op: str, arguments: int) -> Graph:
    """A call of the op, each of its inputs a placeholder of that name."""
    names = fed(op)
    functions = {f"{op}_{attr}": body(arguments) for attr in CALLS[op]}
    inputs = ops.definition(op).inputs
    attrs = {each.each: ["float32"] * LISTED for each in inputs if each.each}
    call = node("call", op, [f"{name}:0" for name in names], calls=tuple(functions), attrs=attrs)
    graph = Graph(
        (*(node(name, "Placeholder") for name in names), call, node("y", inputs=["call:0"])),
        functions,
    )
    check(graph)
    return graph


def in_picture(graph: Graph) -> set[str]:
    """The boxes from which the DOT of a graph has an edge to the call or into it.

    Or a stub: where there are too many boxes for every line to be drawn.
    """
    drawn = diagram(graph)
    every = list(boxes(drawn.members))
    names = {f"n{box.key}": box.name for box in every}
    edges = re.findall(r"^\s*(n\d+) -> (n\d+)", dot(drawn), re.MULTILINE)
    edges += [(f"n{box.key}", f"n{stub.end}") for box in every for stub in box.stubs if stub.out]
    return outer((names[tail], names[head]) for tail, head in edges)


def in_text(graph: Graph) -> set[str]:
    return outer(flows(graph))


def in_grouped_text(graph: Graph) -> set[str]:
    drawn = diagram(graph, depth=9, without=("hubs",))
    names = {f"n{box.key}": box.name for box in boxes(drawn.members)}
    return outer((names[tail], names[head]) for tail, head in flows(as_graph(drawn)))


def flows(graph: Graph):
    """The ends of each lane of a text view."""
    made = {}
    for event in events(graph):
        made |= dict.fromkeys(event.gives, event.node.name)
        for taken in event.takes:
            yield made[taken], event.node.name


def in_page(graph: Graph) -> set[str]:
    packed = graph_columns(graph)
    ends, left = [], iter(packed["src"])
    for i, count in enumerate(packed["inputs"]):
        ends += [(graph.nodes[i - next(left)].name, graph.nodes[i].name) for _ in range(count)]
    return outer(ends)


def outer(edges) -> set[str]:
    inside = re.compile(r"call(/.*)?")
    return {a for a, b in edges if inside.fullmatch(b) and not inside.fullmatch(a)}


@pytest.mark.parametrize("op", CALLS)
def test_every_input_of_a_call_has_its_edge_in_picture_text_and_page(op):
    names = set(fed(op))
    for arguments in range(len(names) + LISTED):
        graph = calling(op, arguments)
        assert in_picture(graph) == in_text(graph) == in_grouped_text(graph) == names
        assert in_page(graph) == names


# Which inputs of an op are handed to its function; those of all other ops stay on the call.
_ARGS = "PartitionedCall StatefulPartitionedCall RemoteCall TPUPartitionedCall XlaLaunchV2"
_INPUTS = "If StatelessIf _If Case StatelessCase While StatelessWhile _While XlaWhile RiscWhile"
HANDED = {op: ["args"] for op in _ARGS.split()} | {op: ["input"] for op in _INPUTS.split()}
HANDED |= {"XlaIf": ["inputs"], "BatchFunction": ["in_tensors", "captured_tensors"]}
HANDED |= {"XlaLaunch": ["constants", "args", "resources"]}
HANDED |= {"MapDefun": ["arguments", "captured_inputs"]}


@pytest.mark.parametrize("op", CALLS)
def test_what_goes_into_a_body_is_what_its_function_is_handed(op):
    handed = HANDED.get(op, [])
    if DATASETS.fullmatch(op):
        handed = [name for name in ["other_arguments"] if any(name == n[:-2] for n in fed(op))]
    expected = [n for n in fed(op) if n in handed or n[:-2] in handed]
    elements = 3 if DATASETS.fullmatch(op) and expected else 0
    flat = inline(calling(op, len(expected) + elements))
    into = [n for n in flat.nodes if n.op == "_Arg" and n.inputs]
    numbers = range(elements, elements + len(expected))
    first = [(n.name.rpartition("/")[2], n.inputs) for n in into[: len(expected)]]
    assert first == [(f"a{k}", (f"{name}:0",)) for k, name in zip(numbers, expected, strict=True)]
    assert len(into) == len(expected) * len(CALLS[op])
    stays = [f"{name}:0" for name in fed(op) if name not in expected]
    assert [t for t in flat["call"].inputs if not t.startswith("call/")] == stays


def test_every_op_that_is_said_to_hand_on_its_inputs_is_one_that_calls():
    assert set(ARGUMENTS) - set(INSTRUCTIONS) == set(HANDED) <= set(CALLS)


def test_where_an_input_is_missing_no_argument_is_given_another_one_s():
    call = node("call", "If", ["a:0"], calls=("f",), marks=Marks(missing=("gone:0",)))
    flat = inline(Graph((node("a", "Placeholder"), call), {"f": body(0)}))
    assert flat["call"].inputs == ("a:0", "call/sum:0")


def test_bodies_whose_names_differ_in_a_number_alone_are_two():
    graph = Graph(
        (node("k", "Placeholder"), node("call", "Case", ["k:0"], calls=("f_1", "f_2", "f_3"))),
        {"f_1": body(0), "f_2": body(0), "f_3": body(0)},
    )
    flat = inline(graph)
    check(Graph(flat.nodes, flat.functions))
    assert flat["call"].inputs == ("k:0", "call/f/sum:0", "call/f_2/sum:0", "call/f_3/sum:0")


def test_a_body_goes_beside_ops_that_are_in_the_scope_of_its_call():
    call = node("call", "PartitionedCall", ["call/sum:0"], calls=("f",))
    graph = Graph((node("call/sum", "Placeholder"), call), {"f": body(1)})
    flat = inline(graph)
    check(Graph(flat.nodes, flat.functions))
    assert flat["call"].inputs == ("call/f/sum:0",)
    assert flat["call/f/a0"].inputs == ("call/sum:0",)


def test_what_decides_a_branch_or_goes_round_a_loop_is_joined_with_it_in_a_real_function():
    @tf.function
    def model(x, k, flag, times):
        y = tf.switch_case(k, [lambda: x * 2.0, lambda: x * 3.0])
        y = tf.cond(flag, lambda: y + 1.0, lambda: y - 1.0)
        for _ in tf.range(times):
            y = y * x
        return (
            tf.data.Dataset.range(3)
            .map(lambda i: tf.cast(i, tf.float32) * y[0])
            .reduce(x[0], lambda a, b: a + b)
        )

    scalar = [tf.TensorSpec([], dtype) for dtype in (tf.int32, tf.bool, tf.int32)]
    graph = live.from_function(model.get_concrete_function(tf.TensorSpec([None]), *scalar))
    drawn = diagram(graph, depth=9, without=("embed", "hubs"))
    names = {box.key: box.name for box in boxes(drawn.members)}
    edges = {(names[edge.tail], names[edge.head]) for edge in drawn.edges}
    assert {("k", "switch_case/indexed_case"), ("flag", "cond")} <= edges
    used = {tail for tail, _ in edges}
    called = [node for node in graph.nodes if node.calls]
    assert {node.op for node in called} == {
        "StatelessCase",
        "StatelessIf",
        "StatelessWhile",
        "MapDataset",
        "ReduceDataset",
    }
    assert {node_of(tensor) for node in called for tensor in node.inputs} - used == set()
