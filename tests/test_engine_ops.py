"""Kind by kind what TensorFlow has: each runs equal to Session.run to the last bit, or is refused
by name before anything has run."""

import re

import numpy as np
import pytest
import tensorflow as tf
from engine_proof import as_written, check_run, same_bits
from tensorflow.python.framework import function
from tensorflow.python.ops import data_flow_ops, functional_ops

from graphlab.engine import Engine
from graphlab.engine.start import session_state
from graphlab.errors import GraphlabError

tf1 = tf.compat.v1
raw = tf.raw_ops
X = np.arange(6.0, dtype=np.float32).reshape(2, 3) / 3


def temporary_variable(x, _):
    variable = raw.TemporaryVariable(shape=[2, 3], dtype=tf.float32, var_name="t")
    filled = raw.AssignAdd(ref=raw.Assign(ref=variable, value=x), value=x)
    return raw.DestroyTemporaryVariable(ref=filled, var_name="t")


def tensor_array(x, _):
    array = tf.TensorArray(tf.float32, 2, clear_after_read=False).unstack(x)
    slope = tf.gradients(array.stack() * array.read(0), x)[0]
    split = tf.TensorArray(tf.float32, 2, infer_shape=False).split(tf.reshape(x, [6]), [2, 4])
    return [array.stack(), array.read(1), array.size(), array.gather([1, 0]), slope, split.concat()]


def tensor_array_of_the_graph(x, _):
    handle, flow = raw.TensorArrayV3(size=2, dtype=tf.float32)
    flow = raw.TensorArrayScatterV3(handle=handle, indices=[0, 1], value=x, flow_in=flow)
    gathered = raw.TensorArrayGatherV3(
        handle=handle, indices=[1, 0], flow_in=flow, dtype=tf.float32
    )
    return [gathered, raw.TensorArraySizeV3(handle=handle, flow_in=flow)]


def tensor_list(x, _):
    items = raw.TensorListFromTensor(tensor=x, element_shape=[3])
    return raw.TensorListStack(input_handle=items, element_shape=[3], element_dtype=tf.float32)


def tensor_map(x, _):
    items = raw.TensorMapInsert(input_handle=raw.EmptyTensorMap(), key="a", value=x)
    return raw.TensorMapLookup(input_handle=items, key="a", value_dtype=tf.float32)


def dense_table(x, _):
    table = tf.lookup.experimental.DenseHashTable(
        tf.int64, tf.int64, default_value=-1, empty_key=0, deleted_key=-5
    )
    with tf.control_dependencies([table.insert([1, 2], [10, 20])]):
        return [table.lookup([1, 2, 3]), table.size()]


def changing_table(x, _):
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, default_value=-1.0)
    with tf.control_dependencies([table.insert(tf.constant(["a", "b"]), tf.constant([1.0, 2.0]))]):
        removed = table.remove(tf.constant(["a"]))
    with tf.control_dependencies([removed]):
        return [table.lookup(tf.constant(["a", "b"])), table.size()]


def table_from_a_file(x, folder):
    (folder / "words.txt").write_text("a\nb\nc\n")
    lines = tf.lookup.TextFileInitializer(
        str(folder / "words.txt"),
        tf.string,
        tf.lookup.TextFileIndex.WHOLE_LINE,
        tf.int64,
        tf.lookup.TextFileIndex.LINE_NUMBER,
    )
    words = tf.constant(["b", "z"])
    fixed = tf.lookup.StaticHashTable(lines, -1)
    return [fixed.lookup(words), tf.lookup.StaticVocabularyTable(lines, 3).lookup(words)]


def dataset_within_a_run(x, _):
    data = tf1.data.Dataset.range(5).map(lambda item: item * 2)
    return data.reduce(np.int64(0), lambda total, item: total + item)


