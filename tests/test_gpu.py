"""What only a GPU can show: `pytest -m gpu`, on a machine that has one."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from treatment import treatment

from graphlab import devices, observe
from graphlab.course import outline
from graphlab.course.doctor import examine
from graphlab.course.run import run_part
from graphlab.errors import GraphlabError
from visualize.busy import busy, every_kernel

tf1 = tf.compat.v1
PARTS = {part.name: part for lesson in outline.lessons() for part in lesson.parts}
X = np.random.RandomState(0).rand(256, 784).astype(np.float32)
W = np.random.RandomState(1).rand(784, 10).astype(np.float32)
pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def card():
    if "GPU:0" not in devices.available():
        pytest.skip(f"no GPU here, there is {', '.join(devices.available())}: only one can show it")


def layer(x):
    return tf.nn.relu(tf.matmul(x, W, name="product"), name="y")


def runs_of(way):
    """The recorded runs of some calls of a layer on the GPU."""
    with tf.device("GPU:0"), observe() as seen:
        if way == "graph":
            with tf.Graph().as_default(), tf.device("GPU:0"):
                x = tf1.placeholder(tf.float32, [None, 784], name="x")
                y = layer(x)
                with tf1.Session() as session:
                    for _ in range(9):
                        session.run(y, {x: X})
        else:
            x, call = tf.constant(X), layer
            if way != "eager":
                call = tf.function(layer, jit_compile=way == "xla")
            for _ in seen.steps(range(9)):
                call(x).numpy()
    kind = {"xla": "function"}.get(way, way)
    return [run for run in seen.runs if run.way == kind]


@pytest.mark.parametrize("way", ["graph", "function", "eager", "xla"])
def test_each_way_has_the_kernels_of_its_product_inside_of_the_call(way):
    run = runs_of(way)[-1]
    ran = [step for step in run.steps if step.kernels]
    if way == "xla":
        assert len(ran) == 1
    else:
        assert "MatMul" in [step.op for step in ran]
    for kernel, _ in every_kernel(run):
        assert kernel.end_us >= kernel.start_us >= 0.0
    for step in ran:
        assert step.launch is not None or step.op in ("_Send", "_Recv")
    (told,) = busy(run)
    assert 0.0 < told.share < 1.0


def test_a_feed_and_a_fetch_are_copied_with_their_bytes():
    run = runs_of("graph")[-1]
    copies = {(kernel.name, kernel.bytes) for kernel, _ in every_kernel(run)}
    assert {("MemcpyH2D", X.nbytes), ("MemcpyD2H", 256 * 10 * 4)} <= copies


@pytest.mark.parametrize("name", PARTS)
def test_every_part_holds_on_the_gpu(name):
    part = PARTS[name]
    steps = treatment(name).steps
    report = run_part(part, outline.ways_of(part), "GPU:0", None, lambda *_: None, steps)
    assert report.complaints() == []


@pytest.mark.parametrize("name", ["2.3", "4.1"])
def test_a_replay_on_the_gpu_agrees_with_the_real_call(name):
    part = PARTS[name]
    report = run_part(part, outline.ways_of(part), "GPU:0", None, lambda *_: None, 8, values=True)
    replays = [replay for result in report.ways.values() for replay in result.replays]
    assert replays
    with devices.float32():  # as the part itself ran
        told = [replay.check() for replay in replays]
    assert [each.text() for each in told if not each.ok] == []


def test_a_program_that_names_no_device_is_replayed_on_the_gpu():
    with devices.float32(), tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 784], name="x")
        y = layer(x)
        with tf1.Session() as session, observe(values=True) as seen:
            session.run(y, {x: X})
        (replay,) = seen.replays
        assert {step.device for step in replay.steps()} == {"GPU:0"}
        assert replay.check().ok


def test_what_an_eager_op_is_given_is_copied_inside_of_its_own_time():
    """X is in the host's memory, and crosses while the product is dispatched."""
    with tf.device("GPU:0"), observe() as seen:
        for _ in seen.steps(range(9)):
            tf.matmul(X, W).numpy()
    run = [run for run in seen.runs if run.way == "eager"][-1]
    copies = [kernel for kernel, _ in every_kernel(run) if kernel.bytes == X.nbytes]
    assert copies
    assert min(kernel.start_us for kernel, _ in every_kernel(run)) >= 0.0


def test_two_programs_share_the_card():
    command = [sys.executable, "-m", "graphlab", "lesson", "1.1", "--device", "GPU:0", "--json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    assert [(one.communicate()[0] != b"", one.returncode) for one in both] == [(True, 0)] * 2


def test_a_gpu_too_many_is_refused_with_the_last_there_is():
    last = [name for name in devices.available() if name.startswith("GPU")][-1]
    with pytest.raises(GraphlabError, match=f"choose {last},"):
        devices.prepare("GPU:31")


def test_the_doctor_names_the_card_and_finds_nothing_wrong():
    found = examine()
    assert found["ok"]
    (facts, *_) = found["gpu_facts"]
    assert devices.UNKNOWN not in (facts["name"], facts["compute capability"])
