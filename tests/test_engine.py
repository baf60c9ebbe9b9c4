"""The engine: what it runs and in which order, how it is stopped and turned back, what it
refuses."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from graphlab.engine import Engine
from graphlab.errors import GraphlabError
from graphlab.model import Step

tf1 = tf.compat.v1


@pytest.fixture
def layer():
    """y = relu(x @ W + b) and what is not needed for it."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        W = tf1.get_variable("W", initializer=np.eye(2, dtype=np.float32), use_resource=False)
        b = tf1.get_variable("b", initializer=np.float32([1, -1]), use_resource=True)
        product = tf.matmul(x, W, name="product")
        tf.nn.relu(tf.add(product, b, name="sum"), name="y")
        tf1.assign_add(W, tf.ones([2, 2]), name="grow")
        tf.sin(x, name="unneeded")
        tf1.global_variables_initializer()
    return graph


STATE = {"W": np.eye(2, dtype=np.float32), "b": np.float32([1, -1])}
X = np.float32([[1, 2]])


@pytest.fixture
def old_loop():
    with tf.Graph().as_default() as graph:
        tf1.disable_control_flow_v2()
        x = tf1.placeholder(tf.float32, [], name="x")
        tf1.while_loop(
            lambda i, t: i < 4,
            lambda i, t: (i + 1, tf.multiply(t, 2.0, name="double")),
            [0, x],
            name="loop",
        )
        tf1.enable_control_flow_v2()
    return graph


def test_only_what_the_fetch_needs_is_run_in_the_order_it_was_written(layer):
    steps = list(Engine(layer).steps("y:0", {"x:0": X}, state=STATE))
    assert [step.node for step in steps] == [
        "W", "W/read", "b", "product", "sum/ReadVariableOp", "sum", "y",
    ]  # fmt: skip
    assert steps[-1].values["y:0"].tolist() == [[2, 1]]
    assert steps[-1].outputs[0].shape == (1, 2)
    assert steps[-1].bytes == 8


def test_a_step_of_the_engine_has_every_field_that_a_step_has(layer):
    *_, step = Engine(layer).steps("y:0", {"x:0": X}, state=STATE)
    fields = [field.name for field in dataclasses.fields(Step)]
    made = Step(*(getattr(step, name) for name in fields[:10]))
    assert [getattr(step, name) for name in fields] == [getattr(made, name) for name in fields]


def test_a_fed_inner_tensor_cuts_off_what_leads_to_it(layer):
    steps = list(Engine(layer).steps("y:0", {"product:0": [[5.0, 5.0]]}, state=STATE))
    assert [step.node for step in steps] == ["b", "sum/ReadVariableOp", "sum", "y"]
    assert steps[-1].values["y:0"].tolist() == [[6, 4]]


def test_a_change_of_a_variable_stays_in_the_execution(layer):
    mine = {name: value.copy() for name, value in STATE.items()}
    execution = Engine(layer).steps("grow", state=mine)
    list(execution)
    assert execution.state()["W"].tolist() == [[2, 1], [1, 2]]
    assert mine["W"].tolist() == [[1, 0], [0, 1]]