def seeded_streams(x, _):
    tf1.set_random_seed(3)
    drawn = [tf1.random_normal([3]), tf1.truncated_normal([2]), tf1.random_shuffle(tf.range(5))]
    return [*drawn, tf1.multinomial(tf.math.log([[0.5, 0.5]]), 4), tf1.random_uniform([3], seed=5)]


def streams_without_state(x, _):
    return [tf.random.stateless_normal([3], [1, 2]), tf.random.Generator.from_seed(1).normal([3])]


def dropout(x, _):
    return tf1.nn.dropout(x, rate=0.5, seed=1)


def loop_with_a_variable(x, _):
    v = tf1.get_variable("v", initializer=tf.ones([2, 3]), use_resource=True)

    def turn(i, a):
        with tf.control_dependencies([v.assign_add(a)]):
            return i + 1, a + v.read_value()

    return tf.while_loop(lambda i, a: i < 3, turn, [0, x])


def old_loop_with_a_variable(x, folder):
    tf1.disable_control_flow_v2()
    return loop_with_a_variable(x, folder)


def doubled(x):
    return tf1.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * 2.0), [0, x])[1]


def old_loop_in_a_function(x, _):
    tf1.disable_control_flow_v2()
    return tf.function(doubled)(x)


def old_loop_in_an_old_function(x, _):
    tf1.disable_control_flow_v2()
    return function.Defun(tf.float32)(doubled)(x)


def gradients_of_loops(x, _):
    y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.tanh(a) * 2.0), [0, x])[1]
    slope = tf.gradients(y, x)[0]
    return [slope, tf.gradients(slope, x)[0]]


def gradient_of_an_old_loop(x, _):
    tf1.disable_control_flow_v2()
    y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.tanh(a) * 2.0), [0, x])[1]
    return tf.gradients(y, x)[0]


def gradient_of_an_old_function(x, _):
    @function.Defun(tf.float32, tf.float32)
    def f(a, b):
        return tf.tanh(a) * b, a + b

    first, second = f(x, x * 2.0)
    return tf.gradients(first * second, x)[0]


def gradient_that_the_graph_names(x, _):
    @function.Defun(tf.float32, tf.float32)
    def slope(a, dy):
        return dy * 5.0 + a

    @function.Defun(tf.float32, grad_func=slope)
    def f(a):
        return a * 2.0

    return tf.gradients(f(x), x)[0]


def symbolic_gradient(x, _):
    @function.Defun(tf.float32)
    def f(a):
        return tf.tanh(a) * a

    return functional_ops.symbolic_gradient([x, tf.ones([2, 3])], [tf.float32], f)


def custom_gradient(x, _):
    return tf.gradients(tf.custom_gradient(lambda a: (a * 2.0, lambda dy: dy * 5.0))(x), x)[0]


def texts(x, _):
    text = tf.constant(["Hello World", "a,b"])
    split = tf1.string_split(["a b", "c"])
    return [
        tf.strings.lower(text),
        tf.strings.length(text),
        tf.strings.substr(text, 1, 2),
        tf.strings.regex_replace(text, "o", "0"),
        tf.strings.join([text, text], "-"),
        tf.strings.as_string(tf.range(3)),
        tf.strings.to_number(["1.5"]),
        tf.strings.to_hash_bucket_fast(text, 10),
        tf.strings.reduce_join(text),
        tf.io.decode_raw(["ab"], tf.uint8),
        tf.io.encode_base64(text),
        tf.strings.unicode_decode(text, "UTF-8").values,
        tf.strings.format("x {}", text),
        split.indices,
        split.values,
    ]


def ragged(x, _):
    r = tf.ragged.constant([[1.0, 2.0], [], [3.0]])
    return [
        (r * 2.0).flat_values,
        tf.reduce_sum(r, axis=1),
        r.to_tensor(),
        tf.ragged.map_flat_values(tf.sin, r).row_splits,
        tf.concat([r, r], axis=1).flat_values,
        r[:, :1].flat_values,
        tf.map_fn(lambda row: row * 2, tf.ragged.constant([[1, 2], [3]])).flat_values,
    ]


