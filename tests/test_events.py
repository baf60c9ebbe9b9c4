"""graphlab trace --tensorboard: TensorBoard's own reader gets back what was recorded."""

from pathlib import Path

import pytest
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto.config_pb2 import RunMetadata

from graphlab import cli
from graphlab.output import events

SCRIPT = """
import numpy as np
import tensorflow as tf
tf1 = tf.compat.v1

with tf.Graph().as_default():
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    y = tf.matmul(x, tf.ones([3, 2]), name="y")
    with tf1.Session() as session:
        for _ in range(3):
            session.run(y, {x: np.ones([2, 3])})

@tf.function
def double(z):
    return tf.tanh(z, name="t") * 2.0

double(tf.ones([64, 64]))
double(tf.ones([64, 64]))
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


def graphlab(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    return left.value.code


def read(folder):
    found = event_accumulator.EventAccumulator(str(folder))
    found.Reload()
    return found


def timed(metadata: RunMetadata) -> set[str]:
    return {
        stats.node_name
        for device in metadata.step_stats.dev_stats
        for stats in device.node_stats
        if stats.all_end_rel_micros
    }


def test_tensorboard_reads_each_graph_and_the_metadata_of_each_recorded_call(script):
    assert graphlab("trace", "script.py", "--tensorboard", "logs/new") == 0
    folders = {path.name for path in (script / "logs/new").iterdir()}
    assert folders == {"Session.run", "double"}

    session = read(script / "logs/new/Session.run")
    assert {"x", "ones", "y"} == {node.name for node in session.Graph().node}
    assert session.Tags()["run_metadata"] == ["Session.run, call 1", "Session.run, call 2"]
    metadata = session.RunMetadata("Session.run, call 2")
    assert "y" in timed(metadata)
    executed = {node.name for graph in metadata.partition_graphs for node in graph.node}
    assert "y" in executed

    function = read(script / "logs/new/double")
    assert {"t", "mul"} < {node.name for node in function.Graph().node}
    assert function.Tags()["run_metadata"] == ["double, call 1", "double, call 2"]
    metadata = function.RunMetadata("double, call 1")
    assert "t" in timed(metadata)
    assert [device.device for device in metadata.step_stats.dev_stats] == [
        "/job:localhost/replica:0/task:0/device:CPU:0"
    ]


def test_a_second_trace_takes_the_first_ones_place(script):
    for _ in range(2):
        assert graphlab("trace", "script.py", "--tensorboard", "logs") == 0
    files = sorted(path.relative_to("logs") for path in Path("logs").rglob("*.*") if path.is_file())
    assert files == [Path("Session.run", events.FILE), Path("double", events.FILE)]


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("script.py", "cannot write script.py: script.py is a file, not a folder"),
        ("script.py/logs", "cannot write script.py/logs: script.py is a file, not a folder"),
        ("/proc/logs", "cannot write /proc/logs: the folder /proc takes no file"),
    ],
)
def test_a_folder_that_takes_no_file_is_refused_before_anything_runs(script, capfd, place, line):
    (script / "script.py").write_text("raise SystemExit('it ran')")
    assert graphlab("trace", "script.py", "--tensorboard", place) == 2
    said = capfd.readouterr().err
    assert said.startswith(f"graphlab: {line}")
    assert said.count("\n") == 1


def test_what_has_no_graph_says_so(script, capfd):
    (script / "script.py").write_text("import tensorflow as tf\ntf.ones([2]) + 1.0\n")
    assert graphlab("trace", "script.py", "--tensorboard", "logs") == 2
    assert "script.py has no graph for TensorBoard" in capfd.readouterr().err
    assert not (script / "logs").exists()


def test_a_file_is_named_by_what_ran_and_no_name_leaves_the_folder():
    assert events._unused("../<lambda>", set()) == "lambda"
    assert events._unused("Session.run", {"Session.run"}) == "Session.run-2"
