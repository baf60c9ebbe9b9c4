"""`graphlab compare --checkpoint`: A's values for B's variables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from test_compare import run, script

from graphlab.comparison.carrying import arranged, carry, is_of
from graphlab.comparison.found import VariablePair
from graphlab.comparison.index import Index
from graphlab.comparison.variables import pair_variables
from graphlab.errors import GraphlabError
from graphlab.output import checkpoint

OLD = """
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
draw = np.random.RandomState(0)
x = tf.placeholder(tf.float32, [4, 3], name="x")
W = tf.get_variable("W", initializer=draw.randn(3, 5).astype("f"))
V = tf.get_variable("V", initializer=draw.randn(5, 4).astype("f"))
y = tf.matmul(tf.tanh(tf.matmul(x, W)), V)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    session.run(y, {x: draw.rand(4, 3)})
"""
NEW = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
W = tf.Variable(draw.randn(3, 5).astype("f").T, name="in")
V = tf.Variable(draw.randn(5, 4).astype("f")[:, [1, 2, 0, 3]], name="out/kernel")


@tf.function
def f(x):
    h = tf.tanh(tf.matmul(x, W, transpose_b=True))
    return tf.gather(tf.matmul(h, V), [2, 0, 1, 3], axis=1)


f(tf.constant(draw.rand(4, 3).astype("f")))
"""
WITH_MORE = (
    "y = tf",
    'more = tf.get_variable("more", initializer=np.ones(7, "f"))\ny = more[2] * tf',
)


def first_values() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.RandomState(0)
    return draw.randn(3, 5).astype("f"), draw.randn(5, 4).astype("f")


def test_the_checkpoint_has_the_values_of_a_as_b_has_them_under_its_names(tmp_path):
    old, new = script(tmp_path, "old", OLD), script(tmp_path, "new", NEW)
    done = run(old, new, "--checkpoint", str(tmp_path / "both"))
    assert (done.returncode, done.stderr) == (0, "")
    one, other = tf.Variable(tf.zeros([5, 3])), tf.Variable(tf.zeros([5, 4]))
    reader = tf.train.Checkpoint(**{"in": one, "out/kernel": other})
    reader.read(str(tmp_path / "both")).assert_consumed()
    w, v = first_values()
    assert np.array_equal(one, w.T)
    assert np.array_equal(other, v[:, [1, 2, 0, 3]])


def test_a_variable_without_a_partner_is_named_and_the_exit_code_says_so(tmp_path):
    old, new = script(tmp_path, "old", OLD, WITH_MORE), script(tmp_path, "new", NEW)
    assert run(old, new).returncode == 0
    done = run(old, new, "--checkpoint", str(tmp_path / "both"))
    assert (done.returncode, done.stderr) == (1, "")
    assert "A's more has no partner: its value is not kept" in done.stdout
    assert sorted(dict(tf.train.list_variables(str(tmp_path / "both")))) == [
        "_CHECKPOINTABLE_OBJECT_GRAPH",
        "in/.ATTRIBUTES/VARIABLE_VALUE",
        "out.Skernel/.ATTRIBUTES/VARIABLE_VALUE",
    ]


class Layers(tf.Module):
    """Two layers whose variables have one name."""

    def __init__(self, seed: int) -> None:
        draw = np.random.RandomState(seed)
        self.layers = [tf.Variable(draw.randn(3, 3).astype("f"), name=f"w_{n}") for n in "ab"]

    @tf.function(input_signature=[tf.TensorSpec([2, 3], name="x")])
    def call(self, x):
        for layer in self.layers:
            x = tf.tanh(x @ layer)
        return x


def test_of_a_saved_model_variables_are_where_its_objects_have_them(tmp_path):
    for seed in (1, 2):
        tf.saved_model.save(Layers(seed), str(tmp_path / str(seed)))
    done = run(str(tmp_path / "1"), str(tmp_path / "2"), "--checkpoint", str(tmp_path / "one"))
    assert (done.returncode, done.stderr) == (1, "")  # their values differ, and so do their results
    loaded = tf.saved_model.load(str(tmp_path / "2"))
    tf.train.Checkpoint(loaded).read(str(tmp_path / "one")).expect_partial()
    for variable, value in zip(loaded.layers, Layers(1).layers, strict=True):
        assert np.array_equal(variable, value)