def test_what_is_handed_over_is_not_written_into_even_where_tensorflow_could_share_it():
    memory = np.zeros(64 + 16, np.float32)
    start = (-memory.ctypes.data // 4) % 16  # 64 bytes are what TensorFlow needs to share
    mine = memory[start : start + 64]
    v = tf.Variable(tf.zeros([64]), name="v")
    f = tf.function(lambda: v.assign_add(tf.ones([64]))).get_concrete_function()
    execution = Engine(f).steps(state={"v": mine})
    list(execution)
    execution.go_to(0)
    list(execution)
    assert execution.state()["v"].tolist() == [1.0] * 64
    assert mine.tolist() == [0.0] * 64


def test_initialisers_make_a_state_that_the_next_run_takes(layer):
    first = Engine(layer).steps("init", state=None)
    list(first)
    assert {name: value.tolist() for name, value in first.state().items()} == {
        "W": [[1, 0], [0, 1]],
        "b": [1, -1],
    }
    second = Engine(layer).steps("y:0", {"x:0": X}, state=first.state())
    assert second.results()["y:0"].tolist() == [[2, 1]]


def test_a_function_is_run_on_copies_of_its_variables():
    v = tf.Variable([1.0, 2.0], name="v")

    @tf.function
    def grow(x):
        v.assign_add(x)
        return v * 2.0

    concrete = grow.get_concrete_function(tf.TensorSpec([2], tf.float32, name="x"))
    execution = Engine(concrete).steps(feeds={"x:0": [1.0, 1.0]})
    assert next(iter(execution.results().values())).tolist() == [4, 6]
    assert execution.state()["v"].tolist() == [2, 3]
    assert v.numpy().tolist() == [1, 2]


def test_the_turns_of_a_loop_are_frames(old_loop):
    steps = list(Engine(old_loop).steps("loop/Exit_1:0", {"x:0": 1.0}))
    doubled = [(s.frame, float(s.values["loop/double:0"])) for s in steps if s.op == "Mul"]
    assert doubled == [("loop:0", 2.0), ("loop:1", 4.0), ("loop:2", 8.0), ("loop:3", 16.0)]


def test_the_calls_of_functions_are_frames():
    @tf.function
    def inner(x):
        return tf.sin(x, name="sine")

    @tf.function
    def outer(x):
        for _ in tf.range(2):
            x = inner(x) if tf.reduce_sum(x) > 0.0 else x
        return x

    concrete = outer.get_concrete_function(tf.TensorSpec([], tf.float32, name="x"))
    steps = list(Engine(concrete).steps(feeds={"x:0": 1.0}))
    sines = [step for step in steps if step.op == "Sin"]
    assert [step.frame.split(" > ")[:2] for step in sines] == [
        ["while:0", "while/cond:then"],
        ["while:1", "while/cond:then"],
    ]
    np.testing.assert_allclose(
        next(iter(sines[1].values.values())), np.sin(np.sin(np.float32(1))), rtol=1e-6
    )


def test_two_random_ops_with_equal_seeds_draw_alike_but_not_from_one_stream():
    with tf.Graph().as_default() as graph:
        a, b = (
            tf.raw_ops.RandomUniform(shape=[2], seed=3, seed2=4, dtype=tf.float32) for _ in "ab"
        )
        with tf1.Session() as session:
            expected = session.run([a, b])
    actual = list(Engine(graph).steps([a, b]).results().values())
    np.testing.assert_array_equal(actual, expected)
    np.testing.assert_array_equal(actual[0], actual[1])


def test_a_table_is_filled_by_its_initialiser_and_handed_on():
    with tf.Graph().as_default() as graph:
        pairs = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([1, 2], tf.int64))
        table = tf.lookup.StaticHashTable(pairs, -1)
        found = table.lookup(tf.constant(["b", "c"]))
        start = tf1.tables_initializer()
    with pytest.raises(GraphlabError, match="its table is empty"):
        list(Engine(graph).steps(found))
    first = Engine(graph).steps(start)
    list(first)
    (actual,) = Engine(graph).steps(found, state=first.state()).results().values()
    assert actual.tolist() == [2, -1]


# Stopping, looking, changing


def test_live_tensors_are_those_that_somebody_waits_for(layer):
    execution = Engine(layer).steps("y:0", {"x:0": X}, state=STATE)
    while next(execution).node != "product":
        pass
    assert [(live.spec.name, live.bytes) for live in execution.live()] == [
        ("b:0", None), ("product:0", 8),
    ]  # fmt: skip
    assert execution.live_bytes == 8
    assert [(n.node, n.last) for n in execution.ready()] == [("sum/ReadVariableOp", "b:0")]
    assert execution.why == "W/read:0"


