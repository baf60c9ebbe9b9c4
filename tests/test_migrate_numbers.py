"""What `migrate` says of a construct's numbers: the form of TensorFlow 1 and that of TensorFlow 2,
both run here and compared. Of optimizers and control dependencies `migrate` measures it by itself.

`forms_of_KIND()` gives pairs, what TensorFlow 1 computes and what TensorFlow 2 does: "as it
becomes" is what the row of KINDS advises, and "other: ..." what it says gives other numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from graphlab.migration import constructs
from graphlab.migration.constructs import KINDS, OF_LAYERS
from graphlab.migration.executed import _construct

tf1 = tf.compat.v1

Forms = dict[str, tuple[Any, Any]]
MEASURED = ("control", "optimizers")  # on the script itself: tests/test_migrate.py
NOT_COMPARED = ("servers",)  # and it says so
X = np.array([[1.0, -2.0], [0.5, 3.0], [2.0, 0.25]], np.float32)
W = np.array([[0.3, -1.0], [2.0, 0.7]], np.float32)


@pytest.fixture(autouse=True)
def of_tensorflow_2():
    """Whatever an earlier test left of TensorFlow's defaults."""
    if not tf.executing_eagerly():
        tf1.reset_default_graph()
        tf1.enable_v2_behavior()


def in_session(build: Callable[[], Any], feeds: Any = None, calls: int = 1) -> Any:
    """What the last of some runs of a session gives for what is built in a graph of its own."""
    with tf.Graph().as_default(), tf1.Session() as session:
        fetches = build()
        fed = {tf1.get_default_graph().get_tensor_by_name(n): v for n, v in (feeds or {}).items()}
        session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])
        return [session.run(fetches, fed) for _ in range(calls)][-1]


def differs(pair: tuple[Any, Any]) -> bool:
    one, other = (np.asarray(each) for each in pair)
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return True
    return not np.allclose(one, other, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in MEASURED + NOT_COMPARED])
def test_what_is_said_of_the_numbers_of_a_construct_is_so(kind):
    forms: Forms = globals()[f"forms_of_{kind}"]()
    differing = [name for name, pair in forms.items() if differs(pair)]
    assert differing == [name for name in forms if name.startswith("other: ")]
    said = bool(KINDS[kind].numbers) or kind == "layers"
    assert bool(differing) == said


@pytest.mark.parametrize("kind", NOT_COMPARED)
def test_what_is_not_compared_here_is_said_not_to_be(kind):
    assert KINDS[kind].numbers.startswith("not compared: ")


def test_of_every_layer_that_is_said_to_give_other_numbers_they_are_measured():
    said = [name.removeprefix("other: ") for name in forms_of_layers() if "other" in name]
    assert said == list(OF_LAYERS)


@pytest.mark.parametrize(
    ("kind", "name", "other"),
    [
        ("collections", "losses", True),
        ("collections", "update_ops", True),
        ("collections", "my_own", False),
        ("queues", "fifo_queue (FIFOQueueV2)", False),
        ("queues", "shuffled (RandomShuffleQueueV2)", True),
        ("summaries", "loss (ScalarSummary)", False),
        ("summaries", "weights (HistogramSummary)", True),
        ("summaries", "filters (ImageSummary)", True),
    ],
)
def test_other_numbers_are_told_only_of_what_gives_them(kind, name, other):
    assert bool(_construct(kind, 1, [], [name]).numbers) == other


def test_a_queue_that_shuffles_is_a_queue_and_no_random_op():
    kinds = [kind for kind, about in KINDS.items() if about.is_op("RandomShuffleQueueV2")]
    assert kinds == ["queues"]
    assert KINDS["randoms"].is_op("RandomShuffle")


def forms_of_sessions() -> Forms:
    def build():
        x = tf1.placeholder(tf.float32, [None, 2], name="x")
        return tf.reduce_sum(tf.tanh(tf.matmul(x, W)), axis=0)

    @tf.function
    def called(x):
        return tf.reduce_sum(tf.tanh(tf.matmul(x, W)), axis=0)

    return {"as it becomes": (in_session(build, {"x:0": X}), called(X))}


