"""A recorded call that is executed again leaves what lies outside as the program left it."""

import os
import subprocess
import sys
import textwrap

import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.errors import GraphlabError

tf1 = tf.compat.v1


def events_of(folder):
    """How many events each file of summaries has."""
    return [len(list(tf.data.TFRecordDataset(str(path)))) for path in sorted(folder.iterdir())]


def test_files_that_a_session_wrote_stay_as_the_last_call_left_them(tmp_path):
    with tf.Graph().as_default(), tf1.Session() as session, observe(values=True) as seen:
        count = tf1.get_variable("count", initializer=1.0, use_resource=True)
        add = count.assign_add(1.0)
        write = tf.io.write_file(str(tmp_path / "log.txt"), tf.as_string(count, precision=0))
        saver = tf1.train.Saver()
        session.run(count.initializer)
        for _ in range(12):
            session.run(add)
            session.run(write)
            saver.save(session, str(tmp_path / "model"))
    calls = {replay.run.call: replay for replay in seen.replays}
    assert sorted(calls) == [1, 8]
    for replay in seen.replays:
        assert replay.check().ok
    assert (tmp_path / "log.txt").read_text() == "13"
    assert tf.train.load_checkpoint(str(tmp_path / "model")).get_tensor("count") == 13.0


def test_a_summary_that_a_function_wrote_is_one_point_of_its_curve(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path))

    @tf.function
    def record(step):
        with writer.as_default(step=step):
            tf.summary.scalar("loss", 2.0)
        return step + 1

    with observe(values=True) as seen:
        for step in range(3):
            record(tf.constant(step, tf.int64))
    called = [replay for replay in seen.replays if replay.run.way == "function"]
    assert [replay.check().ok for replay in called] == [True, True]
    writer.close()
    assert events_of(tmp_path) == [4]  # the first says which version the file has


def test_what_eager_ops_saved_is_not_saved_again(tmp_path):
    count = tf.Variable(1.0)
    with observe(values=True) as seen:
        for _ in seen.steps(range(10)):
            count.assign(count + 1.0)
            tf.train.Checkpoint(count=count).write(str(tmp_path / "model"))
    again = [replay.check().ok for replay in seen.replays if replay.run.step]
    assert again == [True, True]
    saved = tf.train.load_checkpoint(str(tmp_path / "model"))
    assert saved.get_tensor("count/.ATTRIBUTES/VARIABLE_VALUE") == 11.0


def test_a_text_is_printed_once_and_a_python_function_for_its_own_sake_is_called_once(capfd):
    called = []

    @tf.function
    def told(x):
        tf.print("x is", x)
        tf.py_function(called.append, [x], [])
        return tf.raw_ops.Print(input=x * 2.0, data=[x], message="printed ")

    with observe(values=True) as seen:
        told(tf.constant(3.0))
    (replay,) = [replay for replay in seen.replays if replay.run.way == "function"]
    assert replay.check().agreement.worst is None  # so Print handed on what it was given
    steps = {step.op: step for step in replay.steps()}
    assert [steps[op].duration_us for op in ("PrintV2", "EagerPyFunc", "Print")] == [None] * 3
    assert len(called) == 1
    printed = capfd.readouterr().err
    assert [printed.count(text) for text in ("x is 3", "printed [3]")] == [1, 1]


def test_what_a_called_python_function_prints_stands_in_no_answer(tmp_path):
    script = tmp_path / "prints.py"
    script.write_text(
        textwrap.dedent("""
        import tensorflow as tf

        def host(x):
            print("from Python")
            return x

        @tf.function
        def f(x):
            return tf.py_function(host, [x], tf.float32) + 1.0

        f(tf.constant(1.0))
        """)
    )
    page = str(tmp_path / "page.html")
    for command, first in (
        (["compare", script, script, "--json"], "{"),
        (["step", script], "Replayed from the state before the call: the engine's"),
        (["trace", script, "--html", page], ""),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "graphlab", *map(str, command)],
            input="continue\n",
            capture_output=True,
            text=True,
            env={**os.environ, "COLUMNS": "60"},
        )
        assert done.returncode == 0, done.stderr
        assert "from Python" in done.stderr
        assert "from Python" not in done.stdout
        assert done.stdout.partition("\n")[0].startswith(first)


def test_a_table_that_is_only_looked_up_does_not_keep_an_iterator_from_being_replayed():
    """As `fit` of a Keras model with a StringLookup calls it."""
    words = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2]), 0)

    @tf.function
    def step(iterator):
        return words.lookup(next(iterator)) * 10

    iterator = iter(tf.data.Dataset.from_tensor_slices(["b", "c", "a"]))
    with observe(values=True) as seen:
        found = [step(iterator).numpy() for _ in range(3)]
    called = [replay for replay in seen.replays if replay.run.way == "function"]
    assert found == [20, 0, 10]
    assert [(each.run.call, each.check().agreement.worst) for each in called] == [
        (1, None),
        (2, None),
    ]


def test_what_a_function_has_captured_and_would_change_is_not_changed_by_a_replay():
    iterator = iter(tf.data.Dataset.range(9))
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    count = tf.function(lambda: next(iterator))

    @tf.function
    def learn(word):
        table.insert(word, [1])

    with observe(values=True) as seen:
        count()
        learn(tf.constant(["a"]))
    called = [replay for replay in seen.replays if replay.run.way == "function"]
    assert len(called) == 2
    for replay in called:
        with pytest.raises(GraphlabError, match="would change a table or an iterator that lives"):
            replay.check()
    assert (next(iterator).numpy(), table.size().numpy()) == (1, 1)
