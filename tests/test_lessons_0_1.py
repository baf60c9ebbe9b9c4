"""What lessons 0 and 1 promise beyond the contract of a part, and what their helpers give."""

import ast
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from recorded_gpu import session_run

import lessons
from graphlab.lesson import recorded_gpu, run_as_written, steps, verdicts
from graphlab.model import Graph, Kernel, Node, Run, Step, TensorSpec
from lessons.lesson_00_setup import part_1_setup as setup
from lessons.lesson_01_operations import part_7_written_and_executed as written
from lessons.lesson_01_operations import part_8_the_device as device

tf1 = tf.compat.v1
FOLDER = Path(lessons.__file__).parent


def test_a_session_that_rewrites_nothing_runs_what_was_written():
    with tf.Graph().as_default() as g, tf.device("CPU:1"):
        a = tf.constant(2.0, name="a")
        tf.add(a, a, name="b")
        tf.add(a, 1.0, name="not_needed")
    assert run_as_written(g, "b:0") == (4.0, {"a": "CPU:1", "b": "CPU:1"})


def test_the_engine_takes_the_variables_of_a_session():
    with tf.Graph().as_default() as g:
        v = tf1.get_variable("v", initializer=3.0, use_resource=True)
        tf.multiply(v, 2.0, name="y")
        assign = v.assign(5.0)
        start = tf1.global_variables_initializer()
    with tf1.Session(graph=g) as session:
        session.run(start)
        session.run(assign)
        assert steps(g, "y:0", state=session).results() == {"y:0": 10.0}


def test_verdicts_are_words():
    x = Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", ()),))
    y = Node("y", "Relu", inputs=("x:0",), outputs=(TensorSpec("y:0", "float32", ()),))
    built = Graph((x, y, Node("z", "Neg", ("x:0",), outputs=(TensorSpec("z:0", "float32", ()),))))
    arg = Node("_arg_x_0_0", "_Arg", outputs=(TensorSpec("_arg_x_0_0:0", "float32", ()),))
    back = Node("_retval_y_0_0", "_Retval", inputs=("y:0",))
    executed = Graph((arg, replace(y, inputs=("_arg_x_0_0:0",)), back))
    run = Run("graph", "Session.run", 1, x.outputs, ("y:0",), built, executed)
    assert verdicts(run) == {"x": "rewritten as _Arg", "y": "stays", "z": "not needed"}


def test_what_a_part_imports_of_graphlab_is_read_by_python_3_7():
    """And it needs NumPy and the standard library only, all the way down."""
    waiting, read, others = ["graphlab.lesson"], set(), set()
    while waiting:
        module = waiting.pop()
        read.add(module)
        path = FOLDER.parent / module.replace(".", "/")
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))
        names = {a.name for node in tree.body if isinstance(node, ast.Import) for a in node.names}
        names |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
        ours = {name for name in names if name.startswith("graphlab.")}
        waiting += ours - read
        others |= {name.partition(".")[0] for name in names - ours}
    assert others - {"numpy"} <= sys.stdlib_module_names
    assert {"graphlab.lesson.datasets", "graphlab.figure"} <= read


@pytest.mark.parametrize("way", ["graph", "eager", "function"])
def test_with_two_devices_each_is_found(way):
    names = getattr(setup, way)(setup.CASES, "CPU:1")["names"]
    assert list(names) == ["CPU:0", "CPU:1"]


def test_the_seed_draws_the_rows_of_the_session_part():
    from lessons.lesson_01_operations.part_4_session import cases

    assert np.array_equal(cases(seed=1), cases(seed=1))
    assert not np.array_equal(cases(seed=0), cases(seed=1))