def forms_of_partial_runs() -> Forms:
    with tf.Graph().as_default(), tf1.Session() as session:
        x, y = tf1.placeholder(tf.float32, [3, 2]), tf1.placeholder(tf.float32, [])
        half = tf.tanh(tf.matmul(x, W))
        whole = tf.reduce_sum(half) * y
        handle = session.partial_run_setup([half, whole], [x, y])
        first = session.partial_run(handle, half, {x: X})
        second = session.partial_run(handle, whole, {y: first[0, 0]})

    begun = tf.function(lambda x: tf.tanh(tf.matmul(x, W)))
    ended = tf.function(lambda half, y: tf.reduce_sum(half) * y)
    half = begun(X)
    return {"as it becomes": (second, ended(half, half[0, 0]))}


def forms_of_placeholders() -> Forms:
    """A feed is cast to the placeholder's dtype, as an argument is by an input_signature alone."""
    fed = X.astype(np.float64) / 3

    def build():
        return tf1.placeholder(tf.float32, [None, 2], name="x") * 2

    spec = tf.TensorSpec([None, 2], tf.float32)
    signed = tf.function(lambda x: x * 2, input_signature=[spec])
    given = in_session(build, {"x:0": fed})
    assert tf.function(lambda x: x * 2)(fed).dtype == tf.float64
    return {"as it becomes": (given, signed(fed))}


def forms_of_inner_feeds() -> Forms:
    def inner(x):
        return tf.nn.relu(tf.matmul(x, W), name="inner")

    def build():
        return tf.reduce_sum(inner(tf1.placeholder(tf.float32, [None, 2], name="x")))

    given = in_session(build, {"inner:0": X})
    wrapped = tf1.wrap_function(lambda x: tf.reduce_sum(inner(x)), [tf.TensorSpec([None, 2])])
    pruned = wrapped.prune("inner:0", wrapped.outputs[0])
    return {
        "as it becomes": (given, tf.function(tf.reduce_sum)(X)),
        "as it becomes, pruned": (given, pruned(tf.constant(X))),
    }


def _late(use_resource: bool) -> Any:
    """A read, an assignment after it, and a use of the read after both."""

    def build():
        v = tf1.get_variable("v", initializer=1.0, use_resource=use_resource)
        read = v.read_value()
        with tf.control_dependencies([read]):
            added = v.assign_add(1.0)
        with tf.control_dependencies([added]):
            return read + 0.0

    return in_session(build)


def _in_order() -> tf.Tensor:
    v = tf.Variable(1.0)

    @tf.function
    def called():
        read = v.read_value()
        v.assign_add(1.0)
        return read + 0.0

    return called()


def forms_of_variables() -> Forms:
    return {"other: a reference is read when it is used": (_late(False), _in_order())}


def forms_of_resources() -> Forms:
    return {"as it becomes": (_late(True), _in_order())}


def forms_of_scopes() -> Forms:
    start = np.array([0.5, -1.0], np.float32)

    def build():
        def tower(x):
            with tf1.variable_scope("tower", reuse=tf1.AUTO_REUSE):
                w = tf1.get_variable("w", initializer=lambda: tf.constant(start))
                return tf.reduce_sum(x * w, axis=1)

        loss = tf.reduce_mean(tf.square(tower(X) - 2.0 * tower(X[::-1])))
        with tf.control_dependencies([tf1.train.GradientDescentOptimizer(0.1).minimize(loss)]):
            return tf.identity(loss)

    def trained(left, right):
        def loss():
            apart = tf.reduce_sum(X * left, axis=1) - 2.0 * tf.reduce_sum(X[::-1] * right, axis=1)
            return tf.reduce_mean(tf.square(apart))

        own = [left] if left is right else [left, right]
        with tf.GradientTape() as tape:
            value = loss()
        for variable, slope in zip(own, tape.gradient(value, own), strict=True):
            variable.assign_sub(0.1 * slope)
        return loss()

    one = tf.Variable(start)
    given = in_session(build, calls=2)
    return {
        "as it becomes": (given, trained(one, one)),
        "other: two objects": (given, trained(tf.Variable(start), tf.Variable(start))),
    }


