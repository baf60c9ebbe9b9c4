"""Tables whose contents are known are tables in the ported file."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.errors import GraphlabError
from graphlab.port.recorded import call_of, module_of
from graphlab.port.written import written
from tests.port_proof import differences, methods_of
from tests.test_elements import run

tf1 = tf.compat.v1
WORDS = np.array([b"a", b"x", b"c"], object)


def static(keys=("a", "b", "c"), values=(5, 6, 7), default=-1):
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), default)


def in_session(build, words=WORDS):
    """The call of what is built of the words, a placeholder, [n]."""
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        given = tf1.placeholder(tf.string, [None], name="words")
        fetches = build(given)
        session.run([tf1.global_variables_initializer(), tf1.tables_initializer()])
        with observe(values=True) as seen:
            session.run(fetches, {given: words})
    return call_of(seen.replays[-1])


def in_function(function, *given):
    with observe(values=True) as seen:
        function(*given)
    return call_of(next(each for each in seen.replays if each.run.way == "function"))


def text_of(call):
    return written(module_of(call), ["A port."], "ported.npz", {}).text


def lines_of(call):
    return methods_of(call)["__call__"]


def test_a_look_up_is_one_of_a_static_table(tmp_path):
    call = in_session(lambda words: tf.identity(static().lookup(words) * 2, name="y"))
    assert lines_of(call) == ['return {"y": self.hash_table.lookup(words) * 2}']
    assert "tf.lookup.StaticHashTable(" in text_of(call)
    assert module_of(call).raw == ()
    assert differences(call, tmp_path) == []


def test_how_much_is_in_it_is_asked_of_it(tmp_path):
    def build(words):
        table = static()
        return [table.lookup(words), tf.identity(table.size(), name="size")]

    call = in_session(build)
    assert any("self.hash_table.size()" in line for line in lines_of(call))
    assert differences(call, tmp_path) == []


@pytest.mark.parametrize("default", ["", '"""\n\\', "None"])
def test_what_it_gives_for_other_keys_is_any_text(default, tmp_path):
    def build(words):
        return tf.identity(static(values=("p", '"', "\n"), default=default).lookup(words))

    assert differences(in_session(build), tmp_path) == []


def test_numbers_are_looked_up_with_the_type_they_have(tmp_path):
    def build(words):
        table = static(np.array([7, 3, 5], np.int64), np.array([0.5, 1.5, 2.5], np.float32), 9.0)
        return table.lookup(tf.cast(tf.strings.length(words), tf.int64) + 2)

    call = in_session(build)
    assert any(".lookup(" in line for line in lines_of(call))
    assert differences(call, tmp_path) == []


def test_what_was_in_a_file_is_beside_the_code(tmp_path):
    file = tmp_path / "words.txt"
    file.write_text("c\nb\na\n")

    def build(words):
        rows = tf.lookup.TextFileInitializer(
            str(file),
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
        )
        return tf.lookup.StaticHashTable(rows, -1).lookup(words)

    call = in_session(build)
    file.unlink()
    module = module_of(call)
    assert [array.tolist() for array in module.constants.values()] == [
        [b"a", b"b", b"c"],
        [2, 1, 0],
    ]


def test_a_loss_behind_a_look_up_is_a_tapes(tmp_path):
    def build(words):
        w = tf1.get_variable("w", initializer=np.eye(8, dtype=np.float32), use_resource=True)
        rows = tf.matmul(tf.one_hot(static().lookup(words), 8), w)
        loss = tf.reduce_mean(tf.square(rows - 0.5), name="loss")
        return [loss, tf1.train.GradientDescentOptimizer(0.1).minimize(loss)]

    call = in_session(build)
    assert "with tf.GradientTape() as tape:" in lines_of(call)
    assert differences(call, tmp_path) == []


def test_equal_scopes_that_look_up_are_one_class_that_is_given_the_table(tmp_path):
    def build(words):
        table, found = static(), []
        for number in range(2):
            with tf1.variable_scope(f"tower_{number}"):
                w = tf1.get_variable("w", initializer=np.eye(8, dtype=np.float32) + number)
                found.append(tf.tanh(tf.matmul(tf.one_hot(table.lookup(words), 8), w)))
        return tf.add(*found, name="y")

    call = in_session(build)
    assert text_of(call).count("tf.lookup.StaticHashTable(") == 1
    assert differences(call, tmp_path) == []


