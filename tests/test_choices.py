"""Numbers that a model is fed at random are classes, and rows of tables, that there are."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from graphlab.model import TensorSpec
from graphlab.sources import files, live
from graphlab.targets import feeds
from graphlab.targets.choices import choices
from graphlab.targets.run import watch
from graphlab.targets.target import Ask, parse

tf1 = tf.compat.v1
TABLE = np.zeros((7, 4), np.float32)


def cross_entropy(labels):
    logits = tf1.placeholder(tf.float32, [None, 3])
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


@tf.function
def asserting(n):
    tf.debugging.assert_less(n, 4)
    return n


CHOOSING = {
    "classes": (cross_entropy, 3),
    "classes, cast and reshaped": (
        lambda n: cross_entropy(tf.reshape(tf.cast(n, tf.int64), [-1])),
        3,
    ),
    "rows": (lambda n: tf.gather(TABLE, n), 7),
    "rows of a variable": (lambda n: tf.gather(tf1.get_variable("t", initializer=TABLE), n), 7),
    "rows, each looked up once": (lambda n: tf.gather(TABLE, tf.unique(n).y), 7),
    "rows beside others": (lambda n: tf.gather(TABLE, tf.concat([n, [6]], 0)), 7),
    "rows and classes": (lambda n: (tf.gather(TABLE, n), cross_entropy(n)), 3),
    "rows in a condition": (
        lambda n: tf.cond(tf1.placeholder(tf.bool, []), lambda: tf.gather(TABLE, n), lambda: TABLE),
        7,
    ),
    "asserted": (lambda n: tf1.assert_less(n, 5), 5),
    "asserted, as an Estimator does": (
        lambda n: tf1.assert_less_equal(tf.cast(n, tf.float32), tf.constant(1.0)),
        2,
    ),
    "asserted from the other side, beside another": (
        lambda n: tf1.Assert(tf.reduce_all(n < 3) & tf.reduce_all(n >= 0), [n]),
        3,
    ),
    "asserted in a function": (asserting, 4),
    "asserted to be above": (lambda n: tf1.assert_greater(n, 4), None),
    "asserted to be less than what is not known": (
        lambda n: tf1.assert_less(n, tf1.placeholder(tf.int32, [])),
        None,
    ),
    "compared and not asserted": (lambda n: tf.reduce_all(n < 5), None),
    "classes of which only a bias tells": (
        lambda n: tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=n, logits=tf.reshape(tf1.placeholder(tf.float32) + tf.zeros([3]), [-1, n[0]])
        ),
        3,
    ),
    "columns": (lambda n: tf.gather(TABLE, n, axis=1), None),
    "rows of what has any number of them": (
        lambda n: tf.gather(tf1.placeholder(tf.float32, [None, 2]), n),
        None,
    ),
    "a number that is no choice": (lambda n: tf.gather(TABLE, n + 1), None),
    "places among those looked up": (lambda n: tf.gather(TABLE, tf.unique(n).idx), None),
}


@pytest.mark.parametrize("kind", CHOOSING)
def test_what_a_number_chooses_among_is_told_by_what_takes_it(kind):
    build, among = CHOOSING[kind]
    with tf.Graph().as_default() as graph:
        build(tf1.placeholder(tf.int32, [None], name="n"))
    assert choices(live.from_graph(graph)).get("n:0") == among


def test_drawn_numbers_stay_below_and_a_short_type_holds_them():
    draw = np.random.default_rng(0)
    spec = TensorSpec("n:0", "int8", (1000,))
    assert set(feeds.random(spec, draw, below=2)) == {0, 1}
    assert feeds.random(spec, draw, below=1 << 40).max() <= 127
    assert set(feeds.random(spec, draw)) == set(range(feeds.SMALL))


def test_labels_written_as_floats_are_whole_and_other_floats_are_not():
    draw = np.random.default_rng(0)
    spec = TensorSpec("labels:0", "float32", (100,))
    assert set(feeds.random(spec, draw, below=2)) == {0.0, 1.0}
    assert len(set(feeds.random(spec, draw))) > 90


def test_labels_that_are_drawn_are_classes_in_a_saved_models_function(tmp_path):
    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 2]), tf.TensorSpec([None], tf.int32)])
        def loss(self, logits, labels):
            return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)

    tf.saved_model.save(model := Model(), str(tmp_path), signatures=model.loss)
    graph = files.read_model(tmp_path).graph
    assert [most for name, most in choices(graph).items() if "labels" in name and most] != []
    ask = Ask(feeds=("logits=random", "labels=random"), batch=50)
    watched = watch(parse(str(tmp_path), ask=ask), None, 0)
    (labels,) = [spec for spec in watched.runs[0].feeds if spec.dtype == "int32"]
    assert labels.shape == (50,)


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_words_that_are_drawn_have_rows_in_the_embeddings_of_a_keras_file(tmp_path, ending):
    layers = tf.keras.layers
    inner = tf.keras.Sequential(
        [tf.keras.Input((6,), dtype="int32"), layers.Embedding(5, 8), layers.Flatten()]
    )
    words = tf.keras.Input((6,), dtype="int32", name="words")
    kinds = tf.keras.Input((2, 3), dtype="int64", name="kinds")
    encoded = layers.CategoryEncoding(4, output_mode="multi_hot")(layers.Flatten()(kinds))
    model = tf.keras.Model([words, kinds], layers.concatenate([inner(words), encoded]))
    model.save(path := tmp_path / f"model.{ending}")
    found = choices(files.read_model(path).graph)
    assert (found["words:0"], found["kinds:0"]) == (5, 4)
    ask = Ask(feeds=("words=random", "kinds=random"), batch=64)
    watched = watch(parse(str(path), ask=ask), None, 0, values=True)
    start = watched.replays[0].start
    drawn = {name: int(np.max(value)) for name, value in start.feeds.items()}
    assert sorted(drawn.values()) == [3, 4]
