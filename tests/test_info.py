"""`graphlab info` and `graphlab render` of a model: what it is, told and drawn, never run."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import zipfile

import pytest
from models_made import affine, functional, graph_def, keras_archive, layer, said, saved, shared

from graphlab import cli
from graphlab.model import check
from graphlab.sources import facts, files, messages
from graphlab.sources.keras import archive, hdf5


def code(*arguments: object) -> int:
    """The exit code of a command that is run in this process."""
    with pytest.raises(SystemExit) as left:
        cli.main([str(each) for each in arguments])
    return left.value.code


def test_the_facts_of_a_real_model_are_all_there():
    told = facts.about(files.read_model(shared("cppflow-load_model")))
    default = told["signatures"]["serving_default"]
    assert default["inputs"] == {
        "input_1": {
            "tensor": "serving_default_input_1:0",
            "dtype": "float32",
            "shape": [None, 5],
        }
    }
    numbers = ("nodes", "nodes_in_functions", "variable_count", "parameters", "variable_bytes")
    assert [told[each] for each in numbers] == [15, 229, 4, 36, 144]
    assert (told["tensorflow"], told["producer"], told["tags"]) == ("2.2.0", 175, ["serve"])
    assert told["known"] == {
        "tensorflow": "2.21",
        "all": True,
        "unknown": {},
        "refused": [],
        "too_new": None,
        "without_kernel": [],
    }
    assert sum(told["ops"].values()) == 15
    assert len(told["functions"]) == 20


def test_the_screen_tells_signatures_variables_and_ops(capsys):
    assert code("info", shared("cppflow-mnist")) == 0
    out = capsys.readouterr().out
    for expected in (
        "written by TensorFlow 1.15.0",
        "TensorFlow 2.21 knows every op",
        "6 with 118,282 elements, 924 KiB",
        "784x128   784 KiB",
        "46 kinds in 267 nodes",
    ):
        assert expected in out


def test_json_is_one_document_of_the_same_facts(tmp_path, capsys):
    folder = saved(tmp_path / "model", affine())
    assert code("info", folder, "--json") == 0
    assert json.loads(capsys.readouterr().out) == facts.about(files.read_model(folder))


def test_an_op_that_tensorflow_does_not_know_is_named(tmp_path, capsys):
    path = tmp_path / "a.pb"
    path.write_bytes(graph_def(("a", "Mystery", [], {})).SerializeToString())
    assert code("info", path) == 0
    said = "TensorFlow 2.21 cannot run Mystery: not defined anywhere"
    assert said in capsys.readouterr().out


def test_what_reaches_out_of_the_graph_and_what_comes_from_nowhere_is_noted(tmp_path):
    path = tmp_path / "a.pb"
    graph = graph_def(("name", "Const", [], {"dtype": 7}), ("f", "ReadFile", ["name", "no"], {}))
    path.write_bytes(graph.SerializeToString())
    assert facts.about(files.read_model(path))["notes"] == [
        "1 input comes from nowhere: f takes no:0",
        "running it reaches outside: ReadFile reads files ('f'); trace wants --trust for it",
    ]


def test_a_graph_that_goes_in_a_circle_is_told_where(tmp_path):
    path = tmp_path / "a.pb"
    ring = (("a", "Neg", ["c"], {"T": 1}), ("b", "Neg", ["a"], {"T": 1}), ("c", "Abs", ["b"], {}))
    path.write_bytes(graph_def(*ring).SerializeToString())
    assert facts.about(files.read_model(path))["notes"] == [
        "the graph goes in a circle, and cannot run: 'a' -> 'b' -> 'c' -> 'a'"
    ]


def test_the_way_back_of_a_loop_is_no_circle(tmp_path):
    path = tmp_path / "a.pb"
    loop = (("m", "Merge", ["n"], {"T": 1, "N": 1}), ("n", "NextIteration", ["m"], {"T": 1}))
    path.write_bytes(graph_def(*loop).SerializeToString())
    assert facts.about(files.read_model(path))["notes"] == []


@pytest.mark.parametrize("numbers", [[1.5], [1.0, float("inf")], [0.0] * 16, [0.0] * 17])
def test_a_small_constant_is_read_whether_it_was_written_as_numbers_or_as_bytes(tmp_path, numbers):
    path = tmp_path / "a.pb"
    graph = graph_def(("c", "Const", [], {"dtype": 1}))
    tensor = graph.node[0].attr["value"].tensor
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=len(numbers))
    tensor.tensor_content = struct.pack(f"<{len(numbers)}f", *numbers)
    path.write_bytes(graph.SerializeToString())
    told = [each if each < 9 else str(each) for each in numbers]
    found = files.read_model(path).graph["c"].attrs["value"].get("values")
    assert found == (told if len(numbers) <= 16 else None)


def test_hostile_names_do_not_reach_the_terminal(tmp_path, capsys):
    folder = saved(tmp_path / "m", affine(), signature="\x1b[31mred\n")
    assert code("info", folder) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("ending", ["svg", "dot", "json", "txt"])
def test_a_model_is_drawn(tmp_path, ending):
    folder = saved(tmp_path / "m", affine())
    drawn = tmp_path / f"out.{ending}"
    assert code("render", folder, "-o", drawn) == 0
    assert "Relu" in drawn.read_text()


def test_a_signature_and_a_function_are_drawn_alone(tmp_path, capsys):
    model = shared("cppflow-load_model")
    name = "__inference__wrapped_model_89"
    texts = []
    for arguments in ((f"{model}:serving_default",), (model, "--function", name)):
        drawn = tmp_path / "out.json"
        assert code("render", *arguments, "-o", drawn) == 0
        texts.append(json.loads(drawn.read_text())["nodes"])
        assert f"function {name}" in capsys.readouterr().err
    assert texts[0] == texts[1]
    assert len(texts[0]) == 17


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("render", "NONE.pb"), "NONE.pb does not exist; expected a SavedModel folder"),
        (("info", "2.3"), "2.3 is no model; expected a SavedModel folder"),
        (("render", "2.3", "--function", "f"), "--function is for a model; write 2.3:f"),
        (("trace", "2.3", "--feed", "x=1"), "--feed, --fetch, --signature, --tags and"),
        (("render", "x.txt"), "target 'x.txt' is neither a lesson"),
        (("info", "GRAPH:nosuch"), "GRAPH has no signature 'nosuch'; it has none"),
        (("render", "GRAPH:nosuch"), "GRAPH has no signature 'nosuch'; it has none"),
        (("trace", "GRAPH:nosuch"), "GRAPH has no signature 'nosuch'; it has none"),
        (("info", "GRAPH:"), "GRAPH: names no signature behind the colon; try GRAPH"),
    ],
)
def test_a_wrong_request_gets_one_line_and_exit_code_2(tmp_path, capsys, arguments, line):
    graph = tmp_path / "g.pb"
    graph.write_bytes(affine().SerializeToString())
    assert code(*(each.replace("GRAPH", str(graph)) for each in arguments)) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.replace(str(graph), "GRAPH").startswith(f"graphlab: {line}")


def test_the_screen_tells_no_more_than_somebody_reads(tmp_path, capsys):
    """Whatever a file has many of; --json has all of it."""
    message = messages.SavedModel(saved_model_schema_version=1)
    meta = message.meta_graphs.add()
    for number in range(100):
        meta.meta_info_def.tags.append(f"tag{number:03d}")
        meta.asset_file_def.add(filename=f"../asset{number:03d}")
        meta.graph_def.node.add(name=f"n{number}", op=f"Own{number}", device=f"/job:j{number:03d}")
    for number in range(40):
        inputs = meta.signature_def[f"s{number:02d}"].inputs
        for port in range(70):
            inputs[f"in{port:02d}"].name = "n0:0"
    (tmp_path / "saved_model.pb").write_bytes(message.SerializeToString())
    assert code("info", tmp_path) == 0
    said = capsys.readouterr().out
    words = "tag asset j s in Own".split()
    numbers = [len(set(re.findall(rf"\b{word}\d+\b", said))) for word in words]
    assert numbers == [24, 24, 24, 30, 60, 25]
    assert (said.count("and 76 more"), said.count("and 10 more")) == (3, 30)
    for line in ("nor 95 more", "and 2,880 more", "and 10 signatures more", "and 76 kinds more"):
        assert said.count(line) == 1
    assert code("info", tmp_path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    counts = [len(told[name]) for name in ("tags", "assets", "devices", "signatures", "notes")]
    assert counts == [100, 100, 100, 40, 100 + 40 * 70]


def test_a_model_that_is_damaged_gets_one_line_and_exit_code_2(tmp_path, capsys):
    path = tmp_path / "a.pb"
    path.write_bytes(b"\x0a\xff\xff\xff\xff\x07")  # a node of two gigabytes
    assert (code("info", path), code("render", path)) == (2, 2)
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 2)


@pytest.mark.parametrize("asked", [("--stage", "placed"), ("--diff", "built:placed")], ids=str)
def test_who_asks_for_a_stage_of_a_model_is_told_what_runs_it(tmp_path, capsys, asked):
    path = tmp_path / "a.pb"
    path.write_bytes(affine().SerializeToString())
    assert code("render", path, *asked) == 2
    assert "graphlab trace MODEL --html FILE runs it" in capsys.readouterr().err


def test_info_starts_no_tensorflow(tmp_path):
    folder = saved(tmp_path / "m", affine())
    program = (
        "import sys; from graphlab import cli\n"
        f"try: cli.main(['info', {str(folder)!r}])\n"
        "except SystemExit: print('tensorflow' in sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stderr == "False\n"


def test_the_page_of_a_model_waits_for_nothing_that_it_does_not_need(tmp_path):
    path = tmp_path / "a.pb"
    path.write_bytes(affine().SerializeToString())
    program = (
        "import sys; from graphlab import cli\n"
        f"try: cli.main(['render', {str(path)!r}, '--html', {str(tmp_path / 'a.html')!r}])\n"
        "except SystemExit:\n"
        "    heavy = {'tensorflow', 'matplotlib', 'networkx', 'scipy'}\n"
        "    print(*sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stderr == f"graphlab: the page is {tmp_path / 'a.html'}\n\n"


# Keras


def test_an_hdf5_file_whose_reading_has_no_end_is_given_up(tmp_path, monkeypatch, capsys):
    path = tmp_path / "m.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n and so on")
    monkeypatch.setattr(hdf5, "SECONDS", 0.05)
    monkeypatch.setattr(hdf5, "_CHILD", "while True: pass")
    assert code("info", path) == 2
    assert "is damaged HDF5, or this machine is busy: reading it took" in capsys.readouterr().err


def test_an_hdf5_file_on_which_the_library_crashes_is_said_to_be_damaged(tmp_path, monkeypatch):
    path = tmp_path / "m.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n and so on")
    monkeypatch.setattr(hdf5, "_CHILD", "import os; os.kill(os.getpid(), 11)")
    assert said(path) == "FILE is damaged HDF5: reading it was ended by SIGSEGV"


def test_a_keras_model_with_damaged_weights_keeps_its_layers(tmp_path):
    config = functional(layer("InputLayer", "a"), outputs="a")
    path = keras_archive(tmp_path / "m.keras", config, weights=False)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n cut")
    model = files.read_model(path)
    assert len(model.graph) == 1
    assert model.notes[0].startswith("its weights cannot be read: ")


def test_a_keras_model_is_drawn_layer_by_layer_with_shapes(tmp_path):
    config = functional(
        layer("InputLayer", "a", batch_shape=[None, 4]),
        layer("Dense", "b", "a", units=3),
        layer("Add", "c", "a", "b"),
        outputs="c",
    )
    model = files.read_model(keras_archive(tmp_path / "m.keras", config))
    check(model.graph)
    assert [(n.name, n.op, n.inputs) for n in model.graph.nodes] == [
        ("a", "InputLayer", ()),
        ("b", "Dense", ("a:0",)),
        ("c", "Add", ("a:0", "b:0")),
    ]
    assert model.graph["a"].outputs[0].shape == (None, 4)
    assert model.graph["b"].attrs["units"] == 3
    assert [(v.name, v.key, v.shape, v.bytes) for v in model.variables] == [
        ("b/0", "layers/dense/vars/0", (2, 3), 24)
    ]


def test_the_code_of_a_lambda_is_told_and_never_run(tmp_path):
    code = {"class_name": "__lambda__", "config": {"code": "4wAAAA=="}}
    config = functional(
        layer("InputLayer", "a"), layer("Lambda", "evil", "a", function=code), outputs="evil"
    )
    path = keras_archive(tmp_path / "m.keras", config)
    assert archive.code_in(archive.config_of(path)) == ["Lambda 'evil'", "__lambda__"]
    model = files.read_model(path)
    assert model.notes == (
        "it brings code of its own, which was not run: Lambda 'evil', __lambda__",
    )
    assert "4wAAAA==" not in json.dumps(facts.about(model))


def test_a_subclassed_keras_model_says_that_its_layers_are_not_in_the_file(tmp_path):
    path = keras_archive(tmp_path / "m.keras", {"class_name": "MyModel", "config": {"name": "me"}})
    model = files.read_model(path)
    assert [(n.name, n.op) for n in model.graph.nodes] == [("me", "MyModel")]
    assert model.notes[0].startswith("MyModel is a class of its author's own")


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (functional(layer("Dense", "a", "a"), outputs="a"), "layer 'a' waits for itself"),
        (
            functional(layer("InputLayer", "a"), layer("Dense", "a"), outputs="a"),
            "two layers are called 'a'",
        ),
        ([], "does not describe layers as Keras does"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused_in_one_line(tmp_path, capsys, config, line):
    path = keras_archive(tmp_path / "m.keras", config)
    assert code("info", path) == 2
    assert line in capsys.readouterr().err


def test_a_layer_that_takes_from_nobody_is_marked(tmp_path):
    config = functional(layer("Dense", "b", "gone"), outputs="b")
    model = files.read_model(keras_archive(tmp_path / "m.keras", config, weights=False))
    assert model.graph["b"].marks.missing == ("gone:0",)
