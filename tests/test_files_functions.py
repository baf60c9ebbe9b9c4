"""A function of a file is a graph like any other: numbered inputs, arguments, results."""

from __future__ import annotations

from models_made import FLOAT, add, graph_def

from graphlab.model import check
from graphlab.sources import graphdef


def body_of(graph):
    """f(x, w): split x in two, give the second part and x itself."""
    body = graph.library.function.add()
    body.signature.name = "f"
    for name in ("x", "w"):
        body.signature.input_arg.add(name=name, type=FLOAT)
    for name in ("second", "same"):
        body.signature.output_arg.add(name=name, type=FLOAT)
    add(
        body.node_def,
        ("parts", "Split", ["w", "x"], {"T": FLOAT}),
        ("top", "TopKV2", ["parts:output:1", "x"], {"T": FLOAT}),
        ("sum", "AddV2", ["top:values:0", "x", "^parts"], {"T": FLOAT}),
    )
    body.node_def[0].attr["num_split"].i = 2
    body.ret["second"] = "parts:output:1"
    body.ret["same"] = "x"
    return body


def test_the_inputs_of_a_body_are_numbered_as_those_of_a_graph():
    graph = graph_def(("call", "PartitionedCall", [], {}))
    body_of(graph)
    graph.node[0].attr["f"].func.name = "f"
    read = graphdef.from_graph_def(graph)
    check(read)
    body = read.functions["f"]
    assert read["call"].calls == ("f",)
    assert body["top"].inputs == ("parts:1", "x:0")
    assert body["sum"].inputs == ("top:0", "x:0")
    assert body["sum"].controls == ("parts",)


def test_arguments_and_results_of_a_function_are_nodes():
    graph = graph_def()
    body_of(graph)
    body = graphdef.from_graph_def(graph, (), {"f": {"w": "dense/kernel"}}).functions["f"]
    ends = [(n.name, n.op, n.inputs, n.attrs["index"]) for n in body.nodes if n.op[0] == "_"]
    assert ends == [
        ("x", "_Arg", (), 0),
        ("w", "_Arg", (), 1),
        ("second_RetVal", "_Retval", ("parts:1",), 0),
        ("same_RetVal", "_Retval", ("x:0",), 1),
    ]
    assert body["w"].marks.variable == "dense/kernel"


def test_a_function_may_be_called_by_its_name_and_may_call_itself():
    graph = graph_def(("call", "f", [], {}))
    body = body_of(graph)
    add(body.node_def, ("again", "f", ["x", "w"], {}))
    read = graphdef.from_graph_def(graph)
    check(read)
    assert (read["call"].calls, len(read["call"].outputs)) == (("f",), 2)
    assert read.functions["f"]["again"].calls == ("f",)


def test_an_output_of_a_body_that_is_not_there_is_missing():
    graph = graph_def()
    body = body_of(graph)
    body.node_def[1].input[0] = "parts:nothing:0"
    body.ret["same"] = "nobody"
    read = graphdef.from_graph_def(graph)
    check(read)
    assert read.functions["f"]["top"].inputs == ("x:0",)
    assert read.functions["f"]["same_RetVal"].marks.missing
