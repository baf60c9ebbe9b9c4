"""What the lines of a ported file are called, and which ops they say that they stand for."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from graphlab import observe
from graphlab.engine.kernels.nodes import read
from graphlab.port import explained, hints
from graphlab.port.names import Names, identifier
from graphlab.port.recorded import call_of, module_of
from graphlab.port.written import written
from tests.test_port import body_of, recorded, ruff

tf1 = tf.compat.v1


def small():
    """Two layers, of which the first is asked for as well."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 4], name="x")
        with tf.name_scope("hidden"):
            h = tf.nn.relu(tf.matmul(x, np.ones((4, 3), np.float32)) - 1.0)
        y = tf.reduce_sum(h * 2.0, axis=1, name="y")
    return [h, y], {x: np.ones((2, 4), np.float32)}


def call_of_small():
    fetches, feeds = small()
    with tf1.Session(graph=fetches[0].graph) as session, observe(values=True) as seen:
        session.run(fetches, feeds)
    return call_of(seen.replays[-1]), seen.replays[-1].run


def text_of(call, sources):
    return written(module_of(call), ["A port."], "ported.npz", {}, sources).text


def test_each_statement_has_its_ops_above_it_and_where_they_were_made(tmp_path):
    call, run = call_of_small()
    sources = explained.sources_of(run.built)
    lines = text_of(call, sources).splitlines()
    at = next(n for n, line in enumerate(lines) if "tf.nn.relu(" in line)
    line = small.__code__.co_firstlineno + 5
    assert lines[at - 1] == (
        f"        # hidden/Relu, hidden/sub, hidden/MatMul  [test_port_explain.py:{line}]"
    )
    assert lines[at + 1].startswith("        # y, mul  [")
    file = tmp_path / "ported.py"
    file.write_text("\n".join(lines) + "\n")
    assert ruff("check", "--no-cache", str(file)) == ""
    assert ruff("format", "--no-cache", "--diff", str(file)) == ""


def test_within_a_tape_the_ops_stand_as_far_in_as_their_statement(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 4], name="x")
        w = tf1.get_variable("w", initializer=np.ones((4, 3), np.float32))
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w)), name="loss")
        train = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
        with tf1.Session() as session, observe(values=True) as seen:
            session.run(tf1.global_variables_initializer())
            session.run([loss, train], {x: np.ones((2, 4), np.float32)})
    text = text_of(call_of(seen.replays[-1]), explained.sources_of(seen.replays[-1].run.built))
    assert "            # loss, Square, MatMul" in text.split("tf.GradientTape()")[1]
    file = tmp_path / "ported.py"
    file.write_text(text)
    assert ruff("format", "--no-cache", "--diff", str(file)) == ""


def test_without_being_asked_there_is_no_such_comment():
    call, _ = call_of_small()
    assert "# hidden/Relu" not in text_of(call, None)


def test_a_comment_keeps_to_one_hundred_columns_and_to_itself():
    names = ["a" * 10_000, "x\nimport os", *(f"layer_{n}/MatMul" for n in range(30))]
    lines = explained.comment(8, names, {"x\nimport os": "a\nb.py:3"})
    assert max(map(len, lines)) <= 100
    assert {line[:10] for line in lines} == {"        # "}
    assert any("x\\nimport os" in line for line in lines)


def test_what_leaves_a_scope_is_called_as_the_scope_is():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        with tf.name_scope("encoder/hidden"):
            h = tf.tanh(tf.sin(x) * 2.0)
        y = tf.stack([h, h + 1.0], name="y")
    assert body_of(recorded(y, {x: np.float32([1, 2])})) == [
        "        hidden = tf.tanh(tf.sin(x) * 2.0)  # [2]",
        '        return {"y": tf.stack([hidden, hidden + 1.0])}',
    ]


def test_what_an_optimizer_is_given_is_a_gradient():
    with tf.Graph().as_default():
        w = tf1.get_variable("layer/w", initializer=np.ones((3, 3), np.float32))
        gradient = tf.matmul(w, w) + 1.0
        train = tf1.train.AdamOptimizer(0.1).apply_gradients([(gradient, w)])
        start = tf1.global_variables_initializer()
        with tf1.Session() as session:
            session.run(start)
            with observe(values=True) as seen:
                session.run([gradient, train])
    lines = body_of(call_of(seen.replays[-1]))
    assert [line for line in lines if line.lstrip().startswith("grad_w = ")] != []
    assert [line for line in lines if "grad=grad_w," in line] != []


def test_names_that_are_too_long_end_with_a_whole_word():
    assert identifier("conv2d_transpose_1_grad_conv2d_backprop") == "conv2d_transpose_1_grad_conv2d"
    assert Names().new("loss/SparseSoftmaxCrossEntropyWithLogits") == "cross_entropy"
    assert Names().new("hidden_layer_of_words", 15) == "hidden_layer_of"
    assert Names().new("a" * 10_000) == "a" * 30


def test_a_name_that_somebody_gave_stays():
    with tf.Graph().as_default() as graph:
        x = tf.constant(1.0)
        for name in ("logits", None, "MatMul_9", "strided"):
            tf.multiply(x, x, name=name)
        tf.add(x, x)
        tf.add(x, x)
    found = {}
    body, _ = read(graph.as_graph_def())
    for op in body.ops.values():
        found[op.name] = hints.default(op)
    assert found == {
        "Const": "const",
        "logits": "",
        "Mul": "mul",
        "MatMul_9": "",
        "strided": "",
        "Add": "add",
        "Add_1": "add",
    }


def test_several_outputs_of_an_op_are_called_as_the_op_calls_them():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, [2], name="x")
        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=x)
        y = tf.concat([key, counter], axis=0, name="y")
        z = tf.concat([counter, key], axis=0, name="z")
        both = tf.stack([y, z], name="both")
    lines = body_of(recorded(both, {x: np.int32([1, 2])}))
    assert lines[0] == "        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=x)"


def test_what_the_op_with_the_name_of_a_scope_takes_does_not_leave_the_scope():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        with tf.name_scope("loss") as scope:
            inner = tf.reshape(x, [1, 2])
            loss = tf.reduce_sum(inner * inner, name=scope)
    assert body_of(recorded(loss, {x: np.float32([1, 2])}))[0].startswith("        reshape = ")
