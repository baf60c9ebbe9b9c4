"""What of a model reaches outside is told by `info`, and refused by name until it is trusted."""

from __future__ import annotations

import json

import pytest
import tensorflow as tf
from models_made import graph_def
from test_info import code
from test_trace_model import refused, traced

from graphlab.sources import facts, files, fitting, messages, ops, outside, reach

tf1 = tf.compat.v1

# Ops of an argument that sounds like a file or a server, and that reach neither.
ONLY_IN_NAME = """
    CacheDataset RegexFullMatch RegexReplace ExperimentalSetStatsAggregatorDataset
    SetStatsAggregatorDataset ShardedFilename ShardedFilespec StaticRegexFullMatch
""".split()
SOUNDS = (
    "filename file_pattern filenames path log_dir logdir address db_uri pattern directory".split()
)


def test_the_list_is_of_ops_that_tensorflow_has():
    assert sorted(op for op in outside.DOES if op not in ops.table()) == []


def test_every_op_that_takes_the_name_of_a_file_or_a_server_is_on_the_list():
    taking = {
        op
        for op in ops.table()
        for argument in ops.definition(op).inputs
        if argument.name.rpartition("_")[2] in SOUNDS and argument.dtype == "string"
    }
    assert sorted(taking - set(outside.DOES)) == sorted(
        op for op in ONLY_IN_NAME if op in taking and op not in outside.DOES
    )


def test_every_op_with_an_attribute_that_names_a_file_or_a_server_is_on_the_list():
    words = {*SOUNDS, *"file url urls source stream region_name".split()}
    naming = {
        op
        for op in ops.table()
        for name, rule in fitting.rules(op).items()
        if rule.kind in ("string", "list(string)") and not rule.allowed
        if name in words or name.partition("_")[2] in words
    }
    # What a TensorArray's gradient is called; a pattern is searched for in a text.
    other = "TensorArrayGrad TensorArrayGradV2 TensorArrayGradV3 TensorArrayGradWithShape".split()
    other += ["StaticRegexFullMatch", "StaticRegexReplace"]
    assert sorted(naming - set(outside.DOES)) == sorted(other)
    assert naming > {"DebugIdentity", "DecodeProtoV2", "ImmutableConst", "PrintV2", "RecordInput"}


def reaches(folder):
    """What of a model is told: as (op, node, function), run by itself or only if asked for."""
    told = facts.about(files.read_model(folder))["outside"]
    return [
        [(each["op"], each["does"]) for each in told[when]]
        for when in ("when_run", "when_asked_for")
    ]


def v1_model(folder, build, main_op=None, assets=True):
    """A TF1 SavedModel of what `build` gives, with an op that is run when it is loaded."""
    with tf.Graph().as_default(), tf1.Session() as session:
        inputs, outputs = build()
        main = main_op() if main_op else None
        session.run(tf1.global_variables_initializer())
        info = tf1.saved_model.build_tensor_info
        signature = tf1.saved_model.build_signature_def(
            {key: info(each) for key, each in inputs.items()},
            {key: info(each) for key, each in outputs.items()},
        )
        builder = tf1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            {"serving_default": signature},
            tf1.get_collection(tf1.GraphKeys.ASSET_FILEPATHS) if assets else None,
            main_op=main,
        )
        builder.save()
    return folder


def identity():
    tf1.get_variable("w", [2])
    x = tf1.placeholder(tf.float32, [2], name="x")
    return {"x": x}, {"y": tf.identity(x, name="y")}


def written(path):
    return lambda: tf.io.write_file(str(path), "it was here", name="write")


def test_what_loading_runs_is_refused_by_name_and_leaves_nothing(tmp_path):
    mark = tmp_path / "mark"
    folder = v1_model(tmp_path / "m", identity, written(mark))
    assert refused(folder, "x=random") == (
        "MODEL reaches outside when it is run: WriteFile writes files ('write'); --trust lets it,"
        " so be sure that you know where the file is from"
    )
    assert not mark.exists()
    assert reaches(folder) == [[("WriteFile", "writes files")], []]
    traced(folder, "x=random", trust=True)
    assert mark.read_text() == "it was here"


def test_what_a_fetch_does_not_need_does_not_matter(tmp_path):
    path, mark = tmp_path / "a.pb", tmp_path / "mark"
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [2], name="x")
        tf.identity(x, name="y")
        tf.io.write_file(str(mark), "x", name="write")
        with tf.control_dependencies([tf.io.write_file(str(mark), "x", name="again")]):
            tf.identity(x, name="z")
    tf.io.write_graph(graph, str(tmp_path), "a.pb", as_text=False)
    assert traced(path, "x=random", fetches=("y",)).main.steps
    for fetch, node in (("z", "again"), ("write", "write")):
        assert f"WriteFile writes files ('{node}')" in refused(path, "x=random", fetches=(fetch,))
    assert not mark.exists()
    assert [each[0] for each in reaches(path)[0]] == ["WriteFile"]
    notes = facts.about(files.read_model(path))["notes"]
    assert notes == [
        "running it reaches outside: WriteFile writes files ('again'); trace wants --trust for it",
        "only if it is asked for, it reaches outside: WriteFile writes files ('write')",
    ]


