"""observe(): what it records of unchanged TensorFlow code, and that it changes nothing."""

import contextlib
import re
import threading
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.model import Run, TensorSpec, check, from_json, to_json

tf1 = tf.compat.v1
X = np.arange(6, dtype=np.float32).reshape(2, 3) / 7
STEPS = [X * n for n in range(1, 13)]


def train_graph(cases, device="CPU:0"):
    with tf.Graph().as_default() as g, tf.device(device):
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        w = tf1.get_variable("w", (3, 2), initializer=tf1.ones_initializer())
        loss = tf.reduce_sum(tf.tanh(tf.matmul(x, w, name="mm")), name="loss")
        train = tf1.train.GradientDescentOptimizer(0.1).minimize(loss)
        start = tf1.global_variables_initializer()
    with tf1.Session(graph=g) as session:
        session.run(start)
        losses = [session.run([loss, train], {x: case})[0] for case in cases]
        return losses, session.run(w)


def train_function(cases, device="CPU:0"):
    with tf.device(device):
        w = tf.Variable(np.ones((3, 2), np.float32), name="w")

    @tf.function
    def train(x):
        with tf.device(device), tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.tanh(tf.matmul(x, w)))
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    return [train(tf.constant(case)).numpy() for case in cases], w.numpy()


def train_eager(cases, device="CPU:0"):
    with tf.device(device):
        w = tf.Variable(np.ones((3, 2), np.float32), name="w")
        losses = []
        for case in cases:
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.tanh(tf.matmul(case, w)))
            w.assign_sub(0.1 * tape.gradient(loss, w))
            losses.append(loss.numpy())
        return losses, w.numpy()


TRAIN = {"graph": train_graph, "eager": train_eager, "function": train_function}


def bits(results):
    losses, weights = results
    return np.asarray(losses).tobytes(), weights.tobytes()


@pytest.mark.parametrize("way", TRAIN)
def test_observing_does_not_change_a_bit(way):
    alone = TRAIN[way](STEPS)
    with observe() as seen:
        watched = TRAIN[way](seen.steps(STEPS))
    assert bits(watched) == bits(alone)


@pytest.mark.parametrize("way", ["graph", "function"])
def test_stateful_random_ops_give_the_same_numbers_when_observed(way):
    def draw():
        if way == "graph":
            with tf.Graph().as_default(), tf1.Session() as session:
                y = tf1.random_uniform((3,), seed=5)
                return [session.run(y).tolist() for _ in range(10)]
        f = tf.function(lambda: tf.random.uniform((3,), seed=5))
        tf.random.set_seed(1)
        return [f().numpy().tolist() for _ in range(10)]

    alone = draw()
    with observe():
        watched = draw()
    assert watched == alone


@pytest.mark.parametrize("way", TRAIN)
def test_every_recorded_run_is_sound_and_goes_to_json_and_back(way):
    with observe() as seen:
        TRAIN[way](seen.steps(STEPS))
    assert seen.runs
    for run in seen.runs:
        check(run.built)
        check(run.executed)
        assert from_json(Run, to_json(run)) == run


def test_what_is_fed_by_its_name_has_its_type_too():
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [None], name="x")
        tf.negative(x, name="y")
        with observe() as seen:
            session.run("y:0", {"x:0": [1.0, 2.0]})
    assert seen.runs[0].feeds == (TensorSpec("x:0", "float32", (2,)),)


@pytest.mark.parametrize("way", TRAIN)
def test_the_first_and_the_eighth_step_are_recorded(way):
    with observe() as seen:
        TRAIN[way](seen.steps(STEPS))
    assert [run.step for run in seen.runs if run.way == way and run.step] == [1, 8]
    assert len(seen.step_us) == len(STEPS)
    assert set(seen.step_calls) == {1, 8}


def test_a_session_run_says_what_was_fed_fetched_and_where_it_ran():
    with observe() as seen:
        train_graph(STEPS, "CPU:1")
    run = [run for run in seen.runs if run.feeds][-1]
    assert (run.call, run.name, run.way) == (8, "Session.run", "graph")
    assert [(spec.name, spec.dtype, spec.shape) for spec in run.feeds] == [
        ("x:0", "float32", (2, 3))
    ]
    assert run.fetches == ("loss:0", "GradientDescent")
    assert run.source[0] == __file__
    by_name = {step.node: step for step in run.steps}
    assert by_name["mm"].device == "CPU:1"
    assert by_name["mm"].outputs[0].shape == (2, 2)
    assert by_name["mm"].duration_us > 0
    assert by_name["_arg_x_0_0"].device == "CPU:0"


def test_sends_and_receives_are_there_and_not_timed():
    with observe() as seen:
        train_graph(STEPS[:1], "CPU:1")
    run = next(run for run in seen.runs if run.feeds)
    transfers = [step for step in run.steps if step.op in ("_Send", "_Recv")]
    assert {step.op for step in transfers} == {"_Send", "_Recv"}
    assert {(step.start_us, step.duration_us) for step in transfers} == {(None, None)}


