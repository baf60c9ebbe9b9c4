"""All that Session.run feeds and fetches: a replay takes it as the session did, to the last bit."""

import io
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import tensorflow as tf
from engine_proof import same_bits
from rich.console import Console

from graphlab import observe
from graphlab.engine import Engine
from graphlab.errors import GraphlabError
from graphlab.walk.stepper import Stepper
from graphlab.watch.nonfinite import first_bad_call, summary
from graphlab.watch.replay import all_finite

tf1 = tf.compat.v1

SHORT = (
    "bfloat16 float8_e5m2 float8_e4m3fn float8_e4m3fnuz float8_e4m3b11fnuz float8_e5m2fnuz"
    " int4 uint4 float4_e2m1fn"
).split()
FED = {
    "float64 for int32": (tf.int32, np.array([1.7, -2.9])),
    "float32 for bool": (tf.bool, np.array([0.0, 0.5], np.float32)),
    "int64 for float32": (tf.float32, np.array([2**40 + 1, 3])),
    "what float16 cannot hold": (tf.float16, [1e-8, 70000.0]),
    "what uint8 cannot hold": (tf.uint8, [300, -1]),
    "complex for float32": (tf.float32, np.array([1 + 2j])),
    "float for complex128": (tf.complex128, [1.5, 2]),
    "NaN in complex64": (tf.complex64, [1 + 2j, complex("nan")]),
    "text for a number": (tf.float32, ["1.5", "2"]),
    "Decimal": (tf.float32, [Decimal("1.25")]),
    "None": (tf.float32, [None]),
    "a number of Python": (tf.int8, 5),
    "a truth of Python": (tf.bool, True),
    "a number of NumPy": (tf.int64, np.int8(3)),
    "the largest": (tf.uint64, [2**64 - 1]),
    "a list of arrays": (tf.float32, [np.ones(2), np.zeros(2)]),
    "no elements": (tf.float32, np.zeros((0, 3))),
    "a text": (tf.string, "hello"),
    "bytes that end in zero": (tf.string, b"he\0"),
    "a list of texts": (tf.string, ["a", "b\0"]),
    "a list of bytes": (tf.string, [b"a\0", b"\xff"]),
    "a list of both": (tf.string, [b"a", "\u00e4"]),
    "an array of unicode": (tf.string, np.array(["\u00e4", "b"])),
    "an array of bytes": (tf.string, np.array([b"ab", b"c"])),
    "an array of objects": (tf.string, np.array([b"ab", "c"], object)),
    "no texts": (tf.string, np.array([], object)),
    "qint8": (tf.qint8, np.array([(1,), (2,)], tf.qint8.as_numpy_dtype)),
    "ints for quint8": (tf.quint8, [1, 2]),
    "qint32": (tf.qint32, np.array([1, 2]).astype(tf.qint32.as_numpy_dtype)),
    "NaN in bfloat16": (tf.bfloat16, [1.5, float("nan")]),
    **{name: (tf.as_dtype(name), [1.0, 2.0]) for name in SHORT},
}


def recorded(fetches, feeds):
    """A session's result, and the replay of the same run."""
    with tf1.Session() as session:
        if tf1.global_variables():
            session.run(tf1.global_variables_initializer())
        with observe(values=True) as seen:
            result = session.run(fetches, feeds)
    (replay,) = seen.replays
    return result, replay


@pytest.fixture(params=FED)
def fed(request):
    """A value fed for a tensor of a type, passed on and fetched."""
    dtype, value = FED[request.param]
    with tf.Graph().as_default():
        x = tf1.placeholder(dtype, None, name="x")
        return recorded(tf.identity(x, name="y"), {x: value})


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
def test_what_is_fed_is_cast_as_the_session_casts_it(fed):
    expected, replay = fed
    assert replay.check().text() == "the engine's fetches equal the real ones to the last bit"
    assert same_bits(replay.steps().results()["y:0"], expected)


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
def test_whatever_is_fed_can_be_stepped_through_and_looked_at(fed):
    _, replay = fed
    stepper = Stepper([replay])
    console = Console(width=80, file=io.StringIO())
    lines = "show x", "predict", "y", "skip", "back 1", "forward", "show y", "results", "next"
    for line in lines:
        try:
            console.print(*stepper.do(line).said)
        except GraphlabError as error:
            assert line == "next" and "the run is over" in str(error)
    assert stepper.walk.execution.fetched.keys() == {"y:0"}


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
def test_whatever_is_fed_is_searched_for_numbers_that_are_not_finite(fed):
    expected, replay = fed
    found = first_bad_call([replay])
    values = np.asarray(expected)
    bad = values.dtype.kind in "fcV" and not np.isfinite(values.astype(np.complex128)).all()
    assert (found is not None) == bad == (not all_finite({"y:0": expected}))


@pytest.mark.parametrize("name", SHORT)
def test_a_short_type_has_numbers_to_be_summed_up(name):
    told = summary("t:0", np.asarray([1.0, 2.0], tf.as_dtype(name).as_numpy_dtype))
    assert (told.dtype, told.least, told.most) == (name, 1.0, 2.0)


