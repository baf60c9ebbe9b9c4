"""Whatever the bytes: a model that keeps the rules of a graph, or one clear line."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import h5py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from models_made import FLOAT, SHARED, affine, functional, graph_def, keras_archive, layer, saved
from test_files_checkpoint import block, table

from graphlab.errors import GraphlabError
from graphlab.model import check
from graphlab.sources import facts, files, messages
from graphlab.sources.checkpoint import leveldb

bounded = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,  # what CI tries is what was tried here
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def told(name: str, data: bytes) -> None:
    """Read the bytes as a file of that name: a Graph that keeps the rules, or a line."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            model = files.read_model(path)
        except GraphlabError as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 1000
            return
        check(model.graph)
        json.dumps(facts.about(model), allow_nan=False)


def seeds() -> dict[str, bytes]:
    """One small good file of each kind, by the name it is read under."""
    with tempfile.TemporaryDirectory() as folder:
        model = saved(Path(folder) / "m", affine())
        archive = keras_archive(
            Path(folder) / "m.keras",
            functional(layer("InputLayer", "a"), layer("Dense", "b", "a"), outputs="b"),
            weights=False,
        )
        graph = graph_def(("a", "NoOp", [], {}))
        body = graph.library.function.add()
        body.signature.name = "f"
        body.signature.input_arg.add(name="x", type=FLOAT)
        body.signature.output_arg.add(name="y", type=FLOAT)
        body.ret["y"] = "x"
        meta = messages.MetaGraphDef(graph_def=graph)
        whole = io.BytesIO()
        with h5py.File(whole, "w") as file:
            file.attrs["model_config"] = zipfile.ZipFile(archive).read("config.json").decode()
            file["model_weights/b/kernel"] = [1.0, 2.0]
        return {
            "a.pb": affine().SerializeToString(),
            "b.pb": (model / "saved_model.pb").read_bytes(),
            "c.meta": meta.SerializeToString(),
            "d.keras": archive.read_bytes(),
            "e.index": table(block((0, b"", b""), (0, b"w", b"\x08\x01\x28\x04"))),
            "f.pbtxt": str(affine()).encode(),
            "g.h5": whole.getvalue(),
        }


SEEDS = seeds()
HDF5 = SEEDS.pop("g.h5")  # read in a process of its own: few cases


@pytest.mark.parametrize("name", ["a.pb", "a.meta", "a.index", "a.keras", "a.pbtxt", "a.h5"])
@given(data=st.binary(max_size=300))
@bounded
def test_random_bytes(name, data):
    told(name, data)


@given(changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6))
@settings(bounded, max_examples=8)
def test_an_hdf5_file_with_some_bytes_changed(changes):
    data = bytearray(HDF5)
    for place, value in changes:
        data[place % len(data)] = value
    told("g.h5", bytes(data))


@pytest.mark.parametrize("name", SEEDS)
@given(cut=st.integers(0, 5000))
@bounded
def test_a_file_cut_short(name, cut):
    told(name, SEEDS[name][: cut % len(SEEDS[name])])


@pytest.mark.parametrize("name", SEEDS)
@given(changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6))
@bounded
def test_a_file_with_some_bytes_changed(name, changes):
    data = bytearray(SEEDS[name])
    for place, value in changes:
        data[place % len(data)] = value
    told(name, bytes(data))


NAMES = st.one_of(
    st.sampled_from(["a", "b", "a:0", "a:1", "^a", "a:9999999999", "a:²", "", ":0", "b:output:0"]),
    st.text(max_size=8).filter(lambda text: text.isprintable()),
)
OPS = st.sampled_from(["Add", "Split", "IdentityN", "TopKV2", "Mystery", "f", "NoOp", "Const"])
NODES = st.lists(st.tuples(NAMES, OPS, st.lists(NAMES, max_size=4)), max_size=6)


@given(nodes=NODES, inner=NODES, count=st.integers(-(2**63), 2**63 - 1))
@bounded
def test_any_message_that_is_a_graph(nodes, inner, count):
    graph = graph_def(*((name, op, inputs, {"T": FLOAT}) for name, op, inputs in nodes))
    body = graph.library.function.add()
    body.signature.name = "f"
    body.signature.input_arg.add(name="a b | = ->", type=FLOAT, number_attr="x y")
    body.signature.input_arg.add(name="a", type=FLOAT)
    body.signature.output_arg.add(name="r", type=99)
    for name, op, inputs in inner:
        body.node_def.add(name=name, op=op, input=inputs)
    body.ret["r"] = inner[0][0] if inner else "a"
    for node in graph.node:
        node.attr["num_split"].i = count
    told("a.pb", graph.SerializeToString())


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["a", "b", "Dense"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["class_name", "config", "layers", "name", "inbound_nodes", "output_layers"]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


@given(config=JSON, layers=st.lists(JSON, max_size=4))
@bounded
def test_any_configuration_of_a_keras_model(config, layers):
    for each in (config, {"class_name": "Functional", "config": {"layers": layers}}):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("config.json", json.dumps(each))
        told("a.keras", data.getvalue())


@given(data=st.binary(max_size=200))
@bounded
def test_packed_blocks(data):
    try:
        found = leveldb.unpacked(data)
    except leveldb.Damaged:
        return
    assert len(found) == leveldb.varint(data, 0)[0]


REAL = ["cppflow-mnist/train.ckpt.index", "tf2onnx-regression/graphdef/frozen.pb"]


@pytest.mark.parametrize("name", REAL)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4))
@bounded
def test_a_real_file_with_some_bytes_changed(name, changes):
    path = SHARED / name
    if not path.exists():
        pytest.skip("the folder of real models, ../shared/models, is not there")
    data = bytearray(path.read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    told(path.name, bytes(data))


def test_a_configuration_nested_without_end():
    deep = "[" * 100_000 + "]" * 100_000
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", deep)
    told("a.keras", data.getvalue())


def test_a_zip_that_unpacks_to_very_much():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", b" " * (65 << 20))
    told("a.keras", data.getvalue())


def test_text_nested_without_end():
    told("a.pbtxt", b"node { attr { value { list { func { attr { value { " * 5000)
