"""Soft placement: an op that asks for what is not here runs elsewhere only where it may."""

import io
from dataclasses import replace
from types import SimpleNamespace

import pytest
import tensorflow as tf
from engine_proof import same_bits
from rich.console import Console

from graphlab import observe
from graphlab.engine import Engine
from graphlab.engine.execution import Live
from graphlab.engine.kernels import placement
from graphlab.errors import GraphlabError
from graphlab.model import TensorSpec
from graphlab.walk import panels
from graphlab.watch.replay import allows_soft_placement, function_start

tf1 = tf.compat.v1
SOFT = tf1.ConfigProto(allow_soft_placement=True)


def elsewhere():
    """Ops and a variable that ask for a device that no machine has."""
    with tf.Graph().as_default() as graph, tf.device("GPU:99"):
        v = tf1.get_variable("v", initializer=[1.0, 2.0], use_resource=False)
        r = tf1.get_variable("r", initializer=[3.0, 4.0], use_resource=True)
        tf.identity(tf.tanh(v) + r, name="y")
    return graph


def test_where_the_session_allows_it_an_op_runs_where_it_can():
    graph = elsewhere()
    with tf1.Session(graph=graph, config=SOFT) as session:
        session.run([op for op in graph.get_operations() if op.type.startswith("Assign")])
        expected = session.run("y:0")
        execution = Engine(graph).steps("y:0", state=session, soft_placement=True)
    steps = list(execution)
    assert same_bits(execution.results()["y:0"], expected)
    assert {step.device for step in steps} <= {"CPU:0", "GPU:0"}


def test_where_it_does_not_the_op_is_refused_as_the_session_refuses_it():
    graph = elsewhere()
    session = tf1.Session(graph=graph, config=tf1.ConfigProto())
    with session, pytest.raises(tf.errors.InvalidArgumentError, match="GPU:99"):
        session.run("y:0")
    with pytest.raises(GraphlabError, match="asks for device GPU:99, which is not on this"):
        Engine(graph).steps("y:0", state={"v": [1.0, 2.0], "r": [3.0, 4.0]})


def test_an_op_without_a_kernel_where_it_asks_to_be_runs_where_it_has_one():
    with tf.Graph().as_default() as graph:
        with tf.device("GPU:0"):
            tf.strings.lower(tf.constant("ABC"), name="y")
        with tf1.Session(config=SOFT) as session:
            expected = session.run("y:0")
    assert same_bits(Engine(graph).steps("y:0", soft_placement=True).results()["y:0"], expected)


def test_a_session_and_the_process_say_whether_they_allow_it():
    with (
        tf.Graph().as_default(),
        tf1.Session(config=SOFT) as soft,
        tf1.Session(config=tf1.ConfigProto()) as hard,
    ):
        assert [allows_soft_placement(session) for session in (soft, hard)] == [True, False]
    function = tf.function(lambda x: x + 1.0).get_concrete_function(tf.constant(1.0))
    before = tf.config.get_soft_device_placement()
    try:
        for allowed in (True, False):
            tf.config.set_soft_device_placement(allowed)
            start = function_start(function, [tf.constant(1.0)])
            assert start.soft_placement == allowed
    finally:
        tf.config.set_soft_device_placement(before)


def test_a_cpu_that_only_the_session_had_is_as_good_as_another():
    with tf.Graph().as_default() as graph, tf.device("CPU:5"):
        tf.square(tf.constant([1.0, 2.0]), name="y")
    with tf1.Session(graph=graph, config=tf1.ConfigProto(device_count={"CPU": 6})) as session:
        expected = session.run("y:0")
    execution = Engine(graph).steps("y:0")
    assert {step.device for step in execution} == {"CPU:0"}
    assert same_bits(execution.results()["y:0"], expected)


def placed(op_type, device, asked="", soft=False):
    op = SimpleNamespace(type=op_type, device=asked, title=op_type)
    return placement.place_of(op, placement.Where(device, soft)).rpartition("device:")[2]


def test_an_op_that_asks_for_no_device_goes_to_the_gpu_only_where_it_has_a_kernel(monkeypatch):
    """There is no GPU here: only the choice is tried, by the kernels that TensorFlow has."""
    monkeypatch.setattr(placement, "available", lambda: ["CPU:0", "GPU:0"])
    monkeypatch.setattr(placement, "_places", {})
    told = [placed(op, "GPU:0", soft=soft) for op in ("MatMul", "StringLower") for soft in (0, 1)]
    assert told == ["GPU:0", "GPU:0", "CPU:0", "CPU:0"]
    assert placed("MatMul", "GPU:0", "/device:CPU:0") == "CPU:0"


def test_a_replay_runs_where_the_call_ran_if_that_was_a_gpu(monkeypatch):
    """There is no GPU here: CPU:1 is taken for one, and the steps of a call are said to be its."""
    with tf.Graph().as_default(), tf1.Session() as session, observe(values=True) as seen:
        x = tf1.placeholder(tf.float32, [2, 2], name="x")
        session.run(tf.strings.as_string(tf.matmul(x, x)), {x: [[1, 2], [3, 4]]})
    (replay,) = seen.replays
    assert {step.device for step in replay.steps()} == {"CPU:0"}
    steps = tuple(replace(step, device="CPU:1") for step in replay.run.steps)
    there = replace(replay, run=replace(replay.run, steps=steps))
    monkeypatch.setattr("graphlab.watch.replay.is_gpu", lambda device: device == "CPU:1")
    assert {step.device for step in there.steps()} == {"CPU:1"}
    assert {step.device for step in there.steps(device="CPU:0")} == {"CPU:0"}
    assert there.check().ok


def test_where_a_tensor_lives_is_told_by_its_memory_and_not_by_its_op(monkeypatch):
    """There is no GPU here: only what a tensor says of itself is another."""
    local = "/job:localhost/replica:0/task:0/device:"
    shape, product = tf.constant([2, 3]), tf.constant([1.0])
    memory = {id(shape): "CPU:0", id(product): "GPU:0"}
    monkeypatch.setattr(
        type(shape), "backing_device", property(lambda self: local + memory[id(self)])
    )
    live = [
        Live(TensorSpec(name, "float32", (1,)), "", 4, 1, held)
        for name, held in (("shape:0", shape), ("product:0", product))
    ]
    console = Console(width=60, record=True, file=io.StringIO())
    console.print(panels.live(SimpleNamespace(live=live)))
    assert [line.split() for line in console.export_text().splitlines()] == [
        ["4", "B", "shape:0", "float32", "[1]", "on", "CPU:0"],
        ["4", "B", "product:0", "float32", "[1]", "on", "GPU:0"],
    ]