def sparse(x, _):
    s = tf.sparse.from_dense(tf.constant([[1.0, 0, 2], [0, 3, 0]]))
    ids = tf.SparseTensor([[0, 0], [1, 1]], tf.constant([0, 1], tf.int64), [2, 2])
    return [
        tf.sparse.sparse_dense_matmul(s, tf.transpose(x)),
        tf.sparse.reduce_sum(s, axis=1),
        tf.sparse.to_dense(s),
        tf.sparse.reorder(s).values,
        tf.sparse.add(s, s).values,
        tf.sparse.concat(0, [s, s]).indices,
        tf.sparse.softmax(s).values,
        tf1.nn.embedding_lookup_sparse(x, ids, None, combiner="mean"),
    ]


def images(x, _):
    image = tf.cast(tf.reshape(tf.range(48), [4, 4, 3]), tf.uint8)
    png = tf.io.encode_png(image)
    return [
        tf.io.decode_png(png),
        tf.io.decode_jpeg(tf.io.encode_jpeg(image)),
        tf.io.decode_image(png),
        tf.image.resize(image, [8, 8]),
        tf.image.adjust_brightness(image, 0.1),
        tf1.image.resize_bilinear(tf.cast(image[None], tf.float32), [2, 2]),
        tf.image.non_max_suppression([[0.0, 0, 1, 1], [0, 0, 1, 1]], [0.9, 0.8], 2),
        tf1.summary.image("picture", image[None]),  # which eager TensorFlow does not run
    ]


def audio(x, _):
    wave = tf.audio.encode_wav(tf.sin(tf.range(20.0))[:, None], 8000)
    return [*tf.audio.decode_wav(wave), tf.signal.stft(tf.sin(tf.range(64.0)), 16, 8)]


def print_and_assert(x, _):
    sure = tf1.Assert(tf.reduce_all(x < 100.0), [x])
    with tf.control_dependencies([sure, tf.print("seen", tf.size(x))]):
        return tf1.Print(x * 2.0, [tf.size(x)], "printed ")


def references(x, _):
    v = tf1.get_variable("v", initializer=tf.zeros([4, 2]), use_resource=False)
    count = tf1.get_variable("n", initializer=0, use_resource=False)
    changed = tf1.scatter_update(v, [0, 1], [[1.0, 1.0], [2.0, 2.0]])
    return [tf1.scatter_nd_add(changed, [[3]], [[5.0, 5.0]]), tf1.count_up_to(count, 3)]


def parts_of_variables(x, _):
    old = tf1.get_variable("old", initializer=tf.zeros([4]), use_resource=False)
    new = tf1.get_variable("new", initializer=tf.zeros([4]), use_resource=True)
    return [old[1:3].assign([1.0, 2.0]), new[1:3].assign([1.0, 2.0])]


def files(x, folder):
    (folder / "a.txt").write_text("abc")
    return [tf.io.read_file(str(folder / "a.txt")), tf.io.matching_files(str(folder / "*.txt"))]


def examples(x, _):
    example = tf.train.Example()
    example.features.feature["a"].float_list.value.append(2.0)
    wanted = {"a": tf1.FixedLenFeature([1], tf.float32), "b": tf1.VarLenFeature(tf.int64)}
    return tf1.parse_example([example.SerializeToString()], wanted)


def algebra(x, _):
    m = tf.matmul(x, x, transpose_b=True) + tf.eye(2)
    return [
        tf.linalg.inv(m),
        tf.linalg.cholesky(m),
        tf.linalg.svd(m)[0],
        tf.linalg.eigh(m)[0],
        tf.linalg.qr(m)[0],
        tf.signal.fft(tf.cast(m, tf.complex64)),
        *tf.nn.top_k(x, 2),
        *tf.unique([1, 2, 1]),
        *tf.dynamic_partition(x, [0, 1], 2),
        tf.boolean_mask(x, x > 1),
        tf.math.bincount([1, 1, 2]),
        *tf.quantization.quantize(x, 0.0, 3.0, tf.quint8),
    ]


