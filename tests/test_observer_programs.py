"""Whatever a program does with TensorFlow, it does the same while it is watched."""

from __future__ import annotations

import collections
import os
import re
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.watch import request
from graphlab.watch.sessions import MOST_KINDS

tf1 = tf.compat.v1
ROOT = Path(__file__).parents[1]
OURS = str(ROOT / "graphlab") + os.sep  # of files that no message may name


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf1.Session() as session:
        yield session


Pair = collections.namedtuple("Pair", "a b")


class Attrs:
    """As the attrs package makes them: a session knows these by one attribute of the class."""

    def __init__(self, a, b):
        self.a, self.b = a, b

    __attrs_attrs__ = tuple(map(collections.namedtuple("A", "name"), "ab"))


class Hook:
    """A key that can be hashed and not be ordered."""


def same(a, b):
    """Equal to the last bit, however nested."""
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, Attrs):
        return same([a.a, a.b], [b.a, b.b])
    if isinstance(a, tf1.ragged.RaggedTensorValue):
        return a.to_list() == b.to_list()
    if isinstance(a, tuple | list) or hasattr(a, "_fields"):
        return type(a) is type(b) and all(map(same, a, b))
    return np.array_equal(a, b) if a is not None else b is None


def graph():
    """Everything that can be fetched and fed."""
    x = tf1.placeholder(tf.float32, [2], name="x")
    n = tf1.placeholder(tf.int32, [], name="n")
    sparse = tf1.sparse_placeholder(tf.float32, [3], name="sparse")
    ragged = tf1.ragged.placeholder(tf.int64, 1, name="ragged")
    y = tf.multiply(x, tf.cast(n, tf.float32), name="y")
    return {
        "x": x, "n": n, "sparse": sparse, "ragged": ragged, "y": y,
        "sum": tf.sparse.reduce_sum(sparse), "rows": tf.reduce_sum(ragged, 1),
        "slices": tf.IndexedSlices(x, tf.constant([0, 1]), tf.constant([2])),
        "words": tf.constant(["a", "b"]), "train": tf.group(y, name="train"),
    }  # fmt: skip


SPARSE = tf1.SparseTensorValue([[0], [2]], [1.0, 2.0], [3])
RAGGED = tf1.ragged.RaggedTensorValue(np.array([1, 2, 3]), np.array([0, 1, 3]))
REQUESTS = {
    "any hashable key": lambda g: ({Hook(): g["y"], "b": [g["train"]], 3: g["n"]}, None),
    "named tuples": lambda g: (Pair(g["y"], Pair(g["n"], g["x"])), None),
    "attrs": lambda g: (Attrs(g["y"], g["n"]), None),
    "nested lists and dicts": lambda g: ([{"a": [g["y"], (g["n"],)]}, g["x"]], None),
    "a named tuple that is fed": lambda g: (g["y"], {Pair(g["x"], g["n"]): Pair(np.ones(2), 3)}),
    "a sparse tensor": lambda g: ([g["sum"], g["sparse"]], {g["sparse"]: SPARSE}),
    "a sparse tensor fed as a tuple": lambda g: (g["sum"], {g["sparse"]: tuple(SPARSE)}),
    "a ragged tensor": lambda g: ([g["rows"], g["ragged"]], {g["ragged"]: RAGGED}),
    "indexed slices": lambda g: (g["slices"], None),
    "an operation by its name": lambda g: (["train", "y:0"], {"x:0": [1, 2], "n:0": 4}),
    "a fetch that appears twice": lambda g: ([g["y"], g["y"], "y:0", g["train"], g["train"]], None),
    "what is fed is fetched": lambda g: ([g["x"], g["n"]], None),
    "texts": lambda g: (g["words"], {g["words"]: ["ä", "b"]}),
    "nothing": lambda g: ([], None),
    "a float for an integer": lambda g: (g["n"], {g["n"]: np.float64(3.7)}),
    "an inner tensor": lambda g: (g["y"], {g["y"]: [7.0, 8.0]}),
}


