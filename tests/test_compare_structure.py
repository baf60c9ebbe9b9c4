"""Two graphs compared as they stand: what was added, removed and changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from models_made import FLOAT, affine, graph_def, saved, shared

from graphlab.comparison.structure import Body, Change, Structure, compare, compare_models
from graphlab.model import Graph, Node, TensorSpec, from_json, node_of, to_json
from graphlab.screen import comparison as screen
from graphlab.sources import files


def op(name: str, kind: str, *inputs: str, shape=(2,), **attrs) -> Node:
    spec = TensorSpec(f"{name}:0", "float32", shape)
    return Node(name, kind, tuple(f"{i}:0" for i in inputs), outputs=(spec,), attrs=attrs)


CHAIN = (
    op("x", "Placeholder"),
    op("a", "Relu", "x"),
    op("b", "Tanh", "a"),
    op("c", "AddV2", "b", "x"),
    op("d", "Sigmoid", "c"),
)


def only(*nodes: Node) -> Body:
    """What became of CHAIN."""
    (body,) = compare(Graph(CHAIN), Graph(nodes)).bodies
    return body


def test_a_graph_is_the_same_as_itself():
    found = compare(Graph(CHAIN), Graph(CHAIN))
    assert found == Structure((Body("", "", tuple((n.name, n.name) for n in CHAIN)),))
    assert found.same


def test_what_a_comparison_found_goes_to_json_and_back():
    found = compare(Graph(CHAIN), Graph((*CHAIN[:4], op("d", "Elu", "c"))))
    assert from_json(Structure, to_json(found)) == found


def test_another_op_in_the_same_place_is_a_change_of_its_op():
    body = only(*CHAIN[:1], op("a", "Elu", "x"), *CHAIN[2:])
    assert body.changed == (Change("a", "a", ("op",), ("Relu",), ("Elu",)),)
    assert (body.added, body.removed) == ((), ())


def test_an_op_put_in_is_added_and_what_takes_it_takes_something_else():
    put_in = op("new", "Elu", "a")
    body = only(*CHAIN[:2], put_in, op("b", "Tanh", "new"), *CHAIN[3:])
    assert (body.added, body.removed) == (("new",), ())
    assert body.changed == (Change("b", "b", ("inputs",), ("a:0",), ("new:0",)),)


def test_an_op_taken_out_is_removed():
    body = only(CHAIN[0], op("b", "Tanh", "x"), *CHAIN[3:])
    assert (body.added, body.removed) == ((), ("a",))


def test_an_attribute_a_dtype_and_a_shape_are_told_by_name():
    changed = op("d", "Sigmoid", "c", shape=(3,), extra=1)
    changed = replace(changed, outputs=(replace(changed.outputs[0], dtype="float64"),))
    (change,) = only(*CHAIN[:4], changed).changed
    assert change.what == ("extra", "dtype", "shape")
    assert change.before == ("None", "float32", "[2]")
    assert change.after == ("1", "float64", "[3]")


def test_a_shape_that_one_file_leaves_out_is_no_change_and_is_said():
    bare = [replace(n, outputs=tuple(replace(s, shape=None) for s in n.outputs)) for n in CHAIN]
    found = compare(Graph(CHAIN), Graph(tuple(bare)))
    assert found.same
    assert found.notes == (
        "of 0 tensors of A and 5 of B the shape is not in the file: shapes were compared where both"
        " have them",
    )


def test_exchanged_inputs_are_a_change_of_inputs():
    (change,) = only(*CHAIN[:3], op("c", "AddV2", "x", "b"), CHAIN[4]).changed
    assert (change.a, change.what, change.after) == ("c", ("inputs",), ("x:0, b:0",))


def test_programs_that_have_nothing_in_common_are_not_matched_by_force():
    other = (op("p", "Const"), op("q", "FFT", "p"), op("r", "Qr", "q"))
    body = only(*other)
    assert body.matched == ()
    assert body.removed == ("x", "a", "b", "c", "d")
    assert body.added == ("p", "q", "r")


def test_numbers_behind_names_that_shifted_mislead_nobody():
    before = [op("x", "Placeholder")]
    for n in range(6):
        before.append(op(f"Add_{n}", "AddV2", before[-1].name, "x", of=n))
    # Add_2 is gone, and whatever came later has the number below.
    after = before[:3]
    for n in range(3, 6):
        after.append(op(f"Add_{n - 1}", "AddV2", after[-1].name, "x", of=n))
    (body,) = compare(Graph(tuple(before)), Graph(tuple(after))).bodies
    assert (body.removed, body.added) == (("Add_2",), ())
    assert dict(body.matched)["Add_5"] == "Add_4"


def renamed(graph: Graph) -> Graph:
    """The same graph under other names."""
    names = {node.name: f"n{n}" for n, node in enumerate(graph.nodes)}
    return Graph(
        tuple(
            replace(
                node,
                name=names[node.name],
                inputs=tuple(f"{names[node_of(t)]}:0" for t in node.inputs),
                controls=tuple(names[c] for c in node.controls),
                outputs=tuple(
                    replace(spec, name=f"{names[node.name]}:{k}")
                    for k, spec in enumerate(node.outputs)
                ),
            )
            for node in graph.nodes
        )
    )


@st.composite
def graphs(draw):
    """Graphs of unary and binary ops, at least two, each taking what was made before."""
    nodes = [op("x", "Placeholder")]
    for n in range(draw(st.integers(2, 12))):
        kind = draw(st.sampled_from(["Relu", "Tanh", "AddV2", "Mul"]))
        taken = [
            draw(st.sampled_from(nodes)).name for _ in range(2 if kind in ("AddV2", "Mul") else 1)
        ]
        nodes.append(op(f"op_{n}", kind, *taken))
    return Graph(tuple(nodes))


@given(graphs(), st.data())
@settings(max_examples=100, deadline=None)
def test_one_op_of_a_random_graph_that_became_another_is_found_under_any_names(graph, data):
    at = data.draw(st.integers(1, len(graph) - 1))
    node = graph.nodes[at]
    broken = replace(node, op="Elu" if len(node.inputs) == 1 else "Sub")
    other = renamed(Graph((*graph.nodes[:at], broken, *graph.nodes[at + 1 :])))
    (body,) = compare(graph, other).bodies
    told = [change for change in body.changed if "op" in change.what]
    gone = [(name,) for name in body.removed]
    # Which of two equal ops became another, nobody can tell: told is one of its kind.
    assert [graph[change.a].op for change in told] == [node.op] or [
        graph[name].op for (name,) in gone
    ] == [node.op]
    assert len(told) + len(gone) == 1


def test_functions_are_paired_without_the_numbers_of_their_traces():
    def graph(number: int, kind: str) -> Graph:
        name = f"__inference_f_{number}"
        call = replace(op("y", "PartitionedCall", "x", f={"function": name}), calls=(name,))
        body = Graph((op("x", "Placeholder"), op("y", kind, "x")))
        return Graph((op("x", "Placeholder"), call), {name: body})

    assert compare(graph(3, "Relu"), graph(8, "Relu")).same
    found = compare(graph(3, "Relu"), graph(8, "Elu"))
    assert found.bodies[1].changed == (Change("y", "y", ("op",), ("Relu",), ("Elu",)),)


def constant(content: bytes) -> Graph:
    graph = graph_def(("c", "Const", [], {"dtype": FLOAT}))
    tensor = graph.node[0].attr["value"].tensor
    tensor.dtype = FLOAT
    tensor.tensor_shape.dim.add(size=len(content) // 4)
    tensor.tensor_content = content
    return graph


def test_large_constants_are_told_apart_by_a_digest(tmp_path):
    paths = []
    for n, content in enumerate((bytes(400), bytes(400), bytes(399) + b"\1")):
        paths.append(tmp_path / f"{n}.pb")
        paths[-1].write_bytes(constant(content).SerializeToString())
    one, same, other = (files.read_model(path) for path in paths)
    assert compare_models(one, same).same
    (change,) = compare_models(one, other).bodies[0].changed
    assert change.what == ("value",)


def test_a_large_constant_has_one_digest_however_its_numbers_were_written(tmp_path):
    packed, listed = constant(b""), constant(b"")
    numbers = [n / 4 for n in range(20)]
    import struct

    for message in (packed, listed):
        shape = message.node[0].attr["value"].tensor.tensor_shape
        shape.dim[0].size = 20
    packed.node[0].attr["value"].tensor.tensor_content = struct.pack("<20f", *numbers)
    listed.node[0].attr["value"].tensor.float_val.extend(numbers)
    found = []
    for n, message in enumerate((packed, listed)):
        path = tmp_path / f"{n}.pb"
        path.write_bytes(message.SerializeToString())
        found.append(files.read_model(path))
    assert compare_models(*found).same


@pytest.mark.parametrize(
    "name", ["serving-saved_model_half_plus_two_cpu", "cppflow-mnist", "tf2onnx-lstm"]
)
def test_a_real_model_is_the_same_as_itself(name):
    model = files.read_model(
        next(
            iter(sorted(shared(name).glob("**/saved_model.pb")))
            if list(shared(name).glob("**/saved_model.pb"))
            else iter(sorted([*shared(name).glob("*.pb"), *shared(name).glob("*.meta")]))
        )
    )
    assert compare_models(model, model).same


def test_a_folder_and_its_own_graph_are_the_same(tmp_path):
    folder = files.read_model(saved(tmp_path / "saved", affine()))
    path = tmp_path / "affine.pb"
    path.write_bytes(affine().SerializeToString())
    assert compare(folder.graph, files.read_model(path).graph).same


def test_files_whose_values_are_not_known_are_not_called_the_same():
    known, unknown = (
        Structure(()),
        Structure((), notes=("of 2 variables the values are not known",)),
    )
    said = [next(iter(screen.structure(found))).plain for found in (known, unknown)]
    assert said == [
        "they are the same: 0 ops, but for their names",
        "their graphs are the same: 0 ops, but for their names",
    ]