def python(x, _):
    return tf1.py_func(lambda a: a * 2, [x], tf.float32)


def old_case(x, _):
    tf1.disable_control_flow_v2()
    total = tf.reduce_sum(x)
    return tf1.case([(total > 100, lambda: x), (total > 0, lambda: x * 2)], default=lambda: x * 3)


MATCHED = [
    *(temporary_variable, tensor_array, tensor_array_of_the_graph, tensor_list, tensor_map),
    *(dense_table, changing_table, table_from_a_file, dataset_within_a_run),
    *(seeded_streams, streams_without_state, dropout),
    *(loop_with_a_variable, old_loop_with_a_variable, old_loop_in_a_function),
    *(old_loop_in_an_old_function, gradients_of_loops, gradient_of_an_old_loop),
    *(gradient_of_an_old_function, gradient_that_the_graph_names, symbolic_gradient),
    *(custom_gradient, texts, ragged, sparse, images, audio, print_and_assert),
    *(references, parts_of_variables, files, examples, algebra, python, old_case),
]


@pytest.fixture
def opened(tmp_path):
    """Builds a program in a graph of its own; gives the session, the fetches and the feeds."""
    sessions = []

    def build(program):
        with tf.Graph().as_default():
            x = tf1.placeholder(tf.float32, [2, 3], name="x")
            fetches = program(x, tmp_path)
            start = [tf1.global_variables_initializer(), tf1.tables_initializer()]
            sessions.append(tf1.Session(config=as_written()))
        tf1.enable_control_flow_v2()
        sessions[-1].run(start)
        return sessions[-1], fetches, {"x:0": X}

    yield build
    tf1.enable_control_flow_v2()
    for session in sessions:
        session.close()


@pytest.mark.parametrize("program", MATCHED, ids=lambda program: program.__name__)
def test_it_is_matched_to_the_last_bit(program, opened):
    check_run(*opened(program))


# What is refused


def one_shot_iterator(x, _):
    return tf1.data.make_one_shot_iterator(tf1.data.Dataset.range(3)).get_next()


def iterator(x, _):
    made = tf1.data.make_initializable_iterator(tf1.data.Dataset.range(3))
    tf1.add_to_collection(tf1.GraphKeys.TABLE_INITIALIZERS, made.initializer)
    return made.get_next()


def table_that_nobody_can_read(x, _):
    table = raw.MutableHashTableV2(key_dtype=tf.int64, value_dtype=tf.float32)
    keys = tf.constant([1], tf.int64)
    return raw.LookupTableFindV2(table_handle=table, keys=keys, default_value=0.0)


def queue(x, _):
    made = tf1.FIFOQueue(3, tf.float32, [[]])
    with tf.control_dependencies([made.enqueue(1.0)]):
        return made.dequeue()


def staging_area(x, _):
    area = data_flow_ops.StagingArea([tf.float32])
    with tf.control_dependencies([area.put([tf.constant(1.0)])]):
        return area.get()


def barrier(x, _):
    return data_flow_ops.Barrier((tf.float32,), shapes=((),)).ready_size()


def accumulator(x, _):
    made = tf1.ConditionalAccumulator(tf.float32, [2])
    with tf.control_dependencies([made.apply_grad([1.0, 2.0])]):
        return made.take_grad(1)


def sum_in_no_order(x, _):
    return raw.AccumulateNV2(inputs=[x, x], shape=[2, 3])


def old_stack(x, _):
    return raw.StackPush(handle=raw.Stack(elem_type=tf.float32), elem=x)


def kept_by_the_session(x, _):
    return raw.GetSessionHandle(value=x)