def test_a_table_with_two_answers_for_other_keys_is_not_ported():
    """A StaticHashTable has one."""

    def build(words):
        table = static()
        return [
            tf.raw_ops.LookupTableFindV2(
                table_handle=table.resource_handle, keys=words, default_value=default
            )
            for default in (-1, -2)
        ]

    lost = module_of(in_session(build)).unported
    assert {each.op.rpartition("/")[2] for each in lost} == {
        "hash_table",
        "LookupTableFindV2",
        "LookupTableFindV2_1",
    }


def test_a_table_that_a_loop_looks_up_is_not_ported():
    def build(words):
        table = static()

        def turn(i, y):
            return i + 1, y + table.lookup(words)

        begin = (0, tf.zeros_like(table.lookup(words)))
        return tf.while_loop(lambda i, _: i < 2, turn, begin)[1]

    assert module_of(in_session(build)).unported


def test_a_function_has_its_table_too(tmp_path):
    table, w = static(), tf.Variable(tf.range(9.0))
    function = tf.function(lambda words: tf.gather(w, table.lookup(words) + 1))
    call = in_function(function, tf.constant(WORDS))
    assert "self.table.lookup(words)" in "".join(lines_of(call))
    assert "default_value" not in text_of(call)
    assert differences(call, tmp_path) == []


def test_a_table_that_takes_new_keys_does_so_in_the_file(tmp_path):
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    table.insert(["x", "a"], tf.constant([4, 2], tf.int64))
    call = in_function(tf.function(lambda words: table.lookup(words) + 1), tf.constant(WORDS))
    text = text_of(call)
    assert "tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)" in text
    assert "self.table.insert(" in text
    assert differences(call, tmp_path) == []
    assert table.size().numpy() == 2  # to ask has changed nothing


def test_a_function_that_fills_a_table_is_refused_in_one_line():
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)

    @tf.function
    def fill(words):
        table.insert(words, tf.ones_like(words, tf.int64))
        return table.size()

    with pytest.raises(GraphlabError):
        module_of(in_function(fill, tf.constant(WORDS)))


class Looking(tf.Module):
    def __init__(self):
        super().__init__()
        self.table = static()
        self.w = tf.Variable(tf.range(9.0))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def __call__(self, words):
        return {"y": tf.gather(self.w, self.table.lookup(words) + 1)}


def test_a_savedmodel_with_a_table_is_ported(tmp_path):
    module = Looking()
    tf.saved_model.save(module, str(tmp_path / "model"), signatures=module.__call__)
    out = tmp_path / "ported.py"
    done = run("port", str(tmp_path / "model"), "-o", str(out))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "bit-equal" in done.stdout
    assert "self.table.lookup(words)" in out.read_text()


def test_a_graph_with_a_signature_is_ported_with_its_names(tmp_path):
    """But for one that Python has another thing for: that is called as in the graph."""
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        words = tf1.placeholder(tf.string, [None], name="words")
        other = tf1.placeholder(tf.float32, [], name="other")
        found = tf.gather([1.0, 2.0], static().lookup(words) + 1) * other
        session.run(tf1.tables_initializer())
        tf1.saved_model.simple_save(
            session,
            str(tmp_path / "model"),
            {"bytes": words, "factor": other},
            {"rows / best": found},
            legacy_init_op=tf1.tables_initializer(),
        )
    out = tmp_path / "ported.py"
    done = run("port", str(tmp_path / "model"), "-o", str(out))
    assert "bit-equal" in done.stdout, done.stderr
    assert "def __call__(self, words, factor):" in out.read_text()
    assert 'return {"rows_best": ' in out.read_text()


def test_a_metagraph_with_a_checkpoint_has_its_tables_and_local_variables(tmp_path):
    """A saver has neither."""
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        words = tf1.placeholder(tf.string, [None], name="words")
        w = tf1.get_variable("w", initializer=np.arange(9.0, dtype=np.float32))
        seen = tf1.get_variable(
            "seen", initializer=1.0, collections=[tf1.GraphKeys.LOCAL_VARIABLES], trainable=False
        )
        tf.add(tf.gather(w, static().lookup(words) + 1), seen, name="y")
        session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])
        tf1.train.Saver([w]).save(session, str(tmp_path / "model.ckpt"))
    out = tmp_path / "ported.py"
    done = run("port", str(tmp_path / "model.ckpt.meta"), "-o", str(out))
    assert done.returncode == 0, done.stderr
    assert "bit-equal" in done.stdout
    assert "self.hash_table.lookup(words)" in out.read_text()
