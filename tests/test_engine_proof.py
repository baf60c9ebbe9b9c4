"""The engine's proof: what it computes is what TensorFlow computes, to the last bit where
TensorFlow runs the ops that were written.

Graphs of every lesson part, real models, and graphs that hypothesis draws. Fetches, the state
after, and the set of ops that ran. What the parts give where TensorFlow rewrites their graphs, as
it does if nobody forbids it, is held against the engine in test_replay.py.
"""

import inspect
import threading
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from engine_proof import as_written, check_run, close, same_bits
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import function

from graphlab import _private
from graphlab.course import outline, ways
from graphlab.engine import Engine
from graphlab.engine.start import session_state
from graphlab.errors import GraphlabError

tf1 = tf.compat.v1

MODELS = Path(__file__).parents[2] / "shared" / "models"
# Its op draws by a place in a sequence, which can be read nowhere; the engine starts anew.
DRAWN = {"22.2"}
PARTS = [p for lesson in outline.lessons() for p in lesson.parts if p.name not in DRAWN]
EXACT = pytest.mark.parametrize("exact", [True, False], ids=["as written", "rewritten"])
# The filters of AlexNet after a step are equal within the tolerance and not to the last bit. Why
# is not known: two runs of one way are equal. Nor is it of 8.1, where both sides of a quotient are
# convolutions with a constant. The function of 1.9 is compiled: XLA adds products in an order of
# its own.
NEARLY = {"1.9", "4.7", "8.1"}
WAITING = {"25.1"}  # its calls take from queues that other threads fill: the engine refuses those
MOST_CALLS = 3  # of one kind are compared; the later ones are the same ops again


@pytest.fixture
def as_written_functions():
    """No graph of a function is rewritten."""
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_session_run_of_a_part_is_matched(part, monkeypatch):
    module = outline.load(part)
    begin = tf1.Session.__init__
    compared, engines = [], {}

    def init(self, target="", graph=None, config=None):
        begin(self, target, graph, as_written())

    def checked(self, fetches, feed_dict=None, options=None, run_metadata=None):
        kind = (id(self.graph), str(fetches))
        if compared.count(kind) >= MOST_CALLS or getattr(checking, "now", False):
            return run(self, fetches, feed_dict, options, run_metadata)
        compared.append(kind)
        size = (id(self.graph), len(self.graph.get_operations()))
        engine = engines.setdefault(size, Engine(self.graph))
        kept.append(self.graph)
        bits = part.name not in NEARLY
        checking.now = True  # the check runs the session, too
        try:
            return check_run(self, fetches, feed_dict, engine, bits)[0]
        except GraphlabError as error:
            refused.append("what another op does at the same time" in str(error))
            return run(self, fetches, feed_dict, options, run_metadata)
        finally:
            checking.now = False

    kept, refused, checking = [], [], threading.local()  # queues are filled by threads
    monkeypatch.setattr(tf1.Session, "__init__", init)
    base = next(kind for kind in tf1.Session.__mro__ if "run" in vars(kind))
    run = base.run
    monkeypatch.setattr(base, "run", checked)
    module.graph(ways.cases_of(module, steps=4), "CPU:0")
    assert bool(compared) == (".run(" in inspect.getsource(module.graph))
    assert set(refused) == ({True} if part.name in WAITING else set())


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
@pytest.mark.usefixtures("as_written_functions")
def test_every_function_call_of_a_part_is_matched(part):
    module = outline.load(part)
    compared = []

    def wrapper(original, function, args):
        if not tf.executing_eagerly() or compared.count(function.name) >= MOST_CALLS:
            return original(function, *args)
        compared.append(function.name)
        inside = [tensor.name for tensor in function.graph.inputs]
        captured = {tensor.name for _, tensor in function.graph.captures}
        feeds = {
            name: value for name, value in zip(inside, args, strict=True) if name not in captured
        }
        execution = Engine(function.graph).steps(None, feeds)
        results = execution.results()
        outputs = original(function, *args)
        flat = [value for value in tf.nest.flatten(outputs) if value is not None]
        same = same_bits if part.name not in NEARLY else close
        actual = [results[name] for name in execution.fetches]
        # A gradient adds what it needs behind the outputs of an inner function.
        pairs = zip(actual[: len(flat)], flat, strict=True)
        assert [same(a, b) for a, b in pairs] == [True] * len(flat)
        after = {v.name.removesuffix(":0"): v.numpy() for v in function.graph.variables}
        state = execution.state()
        if len(after) == len(function.graph.variables):
            assert [name for name in after if not same(after[name], state[name])] == []
        return outputs

    with _private.every_function_call(wrapper):
        module.function(ways.cases_of(module, steps=4), "CPU:0")
    assert compared