REFUSED = {
    one_shot_iterator: "OneShotIterator.*the graph's own container",
    iterator: r"IteratorV2.*kept by the session; feed the iterator's tensors",
    table_that_nobody_can_read: r"MutableHashTableV2.*give its contents in the state",
    queue: "FIFOQueueV2.*one at a time",
    staging_area: "Stage.*one at a time",
    barrier: "Barrier.*one at a time",
    accumulator: "ConditionalAccumulator.*one at a time",
    sum_in_no_order: "AccumulateNV2.*no kernel",
    old_stack: "Stack.*before TensorFlow 1.0",
    kept_by_the_session: "GetSessionHandle.*kept by the session",
}


@pytest.mark.parametrize("program", REFUSED, ids=lambda program: program.__name__)
def test_it_is_refused_by_name_before_anything_has_run(program, opened):
    session, fetches, feeds = opened(program)
    with pytest.raises(GraphlabError) as refused:
        Engine(session.graph).steps(fetches, feeds, state=session)
    assert re.search(REFUSED[program], str(refused.value))
    assert "\n" not in str(refused.value)


# What a session keeps


def test_a_table_that_earlier_runs_have_filled_is_read_by_the_op_that_its_graph_has(opened):
    def program(x, _):
        table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, -1.0)
        dense = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, -5)
        tables.append(table.insert(tf.constant(["a"]), tf.constant([1.0])))
        tables.append(dense.insert([1, 2], [10, 20]))
        return [table.lookup(tf.constant(["a", "b"])), dense.lookup([1, 2, 3])]

    tables = []
    session, fetches, feeds = opened(program)
    session.run(tables)
    expected, _ = check_run(session, fetches, feeds)
    assert [value.tolist() for value in expected] == [[1.0, -1.0], [10, 20, -1]]
    names = [name for name in session_state(session) if "HashTable" in name]
    assert len(names) == 2
    emptied = {name: ([], []) for name in names}
    found = Engine(session.graph).steps(fetches, feeds, state=emptied).results()
    assert [value.tolist() for value in found.values()] == [[-1.0, -1.0], [-1, -1, -1]]


def test_a_stream_goes_on_in_a_sessions_second_run_and_begins_anew_in_each_of_ours(opened):
    session, fetches, feeds = opened(seeded_streams)
    first, second = (session.run(fetches, feeds) for _ in range(2))
    ours = [list(Engine(session.graph).steps(fetches, feeds).results().values()) for _ in range(2)]
    assert not same_bits(first[0], second[0])
    for run in ours:
        assert [same_bits(a, b) for a, b in zip(run, first, strict=True)] == [True] * len(first)
    assert Engine(session.graph).steps(fetches, feeds).random_ops


def test_an_assertion_that_does_not_hold_is_told_with_its_op(opened):
    def program(x, _):
        with tf.control_dependencies([raw.Assert(condition=False, data=[x], name="sure")]):
            return x * 2.0

    session, fetches, feeds = opened(program)
    with pytest.raises(tf.errors.InvalidArgumentError):
        session.run(fetches, feeds)
    with pytest.raises(GraphlabError, match=r"sure \(Assert\) failed: assertion failed"):
        Engine(session.graph).steps(fetches, feeds, state=session).results()


def test_a_gradient_with_a_variable_among_its_inputs_is_refused_by_name(opened):
    def program(x, _):
        v = tf1.get_variable("v", initializer=2.0, use_resource=True)

        @function.Defun(tf.resource, tf.float32)
        def f(handle, a):
            return a * raw.ReadVariableOp(resource=handle, dtype=tf.float32)

        inputs = [v.handle, x, tf.ones([2, 3])]
        return functional_ops.symbolic_gradient(inputs, [tf.resource, tf.float32], f)[1]

    with tf.Graph().as_default() as graph:
        fetch = program(tf1.placeholder(tf.float32, [2, 3], name="x"), None)
    with pytest.raises(GraphlabError, match=r"SymbolicGradient.*a variable or another handle"):
        Engine(graph).steps(fetch, {"x:0": X}, state={"v": 2.0})
