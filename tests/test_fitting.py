"""What `info` says that TensorFlow takes is what TensorFlow takes, node by node."""

from __future__ import annotations

import pytest
import tensorflow as tf
from models_made import FLOAT, INT32, graph_def
from test_info import code
from test_trace_model import refused

from graphlab.errors import GraphlabError
from graphlab.sources import files, fitting, graphdef, messages, modelfile, ops
from graphlab.sources.nodedefs import Reading

tf1 = tf.compat.v1
X = ("x", "Placeholder", [], {"dtype": FLOAT})


def built():
    """A graph with attributes of every kind: dtypes and lists of them, texts, shapes, numbers."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 8, 8, 3], name="x")
        y = tf.nn.conv2d(x, tf.ones([3, 3, 3, 4]), 1, "SAME", name="conv")
        y = tf.nn.max_pool2d(tf.nn.bias_add(y, tf.zeros(4)), 2, 2, "VALID")
        halves = tf.split(tf.concat([y, y], 3), 2, axis=3)
        m = tf.matmul(tf.reshape(tf.reduce_sum(tf.stack(halves), [0]), [-1, 64]), tf.ones([64, 5]))
        top = tf.math.top_k(tf.nn.softmax(m), 2)
        text = tf.strings.as_string(tf.cast(top.indices, tf.float32))
        features = {"f": tf.io.FixedLenFeature([2], tf.float32), "v": tf.io.VarLenFeature(tf.int64)}
        tf.io.parse_example(tf.reshape(text, [-1]), features)
        tf.identity_n([m, top.indices])
        tf.raw_ops.Print(input=m, data=[m, top.indices], message="m")
        w = tf1.get_variable("w", [2], use_resource=False)
        tf1.assign_add(w, [1.0, 1.0])
        tf.queue.FIFOQueue(3, [tf.float32], [[]]).enqueue(1.0)
    return graph.as_graph_def()


GRAPH = built()


def changed(index, change):
    graph = tf1.GraphDef()
    graph.CopyFrom(GRAPH)
    change(graph.node[index])
    return graph


def without(key):
    return lambda node: node.attr.pop(key)


def set_to(key, field, value):
    def change(node):
        node.attr[key].Clear()
        if field in ("type", "s", "i", "b", "f"):
            setattr(node.attr[key], field, value)
        elif field == "shape":
            node.attr[key].shape.dim.add(size=value)
        elif field == "func":
            node.attr[key].func.name = value
        else:
            node.attr[key].list.SetInParent()
            getattr(node.attr[key].list, field.removeprefix("list of ")).extend(value)

    return change


def changes():
    """Every attribute left out, or with a value of each kind; inputs more, fewer and others."""
    values = [("type", 1), ("type", 3), ("type", 7), ("s", b"VALID"), ("s", b"no"), ("i", -1)]
    values += [("i", 2), ("b", True), ("f", 1.5), ("shape", 2), ("func", "f")]
    values += [
        ("list of i", [1, 1]),
        ("list of type", [1, 3]),
        ("list of s", [b"a"]),
        ("list of i", []),
    ]
    for index, node in enumerate(GRAPH.node):
        for key in sorted(node.attr):
            yield index, f"{node.name} without {key}", without(key)
            for field, value in values:
                yield index, f"{node.name} {key}: {field} {value}", set_to(key, field, value)
        yield index, f"{node.name} with an unknown attribute", set_to("bogus", "i", 1)
        if node.input:
            yield index, f"{node.name} without an input", lambda node: node.input.pop(0)
            yield index, f"{node.name} with an input", lambda node: node.input.insert(0, "x")


def of_tensorflow(graph):
    """Why TensorFlow refuses a graph; "" too where what it refuses are shapes that do not fit."""
    try:
        with tf.Graph().as_default():
            tf.import_graph_def(graph, name="")
    except (ValueError, TypeError, IndexError) as error:
        said = str(error)
        return "" if " for '{{node" in said or "must be equal, but are" in said else said
    return ""


def of_ours(graph):
    """Why ours says that TensorFlow refuses it."""
    reading = Reading()
    message = messages.parse(messages.GraphDef, graph.SerializeToString())
    try:
        read = graphdef.from_graph_def(message, reading=reading)
    except GraphlabError as error:
        return str(error)
    model = modelfile.ModelFile("", "GraphDef", read, refused=tuple(reading.refused))
    return "; ".join(f"{each.node}: {each.reason}" for each in modelfile.refused_nodes(model))


def test_a_graph_that_tensorflow_built_is_taken():
    assert (of_ours(GRAPH), of_tensorflow(GRAPH)) == ("", "")


def test_what_is_told_of_a_changed_node_is_what_tensorflow_does():
    differ, seen = [], [0, 0]
    for index, what, change in changes():
        graph = changed(index, change)
        ours, theirs = of_ours(graph), of_tensorflow(graph)
        seen[bool(theirs)] += 1
        if ours and not theirs:  # where shapes are refused first, both may be right
            with pytest.raises((ValueError, TypeError)), tf.Graph().as_default():
                tf.import_graph_def(graph, name="")
        elif bool(ours) != bool(theirs):
            differ.append((what, ours, theirs[:200]))
    assert differ == []
    assert min(seen) > 100


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("N:int>=2", fitting.Rule("int", least=2)),
        ("T:type{int8|bool}?", fitting.Rule("type", True, None, frozenset(["int8", "bool"]))),
        ("Tin:list(type)>=1", fitting.Rule("list(type)", least=1)),
    ],
)  # fmt: skip
def test_a_rule_is_read_from_its_word(word, rule):
    name = word.partition(":")[0]
    assert fitting._read(word) == (name, rule)


def test_every_op_of_the_table_has_its_rules():
    assert list(ops.attributes()) == list(ops.table())
    assert fitting.rules("NoSuchOp") is None
    assert fitting.rules("NoOp") == {}


@pytest.mark.parametrize(
    ("nodes", "versions", "line"),
    [
        ([("x", "Placeholder", [], {})], {},
         "node 'x' (Placeholder) is refused: it has no attribute 'dtype', which the op must have"),
        ([X, ("y", "Invert", ["x"], {"T": FLOAT})], {},
         "node 'y' (Invert) is refused: its attribute 'T' is 'float32', which is none of int16, "),
        ([X, ("y", "Neg", ["x"], {"T": INT32})], {},
         "node 'y' (Neg) is refused: its input 0 is float32 in place of int32"),
        ([X, ("y", "Add", ["x"], {"T": FLOAT})], {},
         "node 'y' (Add) is refused: it takes 1 inputs in place of 2"),
        ([("x", "NoOp", [], {})], {"min_consumer": 99999},
         "it needs a TensorFlow that reads graphs of version 99999, and TensorFlow "),
        ([("x", "NoOp", [], {})], {"bad_consumers": [ops.graph_version()]},
         f"it says that TensorFlow {ops.version()} (graph version {ops.graph_version()}) must not"),
    ],
)  # fmt: skip
def test_what_trace_refuses_info_has_told(tmp_path, capsys, nodes, versions, line):
    path = tmp_path / "a.pb"
    graph = graph_def(*nodes)
    graph.versions.min_consumer = versions.get("min_consumer", 0)
    graph.versions.bad_consumers.extend(versions.get("bad_consumers", []))
    path.write_bytes(graph.SerializeToString())
    assert refused(path).startswith(f"MODEL cannot be run: {line}")
    assert code("info", path) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "knows every op" not in told
    assert line.rpartition(": ")[2].partition(", which")[0] in told
    with pytest.raises((ValueError, RuntimeError)), tf.Graph().as_default():
        tf.import_graph_def(tf1.GraphDef.FromString(path.read_bytes()), name="")


def test_a_node_in_a_function_that_tensorflow_refuses_is_told_with_the_function(tmp_path, capsys):
    graph = graph_def(("call", "f", [], {}))
    body = graph.library.function.add()
    body.signature.name = "f"
    body.node_def.add(name="c", op="Const")
    (tmp_path / "a.pb").write_bytes(graph.SerializeToString())
    (found,) = modelfile.refused_nodes(files.read_model(tmp_path / "a.pb"))
    assert (found.node, found.function) == ("c", "f")
    assert code("info", tmp_path / "a.pb") == 0
    assert "TensorFlow 2.21 does not take c in f (Const): it has no" in capsys.readouterr().out