def test_a_live_tensor_is_changed_and_the_run_goes_on_with_it(layer):
    execution = Engine(layer).steps("y:0", {"x:0": X}, state=STATE)
    execution.stop_at(node="product")
    execution.run()
    execution.set("product:0", [[10.0, -10.0]])
    assert execution.results()["y:0"].tolist() == [[11, 0]]


@pytest.mark.parametrize("keep_bytes", [0, 40, 10_000])
def test_going_back_and_forth_changes_nothing(old_loop, keep_bytes):
    def seen(step):
        return (
            step.node,
            step.frame,
            {name: np.asarray(v).tolist() for name, v in step.values.items()},
        )

    straight = [seen(s) for s in Engine(old_loop).steps("loop/Exit_1:0", {"x:0": 1.0})]
    execution = Engine(old_loop).steps("loop/Exit_1:0", {"x:0": 1.0}, keep_bytes=keep_bytes)
    list(execution)
    for number in (30, 5, 17, 1):
        assert seen(execution.go_to(number)) == straight[number - 1]
    assert [seen(step) for step in execution] == straight[1:]


def test_a_random_draw_is_the_same_after_going_back():
    with tf.Graph().as_default() as graph:
        drawn = tf.random.uniform([3], name="drawn")
        tf.identity(drawn + 1.0, name="y")
    execution = Engine(graph).steps("y:0")
    first = execution.results()["y:0"]
    execution.go_to(0)
    np.testing.assert_array_equal(execution.results()["y:0"], first)


def test_variables_go_back_too(layer):
    execution = Engine(layer).steps("grow", state=STATE)
    list(execution)
    execution.back()
    assert execution.state()["W"].tolist() == [[1, 0], [0, 1]]
    next(execution)
    assert execution.state()["W"].tolist() == [[2, 1], [1, 2]]


def test_a_change_is_undone_by_going_back_before_it(layer):
    execution = Engine(layer).steps("y:0", {"x:0": X}, state=STATE, keep_bytes=1000)
    execution.stop_at(node="product")
    execution.run()
    at = execution.number
    execution.set("product:0", [[10.0, 10.0]])
    assert execution.results()["y:0"].tolist() == [[11, 9]]
    execution.go_to(at + 1)
    assert execution.results()["y:0"].tolist() == [[11, 9]]
    execution.go_to(at - 1)
    assert execution.results()["y:0"].tolist() == [[2, 1]]


def test_a_breakpoint_stops_in_the_third_turn_of_a_loop(old_loop):
    execution = Engine(old_loop).steps("loop/Exit_1:0", {"x:0": 1.0})
    execution.stop_at(iteration=("loop", 2))
    assert execution.run().frame == "loop:2"
    assert execution.run() is None


def test_a_breakpoint_stops_at_the_first_bad_value():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [2], name="x")
        tf.reduce_sum(tf.math.log(x, name="log") * 0.0, name="y")
    execution = Engine(graph).steps("y:0", {"x:0": [1.0, 0.0]})
    execution.stop_at(bad=True)
    assert execution.run().node == "log"


def test_a_breakpoint_stops_where_the_device_changes():
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [2], name="x")
        with tf.device("CPU:0"):
            y = tf.sin(x, name="here")
        with tf.device("CPU:1"):
            tf.cos(y, name="there")
    execution = Engine(graph).steps("there:0", {"x:0": [1.0, 0.0]})
    execution.stop_at(device=True)
    step = execution.run()
    assert (step.node, step.device) == ("there", "CPU:1")


def test_an_op_without_a_device_runs_on_the_one_asked_for(layer):
    steps = list(Engine(layer).steps("y:0", {"x:0": X}, device="CPU:1", state=STATE))
    assert {step.device for step in steps} == {"CPU:1"}


# Bad input


def cyclic():
    definition = tf1.GraphDef()
    definition.node.add(name="a", op="Identity", input=["b"]).attr["T"].type = 1
    definition.node.add(name="b", op="Identity", input=["a"]).attr["T"].type = 1
    return definition


def unknown_op():
    definition = tf1.GraphDef()
    definition.node.add(name="a", op="NoSuchOp")
    return definition