# Models


def saved_models():
    return [path.parent for path in sorted(MODELS.rglob("saved_model.pb"))] or [None]


def tags_of(folder):
    """The tags of the first graph of a SavedModel."""
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((folder / "saved_model.pb").read_bytes())
    return list(model.meta_graphs[0].meta_info_def.tags)


def value_for(tensor, rows=3):
    """Something to feed: zeros of text, small numbers of everything else."""
    random = np.random.RandomState(0)
    dims = tensor.shape.as_list() if tensor.shape.rank is not None else []
    shape = [rows if dim is None else dim for dim in dims]
    if tensor.dtype == tf.string:
        feature = {
            name: tf.train.Feature(float_list=tf.train.FloatList(value=[value]))
            for name, value in (("x", 2.0), ("x2", 3.0))
        }
        example = tf.train.Example(features=tf.train.Features(feature=feature))
        return np.full(
            shape if tensor.shape.rank is not None else [rows], example.SerializeToString(), object
        )
    if tensor.dtype.is_integer:
        return np.asarray(random.randint(0, 3, shape), tensor.dtype.as_numpy_dtype)
    return np.asarray(random.random_sample(shape), tensor.dtype.as_numpy_dtype)


@EXACT
@pytest.mark.parametrize(
    "folder", saved_models(), ids=lambda path: path and path.parent.name[:9] + "-" + path.name
)
def test_every_signature_of_a_saved_model_is_matched(folder, exact):
    if folder is None:
        pytest.skip("no ../shared/models: real models are not shipped")
    compared = 0
    with tf.Graph().as_default() as graph:
        config = as_written() if exact else None
        with tf1.Session(config=config) as session:
            try:
                meta = tf1.saved_model.load(session, tags_of(folder), str(folder))
            except tf.errors.InvalidArgumentError as error:
                assert "BoostedTrees" in str(error)  # TensorFlow 2.21 has no kernel for it
                ops = graph.get_operations()
                fetches = next(op.outputs[0] for op in ops if op.type == "BoostedTreesBucketize")
                with pytest.raises(GraphlabError, match=r"BoostedTreesBucketize.*no kernel"):
                    placeholders = [op for op in ops if op.type == "Placeholder"]
                    feeds = {op.outputs[0]: value_for(op.outputs[0]) for op in placeholders}
                    Engine(graph).steps(fetches, feeds, state={})
                return
            engine = Engine(graph, folder=str(folder))
            for name, signature in meta.signature_def.items():
                feeds = {
                    info.name: value_for(graph.get_tensor_by_name(info.name))
                    for info in signature.inputs.values()
                }
                fetches = [i.name for i in signature.outputs.values() if ":" in i.name]
                if fetches and "init_op" not in name:
                    check_run(session, fetches, feeds, engine, exact)
                    compared += 1
            for op in () if compared else training_ops(graph):
                placeholders = [o for o in graph.get_operations() if o.type == "Placeholder"]
                feeds = {o.outputs[0]: value_for(o.outputs[0]) for o in placeholders}
                check_run(session, op, feeds, engine, exact)
                compared += 1
    assert compared


def training_ops(graph):
    """What there is to run in a training graph without a signature."""
    names = ("train", "GradientDescent", "Adam")
    return [op for op in graph.get_operations() if op.name in names]