def test_a_function_call_has_the_real_times_of_its_kernels():
    with observe() as seen:
        train_function(STEPS, "CPU:1")
    run = next(run for run in reversed(seen.runs) if run.way == "function")
    by_op = {step.op: step for step in run.steps}
    assert run.name == "train"
    assert run.call == 8
    assert by_op["Tanh"].duration_us > 0
    assert by_op["Tanh"].device == "CPU:1"
    timed = [step.start_us for step in run.steps if step.start_us is not None]
    assert timed == sorted(timed)
    assert timed[0] == 0.0
    assert all(step.end_us <= run.wall_us for step in run.steps if step.end_us is not None)


def test_a_function_that_was_called_before_is_timed_but_its_executed_graph_is_not_known():
    f = tf.function(lambda x: tf.sin(x, name="sine"))
    f(tf.constant([1.0]))
    with observe() as seen:
        f(tf.constant([2.0]))
    run = next(run for run in seen.runs if run.way == "function")
    assert run.executed is None
    assert [(step.node, step.op) for step in run.steps] == [("sine", "Sin")]


def test_a_loop_says_which_iteration_each_op_belongs_to():
    @tf.function
    def f(x):
        for _ in tf.range(3):
            x = tf.sin(x, name="sine")
        return x

    with observe() as seen:
        f(tf.constant(1.0))
    run = next(run for run in seen.runs if run.way == "function")
    assert [step.frame for step in run.steps if step.op == "Sin"] == ["0", "1", "2"]


def test_eager_ops_know_their_line_their_device_and_their_gradients():
    with observe() as seen:
        train_eager(STEPS, "CPU:1")
    run = seen.runs[0]
    ops = {step.node: step for step in run.steps}
    assert ops["Tanh"].device == "CPU:1"
    assert ops["Tanh"].duration_us > 0
    assert "gradient_tape/TanhGrad" in ops
    source = run.built["Tanh"].source
    assert source[0] == __file__
    assert "tf.tanh" in Path(__file__).read_text().splitlines()[source[1] - 1]
    assert run.built["w"].op == "VarHandleOp"


def test_every_node_of_a_graph_knows_the_users_line():
    with observe() as seen:
        train_graph(STEPS[:1])
    graph = next(run for run in seen.runs if run.feeds).built
    assert {node.source[0] for node in graph.nodes} == {__file__}
    lines = Path(__file__).read_text().splitlines()
    assert "tf.matmul" in lines[graph["mm"].source[1] - 1]
    assert "minimize" in lines[graph["gradients/mm_grad/MatMul_1"].source[1] - 1]


WRITES = {
    "assign_add": lambda v, slope: v.assign_add(slope),
    "a row": lambda v, slope: v.scatter_nd_update([[0]], slope[:1]),
    "a slice": lambda v, slope: v[1:].assign(slope[1:]),
    "apply": lambda v, slope: tf.raw_ops.ResourceApplyGradientDescent(
        var=v.handle, alpha=1.0, delta=slope
    ),
    "function": lambda v, slope: tf.function(v.assign_sub)(slope),
    "compiled": lambda v, slope: tf.function(v.assign_sub, jit_compile=True)(slope),
}


@pytest.mark.parametrize("write", WRITES)
def test_what_was_kept_of_a_variable_is_not_written_over(write):
    """What is kept is the tensor's own memory, over which an op writes if nobody else holds it."""
    variable = tf.Variable([1.0, 2.0, 3.0])
    with observe(values=True) as seen:
        for _ in range(2):
            tf.negative(variable)
            WRITES[write](variable, tf.constant([8.0, 8.0, 8.0]))
    (eager,) = (replay for replay in seen.replays if replay.run.way == "eager")
    kept = [
        np.ravel(v).tolist() for v in (*eager.start.state.values(), *eager.start.feeds.values())
    ]
    assert [1.0, 2.0, 3.0] in kept
    assert eager.start.results["Neg:0"].tolist() == [-1.0, -2.0, -3.0]
    assert variable.numpy().tolist() != [1.0, 2.0, 3.0]


def test_calls_between_python_and_the_runtime_are_counted_by_step():
    counts = {}
    for way, train in TRAIN.items():
        with observe() as seen:
            train(seen.steps(STEPS))
        counts[way] = seen.step_calls[8]
    assert counts["graph"] == counts["function"] == 1
    assert counts["eager"] > 5


def test_traces_are_counted():
    f = tf.function(lambda x: x)
    with observe() as seen:
        for n in range(5):
            f(n)
        for n in range(5):
            f(tf.constant(n))
    assert seen.traces == 6


def test_an_error_passes_through_and_what_was_seen_stays():
    with pytest.raises(ZeroDivisionError), observe() as seen:
        train_graph(STEPS[:2])
        raise ZeroDivisionError
    assert [run.name for run in seen.runs] == ["Session.run"] * 4


def test_after_the_block_nothing_is_watched():
    before = tf1.Session.run
    with observe() as seen:
        assert tf1.Session.run is not before
    assert tf1.Session.run is before
    train_eager(STEPS[:1])
    assert seen.runs == ()


