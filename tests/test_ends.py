"""What a session is asked for where nobody names anything: what somebody would run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab.comparison.run import compare
from graphlab.sources import live
from graphlab.sources.ends import Ends, ends
from graphlab.targets.model_run import watch_model
from graphlab.targets.target import Ask, Target

tf1 = tf.compat.v1


def ends_of(program: Callable[[], None], train: bool = True) -> Ends:
    with tf.Graph().as_default() as graph:
        program()
    return ends(live.from_graph(graph), train)


def regression(resource: bool = True) -> tuple[tf.Tensor, tf.Tensor]:
    """The prediction and the loss of y = x @ w."""
    x = tf1.placeholder(tf.float32, [None, 2], name="x")
    y = tf1.placeholder(tf.float32, [None, 1], name="y")
    w = tf1.get_variable("w", initializer=np.ones((2, 1), np.float32), use_resource=resource)
    made = tf.matmul(x, w, name="made")
    return made, tf.reduce_mean(tf.square(made - y), name="loss")


def training() -> None:
    made, loss = regression()
    tf.identity(made, name="prediction")
    tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
    tf1.global_variables_initializer()
    tf1.train.Saver()


def test_a_training_is_asked_for_with_what_it_gives_and_not_with_what_its_gradients_left():
    found = ends_of(training)
    assert found.fetches == ("GradientDescent", "loss:0", "prediction:0")
    assert found.training == ("GradientDescent",)
    assert {tensor.partition("/")[0] for tensor in found.leftover} == {"gradients"}
    first, *more = found.leftover
    assert found.left_out == (
        f"left out: '{first}'{f' and {len(more)} more' if more else ''}, left over by the"
        " gradients; --fetch NAME brings one back"
    )


def test_without_training_there_is_only_what_it_gives():
    assert ends_of(training, train=False) == Ends(("loss:0", "prediction:0"))


def test_which_side_a_condition_took_is_no_result():
    def program() -> None:
        decides = tf1.placeholder(tf.bool, [], name="decides")
        x = tf1.placeholder(tf.float32, [], name="x")
        tf.negative(tf.cond(decides, lambda: x + 1.0, lambda: x), name="made")
        tf.cond(decides, lambda: x + 2.0, lambda: x, name="last")

    tf1.disable_control_flow_v2()
    try:
        assert ends_of(program) == Ends(("made:0", "last/Merge:0"))
    finally:
        tf1.enable_control_flow_v2()


def test_what_an_op_gives_beside_its_result_for_a_gradient_is_not_asked_for_and_told():
    def program() -> None:
        x = tf1.placeholder(tf.float32, [None, 1, 1, 4], name="x")
        ones, zeros = tf.ones([4]), tf.zeros([4])
        y = tf1.nn.fused_batch_norm(x, ones, zeros, zeros, ones, is_training=False, name="norm")[0]
        logits = tf.reshape(y, [-1, 4], name="logits")
        labels = tf1.placeholder(tf.float32, [None, 4], name="labels")
        tf.raw_ops.SoftmaxCrossEntropyWithLogits(features=logits, labels=labels, name="cost")
        cell = {name: tf.zeros([4]) for name in ("wci", "wcf", "wco")}
        tf.raw_ops.LSTMBlockCell(
            x=logits,
            cs_prev=logits,
            h_prev=logits,
            w=tf.zeros([8, 16]),
            b=tf.zeros([16]),
            name="cell",
            **cell,
        )
        tf.math.top_k(logits, 2, name="top")

    found = ends_of(program)
    assert found.fetches == ("cost:0", "cell:1", "cell:6", "top:0", "top:1")
    assert found.beside[:5] == ("norm:1", "norm:2", "norm:3", "norm:4", "norm:5")
    assert found.beside[5:] == ("cost:1", *(f"cell:{n}" for n in (0, 2, 3, 4, 5)))
    assert "'norm:1' and 10 more, given beside a result" in found.left_out


def test_what_an_assertion_and_a_look_at_a_size_leave_behind_is_no_result():
    def program() -> None:
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        tf.shape(x)
        tf.shape(x, name="size")
        with tf.control_dependencies([tf1.assert_less_equal(x, 1.0)]):
            tf.negative(x, name="made")

    for control_flow in (tf1.enable_control_flow_v2, tf1.disable_control_flow_v2):
        control_flow()
        try:
            found = ends_of(program)
        finally:
            tf1.enable_control_flow_v2()
        assert found.fetches == ("size:0", "made:0")
        assert "Shape:0" in found.beside


def test_a_size_is_what_is_asked_for_where_there_is_nothing_else():
    def program() -> None:
        tf.shape(tf1.placeholder(tf.float32, [None, 2], name="x"))

    assert ends_of(program) == Ends(("Shape:0",))


def test_gradients_of_which_nothing_trains_are_what_is_asked_for():
    def program() -> None:
        x = tf1.placeholder(tf.float32, [3], name="x")
        tf1.gradients(tf.reduce_sum(x * x, name="loss"), x)

    found = ends_of(program)
    assert [tensor.partition("/")[0] for tensor in found.fetches] == ["loss:0", "gradients"]
    assert found.left_out == ""


def test_a_loss_that_its_own_gradient_takes_is_asked_for_too():
    def program() -> None:
        _, loss = regression()
        tf1.train.GradientDescentOptimizer(0.1).minimize(tf.sqrt(loss, name="root"))

    assert ends_of(program).fetches == ("GradientDescent", "root:0")


def test_a_training_that_gives_a_value_is_asked_for_by_it():
    """As slim's create_train_op makes it."""

    def program() -> None:
        _, loss = regression()
        with tf.control_dependencies([tf1.train.GradientDescentOptimizer(0.1).minimize(loss)]):
            tf.identity(loss, name="train_op")

    found = ends_of(program)
    assert (found.fetches, found.training) == (("train_op:0",), ("train_op:0",))