FROZEN = [
    "tf2onnx-lstm/frozen.pb",
    "tf2onnx-gru/frozen.pb",
    "tf2onnx-regression/graphdef/frozen.pb",
]


@EXACT
@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_graph_is_matched_also_as_it_is_read_from_its_file(name, exact):
    path = MODELS / name
    if not path.exists():
        pytest.skip("no ../shared/models: real models are not shipped")
    definition = tf1.GraphDef()
    definition.ParseFromString(path.read_bytes())
    with tf.Graph().as_default() as graph:
        tf1.import_graph_def(definition, name="")
        ops = graph.get_operations()
        feeds = {}
        for op in ops:
            if op.type == "Placeholder":
                tensor = op.outputs[0]
                feeds[tensor.name] = value_for(tensor)
                if "keep_prob" in op.name:  # below 1, what is dropped is drawn anew in each run
                    feeds[tensor.name] = np.float32(1.0)
                elif tensor.shape.rank is None:
                    feeds[tensor.name] = np.ones((3, 784), np.float32)
        if "regression" in name:
            feeds = {"X:0": np.float32(2.0) * np.ones(3, np.float32)}
        fetches = [f"{op.name}:0" for op in ops if op.name in ("output", "pred")]
        with tf1.Session(config=as_written() if exact else None) as session:
            check_run(session, fetches, feeds, Engine(definition), exact)


@EXACT
@pytest.mark.parametrize(
    "prefix, fetches",
    [("cppflow-mnist/train.ckpt", None), ("tf2onnx-regression/checkpoint/model", ["pred:0"])],
)
def test_a_checkpoint_is_matched(prefix, fetches, exact):
    if not (MODELS / f"{prefix}.meta").exists():
        pytest.skip("no ../shared/models: real models are not shipped")
    with tf.Graph().as_default() as graph:
        saver = tf1.train.import_meta_graph(str(MODELS / f"{prefix}.meta"))
        with tf1.Session(config=as_written() if exact else None) as session:
            saver.restore(session, str(MODELS / prefix))
            ops = graph.get_operations()
            feeds = {
                op.outputs[0]: value_for(op.outputs[0]) for op in ops if op.type == "Placeholder"
            }
            losses = [op.outputs[0] for op in ops if op.type == "Mean"][:1]
            trains = [op for op in ops if op.type == "NoOp" and op.name in ("Adam", "train")]
            check_run(session, fetches or losses, feeds, None, exact)
            for train in trains:
                check_run(session, train, feeds, None, exact)


def test_a_keras_model_is_matched_as_a_function():
    path = MODELS / "mlperf-tiny-resnet8-cifar10" / "pretrainedResnet.h5"
    if not path.exists():
        pytest.skip("no ../shared/models: real models are not shipped")
    model = tf.keras.models.load_model(path, compile=False)
    x = np.random.RandomState(0).random_sample((2, 32, 32, 3)).astype(np.float32)
    concrete = tf.function(model).get_concrete_function(tf.TensorSpec(x.shape, tf.float32, "x"))
    execution = Engine(concrete).steps(feeds={concrete.inputs[0].name: x})
    (actual,) = execution.results().values()
    expected = concrete(tf.constant(x)).numpy()
    assert close(actual, expected)
    assert len(execution.state()) == len(concrete.graph.variables)


# Graphs that nobody wrote


UNARY = [tf.sin, tf.nn.relu, tf.sigmoid, tf.negative, tf.square, tf.identity, tf.nn.softmax]
BINARY = [tf.add, tf.multiply, tf.subtract, tf.maximum]