def test_a_function_that_is_reached_counts_with_the_functions_that_it_calls(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s")
    module = tf.Module()
    inner = tf.function(lambda x: x + tf.strings.length(tf.io.read_file(str(secret))))
    spec = [tf.TensorSpec([], tf.int32)]
    module.reads = tf.function(lambda x: tf.cond(x > 0, lambda: inner(x), lambda: x), spec)
    module.plain = tf.function(lambda x: x + 1, spec)
    tf.saved_model.save(module, str(tmp_path / "m"), signatures={"serving_default": module.reads})
    line = refused(tmp_path / "m", "x=1")
    assert line.startswith(
        "MODEL reaches outside when it is run: ReadFile reads files ('ReadFile' in"
    )
    assert "ReadFile" in refused(f"{tmp_path / 'm'}:reads", "x=1").replace(str(tmp_path), "")
    assert traced(f"{tmp_path / 'm'}:plain", "x=1").main
    assert traced(tmp_path / "m", "x=1", trust=True).main


@pytest.mark.parametrize("stream", ["stderr", "file"])
def test_printing_is_outside_only_where_it_goes_to_a_file(tmp_path, stream):
    to = f"file://{tmp_path / 'log'}" if stream == "file" else stream
    path = tmp_path / "a.pb"
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [2], name="x")
        with tf.control_dependencies(
            [tf.raw_ops.PrintV2(input=tf.as_string(x)[0], output_stream=to)]
        ):
            tf.identity(x, name="y")
    tf.io.write_graph(graph, str(tmp_path), "a.pb", as_text=False)
    if stream == "file":
        assert "PrintV2 writes files" in refused(path, "x=random", fetches=("y",))
        assert not (tmp_path / "log").exists()
    else:
        assert traced(path, "x=random", fetches=("y",)).main.steps


@pytest.mark.parametrize("source", ["local://", "bytes://", "file"])
def test_a_message_is_outside_only_where_its_description_is_in_a_file(tmp_path, source):
    path = tmp_path / "a.pb"
    proto = {"message_type": "tensorflow.DeviceAttributes", "field_names": ["name"]}
    place = str(tmp_path / "description") if source == "file" else source
    with tf.Graph().as_default() as graph:
        names = tf1.placeholder(tf.string, [1, 1], name="x")
        sizes = tf.constant([[1]])
        made = tf.raw_ops.EncodeProto(sizes=sizes, values=[names], descriptor_source=place, **proto)
        read = tf.raw_ops.DecodeProtoV2(
            bytes=made, output_types=[tf.string], descriptor_source=place, **proto
        )
        tf.identity(read.values[0], name="y")
    tf.io.write_graph(graph, str(tmp_path), "a.pb", as_text=False)
    expected = [(op, "reads files") for op in ("EncodeProto", "DecodeProtoV2")]
    assert reaches(path)[0] == (expected if source == "file" else [])
    if source == "file":
        assert "EncodeProto reads files" in refused(path, "x=random", fetches=("y",))
    if source == "local://":
        assert traced(path, "x=random", fetches=("y",)).main.steps


@pytest.mark.parametrize(
    ("op", "attribute", "value", "expected"),
    [
        ("PrintV2", "output_stream", b"file:///tmp/\xff", ["writes files"]),
        ("PrintV2", "output_stream", b"\xff", []),
        ("EncodeProto", "descriptor_source", b"bytes://\n\xff", []),
        ("EncodeProto", "descriptor_source", b"/tmp/\xff", ["reads files"]),
    ],
)
def test_a_name_of_bytes_that_are_no_text_is_a_name_too(tmp_path, op, attribute, value, expected):
    graph = graph_def(("w", op, [], {}))
    graph.node[0].attr[attribute].s = value
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())
    told = [does for way in reaches(tmp_path / "a.pb") for _, does in way]
    assert told == expected


def test_a_cache_in_memory_is_not_outside_and_one_in_a_file_is(tmp_path):
    for place in ("", str(tmp_path / "cache")):
        with tf.Graph().as_default() as graph:
            data = tf1.data.Dataset.from_tensors(1.0).cache(place)
            tf.identity(tf1.data.make_one_shot_iterator(data).get_next(), name="y")
        tf.io.write_graph(graph, str(tmp_path), "a.pb", as_text=False)
        found = [does for op, does in reaches(tmp_path / "a.pb")[0]]
        assert found == (["writes files"] if place else [])


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A TF2 and a TF1 model of one table, which is filled from the model's own asset."""
    folder = tmp_path_factory.mktemp("table")
    words = folder / "words.txt"
    words.write_text("cat\ndog\n")

    def made():
        whole, number = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
        lines = tf.lookup.TextFileInitializer(str(words), tf.string, whole, tf.int64, number)
        return tf.lookup.StaticHashTable(lines, -1)

    module = tf.Module()
    module.table = made()
    spec = [tf.TensorSpec([None], tf.string, name="s")]
    module.call = tf.function(lambda s: {"n": module.table.lookup(s)}, spec)
    tf.saved_model.save(module, str(folder / "2"), signatures=module.call)

    def build():
        s = tf1.placeholder(tf.string, [None], name="s")
        return {"s": s}, {"n": made().lookup(s)}

    v1_model(folder / "1", build, tf1.tables_initializer)
    v1_model(folder / "not an asset", build, tf1.tables_initializer, assets=False)
    return folder


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_table_that_is_filled_from_an_asset_of_the_model_wants_no_trust(table, version):
    assert reaches(table / version)[0] == []
    assert traced(table / version, "s=random").main.steps