def pair(a: np.ndarray, b: np.ndarray) -> VariablePair:
    index = Index(1e-5, 1e-6)
    (found,) = pair_variables({"a": a}, {"b": b}, index, {"a": "b"})
    return found


DRAWN = np.random.default_rng(0).standard_normal((4, 3, 2)).astype(np.float32)


@pytest.mark.parametrize(
    "other",
    [
        DRAWN,
        DRAWN.reshape(2, 12),
        DRAWN.transpose(2, 0, 1),
        DRAWN.transpose(1, 2, 0),
        DRAWN[[2, 0, 3, 1]],
        DRAWN[:, [1, 2, 0]],
        DRAWN[None],
    ],
)
def test_what_was_rearranged_is_put_where_b_has_it_and_back(other):
    found = pair(DRAWN, other)
    value = arranged(found, DRAWN, other.shape)
    assert value is not None
    assert np.array_equal(value, other)
    assert is_of(found, value, DRAWN)
    assert not is_of(found, value + np.float32(1), DRAWN)


def test_an_order_that_is_not_known_is_not_guessed():
    both_axes = DRAWN[[2, 0, 3, 1]][:, [1, 2, 0]]
    for other in (both_axes, DRAWN.transpose(1, 0, 2) + 1, DRAWN[:2]):
        assert arranged(pair(DRAWN, other), DRAWN, other.shape) is None
    found = carry([pair(DRAWN, both_axes)], {"a": DRAWN}, {"b": both_axes})
    assert found.without == ("B's b gets no value: how A's a stands in it is not known",)


def carried(name: str, value: np.ndarray):
    return carry([VariablePair("a", name, "match", "same")], {"a": value}, {name: value})


@pytest.mark.parametrize(
    ("name", "dtype", "message"),
    [
        ("b", tf.bfloat16, "b of B, which is float32, has no room for the numbers of A's a"),
        ("save", tf.float32, "tf.train.Checkpoint keeps 'save' for itself"),
        ("root", tf.float32, "tf.train.Checkpoint keeps 'root' for itself"),
    ],
)
def test_what_cannot_be_written_leaves_no_file(tmp_path, name, dtype, message):
    with pytest.raises(GraphlabError, match=message):
        checkpoint.write(tmp_path / "x", carried(name, DRAWN), {"a": DRAWN}, {name: dtype}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_short_dtype_stays_what_it_is(tmp_path):
    value = np.array([1.5, -2.25, 0.0], np.float32)
    checkpoint.write(tmp_path / "x", carried("b", value), {"a": value}, {"b": tf.bfloat16}, {})
    reader = tf.train.load_checkpoint(str(tmp_path / "x"))
    assert reader.get_variable_to_dtype_map()[checkpoint.key(("b",))] == tf.bfloat16


def test_nothing_to_write_is_refused(tmp_path):
    with pytest.raises(GraphlabError, match="no variable of B is known to be one of A"):
        checkpoint.write(tmp_path / "x", carry((), {}, {}), {}, {}, {})


def test_paths_are_read_from_keys_as_they_were_written():
    paths = [("layers", "0"), ("a/b.S", ".c", "d..")]
    names = {checkpoint.key(path): str(n) for n, path in enumerate(paths)}
    assert checkpoint.paths_of(names) == {str(n): (path,) for n, path in enumerate(paths)}


@pytest.mark.parametrize("arguments", [("--checkpoint", "/"), ("--checkpoint", "absent/x")])
def test_a_place_that_takes_no_checkpoint_is_refused_before_anything_runs(tmp_path, arguments):
    stops = script(tmp_path, "stops", "raise SystemExit('it ran')\n")
    done = run(stops, stops, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "cannot write" in done.stderr
    assert not Path("absent").exists()