@st.composite
def programs(draw):
    """A graph of [2, 2] tensors with variables, control edges, loops, branches, functions, arrays,
    texts and sparse tensors; its fetches, its feeds (also of inner tensors), and how variables
    are kept."""
    seed = draw(st.integers(0, 2**16))
    steps = draw(
        st.lists(
            st.tuples(st.integers(0, 12), st.integers(0, 99), st.integers(0, 99), st.booleans()),
            min_size=1,
            max_size=14,
        )
    )
    fetched = draw(st.lists(st.integers(0, 99), min_size=1, max_size=3))
    fed = draw(st.lists(st.integers(0, 99), max_size=2))
    return seed, steps, fetched, fed, draw(st.booleans()), draw(st.booleans())


def build(program):
    seed, steps, fetched, fed, resource, functional = program
    random = np.random.RandomState(seed)

    def number():
        return random.uniform(-1, 1, (2, 2)).astype(np.float32)

    (tf1.enable_control_flow_v2 if functional else tf1.disable_control_flow_v2)()
    x = tf1.placeholder(tf.float32, [2, None], name="x")
    v = tf1.get_variable("v", initializer=number(), use_resource=resource)
    # Of a reference an Identity is no copy: what is written later is seen in it.
    tensors, state = [x, v.read_value() * 1.0, tf.constant(number())], None
    for kind, i, j, edge in steps:
        a, b = tensors[i % len(tensors)], tensors[j % len(tensors)]
        with tf.control_dependencies([b.op] if edge else []):
            if kind < 3:
                new = UNARY[(i + j) % len(UNARY)](a)
            elif kind < 5:
                new = BINARY[(i + j) % len(BINARY)](a, b)
            elif kind == 5:
                new = tf.matmul(a, b) * 0.5
            elif kind == 6:
                new = loop(a, b, j % 4)
            elif kind == 7:
                new = tf1.cond(tf.reduce_sum(a) > 0, lambda a=a, b=b: a * b, lambda a=a: a - 1.0)
            elif kind == 8:
                new = tf.gradients(curve(a), a)[0] + b  # of which a runtime makes a function
            elif kind == 9:
                array = tf.TensorArray(tf.float32, 2, clear_after_read=False).unstack(a)
                new = array.stack() * array.read(j % 2)
            elif kind == 10:
                new = tf.strings.to_number(tf.strings.as_string(a, precision=j % 9))
            elif kind == 11:
                new = tf.sparse.to_dense(tf.sparse.from_dense(tf.nn.relu(a))) - b
            else:  # one chain of changes: what is not ordered has no one answer
                with tf.control_dependencies([state] if state is not None else [tensors[1]]):
                    changed = v.assign_add(a * 0.1)
                    new = changed * 1.0
                state = new
        tensors.append(new)
    fetches = [tensors[index % len(tensors)] for index in fetched]
    feeds = {x: number()}
    for index in fed:
        inner = tensors[index % len(tensors)]
        if inner.op.type not in ("Placeholder", "VariableV2"):
            feeds[inner] = number()
    return fetches, feeds, tf1.global_variables_initializer()


@function.Defun(tf.float32)
def curve(a):
    return tf.tanh(a) * a


def loop(a, b, turns):
    return tf1.while_loop(lambda i, t: i < turns, lambda i, t: (i + 1, tf.tanh(t) * b + a), [0, a])[
        1
    ]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(programs())
def test_a_random_graph_is_matched_to_the_last_bit(program):
    with tf.Graph().as_default():
        fetches, feeds, start = build(program)
        with tf1.Session(config=as_written()) as session:
            session.run(start)
            check_run(session, fetches, feeds)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(programs())
def test_a_random_graph_is_matched_closely_where_it_is_rewritten(program):
    with tf.Graph().as_default():
        fetches, feeds, start = build(program)
        with tf1.Session() as session:
            session.run(start)
            check_run(session, fetches, feeds, exact=False)