@pytest.mark.parametrize("resource", [False, True])
def test_what_would_read_a_variable_while_the_training_changes_it_is_left_out(resource):
    def program() -> None:
        made, loss = regression(resource)
        tf1.train.AdamOptimizer(0.1).minimize(loss)
        tf.add(made, 1.0, name="before")  # of what the training waits for
        with tf1.variable_scope("", reuse=True):
            again = tf1.get_variable("w", [2, 1], use_resource=resource)
        tf.add(again, 1.0, name="meanwhile")

    found = ends_of(program)
    assert found.fetches == ("Adam", "loss:0", "before:0")
    assert "meanwhile:0" in found.meanwhile
    assert "read while variables change" in found.left_out


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (False, ("AssignSub", "AssignSub_1")),
        (True, ("ReadVariableOp_1:0", "ReadVariableOp_2:0")),  # each waits for its update
    ],
)
def test_updates_by_hand_are_one_training(resource, expected):
    def program() -> None:
        _, loss = regression(resource)
        b = tf1.get_variable("b", initializer=1.0, use_resource=resource)
        variables = tf1.trainable_variables()
        for variable, gradient in zip(
            variables, tf1.gradients(loss + b * b, variables), strict=True
        ):
            tf1.assign_sub(variable, 0.1 * gradient)

    found = ends_of(program)
    assert (found.training, found.others) == (expected, ())
    assert found.fetches == (*expected, "add:0")


def test_of_two_trainings_the_first_is_asked_for():
    def program() -> None:
        _, loss = regression()
        for name in ("one", "other"):
            tf1.train.GradientDescentOptimizer(0.1).minimize(loss, name=name)

    found = ends_of(program)
    assert (found.training, found.others) == (("one",), ("other",))
    assert "'other', another training; --fetch NAME brings one back" in found.left_out


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Path, Path]:
    """A training with its checkpoint, and the same frozen."""
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        training()
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(tmp_path / "model"))
        frozen = tf1.graph_util.convert_variables_to_constants(
            session, graph.as_graph_def(), ["prediction", "loss"]
        )
    (tmp_path / "frozen.pb").write_bytes(frozen.SerializeToString())
    return tmp_path / "model.meta", tmp_path / "frozen.pb"


def test_a_training_is_run_and_told(trained):
    meta, _ = trained
    asked = Target(str(meta), model=meta, ask=Ask(("x=random", "y=random")))
    watched = watch_model(asked, "CPU:0", 1, values=True)
    assert watched.note.startswith(
        "training 'GradientDescent' and what nothing takes, as it has no signature: 3; --fetch"
        " names others; left out: "
    )
    losses = [replay.steps().results()["loss:0"] for replay in watched.replays]
    assert losses[1] < losses[0]


def test_two_models_are_compared_without_the_training_of_one(trained):
    meta, frozen = trained
    found = compare(str(meta), str(frozen))
    assert found.same
    assert found.notes == (
        f"{meta} is not trained ('GradientDescent' is left out), as the other has no training",
    )
    assert compare(str(meta), str(meta)).notes == ()
