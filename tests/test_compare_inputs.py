"""What two models are fed: the same, whatever they call it; a default stays where nothing else is
asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab.comparison.run import compare
from graphlab.errors import GraphlabError

tf1 = tf.compat.v1


def frozen(folder: Path, name: str, default: float | None = None, input: str = "x") -> str:
    """y = tanh(x * rate), where rate has a default or must be fed."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 4], name=input)
        if default is None:
            rate = tf1.placeholder(tf.float32, [], name="rate")
        else:
            rate = tf1.placeholder_with_default(default, [], name="keep")
        tf.tanh(x * rate, name="y")
    path = folder / f"{name}.pb"
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return str(path)


def saved(folder: Path, name: str, inputs: dict[str, str], dtype: tf.DType = tf.float32) -> str:
    """y = tanh(one - 2 * two) as a SavedModel; `inputs` are the keys of its signature by name."""
    with tf.Graph().as_default(), tf1.Session() as session:
        one = tf1.placeholder(dtype, [None, 4], name="one")
        two = tf1.placeholder(tf.float32, [None, 4], name="two")
        y = tf.tanh(0.2 * tf.cast(one, tf.float32) - 2.0 * two, name="y")
        tensors = {"one": one, "two": two}
        keys = {key: tensors[inputs[key]] for key in inputs}
        tf1.saved_model.simple_save(session, str(folder / name), keys, {"y": y})
    return str(folder / name)


def test_a_default_that_both_have_stays_so_that_another_one_is_seen(tmp_path):
    one, same = frozen(tmp_path, "one", 0.5), frozen(tmp_path, "same", 0.5, "input")
    assert compare(one, same).same
    found = compare(one, frozen(tmp_path, "other", 0.75))
    assert (found.same, found.frontier[0].a.op, found.notes) == (False, "Const", ())


def test_a_default_gives_way_to_what_the_other_has_to_be_fed(tmp_path):
    with_default, without = frozen(tmp_path, "one", 0.5), frozen(tmp_path, "other")
    for pair in ((with_default, without), (without, with_default)):
        found = compare(*pair)
        assert (found.same, found.notes) == (True, ())


def test_a_default_gives_way_to_what_the_file_holds_for_either(tmp_path):
    one, other = frozen(tmp_path, "one", 0.5), frozen(tmp_path, "other", 0.75)
    file = tmp_path / "inputs.npz"
    np.savez(file, x=np.ones([2, 4], "f"), keep=np.float32(0.25))
    found = compare(one, other, inputs=file)
    assert (found.same, found.notes) == (True, ())


def test_an_input_is_known_by_what_the_graph_calls_it_behind_the_keys_of_a_signature(tmp_path):
    one = saved(tmp_path, "one", {"a": "two", "b": "one"})
    other = saved(tmp_path, "other", {"x": "one", "y": "two"})
    found = compare(one, other)
    assert (found.same, found.notes) == (True, ())
    file = tmp_path / "inputs.npz"
    np.savez(file, a=np.ones([2, 4], "f"), other=np.zeros([2, 4], "f"), one=np.ones([2, 4], "f"))
    found = compare(one, other, inputs=file)
    told = f"--inputs {file} has other, which nothing takes"
    assert (found.same, found.notes) == (True, (told,))


def test_whole_numbers_are_fed_where_one_model_takes_real_ones(tmp_path):
    keys = {"one": "one", "two": "two"}
    one = saved(tmp_path, "one", keys, tf.int32)
    assert compare(one, saved(tmp_path, "other", keys)).same


def test_inputs_that_have_nothing_in_common_are_refused_with_their_names(tmp_path):
    keys = {"one": "one", "two": "two"}
    one, other = saved(tmp_path, "one", keys), saved(tmp_path, "other", keys, tf.bool)
    with pytest.raises(GraphlabError) as refused:
        compare(one, other)
    assert str(refused.value) == (
        f"inputs differ: {one} takes one (float32 ?x4), {other} takes one (bool ?x4); the two"
        " cannot be given the same"
    )


@pytest.mark.parametrize(
    ("x", "problem"),
    [
        (np.zeros([2, 3], "f"), "has shape 2x3"),
        (np.zeros([4], "f"), "has shape [4]"),
        (np.full([2, 4], "word"), "is string 2x4"),
        (np.zeros([2, 4], "complex64"), "is complex64 2x4"),
    ],
)
def test_what_the_file_holds_and_does_not_fit_is_told_with_the_file_and_the_model(
    tmp_path, x, problem
):
    one, other = frozen(tmp_path, "one"), frozen(tmp_path, "other", input="input")
    file = tmp_path / "inputs.npz"
    np.savez(file, x=x, rate=np.float32(0.5))
    with pytest.raises(GraphlabError) as refused:
        compare(one, other, inputs=file)
    assert str(refused.value) == (
        f"--inputs {file}: x {problem}; {one} takes x (float32 ?x4): write one that fits"
    )


def test_what_fits_one_model_and_not_the_other_is_told_of_the_other(tmp_path):
    one, other = frozen(tmp_path, "one"), frozen(tmp_path, "other", input="input")
    file = tmp_path / "inputs.npz"
    np.savez(file, x=np.zeros([2, 4], "f"), input=np.zeros([2, 5], "f"), rate=np.float32(0.5))
    with pytest.raises(GraphlabError) as refused:
        compare(one, other, inputs=file)
    assert str(refused.value) == (
        f"--inputs {file}: input has shape 2x5; {other} takes input (float32 ?x4): write one"
        " that fits"
    )


def test_an_input_that_only_one_takes_is_told(tmp_path):
    one, other = frozen(tmp_path, "one", 0.5), saved(tmp_path, "other", {"x": "one", "z": "two"})
    found = compare(one, other)
    assert found.notes[0] == f"inputs differ: {one} takes x, {other} takes x, z"


def test_a_key_of_a_signature_goes_before_a_node_of_that_name(tmp_path):
    swapped = saved(tmp_path, "swapped", {"two": "one", "one": "two"})
    plain = saved(tmp_path, "plain", {"one": "one", "two": "two"})
    file = tmp_path / "inputs.npz"
    np.savez(file, one=np.full([2, 4], 0.5, "f"), two=np.full([2, 4], 0.25, "f"))
    found = compare(plain, swapped, inputs=file)
    assert not found.same
    assert [each.mean for each in found.frontier[0].values] == pytest.approx(
        [0.2 * 0.5, 0.2 * 0.25]
    )
