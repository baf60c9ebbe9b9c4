"""What a program takes from queues and iterators: given again, an argument, or to be fed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.errors import GraphlabError
from graphlab.port.recorded import call_of, module_of
from graphlab.sources import files
from graphlab.sources.elements import unfilled
from tests.port_proof import differences, in_graph_of_tf1

tf1 = tf.compat.v1
ROWS = np.arange(12, dtype=np.float32).reshape(6, 2)


def queue_of(count=6):
    """A queue of rows, and what fills it."""
    queue = tf1.FIFOQueue(10, tf.float32, [[2]], name="rows")
    return queue, queue.enqueue_many(ROWS[:count])


def watched(fetches, before=(), feeds=None, times=3):
    """The replays of the last of what is run, and what the program got."""
    graph = tf.nest.flatten(fetches)[0].graph
    with tf1.Session(graph=graph) as session:
        with graph.as_default():
            session.run(tf1.global_variables_initializer())
        session.run(before)
        with observe(values=True) as seen:
            got = [session.run(fetches, feeds) for _ in range(times)]
    return seen.replays, got


def one_shot():
    return tf1.data.make_one_shot_iterator(tf.data.Dataset.from_tensor_slices(ROWS)), []


def initializable():
    made = tf1.data.make_initializable_iterator(tf.data.Dataset.from_tensor_slices(ROWS))
    return made, made.initializer


def stage():
    put = [tf.raw_ops.Stage(values=[row], shared_name="area") for row in ROWS]
    return tf.raw_ops.Unstage(dtypes=[tf.float32], shared_name="area")[0], put


TAKEN = {
    "a queue": lambda: (lambda queue: (queue[0].dequeue(), queue[1]))(queue_of()),
    "many of a queue": lambda: (lambda q: (q[0].dequeue_many(2), q[1]))(queue_of()),
    "an iterator with its own data": lambda: (lambda i: (i[0].get_next(), i[1]))(one_shot()),
    "an iterator": lambda: (lambda i: (i[0].get_next(), i[1]))(initializable()),
    "a stage": stage,
}


@pytest.mark.parametrize("kind", TAKEN)
def test_each_call_is_executed_again_with_what_it_took(kind):
    with tf.Graph().as_default():
        row, before = TAKEN[kind]()
        total = tf.reduce_sum(row * row)
    replays, got = watched(total, before)
    assert len(set(got)) == 3  # each call took what the one before had left
    assert [replay.check().text() for replay in replays] == [
        "the engine's fetches equal the real ones to the last bit"
    ] * len(replays)
    assert all(replay.run.feeds == () for replay in replays)  # the program itself feeds nothing


@pytest.mark.parametrize("kind", TAKEN)
def test_it_is_an_argument_with_a_note(kind, tmp_path):
    with tf.Graph().as_default():
        row, before = TAKEN[kind]()
        total = tf.reduce_sum(row * row, name="total")
    call = call_of(watched(total, before)[0][0])
    module = module_of(call)
    (argument,) = module.arguments
    assert argument.taken and argument.name in ("element", "unstage")
    assert module.notes == (
        f"Arguments in place of what the graph takes from queues and iterators: {argument.name}.",
    )
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("with_it", [False, True], ids=["alone", "with what it took"])
def test_a_call_is_told_as_the_program_made_it(with_it):
    """Not with what was fetched besides, for the replay."""
    with tf.Graph().as_default():
        row = initializable()[0].get_next()
        fetches = [tf.reduce_sum(row), *([row] if with_it else [])]
        before = tf1.get_default_graph().get_operation_by_name("MakeIterator")
    told = []
    with tf1.Session(graph=row.graph) as session:
        session.run(before)
        for values in (False, True):
            with observe(values=values) as seen:
                asked = tf1.RunOptions(output_partition_graphs=True)
                metadata = tf1.RunMetadata()
                session.run(fetches, options=asked, run_metadata=metadata)
            ops = sorted(step.op for step in seen.runs[-1].steps)
            graphs = sorted(n.op for graph in metadata.partition_graphs for n in graph.node)
            told.append((ops, graphs))
    assert told[0] == told[1]


def test_what_the_program_feeds_is_not_taken():
    with tf.Graph().as_default():
        row = initializable()[0].get_next()
        total = tf.reduce_sum(row)
    replays, got = watched(total, (), {row: ROWS[3]})
    assert got == [13.0] * 3
    assert [spec.name for spec in replays[0].run.feeds] == [row.name]


def test_what_is_taken_for_summaries_alone_is_no_argument():
    with tf.Graph().as_default():
        queue, fill = queue_of()
        tf1.summary.scalar("fill", queue.size())
        fetches = [tf.reduce_sum(queue.dequeue()), tf1.summary.merge_all()]
    call = call_of(watched(fetches, fill)[0][0])
    assert set(call.inputs) == {"rows_Size:0", "rows_Dequeue:0"}
    assert [each.tensor for each in module_of(call).arguments] == ["rows_Dequeue:0"]


def test_what_is_kept_of_a_queue_is_an_argument_where_it_is_taken():
    with tf.Graph().as_default():
        queue, fill = queue_of()
        left = tf.identity(queue.size(), name="left")
    (argument,) = module_of(call_of(watched(left, fill)[0][0])).arguments
    assert (argument.name, argument.dtype, argument.shape) == ("rows_size", "int32", ())


@pytest.mark.parametrize("asked", [True, False])
def test_a_program_that_takes_in_a_branch_runs_as_before(asked):
    """There a session cannot fetch."""

    def build():
        queue, fill = queue_of()
        wanted = tf1.placeholder(tf.bool, [], name="wanted")
        row = tf1.cond(wanted, queue.dequeue, lambda: tf.zeros([2]))
        return tf.reduce_sum(row), fill, {wanted: asked}

    with tf.Graph().as_default():
        total, fill, feeds = in_graph_of_tf1(build)
    replays, got = watched(total, fill, feeds)
    assert got == ([1.0, 5.0, 9.0] if asked else [0.0, 0.0, 0.0])
    with pytest.raises(GraphlabError, match=r"rows \(FIFOQueueV2\) cannot be run"):
        replays[0].check()


def test_a_program_that_takes_in_a_loop_runs_as_before():
    def build():
        queue, fill = queue_of()

        def turn(i, y):
            return i + 1, y + tf.reduce_sum(queue.dequeue())

        return tf1.while_loop(lambda i, _: i < 2, turn, (0, 0.0))[1], fill

    total, fill = in_graph_of_tf1(build)
    assert watched(total, fill)[1] == [6.0, 22.0, 38.0]


# Files, of which a new session knows no elements.


def graph_of(build, folder):
    def built():
        build()
        return tf1.get_default_graph()

    graph = in_graph_of_tf1(built)
    path = folder / "graph.pb"
    path.write_bytes(graph.as_graph_def(add_shapes=True).SerializeToString())
    return files.read_model(path).graph


def wanted(build, folder, fetch="y:0", fed=()):
    return [spec.name for spec in unfilled(graph_of(build, folder), [fetch], frozenset(fed))]


def pair():
    rows = tf.data.Dataset.from_tensor_slices((ROWS, ROWS[:, 0]))
    return tf1.data.make_initializable_iterator(rows)


def test_what_nobody_puts_in_has_to_be_fed(tmp_path):
    def build():
        queue, _ = queue_of()
        row, number = pair().get_next()
        tf.add(queue.dequeue() + row, number, name="y")

    everything = ["IteratorGetNext:0", "IteratorGetNext:1", "rows_Dequeue:0"]
    assert wanted(build, tmp_path) == everything
    assert wanted(build, tmp_path, fed=everything[:1]) == everything[1:]
    assert wanted(build, tmp_path, "IteratorGetNext:1") == everything[1:2]
    assert wanted(build, tmp_path, "rows_Dequeue") == everything[2:]


def filled_by_the_same_run():
    queue, fill = queue_of()
    with tf.control_dependencies([fill]):
        tf.identity(queue.dequeue(), name="y")


def staged_by_the_same_run():
    put = tf.raw_ops.Stage(values=[ROWS[0]], shared_name="area")
    with tf.control_dependencies([put]):
        row = tf.raw_ops.Unstage(dtypes=[tf.float32], shared_name="area")[0]
    tf.identity(row, name="y")


def begun_by_the_same_run():
    iterator, begin = initializable()
    with tf.control_dependencies([begin]):
        tf.identity(iterator.get_next(), name="y")


@pytest.mark.parametrize(
    "build",
    [
        lambda: tf.identity(one_shot()[0].get_next(), name="y"),
        lambda: tf.identity(queue_of()[0].size(), name="y"),
        filled_by_the_same_run,
        staged_by_the_same_run,
        begun_by_the_same_run,
    ],
    ids=["one-shot", "size", "enqueue", "stage", "initializer"],
)
def test_what_is_there_need_not_be_fed(build, tmp_path):
    assert wanted(build, tmp_path) == []


def test_what_holds_the_elements_may_be_behind_any_number_of_identities_even_a_ring(tmp_path):
    with tf.Graph().as_default() as graph:
        handle = tf1.FIFOQueue(1, tf.float32, [[]], name="rows").queue_ref
        tf.raw_ops.QueueDequeueV2(handle=tf.identity(handle, name="i"), component_types=["float"])
    definition = graph.as_graph_def()
    next(node for node in definition.node if node.name == "i").input[0] = "i"
    path = tmp_path / "ring.pb"
    path.write_bytes(definition.SerializeToString())
    found = unfilled(files.read_model(path).graph, ["QueueDequeueV2:0"], frozenset())
    assert [spec.name for spec in found] == ["QueueDequeueV2:0"]


def test_what_is_taken_in_a_branch_is_refused(tmp_path):
    def build():
        queue, _ = queue_of()
        row = tf1.cond(tf1.placeholder(tf.bool, []), queue.dequeue, lambda: tf.zeros([2]))
        tf.identity(row, name="y")

    with pytest.raises(GraphlabError, match="in a branch or a loop, where it cannot be fed"):
        wanted(build, tmp_path)
    assert wanted(build, tmp_path, fed=["y:0"]) == []


def saved(folder):
    """A MetaGraph that takes rows from a queue and from an iterator."""
    with tf.Graph().as_default() as graph:
        queue, _ = queue_of()
        w = tf1.get_variable("w", initializer=ROWS[1], use_resource=True)
        tf.reduce_sum(queue.dequeue() * w + pair().get_next()[0], name="y")
        tf1.train.export_meta_graph(str(folder / "model.meta"), graph=graph)
    return str(folder / "model.meta")


def run(*arguments):
    command = [sys.executable, "-m", "graphlab", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_a_metagraph_with_a_queue_and_an_iterator_says_what_to_feed_and_does_not_wait(tmp_path):
    done = run("trace", saved(tmp_path))
    assert done.returncode == 2
    assert done.stderr == (
        "graphlab: nothing is fed for rows_Dequeue (float32 [2]), IteratorGetNext (float32 [2]);"
        " try --feed rows_Dequeue=random\n"
    )


def test_a_metagraph_with_a_queue_and_an_iterator_is_ported(tmp_path):
    out = tmp_path / "model.py"
    done = run("port", saved(tmp_path), "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert "queues and iterators: element, element_2." in done.stderr
    assert "bit-equal" in done.stdout
    assert "tf.reduce_sum(element * self.w + element_2)" in out.read_text()
