"""What a file says is checked where it comes in, so that no later step meets the impossible."""

from __future__ import annotations

import itertools
import json
import re
import tracemalloc

import pytest
from models_made import FLOAT, functional, graph_def, keras_archive, layer, said, saved

from graphlab import model as graphs
from graphlab.errors import GraphlabError, nearest
from graphlab.model import Graph, Node, TensorSpec, from_json
from graphlab.output import pages
from graphlab.output.drawings import GRAPHS, View, graph_file
from graphlab.sources import checked, facts, files, proto
from graphlab.sources.modelfile import ModelFile
from visualize.diagram.build import diagram
from visualize.diagram.drawn import boxes
from visualize.hierarchy import inline as inlining
from visualize.hierarchy.build import hierarchy
from visualize.kinds import size_of


def relu() -> object:
    """x -> y."""
    return graph_def(("x", "Placeholder", [], {"dtype": FLOAT}), ("y", "Relu", ["x"], {"T": FLOAT}))


def written(path, graph):
    path.write_bytes(graph.SerializeToString())
    return path


def drawn_in_every_way(graph: Graph) -> None:
    """Nothing is said here of how it looks; only that no format stumbles."""
    for format in GRAPHS:
        for view in (View(), View(depth=0), View(depth=9), View(focus="y", radius=1)):
            assert graph_file(graph, None, format, view)
    assert pages.page_of_graph(graph, "a graph").encode()


def test_a_data_type_s_number_is_a_name_or_told_as_a_number():
    numbers = [1, 10, 101, 33, 34, 0, 100, 133, 134, -1, -33, 99, 2**31 - 1, -(2**31)]
    assert [proto.dtype_name(number) for number in numbers] == [
        "float32",
        "bool",
        "float32_ref",
        "float4_e2m1fn",
        "dtype 34",
        "invalid",
        "invalid_ref",
        "float4_e2m1fn_ref",
        "dtype 134",
        "dtype -1",
        "dtype -33",
        "dtype 99",
        "dtype 2147483647",
        "dtype -2147483648",
    ]


@pytest.mark.parametrize("number", [-1, -(2**31), 34, 99, 2**31 - 1])
def test_an_unknown_data_type_is_drawn_and_has_no_size(tmp_path, number):
    graph = relu()
    for node, key in zip(graph.node, ("dtype", "T"), strict=True):
        node.attr[key].type = number
    model = files.read_model(written(tmp_path / "a.pb", graph))
    assert model.graph["y"].outputs[0].dtype == f"dtype {number}"
    assert size_of(TensorSpec("y:0", f"dtype {number}", (2,))) is None
    drawn_in_every_way(model.graph)


def test_a_size_is_known_of_each_dtype_that_takes_whole_bytes():
    import tensorflow as tf

    known = {}
    for number in range(1, len(proto._DTYPES)):
        try:
            known[proto.dtype_name(number)] = tf.dtypes.as_dtype(number).size
        except TypeError:
            continue
    whole = {name for name in known if name not in ("string", "resource", "variant")}
    whole -= {name for name in whole if re.fullmatch(r"u?int[24]|float4_.*", name)}
    assert {name: size_of(TensorSpec("", name, ())) for name in whole} == {
        name: known[name] for name in whole
    }
    others = set(known) - whole
    assert {size_of(TensorSpec("", name, ())) for name in others} == {None}
    assert size_of(TensorSpec("", "float32_ref", (3,))) == 12


@pytest.mark.parametrize("name", ["", "_", "n" * 16_384, "é" * 16_384, "a/" * 900 + "a"])
def test_an_odd_name_is_drawn_where_tensorflow_takes_any(tmp_path, name):
    graph = relu()
    graph.node[0].attr[name].i = 3
    graph.node[0].op = name or graph.node[0].op
    graph.node[1].op = name
    graph.node[1].device = name
    if name:
        graph.node[0].name = graph.node[1].input[0] = name
    model = files.read_model(written(tmp_path / "a.pb", graph))
    assert model.graph.nodes[0].attrs[name] == 3
    drawn_in_every_way(model.graph)
    json.dumps(facts.about(model), allow_nan=False)


@pytest.mark.parametrize("kind", ["i", "s", "f", "b", "type", "func", "list"])
def test_a_shape_and_a_dtype_of_another_kind_say_nothing(tmp_path, kind):
    def spoiled(attr):
        if kind == "func":
            attr.func.name = "f"
        elif kind == "list":
            attr.list.s.extend([b"a", b"b"])
        else:
            setattr(attr, kind, {"s": b"ab", "f": 0.5, "b": True}.get(kind, 3))

    graph = relu()
    graph.node[0].op = "VariableV2"
    spoiled(graph.node[0].attr["shape"])
    if kind not in ("type", "s"):
        spoiled(graph.node[0].attr["dtype"])
    for path in (written(tmp_path / "a.pb", graph), saved(tmp_path / "m", graph)):
        model = files.read_model(path)
        (variable,) = model.variables
        assert variable.shape is None
        assert variable.dtype == ("float32" if kind in ("type", "s") else "")
        json.dumps(facts.about(model), allow_nan=False)
        drawn_in_every_way(model.graph)


def shaped(*sizes):
    graph = relu()
    for size in sizes:
        graph.node[0].attr["shape"].shape.dim.add(size=size)
    return graph


@pytest.mark.parametrize(
    ("graph", "line"),
    [
        (
            shaped(*[2] * 255),
            "a shape has 255 dimensions, and a tensor 254 at most; the file is damaged",
        ),
        (
            shaped(2**62, 4, 5),
            "tensor 'x:0' has a shape that no tensor has, of more than"
            " 9,223,372,036,854,775,807 elements",
        ),
    ],
)
def test_a_shape_that_no_tensor_has_is_refused(tmp_path, graph, line):
    assert said(written(tmp_path / "a.pb", graph)) == f"FILE: {line}"