def forms_of_collections() -> Forms:
    def losses():
        w = tf1.get_variable("w", initializer=W)
        tf1.add_to_collection("losses", 0.01 * tf.reduce_sum(tf.square(w)))
        return tf.reduce_sum(tf.matmul(X, w)) + tf.add_n(tf1.get_collection("losses"))

    def updates():
        mean = tf1.get_variable("mean", initializer=[0.0, 0.0])
        move = tf1.assign_sub(mean, 0.1 * (mean - tf.reduce_mean(X, axis=0)))
        tf1.add_to_collection("update_ops", move)
        with tf.control_dependencies(tf1.get_collection("update_ops")):
            return mean.read_value()

    dense = keras.layers.Dense(2, use_bias=False, kernel_regularizer=keras.regularizers.L2(0.01))
    loss = tf.reduce_sum(dense(X))
    dense.set_weights([W])
    loss = tf.reduce_sum(dense(X))
    mean = tf.Variable([0.0, 0.0])
    before = mean.numpy()
    mean.assign_sub(0.1 * (mean - tf.reduce_mean(X, axis=0)))
    return {
        "as it becomes": (in_session(losses), loss + sum(dense.losses)),
        "as it becomes, updates": (in_session(updates), mean),
        "other: losses that nobody adds": (in_session(losses), loss),
        "other: updates that nobody runs": (in_session(updates), before),
    }


def forms_of_queues() -> Forms:
    numbers = np.arange(40, dtype=np.float32)

    def dequeued(queue):
        enqueue = queue.enqueue_many([numbers])
        with tf.control_dependencies([enqueue]):
            return queue.dequeue_many(20)

    def fifo():
        return dequeued(tf1.FIFOQueue(40, [tf.float32], [[]]))

    def shuffled():
        return dequeued(tf1.RandomShuffleQueue(40, 0, [tf.float32], [[]], seed=1))

    data = tf.data.Dataset.from_tensor_slices(numbers)
    return {
        "as it becomes": (in_session(fifo), next(iter(data.batch(20)))),
        "other: another shuffling": (
            in_session(shuffled),
            next(iter(data.shuffle(40, seed=1).batch(20))),
        ),
    }


def forms_of_iterators() -> Forms:
    tf.random.set_seed(None)  # a seed of another test's would be part of this one

    def data():
        return tf.data.Dataset.range(12).shuffle(12, seed=3).batch(4)

    def build():
        return tf1.data.make_one_shot_iterator(data()).get_next()

    with tf.Graph().as_default(), tf1.Session() as session:
        following = build()
        batches = [session.run(following) for _ in range(3)]
    return {"as it becomes": (batches, [batch.numpy() for batch in data()])}


def forms_of_savers(folder: Any = None) -> Forms:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        with tf.Graph().as_default(), tf1.Session() as session:
            w = tf1.get_variable("layer/w", initializer=W)
            session.run(tf1.global_variables_initializer())
            path = tf1.train.Saver().save(session, f"{folder}/old")
            given = session.run(w)
        by_name, by_attribute = tf.Variable(0 * W), tf.Variable(0 * W)
        by_name.assign(tf.train.load_variable(path, "layer/w"))
        status = tf.train.Checkpoint(w=by_attribute).restore(path)
        with pytest.raises(AssertionError):
            status.assert_consumed()
    return {
        "as it becomes": (given, by_name),
        "other: tf.train.Checkpoint finds nothing": (given, by_attribute),
    }


def forms_of_saved_models() -> Forms:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        with tf.Graph().as_default(), tf1.Session() as session:
            x = tf1.placeholder(tf.float32, [None, 2])
            y = tf.matmul(x, tf1.get_variable("w", initializer=W))
            session.run(tf1.global_variables_initializer())
            tf1.saved_model.simple_save(session, f"{folder}/old", {"x": x}, {"y": y})
            given = session.run(y, {x: X})
        module = tf.Module()
        module.w = tf.Variable(W)
        module.called = tf.function(
            lambda x: {"y": tf.matmul(x, module.w)}, input_signature=[tf.TensorSpec([None, 2])]
        )
        tf.saved_model.save(module, f"{folder}/new")
        new, old = (tf.saved_model.load(f"{folder}/{name}") for name in ("new", "old"))
        of_old = old.signatures["serving_default"](tf.constant(X))
        return {
            "as it becomes": (given, new.called(X)["y"]),
            "as it becomes, the old one": (given, of_old["y"]),
        }


def _written(folder: str) -> Any:
    """The first value of the event file in a folder."""
    from tensorflow.core.util import event_pb2

    (file,) = tf.io.gfile.glob(f"{folder}/events*")
    for record in tf.data.TFRecordDataset(file):
        event = event_pb2.Event.FromString(record.numpy())
        if event.summary.value:
            return event.summary.value[0]
    raise AssertionError("nothing was written")


