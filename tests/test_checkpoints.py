"""Every checkpoint that TensorFlow writes is told as `tf.train.list_variables` tells it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf
from models_made import said

from graphlab.cli import main
from graphlab.sources import files
from graphlab.sources.named import named

tf1 = tf.compat.v1
V1 = tf1.train.SaverDef.V1


def session_saved(build, prefix, **saver):
    """The variables that `build` makes in a graph, saved by a Saver of TensorFlow 1."""
    with tf.Graph().as_default(), tf1.Session() as session:
        build()
        made = tf1.train.Saver(**saver)
        session.run(tf1.global_variables_initializer())
        made.save(session, str(prefix))


def partitioned():
    """As an Estimator with a partitioner makes them: cut along either axis, and whole."""
    tf1.get_variable("emb", [100, 8], partitioner=tf1.fixed_size_partitioner(4))
    wide = tf1.min_max_variable_partitioner(max_partitions=3, axis=1, min_slice_size=64)
    tf1.get_variable("net/wide", [5, 70], partitioner=wide)
    tf1.get_variable("q", [3])


def of_every_kind():
    for name in "float64 float16 bfloat16 int8 uint16 int64 bool complex64".split():
        tf1.get_variable(name, [2, 3], tf.as_dtype(name), tf1.zeros_initializer())
    tf1.get_variable("words", initializer=tf.constant(["a", "longer"]))
    tf1.get_variable("empty", [0, 4])
    tf1.get_variable("scalar", [])


def numbers():
    """What the first format can hold."""
    partitioned()
    tf1.get_variable("n", [], tf.int64, tf1.zeros_initializer(), use_resource=False)
    tf1.get_variable("words", initializer=tf.constant(["a", "longer"]))


def on_two_devices():
    with tf.device("CPU:0"):
        tf1.get_variable("a", [3])
        tf1.get_variable("emb", [100, 8], partitioner=tf1.fixed_size_partitioner(4))
    with tf.device("CPU:1"):
        tf1.get_variable("b", [4, 5])


def objects():
    """Variables in lists, dicts and tuples, one without a name and two of the same."""
    net = tf.Module()
    net.parts = {
        "a": tf.Variable(1.0),
        "b": [tf.Variable([2.0, 3.0]), tf.Variable(tf.ones((2, 2)))],
    }
    net.odd = {"x/y": tf.Variable(1, name="same"), "c.d": (tf.Variable(2.0, name="same"),)}
    return net


def object_saved(prefix, **options):
    step = tf.Variable(3, dtype=tf.int64)
    saved = tf.train.Checkpoint(net=objects(), step=step, big=tf.Variable(tf.ones((300, 8))))
    saved.write(str(prefix), options=tf.train.CheckpointOptions(**options))


def keras_saved(prefix):
    model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3)])
    model.compile("adam", "mse")
    model.fit(np.ones((8, 4)), np.ones((8, 3)), verbose=0)
    tf.train.Checkpoint(model=model, optimizer=model.optimizer).write(str(prefix))


MADE = {
    "partitioned": lambda p: session_saved(partitioned, p),
    "every kind": lambda p: session_saved(of_every_kind, p),
    "two files": lambda p: session_saved(on_two_devices, p, sharded=True),
    "V1": lambda p: session_saved(numbers, p, write_version=V1),
    "V1 in two files": lambda p: session_saved(on_two_devices, p, write_version=V1, sharded=True),
    "objects": object_saved,
    "cut to size": lambda p: object_saved(
        p,
        experimental_sharding_callback=tf.train.experimental.MaxShardSizePolicy(
            max_shard_size=4000
        ),
    ),
    "Keras": keras_saved,
}


@pytest.fixture(params=MADE, scope="module")
def prefix(request, tmp_path_factory):
    """The prefix of a checkpoint of one kind, alone in its folder."""
    made = tmp_path_factory.mktemp("saved") / "model.ckpt"
    MADE[request.param](made)
    for meta in made.parent.glob("*.meta"):
        meta.unlink()
    return made


def listed(prefix):
    """What TensorFlow says of a checkpoint: name, dtype, shape and bytes of each tensor."""
    dtypes = tf.train.load_checkpoint(str(prefix)).get_variable_to_dtype_map()
    return {
        name: (dtypes[name].name, tuple(shape), dtypes[name].size * math.prod(shape))
        for name, shape in tf.train.list_variables(str(prefix))
        if name != "_CHECKPOINTABLE_OBJECT_GRAPH"
    }


def told(path):
    """The same of what was read here, where strings have no size that can be compared."""
    model = files.read_model(named(str(path))[0])
    return {each.key or each.name: (each.dtype, each.shape, each.bytes) for each in model.variables}


def without_sizes_of_strings(found):
    return {name: each[:2] if each[0] == "string" else each for name, each in sorted(found.items())}


def pattern(prefix):
    """What restores it: of version 1 in several files that is a pattern."""
    shards = sorted(prefix.parent.glob(f"{prefix.name}-*-of-*"))
    return str(shards[0]).replace("-00000-", "-?????-") if shards else str(prefix)


def test_every_name_dtype_shape_and_size_is_what_tensorflow_says(prefix):
    expected = without_sizes_of_strings(listed(pattern(prefix)))
    assert without_sizes_of_strings(told(prefix)) == expected
    assert len(expected) > 2


def test_a_checkpoint_is_found_by_its_prefix_its_folder_and_each_of_its_files(prefix):
    expected = told(prefix)
    ways = [prefix.parent, *sorted(each for each in prefix.parent.iterdir())]
    assert [told(way) for way in ways if way.name != "checkpoint"] == [expected] * (
        len(ways) - (prefix.parent / "checkpoint").exists()
    )


def test_its_values_are_restored_by_the_prefix_that_is_told(prefix):
    model = files.read_model(named(str(prefix))[0])
    assert tf.train.list_variables(model.checkpoint.prefix) == tf.train.list_variables(
        pattern(prefix)
    )


def test_objects_are_called_by_their_path(tmp_path):
    object_saved(tmp_path / "ckpt")
    model = files.read_model(tmp_path)
    assert [(each.name, each.own_name) for each in model.variables] == [
        ("big", "Variable"),
        ("net/odd/c..d/0", "same"),
        ("net/odd/x.Sy", "same"),
        ("net/parts/a", "Variable"),
        ("net/parts/b/0", "Variable"),
        ("net/parts/b/1", "Variable"),
        ("step", "Variable"),
    ]


def test_a_prefix_that_ends_in_a_slash_has_files_without_a_name(tmp_path):
    (tmp_path / "run").mkdir()
    session_saved(partitioned, f"{tmp_path}/run/")
    assert sorted(each.name for each in (tmp_path / "run").iterdir()) == [
        ".data-00000-of-00001",
        ".index",
        ".meta",
        "checkpoint",
    ]
    reader = tf1.train.NewCheckpointReader(f"{tmp_path}/run/")  # the others want a name
    expected = reader.get_variable_to_shape_map()
    for way in ("run/.index", "run/.data-00000-of-00001"):
        assert {name: list(each[1]) for name, each in told(tmp_path / way).items()} == expected
    for way in ("run", "run/", "run/.meta"):
        model = files.read_model(named(f"{tmp_path}/{way}")[0])
        assert (model.kind, model.checkpoint.prefix) == ("MetaGraph", f"{tmp_path}/run/")
        assert sum(each.bytes for each in model.variables) == 4 * (100 * 8 + 5 * 70 + 3)


@pytest.mark.parametrize("version", [V1, tf1.train.SaverDef.V2])
def test_each_part_of_a_variable_has_its_own_size_beside_a_graph(tmp_path, version):
    session_saved(partitioned, tmp_path / "model", write_version=version)
    found = files.read_model(tmp_path / "model.meta").variables
    assert [(each.name, each.shape, each.bytes, each.piece_of) for each in found] == [
        *((f"emb/part_{number}", (25, 8), 800, "emb") for number in range(4)),
        ("net/wide/part_0", (5, 24), 480, "net/wide"),
        ("net/wide/part_1", (5, 23), 460, "net/wide"),
        ("net/wide/part_2", (5, 23), 460, "net/wide"),
        ("q", (3,), 12, ""),
    ]


def test_a_variable_that_was_saved_in_other_parts_has_sizes_too(tmp_path):
    session_saved(partitioned, tmp_path / "four")

    def in_two():
        tf1.get_variable("emb", [100, 8], partitioner=tf1.fixed_size_partitioner(2))

    session_saved(in_two, tmp_path / "model")
    for ending in ("index", "data-00000-of-00001"):
        (tmp_path / f"four.{ending}").replace(tmp_path / f"model.{ending}")
    found = files.read_model(tmp_path / "model.meta").variables
    assert [(each.name, each.bytes) for each in found if each.used] == [
        ("emb/part_0", 1600),
        ("emb/part_1", 1600),
    ]


def test_the_file_checkpoint_says_which_is_the_latest(tmp_path):
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.get_variable("w", [2])
        saver = tf1.train.Saver()
        session.run(tf1.global_variables_initializer())
        for step in (1, 20, 3):
            saver.save(session, str(tmp_path / "model"), global_step=step)
    model = files.read_model(tmp_path)
    assert model.checkpoint.prefix == tf.train.latest_checkpoint(str(tmp_path))
    assert model.notes == ("the file checkpoint names 'model-3' as the latest of 3",)
    (tmp_path / "checkpoint").unlink()
    assert said(tmp_path) == (
        "FILE holds 3 MetaGraphs; name one of model-1.meta, model-20.meta, model-3.meta"
    )


def test_a_folder_that_was_moved_is_read_where_it_is(tmp_path):
    object_saved(tmp_path / "ckpt")
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "/gone/to/ckpt"\n')
    assert files.read_model(tmp_path).checkpoint.prefix == f"{tmp_path}/ckpt"
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "/gone/to/other"\n')
    assert said(tmp_path) == ("FILE/checkpoint names '/gone/to/other', which is not in FILE")


def test_what_is_not_there_of_the_values_is_told(tmp_path):
    session_saved(on_two_devices, tmp_path / "model", sharded=True)
    (tmp_path / "model.meta").unlink()
    first, second = sorted(tmp_path.glob("*.data-*"))
    second.unlink()
    first.write_bytes(first.read_bytes()[:-1])
    assert files.read_model(tmp_path / "model.index").notes[1:] == (
        "not there, so not all values can be read: model.data-00001-of-00002",
        "cut short: model.data-00000-of-00002 has 3,211 bytes of 3,212",
    )


def test_a_checkpoint_is_not_drawn_as_an_empty_picture(tmp_path, capsys):
    tf.train.Checkpoint(v=tf.Variable(1.0)).write(str(tmp_path / "c"))
    picture = tmp_path / "p.svg"
    with pytest.raises(SystemExit) as left:
        main(["render", str(tmp_path / "c.index"), "-o", str(picture)])
    assert (left.value.code, picture.exists()) == (2, False)
    assert "which holds values and no graph" in capsys.readouterr().err