def on_a_gpu(*ran):
    """A run of the layer of 1.7 on a GPU in which these of its ops had a step."""
    nodes = [Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", ()),))]
    for name, before in zip(written.INSIDE, ["x", *written.INSIDE], strict=False):
        outputs = (TensorSpec(f"{name}:0", "float32", ()),)
        nodes.append(Node(name, name, (f"{before}:0",), outputs=outputs, device="GPU:0"))
    executed = Graph((nodes[0], *(node for node in nodes if node.name in ran)))
    steps_ran = tuple(Step(name, name, "GPU:0", 0.0, 1.0) for name in ran)
    fetches = ("y:0",)
    run = Run("graph", "Session.run", 1, (), fetches, Graph(tuple(nodes)), executed, steps_ran)
    return {"graph": [run] * 2, "function": [replace(run, way="function")] * 2}


def test_what_1_7_says_of_fusion_holds_on_a_gpu_where_nothing_is_fused_and_there_only():
    """No GPU is needed to hold the claims against a run of one, as it was seen on an H100."""
    claims = (
        written.claim_an_operation_that_was_fused_has_no_time,
        written.claim_the_verdicts_say_where_it_went,
    )
    for claim in claims:
        claim(on_a_gpu(*written.INSIDE))
    with pytest.raises(AssertionError):
        claims[0](on_a_gpu("y"))


def test_the_recorded_times_of_1_8_are_those_of_the_recording():
    steps_of = {step.node: step for step in session_run("session_train_5").steps}
    names = {
        "MatMul, 256x784 by 784x10": "MatMul",
        "its gradient, 784x256 by 256x10": "gradients/MatMul_grad/MatMul_1",
        "Mean of 256": "loss",
        "feed of 802,816 bytes": "_arg_images_0_0/_1",
    }
    for name, times in recorded_gpu()["times"].items():
        step = steps_of[names[name]]
        assert times["gpu_us"] == step.duration_us
        if "launch_us" in times:
            assert times["launch_us"] == round(step.launch[1] - step.launch[0], 1)
    assert steps_of["_arg_images_0_0/_1"].kernels[0].bytes == 802_816


@pytest.mark.parametrize("on_host", [True, False])
def test_what_1_8_says_of_a_gpu_is_held_against_a_run_on_one(on_host):
    copy = Kernel("MemcpyH2D", "GPU:0", "14", 1.0, 2.0, bytes=device.X.nbytes)
    run = Run(
        "graph",
        "Session.run",
        1,
        steps=(
            Step("x", "_Recv", "GPU:0", 1.0, 2.0, kernels=(copy,)),
            Step("size", "Shape", "GPU:0", 3.0, 4.0, on_host=on_host),
        ),
    )
    claim = device.claim_shapes_stay_on_the_host_and_feeds_are_copied
    if on_host:
        claim({"graph": [run]})
    else:
        with pytest.raises(AssertionError):
            claim({"graph": [run]})


def test_1_8_says_what_was_recorded_of_a_gpu_and_of_which_and_when():
    (heat,) = device.figures({}).values()
    told = recorded_gpu()
    assert heat.caption == (
        f"Not run here: recorded on {told['machine']}, TensorFlow 2.21, 2026-11-27. How long the"
        " host took to launch it, and the GPU to run it. A feed of 802,816 bytes took 17 µs to"
        " cross."
    )
    assert heat.values.tolist() == [[216.5, 8.0], [126.8, 7.0], [20.5, 1.0]]


@pytest.mark.parametrize(
    ("claim", "gives", "other"),
    [
        ("claim_an_index_out_of_range_is_an_error_on_a_cpu_only", [[1, 1], [0, 0]], [[1, 1]] * 2),
        ("claim_a_label_out_of_range_is_an_error_on_a_cpu_only", [np.nan], [0.0]),
    ],
)
def test_what_1_8_says_that_a_gpu_gives_is_tried_on_each_that_is_there(
    monkeypatch, claim, gives, other
):
    """There is no GPU here: what one gives is said in its place, as recorded and otherwise."""
    on, asked = device._on, []

    def pretended(answer):
        def there(place, call):
            asked.append(place)
            return np.array(answer) if place == "GPU:0" else on(place, call)

        return there

    monkeypatch.setattr(device, "gpus", lambda: ["GPU:0"])
    monkeypatch.setattr(device, "_on", pretended(gives))
    getattr(device, claim)()
    assert asked == ["CPU:0", "GPU:0"]
    monkeypatch.setattr(device, "_on", pretended(other))
    with pytest.raises(AssertionError):
        getattr(device, claim)()
