"""Two files compared as they stand: which weights are others, how many numbers, by how much."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab.comparison.structure import compare_models
from graphlab.comparison.weights import CHUNK, difference
from graphlab.sources.checkpoint import numbers
from graphlab.sources.files import read_model
from graphlab.sources.keras import stream
from graphlab.sources.modelfile import Variable
from graphlab.sources.numbers import from_bytes
from graphlab.sources.values import arrays

tf1 = tf.compat.v1


def model() -> tf.keras.Model:
    inputs = tf.keras.Input([4], name="x")
    hidden = tf.keras.layers.Dense(5, name="first")(inputs)
    made = tf.keras.Model(inputs, tf.keras.layers.Dense(3, name="second")(hidden), name="made")
    rng = np.random.default_rng(0)
    made.set_weights([rng.standard_normal(w.shape).astype("f") for w in made.get_weights()])
    return made


def changed(made: tf.keras.Model) -> tf.keras.Model:
    """Two numbers of the second kernel are others: by a half and by a quarter."""
    values = made.get_weights()
    values[2][0, 1] += 0.5
    values[2][4, 2] -= 0.25
    other = model()
    other.set_weights(values)
    return other


def saved_model(made: tf.keras.Model, path: Path) -> None:
    """By hand: model.export puts the variables in an order of its own each time."""
    module = tf.Module()
    module.a, module.b, module.c, module.d = (
        tf.Variable(value, name=name)
        for name, value in zip("abcd", made.get_weights(), strict=True)
    )
    module.f = tf.function(
        lambda x: (x @ module.a + module.b) @ module.c + module.d,
        input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")],
    )
    tf.saved_model.save(module, str(path))


def saved_by_tf1(made: tf.keras.Model, path: Path) -> None:
    values = made.get_weights()
    with tf.Graph().as_default(), tf1.Session() as session:
        for name, value in zip(("a", "b", "c", "d"), values, strict=True):
            tf1.get_variable(name, initializer=value, use_resource=True)
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(path / "model"), write_meta_graph=False)


KINDS = {
    "model.keras": lambda made, path: made.save(path),
    "model.h5": lambda made, path: made.save(path),
    "model.weights.h5": lambda made, path: made.save_weights(path),
    "saved": saved_model,
    "checkpoint": lambda made, path: tf.train.Checkpoint(made).save(str(path / "model")),
    "tf1": saved_by_tf1,
}
SAYS = "2 differ, by 0.5 at most"


def written(folder: Path, kind: str, made: tf.keras.Model) -> Path:
    folder.mkdir()
    path = folder / kind
    if "." not in kind:
        path.mkdir()
    KINDS[kind](made, path)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_changed_weights_are_told_of_every_kind_of_file(tmp_path, kind):
    made = model()
    one = read_model(written(tmp_path / "one", kind, made))
    same = read_model(written(tmp_path / "same", kind, model()))
    other = read_model(written(tmp_path / "other", kind, changed(made)))
    found = compare_models(one, same)
    assert (found.same, found.variables, found.notes) == (True, (), ())
    found = compare_models(one, other)
    assert (found.same, found.notes) == (False, ())
    # Keras' export holds every weight twice: as its functions' and as an object of its own.
    assert [change.what for change in found.variables] == [("value", "numbers")] * len(
        found.variables
    )
    assert {(c.before[1], c.after[1]) for c in found.variables} == {("15", SAYS)}
    assert len({(change.before, change.after) for change in found.variables}) == 1
    assert len(found.variables) == (2 if kind == "exported" else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_values_read_are_those_that_were_written(tmp_path, kind):
    made = model()
    file = read_model(written(tmp_path / "one", kind, made))
    own = [v for v in file.variables if len(v.shape or ()) and v.dtype == "float32"]
    read = [array for array in arrays(file, own) if array is not None]
    found = {array.shape: array.tolist() for array in read}
    assert found == {array.shape: array.tolist() for array in made.get_weights()}


def test_the_command_says_it_and_starts_no_tensorflow(tmp_path):
    made = model()
    one = written(tmp_path / "one", "model.keras", made)
    other = written(tmp_path / "other", "model.keras", changed(made))
    code = (
        "import sys\nfrom graphlab.cli import main\n"
        f"try: main(['compare', {str(one)!r}, {str(other)!r}, '--structure'])\n"
        "except SystemExit as left: print(left.code, 'tensorflow' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "160"},
        cwd=Path(__file__).parents[1],
    )
    assert told.stdout.splitlines()[-1] == "1 False", told.stderr
    assert "second/kernel" in told.stdout and SAYS in told.stdout


def test_pieces_of_a_variable_are_put_together(tmp_path):
    value = np.arange(12, dtype="f").reshape(4, 3)
    with tf.Graph().as_default(), tf1.Session() as session:
        cut = tf1.fixed_size_partitioner(2)
        tf1.get_variable("v", initializer=tf.constant(value), partitioner=cut, use_resource=True)
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(tmp_path / "model"), write_meta_graph=False)
    checkpoint = read_model(tmp_path).checkpoint
    assert checkpoint is not None and len(checkpoint.by_key["v"].pieces) == 2
    array = numbers.array(checkpoint, "v")
    assert array is not None and array.tolist() == value.tolist()


def test_what_is_cut_off_is_not_known_and_the_rest_is(tmp_path):
    made = model()
    one = written(tmp_path / "one", "tf1", made)
    other = written(tmp_path / "other", "tf1", changed(made))
    data = other / "model.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-4])  # of the last bias
    found = compare_models(read_model(one), read_model(other))
    assert [change.a for change in found.variables] == ["c"]
    assert found.notes == ()  # its digest, which stands in the index, is that of the other


def test_texts_and_first_versions_are_not_known(tmp_path):
    import h5py

    path = tmp_path / "one.h5"
    with h5py.File(path, "w") as file:
        file["a"] = np.arange(3.0)
        file["texts"] = ["a", "b"]
        file["outside"] = h5py.ExternalLink("other.h5", "a")
    asked = [
        Variable("a", "float64", (3,), 24, key="a"),
        Variable("texts", "object", (2,), 16, key="texts"),
        Variable("outside", "float64", (3,), 24, key="outside"),
        Variable("not there", "float64", (3,), 24, key="b"),
        Variable("other head", "float64", (4,), 32, key="a"),
        Variable("again", "float64", (3,), 24, key="a"),
    ]
    found = list(stream.arrays(path, "", asked))
    assert [None if array is None else array.tolist() for array in found] == [
        [0.0, 1.0, 2.0],
        None,
        None,
        None,
        None,
        [0.0, 1.0, 2.0],
    ]


def test_short_floats_are_read_as_what_they_are():
    values = np.array([1.0, -2.5, 0.0], np.float32)
    short = tf.cast(values, tf.bfloat16).numpy().tobytes()
    assert from_bytes(short, "bfloat16", (3,)).tolist() == values.tolist()
    assert from_bytes(short, "bfloat16", (4,)) is None
    assert from_bytes(b"abc", "string", (3,)) is None
    assert from_bytes(b"\x01\x02", "float8_e5m2", (2,)) is None


def test_differences_are_counted_over_all_chunks_and_nan_is_equal_to_nan():
    a = np.zeros(CHUNK + 3, np.float32)
    b = a.copy()
    b[[0, CHUNK, CHUNK + 2]] = 1, 3, 2
    assert difference(a, b) == (3, 3.0)
    nan = np.array([np.nan, 1.0, np.nan])
    assert difference(nan, nan) == (0, 0.0)
    assert difference(nan, np.array([np.nan, 1.0, 0.0])) == (1, np.inf)
    assert difference(np.array([True, False]), np.array([True, True])) == (1, 1.0)
