"""The text of a program that XLA made, read into a Graph."""

from pathlib import Path

import pytest
import tensorflow as tf
from recorded_gpu import function_run

from graphlab.errors import GraphlabError
from graphlab.model import Graph, TensorSpec, check, from_json, to_json
from graphlab.sources.hlo import read_hlo

RECORDED = Path(__file__).parent / "recordings" / "xla_optimized_hlo.txt"


def module(*lines: str, entry: str = "ENTRY %main (x.1: f32[2,3]) -> f32[2,3] {") -> Graph:
    first = "  %x.1 = f32[2,3]{1,0} parameter(0)"
    graph = read_hlo("\n".join(["HloModule m, is_scheduled=true", "", entry, first, *lines, "}"]))
    check(graph)
    return graph


def compiled(function, *args) -> Graph:
    jit = tf.function(function, jit_compile=True)
    graph = read_hlo(jit.experimental_get_compiler_ir(*args)(stage="optimized_hlo"))
    check(graph)
    assert from_json(Graph, to_json(graph)) == graph
    return graph


def test_a_recorded_program_is_read_whole():
    text = RECORDED.read_text()
    graph = read_hlo(text)
    check(graph)
    bodies = [graph, *graph.functions.values()]
    assert sum(map(len, bodies)) == sum(" = " in line for line in text.splitlines()[1:])
    assert len(bodies) == text.count("\n}")
    assert [sum("ROOT" in n.attrs for n in body.nodes) for body in bodies] == [1] * len(bodies)
    parameters = [n.outputs[0] for n in graph.nodes if n.op == "parameter"]
    assert [(spec.dtype, spec.shape) for spec in parameters] == [
        ("float32", (256, 784)),
        ("int64", (256,)),
        ("float32", (784, 10)),
        ("float32", (10,)),
    ]
    (root,) = [n for n in graph.nodes if "ROOT" in n.attrs]
    assert (root.op, root.outputs[0].dtype, len(root.inputs)) == ("tuple", "tuple", 3)


def test_the_kernels_that_a_gpu_recorded_are_instructions_of_the_program_or_their_ops():
    graph = read_hlo(RECORDED.read_text())
    known = {node.name for node in graph.nodes} | {n.attrs.get("op_name") for n in graph.nodes}
    (step,) = function_run("xla").steps
    made_from = {kernel.made_from for kernel in step.kernels if kernel.bytes is None}
    assert made_from and made_from <= known


def test_a_fusion_calls_what_it_is_made_of():
    graph = compiled(lambda x: tf.reduce_sum(tf.exp(x) * 2.0 + 1.0), tf.ones([4, 5]))
    fusions = [node for node in graph.nodes if node.op == "fusion"]
    inside = {n.attrs.get("op_type") for f in fusions for n in graph.functions[f.calls[0]].nodes}
    assert {"Exp", "Mul", "AddV2", "Sum"} <= inside
    for fusion in fusions:
        assert fusion.attrs["calls"] == {"function": fusion.calls[0]}
        taken = [n for n in graph.functions[fusion.calls[0]].nodes if n.op == "parameter"]
        assert len(taken) == len(fusion.inputs)


def test_a_loop_calls_its_condition_and_its_body():
    def loop(x):
        return tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, tf.sin(v)), [0, x])[1]

    graph = compiled(loop, tf.ones([4]))
    loops = [n for b in (graph, *graph.functions.values()) for n in b.nodes if n.op == "while"]
    assert {key for n in loops for key in ("condition", "body") if key in n.attrs} == {
        "condition",
        "body",
    }
    assert all(len(n.calls) == 2 for n in loops)


def test_names_types_and_attributes_are_as_written():
    graph = module(
        '  %c = s32[2]{0} constant({1, 64}), metadata={op_type="Const" op_name="a, (b)}"}',
        "  %p.2 = pred[2,3]{1,0} compare(f32[2,3]{1,0} %x.1, %x.1), direction=LT",
        "  %r = bf16[<=2,3]{1,0} reduce(%p.2, %c), dimensions={0,1}, to_apply=%add",
        "  %t = (f32[2]{0}, /*index=1*/(s8[], token[])) custom-call(%r), control-predecessors={%c}",
        "  ROOT %g = u8[] get-tuple-element(%t), index=0",
    )
    assert graph["c"].attrs == {"value": "{1, 64}", "op_type": "Const", "op_name": "a, (b)}"}
    assert graph["p.2"].inputs == ("x.1:0", "x.1:0")
    assert graph["p.2"].outputs == (TensorSpec("p.2:0", "bool", (2, 3)),)
    assert graph["r"].outputs == (TensorSpec("r:0", "bfloat16", (None, 3)),)
    assert graph["r"].attrs == {"dimensions": "{0,1}", "to_apply": "add"}
    assert graph["r"].calls == ()
    assert graph["t"].outputs == (TensorSpec("t:0", "tuple"),)
    assert graph["t"].attrs["shape"] == "(f32[2]{0}, (s8[], token[]))"
    assert graph["t"].controls == ("c",)
    assert graph["g"].attrs == {"index": "0", "ROOT": True}
    assert graph["g"].outputs == (TensorSpec("g:0", "uint8", ()),)


def test_parameters_stand_in_the_order_in_which_a_call_gives_them():
    graph = module(
        "  %z = f32[] parameter(2)",
        "  ROOT %s = f32[2,3]{1,0} copy(%x.1)",
        "  %y = f32[] parameter(1)",
    )
    assert [node.name for node in graph.nodes] == ["x.1", "y", "z", "s"]


def test_a_long_constant_is_cut():
    graph = module(f"  ROOT %c = f32[999]{{0}} constant({{{', '.join(['1'] * 999)}}})")
    assert len(graph["c"].attrs["value"]) == 200


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "this is no whole HLO module: no ENTRY"),
        ("HloModule m\n%f (x: f32[]) -> f32[] {\n}", "this is no whole HLO module: no ENTRY"),
        (
            "ENTRY %m () -> f32[] {\n  %x = f32[] add(",
            "line 2 of the HLO is no instruction (a",
        ),
        (
            "ENTRY %m () -> f32[] {\n  %x = f32[]",
            "line 2 of the HLO is no instruction (it",
        ),
        (
            "ENTRY %m () -> f32[] {\n  what\n}",
            "line 2 of the HLO is no instruction (exp",
        ),
        ("ENTRY %m () -> f32[] {\n", "this is no whole HLO module: 'm' does not end"),
    ],
)
def test_what_is_no_program_is_refused_with_its_line(text, line):
    with pytest.raises(GraphlabError) as raised:
        read_hlo(text)
    assert str(raised.value).startswith(line)