@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("name", REQUESTS)
def test_a_session_is_asked_and_given_whatever_it_takes(session, name, values):
    fetches, feeds = REQUESTS[name](g := graph())
    fed = {g["x"]: [1.0, 2.0], g["n"]: 3} if feeds is None else feeds
    alone = [session.run(fetches, fed) for _ in range(3)]
    with observe(values) as seen:
        watched = [session.run(fetches, fed) for _ in range(3)]
    assert same(alone, watched)
    assert seen.notes == []
    assert [calls.count for calls in seen.calls] == [3]
    assert [run.call for run in seen.runs] == [1, 2]
    if values and fetches != []:
        for replay in seen.replays:
            assert replay.check().ok, replay.check().text()


def test_monitored_sessions_with_hooks_run_as_they_would():
    """They ask for a dictionary whose keys are the hooks."""

    def train():
        with tf.Graph().as_default():
            step = tf1.train.get_or_create_global_step()
            w = tf1.get_variable("w", initializer=2.0)
            loss = tf.multiply(w, w)
            train = tf1.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
            hooks = [tf1.train.StopAtStepHook(5), tf1.train.NanTensorHook(loss)]
            losses = []
            with tf1.train.MonitoredTrainingSession(hooks=hooks) as session:
                while not session.should_stop():
                    losses.append(session.run([loss, train])[0])
        return losses

    alone = train()
    with observe(values=True) as seen:
        watched = train()
    assert alone == watched and len(alone) == 5
    assert seen.notes == []
    assert {step.op for run in seen.runs for step in run.steps} >= {"Mul", "AssignAddVariableOp"}


def test_what_a_session_refuses_is_refused_in_its_own_words(session):
    x = tf1.placeholder(tf.float32, [2], name="x")
    y = tf.exp(x)
    with observe() as seen:
        for fetches, feeds in ((y, {}), (3.5, {}), ("no:0", {}), (y, {x: [1.0]}), (y, {3: [1.0]})):
            with pytest.raises((TypeError, ValueError, tf.errors.InvalidArgumentError)) as raised:
                session.run(fetches, feeds)
            assert OURS not in str(raised.value)
    assert seen.notes == []
    assert seen.runs == ()


def test_an_error_of_ours_ends_the_watching_and_not_the_program(session, monkeypatch):
    x = tf1.placeholder(tf.float32, [], name="x")
    y = tf.exp(x)
    f = tf.function(lambda a: a * 2)

    def broken(*_):
        raise KeyError("ours")

    with observe() as seen:
        session.run(y, {x: 0.0})
        monkeypatch.setattr(request, "specs", broken)
        results = [session.run(y, {x: 0.0}) for _ in range(3)]
        results.append(f(tf.constant(1.0)).numpy() if tf.executing_eagerly() else 2.0)
    assert results == [1.0, 1.0, 1.0, 2.0]
    (note,) = seen.notes
    assert note.startswith(
        "watching ended after 2 calls, as graphlab failed (KeyError: 'ours', in "
    )
    assert [run.call for run in seen.runs] == [1]
    assert session.run(y, {x: 0.0}) == 1.0


def test_a_callback_of_ours_that_fails_ends_the_watching_and_not_the_program(monkeypatch):
    from graphlab.watch import eager

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(eager, "_tensor", broken)
    with observe() as seen:
        total = [tf.sin(0.0).numpy() + n for n in range(3)]
    assert total == [0.0, 1.0, 2.0]
    assert "ZeroDivisionError" in seen.notes[0]


