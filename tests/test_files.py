"""Model files are read without TensorFlow, and what is wrong with one is said in a line."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from google.protobuf import text_format
from models_made import FLOAT, INT32, add, affine, graph_def, said, saved, shared

from graphlab.errors import GraphlabError
from graphlab.model import TensorSpec, check
from graphlab.sources import choice, files, graphdef, messages, modelfile, ops

REAL = {
    "serving-saved_model_half_plus_two_cpu": (74, 0),
    "serving-saved_model_counter": (30, 0),
    "serving-saved_model_half_plus_two_tf2_cpu": (29, 14),
    "cppflow-load_model": (15, 20),
    "cppflow-mnist": (267, 0),
    "cppflow-mnist-frozen/model.pb": (267, 0),
    "tf2onnx-lstm/frozen.pb": (529, 0),
    "tf2onnx-gru/frozen.pb": (548, 0),
    "tf2onnx-regression/graphdef/frozen.pb": (8, 0),
    "tf2onnx-regression/checkpoint": (128, 0),
    "tf2onnx-regression/saved_model": (148, 0),
    "tfx-taxi-trained": (2095, 48),
    "tfx-trainer-serving/model.ckpt-0.meta": (2502, 59),
    "mlperf-tiny-kws": (289, 197),
    "mlperf-tiny-resnet8-cifar10/pretrainedResnet.h5": (30, 0),
    "rust-regression-model": (119, 0),
}


def written(tmp_path, message, name="graph.pb"):
    path = tmp_path / name
    path.write_bytes(message.SerializeToString())
    return path


@pytest.mark.parametrize("name", REAL)
def test_every_real_model_keeps_the_rules_of_a_graph(name):
    model = files.read_model(shared(name))
    check(model.graph)
    assert (len(model.graph), len(model.graph.functions)) == REAL[name]
    assert modelfile.missing(model) == []
    assert modelfile.unknown_ops(model) == {}


@pytest.mark.parametrize("name", REAL)
def test_every_signature_of_a_real_model_names_a_part_that_keeps_the_rules(name):
    model = files.read_model(shared(name))
    for signature in model.signatures:
        part = modelfile.part(model, signature)
        check(part)
        assert len(part) > 0


def test_a_graph_as_text_is_the_same_as_in_bytes():
    text = files.read_model(shared("tfx-trainer-serving/graph.pbtxt"))
    data = files.read_model(shared("tfx-trainer-serving/model.ckpt-0.meta"))
    assert text.graph == data.graph


def test_reading_a_model_does_not_import_tensorflow(tmp_path):
    path = written(tmp_path, affine())
    program = (
        "import sys; from pathlib import Path; from graphlab.sources import files\n"
        f"files.read_model(Path({str(path)!r}))\n"
        "print([m for m in ('tensorflow', 'keras', 'h5py') if m in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


# GraphDefs


def test_a_node_has_the_outputs_that_the_table_gives_its_op():
    graph = graph_def(
        ("axis", "Const", [], {"dtype": INT32}),
        ("x", "Placeholder", [], {"dtype": FLOAT}),
        ("parts", "Split", ["axis", "x"], {"T": FLOAT}),
        ("end", "Identity", ["parts:2"], {"T": FLOAT}),
    )
    graph.node[2].attr["num_split"].i = 3
    outputs = graphdef.from_graph_def(graph)["parts"].outputs
    assert outputs == tuple(TensorSpec(f"parts:{i}", "float32") for i in range(3))


def test_an_op_that_nobody_knows_has_the_outputs_that_are_taken():
    graph = graph_def(("a", "Mystery", [], {}), ("b", "Identity", ["a:1"], {"T": FLOAT}))
    read = graphdef.from_graph_def(graph)
    check(read)
    assert read["a"].outputs == (TensorSpec("a:0", ""), TensorSpec("a:1", ""))


def test_a_file_may_bring_the_definition_of_its_own_op():
    meta = messages.MetaGraphDef()
    definition = meta.meta_info_def.stripped_op_list.op.add(name="Mystery")
    definition.output_arg.add(name="a", type=INT32)
    definition.output_arg.add(name="b", type=FLOAT)
    graph = graph_def(("m", "Mystery", [], {}))
    read = graphdef.from_graph_def(graph, meta.meta_info_def.stripped_op_list.op)
    assert [spec.dtype for spec in read["m"].outputs] == ["int32", "float32"]


def test_an_edge_from_nowhere_is_kept_as_missing(tmp_path):
    graph = graph_def(("y", "Add", ["gone", "y2:7", "^lost"], {"T": FLOAT}))
    model = files.read_model(written(tmp_path, graph))
    check(model.graph)
    node = model.graph["y"]
    assert (node.inputs, node.controls) == ((), ())
    assert modelfile.missing(model) == ["y takes gone:0", "y takes y2:7", "y takes lost"]


def test_an_output_that_an_op_does_not_have_is_missing():
    graph = graph_def(
        ("x", "Placeholder", [], {"dtype": FLOAT}), ("y", "Relu", ["x:1"], {"T": FLOAT})
    )
    assert graphdef.from_graph_def(graph)["y"].marks.missing == ("x:1",)


def test_a_cycle_is_read_as_it_is():
    graph = graph_def(("a", "Relu", ["b"], {"T": FLOAT}), ("b", "Relu", ["a"], {"T": FLOAT}))
    read = graphdef.from_graph_def(graph)
    check(read)
    assert (read["a"].inputs, read["b"].inputs) == (("b:0",), ("a:0",))


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", 'a"b', "a\nb", "../../etc", "x" * 10_000, "a:3", "ü"]
)
def test_a_node_may_have_any_name(tmp_path, name):
    graph = graph_def((name, "NoOp", [], {}), ("after", "NoOp", [f"^{name}"], {}))
    read = files.read_model(written(tmp_path, graph)).graph
    check(read)
    assert (read.nodes[0].name, read["after"].controls) == (name, (name,))


@pytest.mark.parametrize(
    ("nodes", "line"),
    [
        ([("a", "NoOp", [], {}), ("a", "NoOp", [], {})], "FILE: node 'a' appears twice"),
        ([("", "MatMul", [], {})], "FILE: a 'MatMul' node has no name"),
        ([], "FILE holds no node"),
    ],
)
def test_a_graph_that_cannot_be_is_refused_in_one_line(tmp_path, nodes, line):
    assert said(written(tmp_path, graph_def(*nodes))).startswith(line)


def test_a_claim_of_very_many_outputs_is_refused(tmp_path):
    graph = graph_def(("parts", "Split", [], {"T": FLOAT}))
    graph.node[0].attr["num_split"].i = 1 << 60
    line = said(written(tmp_path, graph))
    assert line.startswith("FILE: node 'parts' ('Split'): 'output' claims num_split=1152921504606")


def test_many_claims_together_are_refused(tmp_path):
    graph = graph_def(*((f"n{i}", "Split", [], {"T": FLOAT}) for i in range(200)))
    for node in graph.node:
        node.attr["num_split"].i = 10_000
    assert "claim more than 1,000,000 outputs" in said(written(tmp_path, graph))


# SavedModels


def test_a_saved_model_says_how_it_is_called(tmp_path):
    model = files.read_model(saved(tmp_path / "model", affine()))
    assert (model.kind, model.tags) == ("SavedModel", ("serve",))
    (signature,) = model.signatures
    assert [(p.key, p.tensor.name) for p in signature.inputs] == [("in", "x:0")]
    assert model.graph["x"].outputs == (TensorSpec("x:0", "float32", (None, 2)),)


def test_a_saved_model_may_have_any_name_and_may_be_named_by_its_folder(tmp_path):
    folder = saved(tmp_path / "model", affine())
    other = tmp_path / "other.pb"
    other.write_bytes((folder / "saved_model.pb").read_bytes())
    assert files.read_model(other).graph == files.read_model(folder).graph


def test_a_signature_that_names_nothing_is_noted(tmp_path):
    graph = affine()
    graph.node[1].name = "z"
    (note,) = [n for n in files.read_model(saved(tmp_path / "m", graph)).notes if "lacks" in n]
    assert note == "signature 'serving_default' names 'y:0', which the graph lacks"


def test_a_signature_is_a_part_of_the_graph(tmp_path):
    graph = affine()
    add(graph.node, ("unrelated", "NoOp", [], {}))
    model = files.read_model(saved(tmp_path / "m", graph))
    part, note = choice.graph_of(model, "serving_default")
    assert ([node.name for node in part.nodes], note) == (["x", "y"], "signature serving_default")


def test_an_asset_that_points_elsewhere_is_noted_and_not_read(tmp_path):
    folder = saved(tmp_path / "model", affine())
    message = messages.parse(messages.SavedModel, (folder / "saved_model.pb").read_bytes())
    message.meta_graphs[0].asset_file_def.add(filename="../../../etc/passwd")
    (folder / "saved_model.pb").write_bytes(message.SerializeToString())
    model = files.read_model(folder)
    assert model.assets == ("../../../etc/passwd",)
    assert "asset '../../../etc/passwd' is outside of the folder" in model.notes


def test_a_function_or_signature_that_is_not_there_is_named(tmp_path):
    model = files.read_model(saved(tmp_path / "model", affine()))
    with pytest.raises(GraphlabError, match="no signature 'serving'; did you mean serving_default"):
        choice.graph_of(model, "serving")
    with pytest.raises(GraphlabError, match="no function 'g'; see graphlab info"):
        choice.graph_of(model, function="g")


# What is no model


def test_text_in_a_pb_file_is_read_as_text_and_said_so(tmp_path):
    path = tmp_path / "graph.pb"
    path.write_text(text_format.MessageToString(affine()))
    model = files.read_model(path)
    assert model.graph == graphdef.from_graph_def(affine())
    assert model.notes == ("graph.pb is text, which a .pb file is not; it was read as a .pbtxt",)


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        (
            "a.pb",
            b"hello, I am a note\n",
            "FILE is text and begins with 'hello, I am a note'; expe",
        ),
        ("a.pb", b"", "FILE is empty; expected a .pb file"),
        ("a.pb", b"\xff" * 200, "FILE is no GraphDef: its 200 bytes cannot be read as one"),
        ("a.pb", b"\x0a\xff\xff\xff\xff\x07", "FILE is no GraphDef: its 6 bytes cannot be read"),
        ("a.pb", b"\x08\x01", "FILE is a SavedModel without a graph"),
        ("a.pbtxt", b"\x0a\x00\x01", "FILE is no text, which a .pbtxt file is; is it a .pb?"),
        ("a.pbtxt", b"node { name: 'x' ", "FILE is no GraphDef as text: "),
        ("a.pbtxt", b"# only a comment\n", "FILE is text and begins with ''; expected"),
        ("a.meta", b"\x00\xff\x00", "FILE is no MetaGraphDef: its 3 bytes cannot be read"),
        ("a.index", b"no table", "FILE is no checkpoint index: its 8 bytes do not end as a Lev"),
        ("a.keras", b"no zip", "FILE is no Keras model: a .keras file is a zip archive"),
        ("a.keras", b"PK\x03\x04 cut", "FILE is a damaged .keras archive: File is not a zip file"),
        ("a.h5", b"\x89HDF\r\n\x1a\n cut", "FILE is damaged HDF5: "),
        ("a.txt", b"x", "FILE is no model that is known here; expected a SavedModel folder"),
    ],
)
def test_what_is_no_model_is_refused_in_one_line(tmp_path, name, data, line):
    path = tmp_path / name
    path.write_bytes(data)
    assert said(path).startswith(line)


def test_a_folder_a_pipe_and_nothing_are_no_models(tmp_path):
    holds = "FILE holds no saved_model.pb, no .meta and no checkpoint"
    assert said(tmp_path).startswith(f"{holds}; expected a SavedModel folder")
    inside = tmp_path / "inside"
    inside.mkdir()
    for name in ("frozen.pb", "notes.txt", "net.h5"):
        (inside / name).touch()
    assert said(inside) == f"{holds}; name one of frozen.pb, net.h5"
    os.mkfifo(tmp_path / "a.pb")
    assert said(tmp_path / "a.pb") == "cannot read FILE: it is no plain file"
    assert said(tmp_path / "b.pb") == "cannot read FILE: No such file or directory"


def test_an_op_that_came_or_went_is_known_by_the_table():
    assert ops.definition("MatMul").outputs == (ops.Argument("product", "$T"),)
    assert ops.definition("NoSuchOp") is None
    assert not ops.definition("BoostedTreesBucketize").runs


def test_what_tensorflow_would_refuse_is_told_with_the_reason(tmp_path):
    graph = graph_def(
        ("a", "Mystery", [], {}), ("b", "BatchFFT", [], {}), ("c", "BoostedTreesBucketize", [], {})
    )
    model = files.read_model(written(tmp_path, graph))
    assert modelfile.unknown_ops(model) == {
        "Mystery": "not defined anywhere",
        "BatchFFT": "refused in graphs from version 15 on",
    }
    assert modelfile.without_kernel(model) == ["BoostedTreesBucketize"]