def _summarised(old: Callable, new: Callable) -> tuple[Any, Any]:
    """What a writer of TensorFlow 1 and one of TensorFlow 2 write of the same."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        writer = None
        with tf.Graph().as_default(), tf1.Session() as session:
            writer = tf1.summary.FileWriter(f"{folder}/old")
            writer.add_summary(session.run(old()), 1)
            writer.close()
        with tf.summary.create_file_writer(f"{folder}/new").as_default(step=1):
            new()
        return _written(f"{folder}/old"), _written(f"{folder}/new")


def forms_of_summaries() -> Forms:
    values = np.linspace(-1, 2, 50, dtype=np.float32)
    picture = np.linspace(0, 4, 12, dtype=np.float32).reshape(1, 2, 2, 3)
    old, new = _summarised(
        lambda: tf1.summary.scalar("a", 0.1), lambda: tf.summary.scalar("a", 0.1)
    )
    scalar = old.simple_value, tf.make_ndarray(new.tensor)
    old, new = _summarised(
        lambda: tf1.summary.histogram("a", values), lambda: tf.summary.histogram("a", values)
    )
    filled = [count for count in old.histo.bucket if count]
    histogram = filled, tf.make_ndarray(new.tensor)[:, 2]
    old, new = _summarised(
        lambda: tf1.summary.image("a", picture), lambda: tf.summary.image("a", picture)
    )
    pixels = old.image.encoded_image_string, tf.make_ndarray(new.tensor)[2]
    image = tuple(tf.io.decode_png(each).numpy() for each in pixels)
    return {
        "as it becomes": (np.float32(scalar[0]), scalar[1]),
        "other: a histogram's buckets": histogram,
        "other: a picture of floats": image,
    }


def forms_of_writers() -> Forms:
    old, new = _summarised(
        lambda: tf1.summary.scalar("a", 2.5), lambda: tf.summary.scalar("a", 2.5)
    )
    return {"as it becomes": (np.float32(old.simple_value), tf.make_ndarray(new.tensor))}


def forms_of_loops() -> Forms:
    def turned():
        return tf1.while_loop(
            lambda n, x: n < 5, lambda n, x: (n + 1, tf.tanh(tf.matmul(x, W))), (0, tf.constant(X))
        )[1]

    def chosen():
        x = tf1.placeholder(tf.float32, [], name="x")
        return tf1.cond(x > 0, lambda: tf.sqrt(x), lambda: x * x)

    @tf.function
    def loop(x):
        for _ in tf.range(5):
            x = tf.tanh(tf.matmul(x, W))
        return x

    @tf.function
    def condition(x):
        if x > 0:
            return tf.sqrt(x)
        return x * x

    v2 = tf1.control_flow_v2_enabled()
    tf1.disable_control_flow_v2()
    try:
        of_v1 = in_session(turned)
        taken = [in_session(chosen, {"x:0": value}) for value in (2.0, -3.0)]
    finally:
        if v2:
            tf1.enable_control_flow_v2()
    return {
        "as it becomes": (of_v1, loop(tf.constant(X))),
        "as it becomes, a condition": (taken, [condition(tf.constant(v)) for v in (2.0, -3.0)]),
    }


def forms_of_gradients() -> Forms:
    def of(x, w):
        return tf.square(tf.matmul(x, w)) + tf.gather(w, [0, 0, 1])

    def build():
        w = tf1.get_variable("w", initializer=W)
        return tf.convert_to_tensor(tf.gradients(of(X, w), w)[0])

    w = tf.Variable(W)
    with tf.GradientTape() as tape:
        y = of(X, w)
    return {"as it becomes": (in_session(build), tf.convert_to_tensor(tape.gradient(y, w)))}


def forms_of_randoms() -> Forms:
    def draw():
        return tf1.random_uniform([5], seed=3)

    def build():
        tf1.set_random_seed(7)
        return draw()

    def twice(draw):
        tf.random.set_seed(7)
        return [draw().numpy() for _ in range(2)]

    second = in_session(build, calls=2)
    given = [in_session(build), second]
    return {
        "as it becomes, with both seeds": (given, twice(draw)),
        "as it becomes, with both seeds in a function": (given, twice(tf.function(draw))),
        "other: stateless": (given[0], tf.random.stateless_uniform([5], [7, 3])),
        "other: a Generator": (given[0], tf.random.Generator.from_seed(7).uniform([5])),
    }


def forms_of_seeds() -> Forms:
    def build():
        tf1.set_random_seed(7)
        return tf1.random_uniform([5])

    tf.random.set_seed(7)
    return {"other: the same seed": (in_session(build), tf.random.uniform([5]))}


def forms_of_layers() -> Forms:
    random = np.random.RandomState(0)
    x = random.randn(4, 3, 2).astype(np.float32)
    kernel, bias = random.randn(5, 12).astype(np.float32), random.randn(12).astype(np.float32)
    lstm = keras.layers.LSTM(3)
    lstm.build(x.shape)
    lstm.set_weights([kernel[:2], kernel[2:], bias])
    gates, new = random.randn(5, 6).astype(np.float32), random.randn(5, 3).astype(np.float32)
    gru = keras.layers.GRU(3, bias_initializer="zeros")
    gru.build(x.shape)
    whole = np.concatenate([gates, new], axis=1)
    gru.set_weights([whole[:2], whole[2:], np.zeros([2, 9], np.float32)])
    pictures = random.randn(2, 2, 2, 3).astype(np.float32)
    normed = keras.layers.BatchNormalization(momentum=0.9)
    normed(pictures, training=True)
    dense = keras.layers.Dense(2)
    dense.build([None, 2])
    dense.set_weights([W, np.ones(2, np.float32)])
    keras.utils.set_random_seed(1)
    dropped = keras.layers.Dropout(0.5, seed=1)(np.ones([50], np.float32), training=True)
    return {
        "as it becomes": (in_session(lambda: tf1.nn.xw_plus_b(X, W, tf.ones([2]))), dense(X)),
        "other: lstmcell": (in_session(lambda: _lstm_cell(x, kernel, bias)), lstm(x)),
        "other: grucell": (in_session(lambda: _gru_cell(x, gates, new)), gru(x)),
        "other: batch": (in_session(lambda: _moved_variance(pictures)), normed.moving_variance),
        "other: dropout": (
            in_session(lambda: tf1.nn.dropout(tf.ones([50]), rate=0.5, seed=1)),
            dropped,
        ),
    }


# The cells are gone from TensorFlow 2, so they are written out; exercise 10 has the first of them,
# with the numbers of 1.15.5.
def _lstm_cell(x, kernel, bias):
    c = h = tf.zeros([x.shape[0], 3])
    for time in range(x.shape[1]):
        gates = tf.matmul(tf.concat([x[:, time], h], axis=1), kernel) + bias
        i, j, f, o = tf.split(gates, 4, axis=1)
        c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        h = tf.tanh(c) * tf.sigmoid(o)
    return h


def _gru_cell(x, gates, new):
    h = tf.zeros([x.shape[0], 3])
    for time in range(x.shape[1]):
        both = tf.concat([x[:, time], h], axis=1)
        r, u = tf.split(tf.sigmoid(tf.matmul(both, gates) + 1.0), 2, axis=1)
        c = tf.tanh(tf.matmul(tf.concat([x[:, time], r * h], axis=1), new))
        h = u * h + (1 - u) * c
    return h


def _moved_variance(pictures):
    ones, zeros = tf.ones([3]), tf.zeros([3])
    _, _, variance = tf1.nn.fused_batch_norm(pictures, ones, zeros)
    return 0.9 * ones + 0.1 * variance


def forms_of_slim() -> Forms:
    """tf_slim has by default what its `fully_connected` says: a ReLU."""
    slim = pytest.importorskip("tf_slim", reason="tf_slim is not installed")

    def build():
        start = tf1.constant_initializer(W)
        return slim.fully_connected(tf.constant(X), 2, weights_initializer=start)

    def dense(**how):
        return keras.layers.Dense(2, kernel_initializer=lambda *a, **k: tf.constant(W), **how)(X)

    given = in_session(build)
    return {
        "as it becomes, with what slim has": (given, dense(activation="relu")),
        "other: the defaults of Keras": (given, dense()),
    }


def forms_of_py_func() -> Forms:
    def doubled(x):
        return x * 2

    given = in_session(lambda: tf1.py_func(doubled, [X], tf.float32))
    called = tf.function(lambda x: tf.numpy_function(doubled, [x], tf.float32))
    of_tensors = tf.function(lambda x: tf.py_function(doubled, [x], tf.float32))
    return {"as it becomes": (given, called(X)), "as it becomes, py": (given, of_tensors(X))}


def forms_of_devices() -> Forms:
    def placed():
        with tf.device("CPU:0"):
            return tf.matmul(X, W)

    return {"as it becomes": (in_session(placed), tf.function(placed)())}


def test_every_kind_that_is_known_is_one_of_those_here():
    known = {name.removeprefix("forms_of_") for name in globals() if name.startswith("forms_of_")}
    assert known | {*MEASURED, *NOT_COMPARED} == set(constructs.KINDS)