def test_blocks_do_not_nest():
    with observe(), pytest.raises(RuntimeError, match="do not nest"), observe():
        pass
    with observe():
        pass


def test_the_users_own_metadata_holds_what_the_user_asked_for():
    with tf.Graph().as_default(), tf1.Session() as session:
        y = tf.sin(tf.constant(1.0))
        metadata, plain = tf1.RunMetadata(), tf1.RunMetadata()
        full = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
        with observe():
            session.run(y, options=full, run_metadata=metadata)
            session.run(y, run_metadata=plain)
    assert metadata.step_stats.dev_stats
    assert not metadata.partition_graphs
    assert not plain.step_stats.dev_stats


@pytest.mark.parametrize("inside", [False, True])
def test_a_program_that_profiles_itself_is_not_disturbed_and_its_runs_are_recorded(
    tmp_path, inside
):
    with contextlib.ExitStack() as stack:
        if inside:
            seen = stack.enter_context(observe())
        tf.profiler.experimental.start(str(tmp_path))
        stack.callback(tf.profiler.experimental.stop)
        if not inside:
            seen = stack.enter_context(observe())
        losses, _ = train_graph(STEPS[:2])
        tf.sin(1.0)
    assert len(losses) == 2
    assert list(tmp_path.rglob("*.xplane.pb")) != []
    assert [(calls.name, calls.count) for calls in seen.calls] == [
        ("Session.run", 1), ("Session.run", 2), ("Session.run", 1),
    ]  # fmt: skip
    assert {run.clock for run in seen.runs if run.way == "graph"} == {"runtime"}
    (eager,) = (run for run in seen.runs if run.way == "eager")
    assert [(s.op, s.start_us) for s in eager.steps if s.op == "Sin"] == [("Sin", None)]


def test_an_endless_eager_loop_is_recorded_up_to_a_limit():
    x = tf.constant(1.0)
    with observe() as seen:
        for _ in range(3000):
            x = tf.sin(x)
    assert seen.eager_cut
    assert [len(run.steps) for run in seen.runs] == [2000]


def test_eval_and_operation_run_are_seen_too():
    with tf.Graph().as_default(), observe() as seen, tf1.Session():
        v = tf1.get_variable("v", (), initializer=tf1.zeros_initializer())
        v.initializer.run()
        assert v.eval() == 0
    assert [run.fetches for run in seen.runs] == [("v/Assign",), ("v/Read/ReadVariableOp:0",)]


def test_a_function_says_which_variable_each_of_its_captures_is():
    with observe() as seen:
        train_function(STEPS[:1])
    graph = next(run for run in seen.runs if run.way == "function").built
    held = [(n.marks.variable, n.marks.holds) for n in graph.nodes if n.marks.variable]
    assert held == [("w", ("float32", (3, 2)))]


def test_runs_from_one_line_that_ask_for_the_same_are_one_kind_of_call():
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [], name="x")
        y, z = tf.negative(x, name="y"), tf.exp(x, name="z")
        with observe() as seen:
            for n in range(5):
                session.run([y, {"z": z}, "".join(["y", ":0"])], {"".join(["x", ":0"]): n})
            for fetch in (y, z):
                session.run(fetch, {x: 1.0})
    assert [calls.count for calls in seen.calls] == [5, 1, 1]


def test_a_list_that_a_program_changes_between_its_runs_is_another_request():
    with tf.Graph().as_default(), tf1.Session() as session:
        x, y = tf.constant(1.0, name="x"), tf.constant(2.0, name="y")
        flat, nested, named = [x], [[x]], {"a": x}
        with observe() as seen:
            for number in range(4):
                if number == 2:
                    flat[0] = nested[0][0] = named["a"] = y
                for fetches in (flat, nested, named):
                    session.run(fetches)
    assert [(calls.asked, calls.count) for calls in seen.calls] == [(("x:0",), 6), (("y:0",), 6)]


def test_the_times_of_a_call_are_its_own_also_where_another_thread_called_the_function_before():
    @tf.function
    def f(x, rounds):
        for _ in tf.range(rounds):
            x = tf.linalg.matmul(x, x, name="square") / 100.0
        return x

    matrix = tf.eye(100)
    with observe() as seen:
        other = threading.Thread(target=f, args=(matrix, tf.constant(300)))
        other.start()
        other.join()
        for _ in range(8):
            f(matrix, tf.constant(1))
    runs = [run for run in seen.runs if run.way == "function"]
    assert [run.call for run in runs] == [1, 8]
    for run in runs:
        assert len([step for step in run.steps if step.node.endswith("square")]) == 1
        assert all(step.end_us <= run.wall_us for step in run.steps if step.end_us is not None)
    (eager,) = [run for run in seen.runs if run.way == "eager"]
    calls = [step for step in eager.steps if re.fullmatch(r"f(_\d+)?", step.node)]
    assert len(calls) == 8
    assert all(step.duration_us <= run.wall_us for step, run in zip(calls[::7], runs, strict=True))
