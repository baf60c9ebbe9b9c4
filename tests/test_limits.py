"""A small file cannot keep a reader busy: work grows as its bytes do, and a limit is named."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from models_made import FLOAT, add, said
from test_files_checkpoint import block, table, varints
from test_info import code

from graphlab.errors import GraphlabError
from graphlab.sources import choice, facts, files, messages, proto
from graphlab.sources.checkpoint import leveldb, place, slices
from graphlab.sources.savedmodel import variables


def graph_file(path: Path, fill: Callable[[messages.GraphDef], None]) -> Path:
    graph = messages.GraphDef()
    fill(graph)
    path.write_bytes(graph.SerializeToString())
    return path


def model(folder: Path, fill: Callable[[messages.MetaGraphDef], None]) -> Path:
    """A SavedModel of one node "c", and what `fill` adds to it."""
    message = messages.SavedModel(saved_model_schema_version=1)
    meta = message.meta_graphs.add()
    fill(meta)
    if not meta.graph_def.node:
        add(meta.graph_def.node, ("c", "NoOp", [], {}))
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(message.SerializeToString())
    return folder


def steps(work: Callable[[], object]) -> int:
    """How many instructions of Python a piece of work takes: the same on every machine."""
    count = 0

    def each(frame, event, argument):
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return each

    before = sys.gettrace()
    sys.settrace(each)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def function_of(meta, arguments: int):
    """A function of an object model, which the node "c" calls."""
    body = meta.graph_def.library.function.add()
    body.signature.name = "f"
    for number in range(arguments):
        body.signature.input_arg.add(name=f"a{number}", type=FLOAT)
    body.signature.output_arg.add(name="y", type=FLOAT)
    add(meta.graph_def.node, ("c", "f", [], {}))
    meta.object_graph_def.nodes.add()
    concrete = meta.object_graph_def.concrete_functions["f"]
    halves = concrete.canonicalized_input_signature.tuple_value.values
    halves.add().tuple_value.SetInParent()
    halves.add().dict_value.SetInParent()
    return concrete


def signatures_of_one_function(meta, n):
    function_of(meta, n)
    for number in range(n):
        meta.signature_def[f"s{number}"].outputs["y"].name = "c:0"


def signatures_of_a_chain_of_functions(meta, n):
    for number in range(n):
        body = meta.graph_def.library.function.add()
        body.signature.name = f"f{number}"
        body.signature.output_arg.add(name="y", type=FLOAT)
        if number:
            body.node_def.add(name="n", op=f"f{number - 1}")
    add(meta.graph_def.node, ("c", f"f{n - 1}", [], {}))
    meta.object_graph_def.nodes.add()
    for number in range(n):
        meta.signature_def[f"s{number}"].outputs["y"].name = "c:0"


def objects_of_one_function(meta, n):
    concrete = function_of(meta, n)
    concrete.bound_inputs.extend([0] * n)
    objects = meta.object_graph_def
    for number in range(n):
        objects.nodes.add().function.concrete_functions.append("f")
        objects.nodes[0].children.add(node_id=number + 1, local_name=f"o{number}")


def functions_with_one_list_of_names(meta, n):
    function_of(meta, 0)
    objects = meta.object_graph_def
    function = objects.nodes.add().function
    objects.nodes[0].children.add(node_id=1, local_name="o")
    fields = function.function_spec.fullargspec.named_tuple_value.values
    fields.add(key="args").value.list_value.SetInParent()
    for number in range(n):
        function.concrete_functions.append("f")
        fields[0].value.list_value.values.add().string_value = f"a{number}"


def calls_of_one_function(meta, n):
    function_of(meta, n)
    for number in range(n):
        meta.graph_def.node.add(name=f"n{number}", op="f")


def composite_outputs_of_many_parts(meta, n):
    concrete = function_of(meta, 0)
    meta.object_graph_def.nodes.add().function.concrete_functions.append("f")
    meta.object_graph_def.nodes[0].children.add(node_id=1, local_name="o")
    for _ in range(n):
        value = concrete.output_signature.tuple_value.values.add()
        value.type_spec_value.num_flat_components = n


@pytest.mark.parametrize(
    "fill",
    [
        signatures_of_one_function,
        signatures_of_a_chain_of_functions,
        objects_of_one_function,
        functions_with_one_list_of_names,
        calls_of_one_function,
        composite_outputs_of_many_parts,
    ],
)
def test_twice_the_file_is_twice_the_work(tmp_path, fill):
    def read(n: int) -> int:
        folder = model(tmp_path / str(n), lambda meta: fill(meta, n))
        facts.about(files.read_model(folder))  # what is read but once for all models
        return steps(lambda: facts.about(files.read_model(folder)))

    small, middle, large = read(50), read(100), read(200)
    assert large - middle < 2.2 * (middle - small)


def test_twice_the_objects_with_one_note_of_the_checkpoint_are_twice_the_work():
    """Of the file every object may be one and the same object of the checkpoint."""

    def walk(n: int) -> int:
        meta, notes = messages.MetaGraphDef(), messages.TrackableObjectGraph()
        node = notes.nodes.add()
        node.children.add(node_id=0, local_name="next")
        for number in range(n):
            meta.object_graph_def.nodes.add().children.add(node_id=number + 1, local_name="next")
            node.children.add(node_id=n + 1, local_name=f"other{number}")
            node.attributes.add(name="OTHER")
        return steps(lambda: variables._keys(meta.object_graph_def, notes))

    small, middle, large = walk(50), walk(100), walk(200)
    assert large - middle < 2.2 * (middle - small)


def test_twice_the_pieces_with_a_name_of_twice_the_length_are_twice_the_work(tmp_path):
    def read(n: int) -> int:
        entry = messages.BundleEntry(dtype=FLOAT)
        entry.shape.dim.add(size=n)
        for start in range(n):
            entry.slices.add().extent.add(start=start, length=1)
        header = messages.BundleHeader(num_shards=1).SerializeToString()
        values = [(0, b"", header), (0, b"k" * n, entry.SerializeToString())]
        (tmp_path / f"{n}.index").write_bytes(table(block(*values)))
        return steps(lambda: place.read_checkpoint(tmp_path, str(n)))

    small, middle, large = read(50), read(100), read(200)
    assert large - middle < 2.2 * (middle - small)


@pytest.mark.parametrize("version", [1, 2])
def test_two_bytes_may_not_claim_a_piece_without_end(tmp_path, monkeypatch, version):
    """A tensor without dimensions is its own piece, as often as the file says so."""
    monkeypatch.setattr(slices, "MOST_PIECES", 100)
    header, entry = messages.BundleHeader(num_shards=1), messages.BundleEntry(dtype=FLOAT)
    listed = messages.SavedTensorSlices()
    if version == 2:
        path, values = tmp_path / "a.index", {b"": header, b"w": entry}
        claims = [entry.slices]
    else:
        path, values = tmp_path / "a.ckpt", {b"": listed}
        claims = [listed.meta.tensor.add(name="w").slice, listed.meta.tensor]
    for claim in claims:
        for _ in range(101):
            claim.add()
        entries = [(0, key, value.SerializeToString()) for key, value in values.items()]
        path.write_bytes(table(block(*entries)))
        assert "its tensors have more than 100 pieces, the most that are read" in said(path)
        del claim[:]


def calls_with_all_outputs(graph):
    body = graph.library.function.add()
    body.signature.name = "f"
    for number in range(2000):
        body.signature.output_arg.add(name=f"y{number}", type=FLOAT)
    for number in range(600):
        graph.node.add(name=f"n{number}", op="f")


def outputs_taken_of_unknown_ops(graph):
    for number in range(1200):
        graph.node.add(name=f"n{number}", op="Q", input=[f"n{number - 1}:999"])


@pytest.mark.parametrize("fill", [calls_with_all_outputs, outputs_taken_of_unknown_ops])
def test_a_graph_that_claims_very_many_outputs_is_refused(tmp_path, fill):
    line = "FILE: the nodes claim more than 1,000,000 outputs; the file is damaged"
    assert said(graph_file(tmp_path / "a.pb", fill)) == line


def default_lists_of_an_own_op(meta):
    op = meta.meta_info_def.stripped_op_list.op.add(name="Q")
    op.output_arg.add(name="y", type_list_attr="L")
    op.attr.add(name="L", type="list(type)").default_value.list.type.extend([FLOAT] * 2000)
    for number in range(600):
        meta.graph_def.node.add(name=f"n{number}", op="Q")


def numbers_for_each_output_of_an_own_op(meta):
    op = meta.meta_info_def.stripped_op_list.op.add(name="Q")
    for number in range(2000):
        op.output_arg.add(name=f"y{number}", type=FLOAT, number_attr="N")
    meta.graph_def.node.add(name="n", op="Q").attr["N"].i = 10_000


@pytest.mark.parametrize("fill", [default_lists_of_an_own_op, numbers_for_each_output_of_an_own_op])
def test_an_op_of_the_file_may_not_claim_more_outputs_than_others(tmp_path, fill):
    line = "FILE: the nodes claim more than 1,000,000 outputs; the file is damaged"
    assert said(model(tmp_path / "m", fill)) == line


def test_functions_that_are_told_of_again_and_again_are_refused(tmp_path):
    """An object takes ten bytes, and its function has twenty outputs of 254 sizes."""

    def fill(meta):
        function_of(meta, 0)
        body = meta.graph_def.library.function[0]
        node = body.node_def.add(name="n", op="Placeholder")
        node.attr["dtype"].type = FLOAT
        for _ in range(proto.MOST_DIMENSIONS):
            node.attr["shape"].shape.dim.add(size=1)
        for number in range(20):
            body.signature.output_arg.add(name=f"y{number}", type=FLOAT)
            body.ret[f"y{number}"] = "n:output:0"
        objects = meta.object_graph_def
        for number in range(4000):
            objects.nodes.add().function.concrete_functions.append("f")
            objects.nodes[0].children.add(node_id=number + 1, local_name=f"o{number}")

    assert said(model(tmp_path / "m", fill)) == (
        "FILE: its functions and arguments have more than 16,777,216 characters; the file is"
        " damaged"
    )


def test_a_long_way_from_object_to_object_is_refused(tmp_path):
    def fill(meta):
        for number in range(10_000):
            node = meta.object_graph_def.nodes.add()
            node.children.add(node_id=number + 1, local_name="next")

    assert said(model(tmp_path / "m", fill)) == (
        "FILE: the paths to its objects have more than 16,777,216 characters; the file is damaged"
    )


def test_a_shape_of_very_many_sizes_is_refused(tmp_path):
    def fill(graph):
        node = graph.node.add(name="x", op="Placeholder")
        for _ in range(100_000):
            node.attr["shape"].shape.dim.add(size=2)

    assert said(graph_file(tmp_path / "a.pb", fill)) == (
        "FILE: a shape has 100,000 dimensions, and a tensor 254 at most; the file is damaged"
    )


def test_a_variable_of_more_elements_than_can_be_is_refused(tmp_path, capsys):
    def fill(graph):
        node = graph.node.add(name="v", op="VarHandleOp")
        node.attr["dtype"].type = FLOAT
        for _ in range(proto.MOST_DIMENSIONS):
            node.attr["shape"].shape.dim.add(size=1 << 62)

    path = graph_file(tmp_path / "a.pb", fill)
    assert code("info", path, "--json") == 2
    assert capsys.readouterr() == (
        "",
        f"graphlab: {path}: variable 'v' has a shape that no tensor has, of more than"
        " 9,223,372,036,854,775,807 elements\n",
    )


def of_blocks(*places: tuple[bytes, int, int]) -> bytes:
    """A table with the block `00000000`, which has no entry, and an index of these blocks."""
    data = bytes(4) + bytes(5)
    shared = 0
    entries = []
    for key, offset, size in places:
        entries.append((shared, key, varints(offset, size)))
        shared += len(key)
    index = block(*entries)
    footer = (varints(0, 0) + varints(len(data), len(index))).ljust(40, b"\0")
    return data + index + bytes(5) + footer + leveldb.MAGIC.to_bytes(8, "little")


def test_the_keys_of_blocks_have_a_limit_too(monkeypatch):
    """A key is written without what it shares with the one before: three bytes repeat it all."""
    monkeypatch.setattr(leveldb, "MOST_KEYS", 1000)
    data = of_blocks((b"k" * 300, 0, 4), *((b"", 0, 4) for _ in range(3)))
    with pytest.raises(leveldb.Damaged, match="the keys of its blocks take more than 1,000 bytes"):
        list(leveldb.entries(io.BytesIO(data)))


def test_all_blocks_together_have_a_limit(monkeypatch):
    """Each of them may be packed to a twentieth of what it holds."""
    monkeypatch.setattr(leveldb, "MOST_BLOCKS", 10)
    data = of_blocks(*((b"k", 0, 4) for _ in range(3)))
    with pytest.raises(leveldb.Damaged, match="its blocks take more than 10 bytes"):
        list(leveldb.entries(io.BytesIO(data)))


@pytest.mark.parametrize("wanted", ["signature", "function"])
@pytest.mark.parametrize("name", ["nosuch", "n" * 60_000])
def test_a_name_that_is_not_there_is_searched_for_in_short_names_only(tmp_path, name, wanted):
    def fill(meta):
        function_of(meta, 0)
        meta.graph_def.library.function[0].signature.name = "x" * 60_000
        meta.signature_def["x" * 60_000].outputs["y"].name = "c:0"

    read = files.read_model(model(tmp_path / "m", fill))
    with pytest.raises(GraphlabError, match=r"; see graphlab info$"):
        choice.graph_of(read, **{wanted: name})