@pytest.mark.parametrize(
    ("dtype", "value", "found"),
    [
        (tf.int32, ["a"], "is str"),
        (tf.int8, 300, "is the number 300"),
        (tf.float32, [[1.0], [1.0, 2.0]], "is object"),
        (tf.string, [1], "is int64"),
        (tf.float32, tf.constant(1), "is int32 of shape []"),
    ],
)
def test_what_a_session_refuses_is_refused_in_a_line(dtype, value, found):
    with tf.Graph().as_default():
        x = tf1.placeholder(dtype, None, name="x")
        y = tf.identity(x, name="y")
        with tf1.Session() as session, pytest.raises((TypeError, ValueError, tf.errors.OpError)):
            session.run(y, {x: value})
        with pytest.raises(GraphlabError) as refused:
            Engine(x.graph).steps(y, {x: value})
    assert f"feed x:0 {found}" in str(refused.value)
    assert f"expected {dtype.name}" in str(refused.value)
    assert "\n" not in str(refused.value)


def same(replay):
    assert replay.check().text() == "the engine's fetches equal the real ones to the last bit"
    return replay.start.results


def test_a_sparse_tensor_is_fed_and_fetched_by_its_parts():
    with tf.Graph().as_default():
        x = tf1.sparse_placeholder(tf.float32, [2, 3], name="x")
        value = tf1.SparseTensorValue(np.array([[0, 1]]), [2.5], [2, 3])
        result, replay = recorded({"twice": x * 2.0}, {x: value})
    assert result["twice"].values.tolist() == [5.0]
    assert [value.tolist() for value in same(replay).values()] == [[[0, 1]], [5.0], [2, 3]]


def test_a_ragged_tensor_is_fed_and_fetched_by_its_parts():
    with tf.Graph().as_default():
        x = tf1.ragged.placeholder(tf.int32, 2, (), name="x")
        value = tf1.ragged.constant_value([[[1], [2, 3]], []])
        result, replay = recorded([x + 1, x], {x: value})
    assert result[0].to_list() == [[[2], [3, 4]], []]
    assert sorted(value.tolist() for value in same(replay).values()) == [
        [0, 1, 3],
        [0, 2, 2],
        [1, 2, 3],
        [2, 3, 4],
    ]


def test_slices_are_fetched_by_their_parts_beside_ops_that_give_nothing():
    with tf.Graph().as_default():
        alone = tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]))
        shaped = tf.IndexedSlices(tf.constant([1.0]), tf.constant([0]), tf.constant([4]))
        _, replay = recorded([alone, tf.no_op(), shaped], {})
    assert [value.tolist() for value in same(replay).values()] == [[1.0], [0], [1.0], [0], [4]]


def test_tensors_are_fed_by_name_in_tuples_and_in_place_of_variables():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name="x")
        v = tf1.get_variable("v", initializer=[1.0, 2.0], use_resource=False)
        w = tf.identity(x)
        feeds = {"x:0": [1, 2], v: [3.0, 4.0], (w,): (np.array([5.0, 6.0]),)}
        result, replay = recorded(tf.add_n([x, v, w], name="y"), feeds)
        assert result.tolist() == [9.0, 12.0]
        assert same(replay)["y:0"].tolist() == [9.0, 12.0]


def test_what_the_program_does_to_its_arrays_later_is_not_seen():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, None, name="x")
        fed, listed = np.ones(2, np.float32), [np.ones(2, np.float32)]
        with tf1.Session() as session, observe(values=True) as seen:
            session.run(tf.identity(x, name="y"), {x: fed})
            session.run(tf.identity(x, name="z"), {"x:0": listed})
            fed[:], listed[0][:] = 7.0, 7.0
    assert [same(replay) is not None for replay in seen.replays] == [True, True]


def test_a_handle_of_a_tensor_that_the_session_keeps_is_refused_by_name():
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        handle = session.run(tf1.get_session_handle(tf.constant(3.0)))
        x = tf1.placeholder(tf.float32, [], name="x")
        y = tf.negative(x)
        with observe(values=True) as seen:
            assert session.run(y, {x: handle}) == -3.0
        refusal = "x:0 is a handle of a tensor that a session keeps"
        with pytest.raises(GraphlabError, match=refusal):
            Engine(graph).steps(y, {x: handle})
        with pytest.raises(GraphlabError, match=refusal):
            seen.replays[0].check()


def test_a_handle_is_no_value_to_be_compared():
    with tf.Graph().as_default():
        v = tf1.get_variable("v", initializer=[1.0, 2.0], use_resource=True)
        y = tf.identity(v, name="y")
        _, replay = recorded([v.handle, y], {})
    checked = replay.check()
    assert (checked.ok, checked.agreement.worst) == (True, None)


def test_a_wrong_text_is_shown_beside_the_right_one():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.string, [1], name="x")
        _, replay = recorded(tf.identity(x, name="y"), {x: [b"a\0"]})
    start = replace(replay.start, results={"y:0": np.array([b"b\0"], object)})
    assert replace(replay, start=start).check().text() == (
        "the engine's y:0 differs from the real one: b'a\\x00' against b'b\\x00' at [0]"
    )