def loops_and_branches():
    """What the control flow of TensorFlow is for, with gradients; all of one scalar x."""
    x = tf1.placeholder(tf.float32, [], name="x")

    def inner(i, a):
        r = tf1.while_loop(lambda j, r: j < i, lambda j, r: (j + 1, r * 1.5 + x), [0, a])[1]
        return i + 1, tf1.cond(r > 3.0, lambda: r - 1.0, lambda: r + tf.constant(1.0))

    def turn(i, a, b):
        return i + 1, tf.sin(a) * x + b, b + 1.0

    def grow(j, r):
        return j + 1, r * 1.5

    looped = tf1.while_loop(lambda i, *_: i < 5, turn, [0, x, x])
    nested = tf1.while_loop(lambda i, _: i < 4, inner, [0, x])
    mapped = tf.map_fn(lambda t: t * t + x, tf.range(4.0) + x)
    untaken = tf1.cond(
        x > 0, lambda: tf1.while_loop(lambda j, r: j < 3, grow, [0, x])[1], lambda: -x
    )
    return x, {
        "a loop": looped,
        "its gradient": tf1.gradients(looped[1], x),
        "loops and branches in a loop": nested,
        "their gradient": tf1.gradients(nested[1], x),
        "a loop on a side that may not be taken": untaken,
        "map": mapped,
        "its gradient ": tf1.gradients(mapped, x),
        "scan": tf.scan(lambda a, t: a + t * x, tf.range(5.0)),
        "case": tf.switch_case(tf.cast(x, tf.int32), [lambda: x, lambda: x * 2, lambda: x * 3]),
    }


@pytest.mark.parametrize("functional", [False, True], ids=["Switch and Merge", "While and If"])
def test_loops_branches_and_their_gradients_are_matched(functional):
    with tf.Graph().as_default():
        (tf1.enable_control_flow_v2 if functional else tf1.disable_control_flow_v2)()
        x, fetches = loops_and_branches()
        tf1.enable_control_flow_v2()
        with tf1.Session(config=as_written()) as session:
            engine = Engine(session.graph)
            for value in (0.7, -0.3, 1.9):
                for fetch in fetches.values():
                    check_run(session, fetch, {x: value}, engine)


OPTIMIZERS = [
    lambda: tf1.train.GradientDescentOptimizer(0.1),
    lambda: tf1.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True),
    lambda: tf1.train.AdagradOptimizer(0.1),
    lambda: tf1.train.AdadeltaOptimizer(0.1),
    lambda: tf1.train.AdamOptimizer(0.1),
    lambda: tf1.train.RMSPropOptimizer(0.1, momentum=0.5, centered=True),
    lambda: tf1.train.FtrlOptimizer(0.1),
    lambda: tf1.train.ProximalAdagradOptimizer(0.1),
]


@pytest.mark.parametrize("resource", [False, True], ids=["references", "resources"])
@pytest.mark.parametrize("number", range(len(OPTIMIZERS)))
def test_every_optimizer_is_matched_on_dense_and_sparse_gradients(number, resource):
    random = np.random.RandomState(0)
    with tf.Graph().as_default():
        table = random.rand(5, 3).astype(np.float32)
        rows = tf1.get_variable("rows", initializer=table, use_resource=resource)
        w = tf1.get_variable("w", initializer=table[:3], use_resource=resource)
        taken = tf.gather(rows, tf1.placeholder(tf.int32, [None], name="i"))
        loss = tf.reduce_sum(tf.square(tf.matmul(taken, w) - 1.0))
        train = OPTIMIZERS[number]().minimize(loss)
        start = tf1.global_variables_initializer()
        with tf1.Session(config=as_written()) as session:
            check_run(session, start)
            engine = Engine(session.graph)
            for _ in range(3):
                check_run(session, train, {"i:0": [0, 2, 2]}, engine)
                check_run(session, loss, {"i:0": [1, 2]}, engine)


def test_the_proof_can_fail():
    """A wrong feed to the engine alone is seen by the same comparison."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        y = tf.square(x)
        with tf1.Session(config=as_written()) as session:
            with pytest.raises(AssertionError):
                check_run(
                    session,
                    y,
                    {x: [1.0, 2.0]},
                    run=lambda *args, **kw: session.run(y, {x: [1.0, 2.0000002]}, **kw),
                )
            assert session_state(session) == {}