def test_make_callable_and_partial_run_are_seen(session):
    x = tf1.placeholder(tf.float32, [], name="x")
    y, constant = tf.exp(x, name="y"), tf.constant(3.0, name="c")
    with observe() as seen:
        given = session.make_callable(y, [x])
        plain = session.make_callable([constant, {"again": constant}])
        told = session.make_callable(constant, accept_options=True)
        assert [given(0.0) for _ in range(3)] == [1.0] * 3
        assert [plain() for _ in range(3)] == [[3.0, {"again": 3.0}]] * 3
        metadata = tf1.RunMetadata()
        full = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
        assert told(options=full, run_metadata=metadata) == 3.0
        handle = session.partial_run_setup([y], [x])
        assert session.partial_run(handle, y, {x: 0.0}) == 1.0
    assert [(calls.name, calls.count) for calls in seen.calls] == [
        ("Session.run", 3), ("make_callable", 3), ("make_callable", 1), ("Session.partial_run", 1),
    ]  # fmt: skip
    assert [(run.name, run.fetches) for run in seen.runs] == [
        ("Session.run", ("y:0",)), ("Session.run", ("y:0",)),
        ("make_callable", ("c:0",)), ("make_callable", ("c:0",)), ("make_callable", ("c:0",)),
    ]  # fmt: skip
    assert {step.op for run in seen.runs for step in run.steps} >= {"Exp", "Const"}
    assert seen.calls[-1].unrecorded.startswith("a partial run takes no options")
    assert metadata.step_stats.dev_stats


def test_threads_share_a_session_and_each_call_belongs_to_its_thread(session):
    x = tf1.placeholder(tf.float32, [], name="x")
    y = tf.exp(x, name="y")
    barrier, wrong = threading.Barrier(4), []
    full = tf1.RunOptions(trace_level=tf1.RunOptions.SOFTWARE_TRACE)

    def work(number):
        try:
            barrier.wait()
            for n in range(30):
                options = full if n % 2 else None  # some trace themselves
                if session.run(y, {x: 0.0}, options, tf1.RunMetadata()) != 1.0:
                    wrong.append(number)
        except Exception as error:
            wrong.append(error)

    with observe(values=True) as seen:
        threads = [threading.Thread(target=work, args=(n,), name=f"worker {n}") for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert seen.notes == []
    told = sorted((calls.thread, calls.count) for calls in seen.calls)
    assert told == [(f"worker {n}", 30) for n in range(4)]
    assert {run.fetches for run in seen.runs} == {("y:0",)}
    assert all(replay.check().ok for replay in seen.replays)


def test_queue_runners_and_a_coordinator_end_as_they_would():
    def train():
        with tf.Graph().as_default():
            numbers = tf1.train.range_input_producer(20, num_epochs=1, shuffle=False)
            batch = tf1.train.batch([numbers.dequeue()], 4)
            got = []
            with tf1.Session() as session:
                session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])
                coordinator = tf1.train.Coordinator()
                threads = tf1.train.start_queue_runners(session, coordinator)
                try:
                    while not coordinator.should_stop():
                        got.append(session.run(batch).tolist())
                except tf.errors.OutOfRangeError:
                    coordinator.request_stop()
                coordinator.join(threads)
        return got

    alone = train()
    with observe() as seen:
        watched = train()
    assert alone == watched == [[4 * n + i for i in range(4)] for n in range(5)]
    assert seen.notes == []
    assert len({calls.thread for calls in seen.calls}) > 1