def without_its_function():
    @tf.function
    def f(x):
        return tf.sin(x)

    with tf.Graph().as_default() as graph:
        tf.identity(f(tf.constant(1.0)), name="y")
    definition = graph.as_graph_def()
    for node in definition.node:
        if node.op == "PartitionedCall":
            node.attr["f"].func.name = "gone"
    return definition


def one_op(kind):
    """A graph whose `y` is of a kind that the engine cannot run."""
    with tf.Graph().as_default() as graph:
        if kind == "queue":
            tf.identity(tf1.FIFOQueue(1, tf.float32, [[]]).dequeue(), name="y")
        elif kind == "device":
            with tf.device("GPU:7"):
                tf.constant(1.0, name="y")
    return graph


@pytest.mark.parametrize(
    "request_, words",
    [
        (lambda g: Engine(g).steps("yy:0"), r"fetch yy:0 does not exist; there is y"),
        (lambda g: Engine(g).steps("y:3"), r"fetch y:3 does not exist: y \(Relu\) has 1 outputs"),
        (lambda g: Engine(g).steps("y:0", {"xx:0": X}), "feed xx:0 does not exist; there is x"),
        (lambda g: Engine(g).steps("y:0", {"x:0": [[1.0]]}), r"\[1, 1\]; expected \[None, 2\]"),
        (lambda g: Engine(g).steps("y:0", {"x:0": [["a", "b"]]}), "is str.* expected float32"),
        (lambda g: Engine(g).steps("y:0", {}, state=STATE), "x has no value; feed it float32"),
        (lambda g: Engine(g).steps("y:0", {"x:0": X}), "variable W has no value, and W/read"),
        (lambda g: Engine(g).steps(None), "nothing is fetched"),
        (lambda g: Engine(3), "a int is nothing to run"),
        (lambda g: Engine(cyclic()), "wait for each other: "),
        (lambda g: Engine(unknown_op()), "'NoSuchOp', which TensorFlow .* does not know"),
        (lambda g: Engine(without_its_function()).steps("y:0"), "'gone'"),
        (lambda g: Engine(one_op("queue")).steps("y:0"), "FIFOQueueV2.*one at a time"),
        (lambda g: Engine(one_op("device")).steps("y:0"), "asks for device GPU:7"),
    ],
)  # fmt: skip
def test_a_bad_request_is_one_clear_line(layer, request_, words):
    with pytest.raises(GraphlabError, match=words) as error:
        request_(layer)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "asked, words",
    [
        ({"node": "prodct"}, "no op that will run is named 'prodct'; there is product"),
        ({"node": "unneeded"}, "no op that will run is named 'unneeded'"),
        ({"op": "Conv2D"}, "no op that will run is of type 'Conv2D'"),
        ({"device": True}, "the device never changes"),
        ({"iteration": ("loop", 3)}, "no loop that will run is named 'loop'; there is no loop"),
        ({}, "a breakpoint needs"),
    ],
)
def test_a_breakpoint_that_can_never_hit_is_an_error(layer, asked, words):
    execution = Engine(layer).steps("y:0", {"x:0": X}, state=STATE)
    with pytest.raises(GraphlabError, match=words):
        execution.stop_at(**asked)


def test_an_op_that_fails_says_what_it_was_given(layer):
    execution = Engine(layer).steps("y:0", {"product:0": np.zeros((1, 2))}, state=STATE)
    execution.stop_at(node="sum/ReadVariableOp")
    execution.run()
    execution.set("product:0", np.zeros((1, 3)))
    with pytest.raises(GraphlabError, match=r"sum \(AddV2\) failed: .*given float32 \[1, 3\]"):
        list(execution)


def test_setting_what_is_not_live_names_what_is(layer):
    execution = Engine(layer).steps("y:0", {"x:0": X}, state=STATE)
    with pytest.raises(GraphlabError, match="product:0 is not live now; live tensors are x:0"):
        execution.set("product:0", 1.0)
