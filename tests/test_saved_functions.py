"""TF2 SavedModels: the functions of their objects are told, drawn and traced, as TensorFlow has
them."""

from __future__ import annotations

import json
import linecache
import shutil

import pytest
import tensorflow as tf
from models_made import said, shared
from test_trace_model import refused, traced

from graphlab.model import check, node_of
from graphlab.sources import choice, facts, files, messages
from graphlab.sources.ends import ends
from graphlab.targets.run import watch
from graphlab.targets.target import Ask, parse


class Embedding(tf.Module):
    def __init__(self, name=None):
        super().__init__(name)
        self.w = tf.Variable(tf.ones((2, 2)), name="w")

    @tf.function
    def _pre(self, x, flag=True, k=3):
        return {"out": x @ self.w * float(k) if flag else x}


class Hub(tf.Module):
    """What TensorFlow Hub and TF-Agents save: no signature, a table with its file, parts."""

    def __init__(self, words):
        super().__init__()
        lines = tf.lookup.TextFileInitializer(
            words,
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
        )
        self.table = tf.lookup.StaticHashTable(lines, 0)
        self.emb = Embedding()
        self.parts = [Embedding(), {"z/y": Embedding()}]
        self.rows = tf.Variable(tf.reshape(tf.range(8.0), (2, 4)))

    @tf.function
    def __call__(self, s, training=False):
        return tf.gather(self.rows, self.table.lookup(s)) * (2.0 if training else 1.0)

    @tf.function
    def nested(self, a, *rest, opt="x", **others):
        return [a["k"][0] + 10.0 * a["k"][1] + 100.0 * rest[0], {opt: others["z"] - others["b"]}]

    @tf.function(
        input_signature=[
            tf.RaggedTensorSpec([None, None, 2], tf.float32, ragged_rank=1),
            tf.SparseTensorSpec([None, 4], tf.float32),
        ]
    )
    def composite(self, r, sp):
        return {"sum": tf.reduce_sum(r) + tf.sparse.reduce_sum(sp), "r": r * 2.0, "sp": sp}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A SavedModel without a signature."""
    folder = tmp_path_factory.mktemp("hub")
    (folder / "words.txt").write_text("cat\ndog\n")
    module = Hub(str(folder / "words.txt"))
    module(tf.constant(["cat"]))
    module(tf.constant(["cat"]), training=True)
    one = tf.constant(1.0)
    module.nested({"k": [one, one]}, one, opt="y", z=one, b=one)
    for part in (module.emb, module.parts[0], module.parts[1]["z/y"]):
        part._pre(tf.ones((3, 2)))
    module.emb._pre(tf.ones((3, 2)), k=5)
    # The one input signature makes this a signature by itself, which there is to be none of.
    options = tf.saved_model.SaveOptions(save_debug_info=True)
    tf.saved_model.save(module, str(folder / "hub"), signatures={}, options=options)
    return folder / "hub"


CALLS = [
    "__call__(s=string[1], training=False)",
    "__call__(s=string[1], training=True)",
    "composite(r=RaggedTensor float32[?,?,2], sp=SparseTensor float32[?,4])",
    "nested(a={'k': [float32[], float32[]]}, rest[0]=float32[], b=float32[], opt='y', z=float32[])",
    "emb/_pre(x=float32[3,2], flag=True, k=3)",
    "emb/_pre(x=float32[3,2], flag=True, k=5)",
    "parts/0/_pre(x=float32[3,2], flag=True, k=3)",
    "parts/1/z.Sy/_pre(x=float32[3,2], flag=True, k=3)",
]


def test_every_function_of_every_object_is_told_as_it_is_called(hub):
    found = files.read_model(hub).functions
    assert sorted(each.name for each in found) == sorted(CALLS)


def test_the_functions_are_those_that_tensorflow_loads(hub):
    """The names and arguments of each, by walking through the objects as TensorFlow has them."""
    found = {}
    left = [((), tf.saved_model.load(str(hub)))]
    while left:
        path, item = left.pop()
        for number, each in enumerate(getattr(item, "concrete_functions", ())):
            specs = tf.nest.flatten(each.structured_input_signature, expand_composites=True)
            found[path, number] = [s.dtype.name for s in specs if isinstance(s, tf.TensorSpec)]
        for name, child in tf.train.TrackableView(item).children(item).items():
            if not name.startswith(("_self_", "_create", "_init", "_destroy", "signatures")):
                left.append(((*path, name), child))
    told = {
        (each.path, each.number): [t.dtype for port in each.inputs for t in port.tensors]
        for each in files.read_model(hub).functions
    }
    assert told == found


def test_a_function_is_drawn_by_its_name_and_its_arguments(hub):
    model = files.read_model(hub)
    graph, note = choice.graph_of(model, "__call__(training=True)")
    check(graph)
    assert "LookupTableFindV2" in {node.op for node in graph.nodes}
    assert note.startswith("function __call__(s=string[1], training=True), function __inference_")
    assert choice.signature_of(model, "emb/_pre(k = 5)").name == CALLS[5]
    assert choice.signature_of(model, CALLS[7]).path == ("parts", "1", "z/y", "_pre")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ("__call__", f"'__call__' stands for 2 functions of MODEL; name one by its arguments: "
                     f"{CALLS[0]}, {CALLS[1]}"),
        ("emb/_pre(k=7)", f"MODEL has no signature or function 'emb/_pre(k=7)'; there is"
                          f" {CALLS[4]}, {CALLS[5]}"),
        ("emb/_pra", "MODEL has no signature or function 'emb/_pra'; did you mean emb/_pre"),
        ("", "MODEL has no signature; name one of the functions of its objects, as in"
             " MODEL:__call__: "),
    ],
)  # fmt: skip
def test_which_function_is_meant_is_asked_for(hub, asked, line):
    assert refused(hub, "s=random", signature=asked).startswith(line)


def before(folder):
    return sorted(str(each) for each in folder.rglob("*"))


@pytest.mark.parametrize(
    ("call", "given", "way"),
    [
        ("__call__(training=True)", ["s=random"], "function"),
        ("emb/_pre(k=5)", ["x=random"], "function"),
        ("parts/1/z.Sy/_pre", ["x=random"], "function"),
        ("nested", ["a_k_0=1", "a_k_1=2", "rest_0=3", "b=4", "z=5"], "function"),
        ("composite", ["r=random", "sp=random"], "function"),
    ],
)
def test_a_function_is_traced_and_nothing_is_written(hub, call, given, way):
    there = before(hub)
    run = traced(f"{hub}:{call}", *given).main
    assert run.way == way
    assert before(hub) == there


def test_each_value_arrives_at_its_argument(hub):
    """Whatever their order in the file: 1 + 10 * 2 + 100 * 3, and 5 - 4."""
    given = ("a_k_0=1", "a_k_1=2", "rest_0=3", "b=4", "z=5")
    watched = watch(parse(f"{hub}:nested", ask=Ask(given)), None, 1, values=True)
    start = watched.replays[-1].start
    assert [float(start.results[name]) for name in start.fetches] == [321.0, 1.0]


def test_no_hint_leads_to_the_saver_or_an_initialiser(hub):
    line = refused(hub)
    assert "saver_filename" not in line and "asset_path" not in line
    graph = files.read_model(hub).graph
    assert {graph[node_of(tensor)].op for tensor in ends(graph).fetches} == {"ReadVariableOp"}


# Sparse and ragged


def test_a_sparse_and_a_ragged_input_are_told_with_their_parts(hub):
    (signature,) = [f for f in files.read_model(hub).functions if f.path == ("composite",)]
    told = facts.about(files.read_model(hub))["concrete_functions"][signature.name]
    shapes = {
        key: (port["kind"], port["dtype"], port["shape"], list(port["parts"]))
        for key, port in told["inputs"].items()
    }
    assert shapes == {
        "r": ("RaggedTensor", "float32", [None, None, 2], ["flat_values", "row_splits"]),
        "sp": ("SparseTensor", "float32", [None, 4], ["indices", "values", "dense_shape"]),
    }
    assert [(port.key, port.kind) for port in signature.outputs] == [
        ("r", "RaggedTensor"),
        ("sp", "SparseTensor"),
        ("sum", ""),
    ]


@pytest.fixture(scope="module")
def composite(tmp_path_factory):
    """One model with sparse and ragged signatures, as TF1 and as TF2 save it."""
    folder = tmp_path_factory.mktemp("composite")
    tf1 = tf.compat.v1
    with tf.Graph().as_default(), tf1.Session() as session:
        sp = tf1.sparse_placeholder(tf.float32, [None, 4], name="sp")
        r = tf1.ragged.placeholder(tf.int64, 2, [3], name="r")
        info = tf1.saved_model.build_tensor_info
        signature = tf1.saved_model.build_signature_def(
            {"sp": info(sp), "r": info(r)},
            {"d": info(tf.sparse.to_dense(sp)), "twice": info(r * tf.constant(2, tf.int64))},
        )
        builder = tf1.saved_model.Builder(str(folder / "1"))
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
        builder.add_meta_graph(["serve", "gpu"], {"other": signature})
        builder.save()
    module = tf.Module()
    module.f = tf.function(
        lambda sp, r: {"d": tf.sparse.to_dense(sp), "twice": r * tf.constant(2, tf.int64)},
        input_signature=[
            tf.SparseTensorSpec([None, 4], tf.float32),
            tf.RaggedTensorSpec([None, None, None, 3], tf.int64, ragged_rank=2),
        ],
    )
    tf.saved_model.save(module, str(folder / "2"))
    return folder


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_composite_signature_is_told_alike_by_both_versions(composite, version):
    (signature,) = files.read_model(composite / version).signatures
    assert [(p.key, p.kind, p.tensor.dtype, p.tensor.shape) for p in signature.inputs] == [
        ("r", "RaggedTensor", "int64", (None, None, None, 3)),
        ("sp", "SparseTensor", "float32", (None, 4)),
    ]
    (ragged, sparse) = signature.inputs
    assert [part.role for part in ragged.parts] == ["flat_values", "row_splits_0", "row_splits_1"]
    assert {part.role for part in sparse.parts} == {"values", "indices", "dense_shape"}
    assert [(p.key, p.kind) for p in signature.outputs] == [("d", ""), ("twice", "RaggedTensor")]


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("batch", [1, 3])
def test_a_composite_value_is_drawn_so_that_its_parts_fit(composite, version, batch):
    watched = traced(composite / version, "sp=random", "r=random", batch=batch)
    assert watched.main.steps


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_ragged_value_can_be_written_out(composite, version):
    watched = traced(composite / version, "sp=random", "r=[[[[1,2,3]],[]],[]]")
    shapes = sorted(spec.shape for spec in watched.main.feeds if spec.dtype == "int64")
    assert shapes == sorted([(1, 3), (3,), (3,), (2, 2), (2,)])


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    ("given", "line"),
    [
        (["r=random"], "nothing is fed for sp/"),
        (["r=random", "sp/values=[1]"], "nothing is fed for sp/indices, sp/dense_shape of sp"),
        (["sp=[1]", "r=random"], "feed sp is a SparseTensor; sp=random draws one, or feed"),
        (["sp=random", "r=[1]"], "feed r='[1]' is no RaggedTensor of int64 with 2 ragged dimensio"),
        (["sp=random", "r=@x.npy"], "feed r is a RaggedTensor; r=random draws one"),
        (["sp=random", "r=random", "sq=1"], "feed 'sq' is not there; did you mean sp"),
    ],
)  # fmt: skip
def test_a_composite_input_is_asked_for_whole(composite, version, given, line):
    assert refused(composite / version, *given).startswith(line)


PARTS = {"sp/indices": "[[0,1]]", "sp/values": "[5]", "sp/dense_shape": "[1,4]"}


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({}, ""),
        ({"sp/indices": "[[5,0]]"}, "feed sp has indices outside of its dense_shape [1, 4]"),
        ({"sp/indices": "[[0,-1]]"}, "feed sp has indices outside of its dense_shape [1, 4]"),
        ({"sp/values": "[5,6]"}, "feed sp has indices of shape 1x2 for 2 values in 2 dimensions"),
        (
            {"sp/indices": "[[0,2],[0,1]]", "sp/values": "[5,6]"},
            "feed sp has indices that are not in the order of rows",
        ),
    ],
)
def test_parts_that_do_not_fit_together_never_reach_tensorflow(composite, version, changed, line):
    given = [f"{name}={value}" for name, value in (PARTS | changed).items()]
    if line:
        assert refused(composite / version, "r=random", *given).startswith(line)
    else:
        assert traced(composite / version, "r=random", *given).main.steps


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("[0,2]", "feed r/row_splits_1 is for 1 rows; the splits before end at 2"),
        ("[1,1,2]", "feed r/row_splits_1 does not begin with 0 and go up"),
        ("[0,2,1]", "feed r/row_splits_1 does not begin with 0 and go up"),
        ("[0,1,3]", "feed r/flat_values has 2 rows; its row_splits end at 3"),
    ],
)
def test_row_splits_that_cannot_be_never_reach_tensorflow(composite, rows, line):
    given = ["r/flat_values=[[1,2,3],[4,5,6]]", "r/row_splits_0=[0,2]", f"r/row_splits_1={rows}"]
    assert refused(composite / "1", "sp=random", *given).startswith(line)


def test_a_fetch_of_part_of_a_sparse_signature_still_takes_all_of_it(composite):
    line = refused(composite / "1", "sp/values=[1]", fetches=("SparseToDense",))
    assert line.startswith("nothing is fed for sp/indices, sp/dense_shape of sp (SparseTensor")


def test_one_of_several_graphs_is_chosen_by_its_tags(composite):
    first = files.read_model(composite / "1")
    assert (first.tags, [each.name for each in first.signatures]) == (
        ("serve",),
        ["serving_default"],
    )
    assert first.notes == ("one graph of 2 is shown; --tags shows another: gpu,serve",)
    other = files.read_model(composite / "1", ("serve", "gpu"))
    assert (other.tags, [each.name for each in other.signatures]) == (("gpu", "serve"), ["other"])
    assert traced(composite / "1", "sp=random", "r=random", tags=("gpu", "serve")).main.steps
    line = refused(composite / "1", tags=("gpu",))
    assert line == "MODEL has no graph with the tags gpu; it has serve; gpu,serve"


# Variables, lines, calls


def test_variables_of_one_name_are_told_apart_by_their_path(hub):
    model = files.read_model(hub)
    assert sorted((each.name, each.own_name) for each in model.variables) == [
        ("Variable", ""),
        ("emb/w", "w"),
        ("parts/0/w", "w"),
        ("parts/1/z.Sy/w", "w"),
    ]
    keys = {name for name, _ in tf.train.list_variables(str(hub / "variables" / "variables"))}
    assert {each.key for each in model.variables} == keys - {"_CHECKPOINTABLE_OBJECT_GRAPH"}
    body = choice.graph_of(model, "parts/1/z.Sy/_pre")[0]
    assert [n.marks.variable for n in body.nodes if n.marks.variable] == ["parts/1/z.Sy/w"]


def test_a_weight_that_keras_exports_twice_counts_once(tmp_path):
    x = tf.keras.Input((4,), name="x")
    y = tf.keras.layers.Dense(2, name="c")(x)
    model = tf.keras.Model(x, tf.keras.layers.Dense(3, name="d")(y))
    model.export(str(tmp_path / "m"), verbose=False)
    told = facts.about(files.read_model(tmp_path / "m"))
    assert (told["parameters"], told["variable_count"]) == (model.count_params(), 4)
    copies = {v["copy_of"] for v in told["variables"] if "copy_of" in v}
    assert copies == {"c/kernel", "c/bias", "d/kernel", "d/bias"}


def test_two_weights_that_only_happen_to_be_equal_both_count(tmp_path):
    module = tf.Module()
    module.a, module.b = tf.Variable(tf.zeros(5), name="a"), tf.Variable(tf.zeros(5), name="b")
    module.c, module.d = tf.Variable(tf.zeros(5)), tf.Variable(tf.zeros(5))
    module.f = tf.function(lambda x: x * module.a * module.c)
    module.f(tf.ones(5))
    tf.saved_model.save(module, str(tmp_path))
    assert facts.about(files.read_model(tmp_path))["parameters"] == 20


def test_nodes_have_the_lines_that_made_them(hub):
    graph, _ = choice.graph_of(files.read_model(hub), "emb/_pre(k=5)")
    (product,) = [node for node in graph.nodes if node.op == "MatMul"]
    file, line = product.source
    assert (file, linecache.getline(file, line).strip()) == (
        __file__,
        'return {"out": x @ self.w * float(k) if flag else x}',
    )


def test_a_file_of_lines_that_is_damaged_is_said(hub, tmp_path):
    folder = shutil.copytree(hub, tmp_path / "copy")
    (folder / "debug" / "saved_model_debug_info.pb").write_bytes(b"\xff\xff")
    assert said(folder).endswith(
        "saved_model_debug_info.pb is no GraphDebugInfo; it may be damaged"
    )


def test_a_function_that_is_called_and_not_there_is_told(hub, tmp_path):
    data = (hub / "saved_model.pb").read_bytes()
    message = messages.parse(messages.SavedModel, data)
    library = message.meta_graphs[0].graph_def.library
    (gone,) = [f for f in library.function if "traced_save" in f.signature.name]
    name = gone.signature.name
    library.function.remove(gone)
    (tmp_path / "saved_model.pb").write_bytes(message.SerializeToString())
    notes = facts.about(files.read_model(tmp_path))["notes"]
    assert f"1 function is called and not in the file: StatefulPartitionedCall_1 calls {name}" in (
        notes
    )


# Real models


@pytest.mark.parametrize(("name", "count"), [("cppflow-load_model", 13), ("mlperf-tiny-kws", 136)])
def test_a_real_keras_model_has_functions_that_can_be_told_apart(name, count):
    found = files.read_model(shared(name)).functions
    assert len({each.name for each in found}) == len(found) == count
    json.dumps(facts.about(files.read_model(shared(name))))
    for each in found[:10]:
        assert choice.signature_of(files.read_model(shared(name)), each.name) == each


def test_a_function_of_a_real_model_is_traced_by_what_its_tensor_is_called():
    target = f"{shared('cppflow-load_model')}:__call__(inputs=input_1:float32[?,5],training=False)"
    assert traced(target, "input_1=random", batch=2).main.feeds[0].shape == (2, 5)