def test_functions_are_called_on_threads_of_their_own():
    f = tf.function(lambda x: tf.nn.relu(x) * 2.0)
    results = {}
    with observe() as seen:
        f(tf.constant(1.0))
        threads = [
            threading.Thread(
                target=lambda n=n: results.update({n: f(tf.constant(float(n))).numpy()}),
                name=f"t{n}",
            )
            for n in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == {0: 0.0, 1: 2.0, 2: 4.0}
    assert seen.notes == []
    assert sorted(calls.thread for calls in seen.calls) == ["", "t0", "t1", "t2"]
    assert all(calls.unrecorded for calls in seen.calls if calls.thread)


def test_sessions_of_a_function_that_is_called_in_a_loop_are_one_kind_of_call():
    def once(n):
        with tf.Graph().as_default(), tf1.Session() as session:
            return session.run(tf.constant(n, name="c"))

    with observe() as seen:
        assert [once(n) for n in range(20)] == list(range(20))
    (calls,) = seen.calls
    assert (calls.count, sorted(calls.recorded)) == (20, [1, 2, 4, 8])
    assert [run.call for run in seen.runs] == [1, 8]


def test_a_graph_that_grows_with_the_calls_is_told_with_its_line(session):
    x = tf.constant(1.0)
    with observe() as seen:
        for _ in range(3 * MOST_KINDS):
            session.run(x + 1)  # the ops that this line makes are what is wrong with it
    line = __import__("inspect").currentframe().f_lineno - 1
    assert seen.notes == [
        f"the graph grew by 2 ops in each of {3 * MOST_KINDS} calls, at {__file__}:{line}: make the"
        " ops once, before the loop"
    ]
    assert sum(calls.count for calls in seen.calls) == 3 * MOST_KINDS
    assert len(seen.calls) == MOST_KINDS + 1
    assert len(seen.runs) <= 20


def test_a_graph_that_begins_to_grow_when_it_was_still_for_long_is_told_too(session):
    """It is then looked at less often: what grew meanwhile is told as one growth."""
    fetch = tf.constant(1.0)
    with observe() as seen:
        for n in range(200):
            if n >= 90:
                tf.constant(2.0)
            session.run(fetch)
    (note,) = seen.notes
    assert note.startswith("the graph grew by 1 to 6 ops in 105 of 200 calls, at ")


def test_what_is_recorded_stays_within_what_may_be_kept(session):
    fetches = [tf.constant(float(n), name=f"c{n}") for n in range(12)]
    with observe(keep_bytes=1) as seen:
        for fetch in fetches:
            session.run(fetch)
    assert len(seen.runs) == 1
    assert [calls.count for calls in seen.calls] == [1] * 12
    assert seen.notes == [
        "recordings reached the 0 MiB that may be kept (--keep MiB); of calls of later kinds only"
        " the number and the times are known"
    ]


def test_times_of_many_calls_take_no_more_memory_than_of_some():
    from graphlab.watch.calls import MOST_TIMES, Calls

    calls = Calls("graph", "Session.run", None)
    for n in range(100_000):
        calls.took(float(n % 1000), recorded=n in (0, 1))
    assert (calls.count, calls.later) == (100_000, 99_998)
    assert len(calls._later_us) <= MOST_TIMES
    assert calls.median_us == pytest.approx(500, abs=20)


def test_a_function_that_was_called_before_is_given_no_graph_of_an_op_nearby():
    f = tf.function(lambda x: tf.matmul(x, x))
    x = tf.ones([2, 2])
    f(x)
    with observe() as seen:
        y = f(x)
        tf.concat([y, y], 0)
        f(x)
    runs = [run for run in seen.runs if run.way == "function"]
    assert [run.executed for run in runs] == [None] * len(runs)
    assert [[step.node for step in run.steps] for run in runs] == [["MatMul"]] * 2


def test_two_functions_with_the_same_ops_are_told_apart_by_their_names():
    f = tf.function(lambda x: tf.sin(x, name="a"))
    g = tf.function(lambda x: tf.sin(x, name="b"))
    with observe() as seen:
        g(tf.constant(1.0))
        f(tf.constant(1.0))
    told = [{node.name for node in run.executed.nodes} for run in seen.runs if run.executed]
    assert ["b" in names for names in told if names & {"a", "b"}][:1] == [True]
    for run in seen.runs:
        if run.way == "function":
            (op,) = (node.name for node in run.built.nodes if node.op == "Sin")
            assert op in run.executed.by_name


def test_each_retracing_says_which_argument_differed():
    @tf.function
    def scaled(x, by=1):
        return x * float(by)

    with observe() as seen:
        for n in range(6):
            scaled(tf.ones([2]), n)
        for size in (3, 4, 5):
            scaled(tf.ones([size]), 1)
    (traced,) = (each for each in seen.traced if each.name == "scaled")
    assert traced.source[0] == __file__
    assert traced.text() == (
        "scaled was traced 9 times: x was float32 [2], float32 [3], float32 [4], float32 [5] (an"
        " input_signature with None, or reduce_retracing=True, makes one of them); by was 0, 1, 2,"
        " 3 and 2 more (each Python value is a trace of its own; a tensor would not be)"
    )


def test_a_function_that_makes_variables_says_why_it_is_traced_twice():
    class Model(tf.Module):
        v = None

        @tf.function
        def __call__(self, x):
            if self.v is None:
                self.v = tf.Variable(2.0)
            return x * self.v

    model = Model()
    with observe() as seen:
        model(tf.constant(1.0))
        model(tf.constant(2.0))
    (traced,) = (each for each in seen.traced if each.source)
    assert traced.text() == (
        "__call__ was traced 2 times: it made variables, and was traced again with them"
    )


# Of TensorFlow, in a process that the script starts.
CHATTER = re.compile(r"WARNING: All log messages before|[IWE]\d{4} ")

PROGRAMS = {
    # It chooses threads and devices first, which is too late once anything has started them.
    "everywhere": """
        import atexit, multiprocessing, os, subprocess, sys

        def double(n):
            return 2 * n

        if __name__ == "__main__":
            tf.config.threading.set_intra_op_parallelism_threads(1)
            tf.config.set_logical_device_configuration(
                tf.config.list_physical_devices("CPU")[0],
                [tf.config.LogicalDeviceConfiguration()] * 2,
            )
            atexit.register(lambda: print("at exit"))
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(double, [1, 2, 3]), flush=True)
            subprocess.run([sys.executable, "-c", "print('a subprocess')"], check=True)
            os.write(1, b"bytes\\n")
            print(len(tf.config.list_logical_devices("CPU")), tf.sin(0.0).numpy())
        """,
    "forks": """
        import os, sys

        def in_child(n):
            print("child", n, flush=True)
            if n == 0:
                sys.exit(3)
            if n == 1:
                os._exit(4)
            if n == 2:
                os.close(2)
                raise KeyError("child")

        for n in range(3):
            child = os.fork()
            if not child:
                in_child(n)
            print(n, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        child = os.fork()
        if child:
            print("last", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
            print(tf.sin(0.0).numpy())
        """,
    "ends itself": """
        import os
        print(tf.sin(0.0).numpy(), flush=True)
        os._exit(0)
        """,
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_script_prints_what_it_would_and_all_of_it_where_its_output_goes(name, tmp_path):
    path = tmp_path / "script.py"
    path.write_text("import tensorflow as tf\n" + textwrap.dedent(PROGRAMS[name]).lstrip())
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    options = {"capture_output": True, "text": True, "env": environment, "cwd": tmp_path}
    alone = subprocess.run([sys.executable, str(path)], **options)
    command = [sys.executable, "-m", "graphlab", "trace", str(path)]
    watched = subprocess.run(command, **options)
    assert (alone.returncode, watched.returncode) == (0, 0), watched.stderr
    said = "".join(line for line in watched.stderr.splitlines(True) if not CHATTER.match(line))
    assert said == alone.stdout
    assert watched.stdout.count("eager ops: ") == 1
    assert "Sin" in watched.stdout


@pytest.mark.parametrize("how", ["sys.exit(3)", "os._exit(3)", "sys.exit('no data')"])
def test_a_script_that_leaves_by_itself_is_told_with_its_exit_code(how, tmp_path):
    path = tmp_path / "script.py"
    path.write_text(f"import os, sys\nimport tensorflow as tf\ntf.sin(0.0)\n{how}\n")
    ran = subprocess.run(
        [sys.executable, "-m", "graphlab", "trace", str(path)],
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    code = "no data" if "no data" in how else "exit code 3"
    assert ran.returncode == 3
    assert f"left with {code}; what was recorded until then is kept" in ran.stderr
    assert "Sin" in ran.stdout
