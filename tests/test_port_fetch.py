"""What a model's file is asked for and fed, where a stranger asks for something else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab import cli
from graphlab.port import proof

tf1 = tf.compat.v1


@pytest.fixture
def model(tmp_path, monkeypatch):
    """A graph of a loss, `loss:0`, of three classes; labels are one of them."""
    monkeypatch.chdir(tmp_path)
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [100, 2], name="x")
        y = tf1.placeholder(tf.int32, [100], name="y")
        columns = tf.concat([x, x[:, :1]], 1)  # of which no file says how many they are
        logits = tf.reverse(columns, [0])
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
        tf.reduce_mean(loss, name="loss")
    (tmp_path / "model.pb").write_bytes(graph.as_graph_def().SerializeToString())
    return "model.pb"


@pytest.fixture
def graphlab(capsys):
    """Run one command in this process; its exit code and what it says on stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            cli.main([*arguments])
        return left.value.code, capsys.readouterr().err.splitlines()

    return run


def test_an_op_that_is_fetched_for_its_tensor_is_told(model, graphlab):
    np.save("y.npy", np.arange(100, dtype=np.int32) % 3)
    asked = ("port", model, "--feed", "y=@y.npy", "-o", "p.py", "--fetch")
    code, said = graphlab(*asked, "loss")
    assert code == 0
    assert "; 'loss' is an op, which gives no value: 'loss:0' does; " in said[0]
    code, said = graphlab(*asked, "loss:0")
    assert code == 0
    assert "is an op" not in said[0]


def test_random_labels_that_are_no_class_are_told_with_the_way_to_others(model, graphlab):
    """Of 100 numbers below ten some are none of three."""
    code, said = graphlab("port", model, "--fetch", "loss:0", "-o", "p.py")
    assert code == 2
    assert said[-1].endswith("; 'x', 'y' are random: --feed NAME=VALUE gives another")


def test_a_training_of_which_nothing_is_fetched_is_ported_with_its_tape(tmp_path, graphlab):
    """As the gradients towards x and y, which nothing takes, are not asked for."""
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        y = tf1.placeholder(tf.float32, [None, 1], name="y")
        w = tf1.get_variable("w", initializer=np.ones((2, 1), np.float32))
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - y), name="loss")
        tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(tmp_path / "model"))
    code, said = graphlab("port", str(tmp_path / "model.meta"), "-o", str(tmp_path / "p.py"))
    text = (tmp_path / "p.py").read_text()
    assert code == 0
    assert said[0].startswith("graphlab: left out: 'gradients/")
    assert "with tf.GradientTape() as tape:" in text
    assert 'return {"loss": loss}' in text


def test_ctrl_c_in_the_proof_says_that_the_file_is_written_but_not_proved(
    model, graphlab, monkeypatch
):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(proof.subprocess, "run", stopped)
    np.save("y.npy", np.arange(100, dtype=np.int32) % 3)
    code, said = graphlab("port", model, "--feed", "y=@y.npy", "-o", "p.py", "--fetch", "loss:0")
    assert code == 130
    assert said[-1] == ("graphlab: stopped by Ctrl-C in the proof: p.py is written but not proved")
    assert "class Model(tf.Module):" in Path("p.py").read_text()