def test_a_table_that_is_filled_from_another_file_wants_trust(table, tmp_path):
    """The same models, whose file name is no asset."""
    filled = [("InitializeTableFromTextFileV2", "reads files")]
    assert reaches(table / "not an asset")[0] == filled
    data = (table / "2" / "saved_model.pb").read_bytes()
    message = messages.parse(messages.SavedModel, data)
    for node in message.meta_graphs[0].object_graph_def.nodes:
        if node.HasField("asset"):
            node.constant.operation = "Const"
    del message.meta_graphs[0].asset_file_def[:]
    (tmp_path / "saved_model.pb").write_bytes(message.SerializeToString())
    assert reaches(tmp_path)[0] == filled


def test_a_restoring_op_that_does_anything_else_is_told(tmp_path):
    """A file may name any op as the one that restores its variables."""
    mark = tmp_path / "mark"
    folder = v1_model(tmp_path / "m", lambda: (written(mark)(), identity())[1])
    message = messages.parse(messages.SavedModel, (folder / "saved_model.pb").read_bytes())
    assert reaches(folder) == [[], [("WriteFile", "writes files")]]
    message.meta_graphs[0].saver_def.restore_op_name = "write"
    (folder / "saved_model.pb").write_bytes(message.SerializeToString())
    assert reaches(folder)[0] == [("WriteFile", "writes files")]
    assert "WriteFile writes files ('write')" in refused(folder, "x=random")
    assert not mark.exists()


def test_initial_values_that_come_from_a_file_want_trust(tmp_path):
    (tmp_path / "secret").write_text("1")
    with tf.Graph().as_default(), tf1.Session():
        text = tf.io.read_file(str(tmp_path / "secret"))
        tf1.get_variable("w", initializer=tf.strings.to_number(text), use_resource=True)
        x = tf1.placeholder(tf.float32, [], name="x")
        tf.identity(x, name="y")
        tf1.train.export_meta_graph(str(tmp_path / "a.meta"))
    assert "ReadFile reads files" in refused(tmp_path / "a.meta", "x=1", fetches=("y",))
    assert traced(tmp_path / "a.meta", "x=1", fetches=("y",), trust=True).main.steps


def test_stepping_asks_for_the_same_trust(tmp_path, capsys):
    mark = tmp_path / "mark"
    folder = v1_model(tmp_path / "m", identity, written(mark))
    script = tmp_path / "script"
    script.write_text("next\n")
    assert code("step", folder, "--feed", "x=random", "--script", script) == 2
    assert "WriteFile writes files ('write'); --trust lets it" in capsys.readouterr().err
    assert not mark.exists()
    assert code("step", folder, "--feed", "x=random", "--script", script, "--trust") == 0


def test_a_saver_that_nobody_asks_for_is_no_news(tmp_path):
    folder = v1_model(tmp_path / "m", identity)
    assert reaches(folder) == [[], []]
    model = files.read_model(folder)
    everything = outside.reached(model.graph, [outside.Start(model.saving)])
    assert {each.op for each in everything} == {"SaveV2", "RestoreV2", "MergeV2Checkpoints"}
    line = refused(folder, "x=random", fetches=("save/Identity",))
    assert "SaveV2 writes files" in line


def test_abort_and_python_are_outside_too(tmp_path):
    path = tmp_path / "a.pb"
    nodes = (("a", "Abort", [], {}), ("p", "PyFunc", [], {}), ("n", "NoOp", ["^a", "^p"], {}))
    graph = graph_def(*nodes)
    graph.node[1].attr["token"].s = b"f"
    graph.node[1].attr["Tin"].list.SetInParent()
    graph.node[1].attr["Tout"].list.type.append(1)
    path.write_bytes(graph.SerializeToString())
    line = refused(path, fetches=("n",))
    assert "Abort ends the process ('a'); PyFunc calls Python functions ('p')" in line


def test_json_has_all_that_reaches_outside(tmp_path, capsys):
    folder = v1_model(tmp_path / "m", identity, written(tmp_path / "mark"))
    assert code("info", folder, "--json") == 0
    assert json.loads(capsys.readouterr().out)["outside"] == {
        "when_run": [{"op": "WriteFile", "does": "writes files", "node": "write", "function": ""}],
        "when_asked_for": [],
    }
    assert len(reach.when_run(files.read_model(folder))) == 1