def test_the_largest_shape_is_read_and_told(tmp_path):
    graph = shaped(*[1] * 253, 2**63 - 1)
    graph.node[0].op = "VariableV2"
    model = files.read_model(written(tmp_path / "a.pb", graph))
    assert facts.about(model)["parameters"] == 2**63 - 1
    drawn_in_every_way(model.graph)


def test_a_name_beyond_all_reason_is_named_with_the_limit(tmp_path):
    for name, line in [
        ("n" * 70_000, "has a name of 70,000 characters; the most is 65,536"),
        ("n/" * 1001 + "n", "is 1,001 scopes deep; the most is 1,000"),
    ]:
        graph = relu()
        graph.node[0].name = name
        assert line in said(written(tmp_path / "a.pb", graph))
        graph = relu()
        graph.node[1].op = name
        assert line in said(written(tmp_path / "a.pb", graph))
        graph = relu()
        graph.node[1].attr[name].i = 1
        assert line in said(written(tmp_path / "a.pb", graph))


def test_a_number_of_a_layer_that_no_dtype_holds_is_refused(tmp_path):
    dense = layer("Dense", "b", "a", units=10**30)
    path = tmp_path / "m.keras"
    keras_archive(path, functional(layer("InputLayer", "a"), dense, outputs="b"), weights=False)
    line = "attribute 'units' of node 'b' is a number of more than 64 bits"
    assert said(path) == f"FILE: {line}"


def test_a_keras_name_that_is_no_valid_text_is_told_as_json_wrote_it(tmp_path):
    name, told = "b\ud800", "b\\ud800"
    path = tmp_path / "m.keras"
    model = functional(layer("InputLayer", "a"), layer("Dense", name, "a"), outputs=name)
    keras_archive(path, model, weights=False)
    graph = files.read_model(path).graph
    again = from_json(Graph, graph_file(graph, None, "json").decode())
    assert [node.name for node in again.nodes] == ["a", told]
    for format in GRAPHS:
        assert graph_file(graph, None, format)
    assert pages.page_of_graph(graph, "a graph").encode()


def test_a_graph_that_a_reader_got_wrong_is_one_line(tmp_path):
    wrong = Graph((Node("y", "Relu", ("gone:0",)),))
    with pytest.raises(GraphlabError, match="its graph is not sound: : 'y' takes 'gone:0'"):
        checked.checked(ModelFile(tmp_path, "GraphDef", wrong))


# Drawing: linear in what it is given


def op(name, kind="Relu", inputs=(), **more):
    spec = TensorSpec(f"{name}:0", "float32", (2,))
    return Node(name, kind, tuple(inputs), outputs=(spec,), **more)


def peak_mb(make) -> float:
    tracemalloc.start()
    try:
        make()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_a_name_of_100_000_scopes_takes_no_more_than_some_copies_of_it():
    deep = Graph((op("/".join(["a"] * 100_000)), op("b")))
    assert peak_mb(lambda: diagram(deep)) < 20
    assert peak_mb(lambda: hierarchy(deep)) < 20
    names = [group.name.count("/") for group in hierarchy(deep).groups]
    assert max(names) < 50


def test_a_long_chain_of_small_ops_and_a_circle_of_them_are_drawn():
    count = 50_000
    names = ["x", *(f"i{k}" for k in range(count))]
    chain = [op(b, "Identity", [f"{a}:0"]) for a, b in itertools.pairwise(names)]
    whole = Graph((op("x", "Placeholder"), *chain, op("y", "Relu", [f"{names[-1]}:0"])))
    assert [box.ops for box in boxes(diagram(whole).members)] == [1, count + 1]
    for ring in ("a", "ab", "abc"):
        pairs = zip(ring[-1] + ring, ring, strict=False)
        around = [op(b, "Identity", [f"{a}:0"]) for a, b in pairs]
        graph = Graph((*around, op("y", "Relu", ["a:0"]), *(op(f"z{k}") for k in range(20))))
        graphs.check(graph)
        assert sum(box.ops for box in boxes(diagram(graph, depth=0).members)) == len(graph)


@pytest.mark.parametrize(
    "body",
    [
        Graph((op("n", calls=tuple(f"e{k}" for k in range(10_000))),)),
        Graph((op("a", "_Arg"), op("n", "AddN", ["a:0"] * 10_000))),
        Graph(tuple(op(f"{k}" + "n" * 10_000) for k in range(100))),
    ],
    ids=["calls", "inputs", "names"],
)
def test_bodies_are_opened_while_there_is_room_for_all_that_they_name(body):
    empty = {f"e{k}": Graph() for k in range(10_000)}
    calls = tuple(op(f"c{k}", "PartitionedCall", ["x:0"], calls=("f",)) for k in range(20_000))
    graph = Graph((op("x", "Placeholder"), *calls), {"f": body, **empty})
    flat = inlining.inline(graph)
    names = sum(1 + len(n.inputs) + len(n.outputs) + len(n.calls) for n in flat.nodes)
    letters = sum(len(name) for n in flat.nodes for name in (n.name, *n.inputs))
    opened = len(flat) - len(graph)
    assert 0 < opened < 20_000 * len(body)
    assert names < 1_500_000 and letters < 100e6
    closed = inlining.closed_calls(flat)
    assert closed == len(calls) - opened // len(body)
    assert f"{closed:,} calls are not opened" in " ".join(diagram(graph).notes)


def test_a_wrong_word_is_compared_with_no_more_than_a_person_could_mean():
    names = [f"{k}" + "n" * 5000 for k in range(1000)] + ["serve"]
    assert nearest("serving", names) == "serve"
