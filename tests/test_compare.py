"""Two programs run, and aligned by the values that they compute."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import graphlab
from graphlab.comparison.found import Comparison
from graphlab.comparison.index import Index
from graphlab.comparison.run import Options, compare, compare_targets
from graphlab.comparison.values import histogram, informative, relation
from graphlab.course import outline
from graphlab.errors import GraphlabError
from graphlab.model import Graph, Node, from_json, to_json
from graphlab.output import beside, drawings
from graphlab.screen import comparison as screen
from graphlab.targets.target import Target, parse
from visualize.diagram.build import diagram
from visualize.diagram.drawn import boxes

TF1 = """
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
draw = np.random.RandomState(0)
X, Y = draw.rand(8, 4).astype("f"), draw.rand(8, 2).astype("f")
x = tf.placeholder(tf.float32, [None, 4], name="x")
y = tf.placeholder(tf.float32, [None, 2], name="y")
W = tf.get_variable("W", initializer=draw.randn(4, 2).astype("f"))
b = tf.get_variable("b", initializer=np.zeros(2, "f"))
h = tf.nn.relu(tf.matmul(x, W) + b)
loss = tf.reduce_mean(tf.square(h - y))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(5):
        session.run([loss, train], {x: X, y: Y})
"""
TF2 = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X, Y = draw.rand(8, 4).astype("f"), draw.rand(8, 2).astype("f")
W = tf.Variable(draw.randn(4, 2).astype("f"), name="W")
b = tf.Variable(np.zeros(2, "f"), name="b")


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        h = tf.nn.relu(tf.matmul(x, W) + b)
        loss = tf.reduce_mean(tf.square(h - y))
    for variable, slope in zip([W, b], tape.gradient(loss, [W, b])):
        variable.assign_sub(0.1 * slope)
    return loss


for _ in range(5):
    step(X, Y)
"""


def script(folder: Path, name: str, text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = folder / f"{name}.py"
    path.write_text(text)
    return str(path)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_tf1_script_and_its_port_compute_the_same(tmp_path):
    old, new = script(tmp_path, "old", TF1), script(tmp_path, "new", TF2)
    found = graphlab.compare(old, new)
    assert (found.same, found.calls, found.frontier, found.notes) == (True, 5, (), ())
    assert [(r.moment, r.how) for r in found.results if r.a == "Mean:0"] == [
        (n, "same") for n in range(1, 6)
    ]
    assert [(v.a, v.b, v.how) for v in found.variables] == [("W", "W", "same"), ("b", "b", "same")]
    assert tf.executing_eagerly()  # what the first script switched is switched back
    assert from_json(Comparison, to_json(found)) == found


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("tf.nn.relu(", "tf.nn.elu(", "h = tf.nn.relu"),
        ("tf.square(h - y)", "tf.abs(h - y)", "loss = "),
        ("tf.reduce_mean(", "tf.reduce_sum(", "loss = "),
        ("assign_sub", "assign_add", "assign_sub"),
        ("0.1 * slope", "slope", "assign_sub"),
        # In the first call b is zero: it is its gradient that is another.
        ("tf.matmul(x, W) + b", "tf.matmul(x, W) - b", "tape.gradient"),
    ],
)
def test_a_broken_port_parts_at_the_line_that_was_broken(tmp_path, old, new, at):
    one = script(tmp_path, "one", TF2)
    other = script(tmp_path, "other", TF2, (old, new))
    found = compare(one, other, calls=3)
    assert not found.same
    first = found.frontier[0]
    lines = {place.source[1] for place in (first.a, first.b) if place and place.source}
    assert line_of(TF2, at) in lines


def test_a_loss_that_is_returned_after_the_update_is_another_though_it_comes_a_call_later(tmp_path):
    late = TF2.replace(
        "    return loss",
        "    return tf.reduce_mean(tf.square(tf.nn.relu(tf.matmul(x, W) + b) - y))",
    )
    found = compare(script(tmp_path, "one", TF2), script(tmp_path, "late", late), calls=4)
    assert not found.same
    assert found.first is not None and found.first.moment == 1


def test_another_rate_is_told_as_the_constant_that_differs(tmp_path):
    found = compare(
        script(tmp_path, "one", TF2), script(tmp_path, "two", TF2, ("0.1 * slope", "0.2 * slope"))
    )
    assert (found.frontier[0].a.op, found.frontier[0].b.op) == ("Const", "Const")
    assert found.frontier[0].apart == pytest.approx(0.1)


def test_numbers_of_calls_that_differ_are_told(tmp_path):
    found = compare(
        script(tmp_path, "one", TF2), script(tmp_path, "two", TF2, ("range(5)", "range(3)"))
    )
    assert any("numbers of calls differ" in note for note in found.notes)


def test_only_so_many_calls_are_compared(tmp_path):
    one = script(tmp_path, "one", TF2)
    assert compare(one, one, calls=2).calls == 2


def test_other_first_values_part_and_the_state_of_a_makes_them_equal(tmp_path):
    one = script(tmp_path, "one", TF2)
    other = script(
        tmp_path, "other", TF2, ("W = tf.Variable(draw.randn(", "W = tf.Variable(1 - draw.rand(")
    )
    found = compare(one, other)
    assert (found.frontier[0].a.op, found.frontier[0].a.node) == ("variable", "W")
    assert compare(one, other, state="a").same


DRAWS = """
import tensorflow as tf


@tf.function
def f():
    return tf.reduce_sum(tf.random.uniform([4, 4]))


f()
"""


EAGER = TF2.replace("@tf.function\n", "").replace(', name="W"', "").replace(', name="b"', "")


def test_an_eager_training_without_a_name_is_the_same_as_itself_and_as_its_function(tmp_path):
    eager = script(tmp_path, "eager", EAGER)
    function = script(tmp_path, "function", EAGER, ("def step", "@tf.function\ndef step"))
    assert compare(eager, eager).same
    assert compare(function, function).same
    assert compare(eager, function).same


def test_a_program_that_does_not_repeat_itself_is_told(tmp_path):
    tf.random.set_seed(None)  # a seed of another test's would make it repeat itself
    one = script(tmp_path, "one", DRAWS)
    found = compare(one, one)
    assert not found.same
    (note,) = set(found.notes)
    assert "does not repeat itself from random_uniform/RandomUniform" in note


def test_nan_on_both_sides_is_equal_and_on_one_is_not(tmp_path):
    text = (
        "import tensorflow as tf\nX = tf.constant([1.5, {}, 2.25, 3.125])\ntf.math.log(X) * 1.7\n"
    )
    nan = script(tmp_path, "nan", text.format("-1.0"))
    number = script(tmp_path, "number", text.format("4.5"))
    assert compare(nan, nan).same
    found = compare(nan, number)
    assert not found.same
    assert found.frontier[0].values[0] is not None


def test_a_target_without_a_value_is_refused(tmp_path):
    one = script(tmp_path, "one", TF2)
    none = script(tmp_path, "none", "import tensorflow as tf\ntf.Graph()\n")
    with pytest.raises(GraphlabError, match="no Session"):
        compare(one, none)


def test_a_script_that_raises_is_refused_in_its_own_words(tmp_path):
    one = script(tmp_path, "one", TF2)
    raises = script(tmp_path, "raises", TF2 + "\nraise ValueError('enough')\n")
    with pytest.raises(GraphlabError, match="raised ValueError: enough"):
        compare(one, raises)


def test_a_match_of_what_is_not_there_is_refused(tmp_path):
    one = script(tmp_path, "one", TF2)
    with pytest.raises(GraphlabError, match="has no variable V; there are"):
        compare(one, one, match={"V": "W"})


# Ways of lessons

BREAKS = [  # a way of a part, its text, what it becomes
    ("2.1", "function", "error = target - answer", "error = answer - target"),
    ("2.2", "graph", "tf.nn.softmax(z)", "tf.sigmoid(z)"),
    ("2.3", "graph", "tf.square(error)", "tf.abs(error)"),
    ("2.3", "eager", "tf.square(error)", "tf.abs(error)"),
    ("3.1", "graph", "tf.nn.relu(", "tf.abs("),
    ("3.1", "eager", "tf.nn.relu(", "tf.abs("),
    ("3.1", "function", "tf.nn.relu(", "tf.abs("),
    ("3.3", "eager", "drawn >= RATE", "drawn < RATE"),
    ("3.3", "graph", "return x * kept / (1 - RATE)", "return x * kept"),
    ("4.3", "graph", "x, grad_ys=y", "x, grad_ys=2 * y"),
    ("4.4", "function", "tf.nn.avg_pool(x, 2, s, padding)", "tf.nn.max_pool(x, 2, s, padding)"),
    ("4.5", "graph", "tf.tanh(x), tf", "0.1 * x, tf"),
]


def test_a_broken_way_parts_from_the_whole_one_where_it_was_broken_nine_times_of_ten(tmp_path):
    missed = []
    for number, (name, way, old, new) in enumerate(BREAKS):
        (part,) = outline.find(name)
        text = part.path.read_text(encoding="utf-8")
        path = tmp_path / f"broken_{number}.py"
        path.write_text(text.replace(old, new), encoding="utf-8")
        lines = {n for n, line in enumerate(text.splitlines(), 1) if old in line}
        assert lines, old
        whole = Target(f"{name}:{way}", part=part, way=way)
        broken = Target("broken", part=replace(part, path=path, code=None), way=way)
        found, _ = compare_targets(whole, broken, Options(calls=3))
        first = found.frontier[0] if found.frontier else None
        places = (first.a, first.b) if first else ()
        if not {p.source[1] for p in places if p and p.source} & lines:
            missed.append((name, way, old, found.frontier[:1]))
    assert 10 * len(missed) <= len(BREAKS), missed


# Models


def model(seed: int = 1) -> tf.keras.Model:
    tf.keras.utils.set_random_seed(seed)
    layers = [
        tf.keras.Input((5, 3)),
        tf.keras.layers.LSTM(4),
        tf.keras.layers.Dense(6, activation="tanh", name="one"),
        tf.keras.layers.Dense(6, name="two"),
        tf.keras.layers.Dense(6, name="three"),
    ]
    return tf.keras.Sequential(layers)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A Keras file, and a maker of others with weights that were changed."""
    folder = tmp_path_factory.mktemp("models")
    whole = model()
    path = folder / "whole.keras"
    whole.save(path)

    def changed(name: str, change) -> str:
        weights = [np.array(each) for each in whole.get_weights()]
        change(weights)
        other = model()
        other.set_weights(weights)
        other.save(folder / f"{name}.keras")
        return str(folder / f"{name}.keras")

    return str(path), changed


def gates(array: np.ndarray, order: list[int]) -> np.ndarray:
    parts = np.split(array, 4, axis=-1)
    return np.concatenate([parts[n] for n in order], axis=-1)


def exchanged(weights: list[np.ndarray]) -> None:
    for n in range(3):
        weights[n] = gates(weights[n], [1, 0, 2, 3])


def test_a_model_survives_its_round_trips(trained, tmp_path):
    path, _ = trained
    folder = tmp_path / "exported"
    tf.keras.models.load_model(path).export(folder, verbose=False)
    assert compare(path, path).same
    assert compare(path, str(folder)).same


def test_gates_in_another_order_are_told_as_that(trained):
    path, changed = trained
    found = compare(path, changed("gates", exchanged))
    assert not found.same
    told = {v.a.rpartition("/")[2]: v.detail for v in found.variables if v.how == "permuted"}
    assert told["kernel"] == "4 blocks in the order [1, 0, 2, 3] along axis 1"
    assert told["bias"] == "4 blocks in the order [1, 0, 2, 3]"


def test_a_forgotten_forget_bias_is_what_is_left_after_the_gates_were_exchanged(trained):
    path, changed = trained

    def forgotten(weights):
        exchanged(weights)
        weights[2] = np.zeros_like(weights[2])

    found = compare(path, changed("forgotten", forgotten))
    (bias,) = [v for v in found.variables if v.a.endswith("lstm_cell/bias")]
    assert bias.how == "different"
    assert bias.detail.endswith("4 of 16 numbers differ, all by -1, from [0] to [3]")


def test_exchanged_layers_of_one_shape_are_told_by_their_values(trained):
    path, changed = trained

    def shuffled(weights):
        weights[5], weights[7] = weights[7], weights[5]

    found = compare(path, changed("order", shuffled))
    pairs = {v.a: (v.b, v.by, v.how) for v in found.variables}
    assert pairs["two/kernel"] == ("three/kernel", "value", "same")
    assert pairs["three/kernel"] == ("two/kernel", "value", "same")
    assert found.frontier[0].a.op == "MatMul"
    assert "two" in found.frontier[0].a.node


def test_a_transposed_kernel_is_told_and_the_product_with_it_is_where_they_part(trained):
    path, changed = trained

    def turned(weights):
        weights[5] = weights[5].T

    found = compare(path, changed("turned", turned))
    (kernel,) = [v for v in found.variables if v.a == "two/kernel"]
    assert (kernel.how, kernel.detail) == ("transposed", "axes [1, 0]")
    assert (found.frontier[0].a.op, "two" in found.frontier[0].a.node) == ("MatMul", True)


def test_models_are_fed_what_the_file_holds(trained, tmp_path):
    path, _ = trained
    file = tmp_path / "inputs.npz"
    (name,) = [each.name for each in tf.keras.models.load_model(path).inputs]
    np.savez(file, **{name: np.ones((2, 5, 3), np.float32)})
    assert compare(path, path, inputs=file).same
    np.savez(file, other=np.ones((2, 5, 3), np.float32))
    with pytest.raises(GraphlabError, match=r"has no .*; it has other"):
        compare(path, path, inputs=file)


def taking(folder: Path, *sizes: int | None) -> str:
    """A frozen graph y = tanh(x) with an x of that shape."""
    from models_made import FLOAT, graph_def

    graph = graph_def(
        ("x", "Placeholder", [], {"dtype": FLOAT}), ("y", "Tanh", ["x"], {"T": FLOAT})
    )
    shape = graph.node[0].attr["shape"].shape
    for size in sizes:
        shape.dim.add(size=-1 if size is None else size)
    path = folder / f"{'_'.join(map(str, sizes))}.pb"
    path.write_bytes(graph.SerializeToString())
    return str(path)


def test_what_one_model_leaves_open_the_other_decides(tmp_path):
    assert compare(taking(tmp_path, None, 2), taking(tmp_path, 5, 2)).same


def test_models_that_cannot_be_given_the_same_are_refused(tmp_path):
    with pytest.raises(GraphlabError, match="the two cannot be given the same"):
        compare(taking(tmp_path, None, 2), taking(tmp_path, 3))


# Values


def test_relations_are_the_simplest_that_hold():
    index = Index(1e-5, 1e-6)
    a = np.random.default_rng(0).standard_normal((4, 6)).astype(np.float32)
    order = [2, 0, 3, 1]
    assert relation(a, a, index).how == "same"
    assert relation(a, a + np.float32(1e-6), index).how == "near"
    assert relation(a, a.reshape(8, 3), index).how == "reshaped"
    assert relation(a, a.T, index).how == "transposed"
    assert relation(a, a[order], index).detail == "in the order [2, 0, 3, 1] along axis 0"
    assert relation(a, 8 * a, index).detail == "B is A times 8"
    assert relation(a, np.tanh(a), index).how == "different"
    assert relation(a, a[:3], index).apart == np.inf


@given(st.floats(-1e3, 1e3), st.floats(-0.9, 0.9))
def test_what_is_within_the_tolerance_is_always_of_one_class(number, part):
    index = Index(1e-4, 1e-6)
    array = np.array([number, number / 2, 0.25])
    away = part * (1e-6 + 1e-4 * np.abs(array).max())
    one, other = index.number(array), index.number(array + away)
    assert index.near(one) == index.near(other)


def test_zeros_ones_shapes_and_rates_say_little():
    says = [np.zeros((3, 3)), np.float32(0.1), np.float32(1 / 7), np.array([8, 784])]
    assert [informative(np.asarray(each)) for each in says] == [False] * 4
    assert informative(np.float32(1.2345678))
    assert informative(np.linspace(0, 1, 5))


def test_histograms_share_their_stretches():
    assert histogram([np.array([0.0, 1.0]), np.array([1.0, np.nan])], 2) == ((1, 1), (0, 1))
    assert histogram([np.array([2.0])], 2) == ()


# The command


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "graphlab", "compare", *arguments],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
    )


def test_the_command_says_it_in_a_sentence_and_by_its_exit_code(tmp_path):
    old, new = script(tmp_path, "old", TF1), script(tmp_path, "new", TF2)
    done = run(old, new)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("they compute the same, to the last bit")
    broken = script(tmp_path, "broken", TF2, ("tf.nn.relu(", "tf.nn.elu("))
    picture, names = tmp_path / "both.svg", tmp_path / "names.json"
    done = run(old, broken, "--json", "-o", str(picture), "--names", str(names))
    assert done.returncode == 1
    found = from_json(Comparison, done.stdout)
    first = found.frontier[0]
    assert (first.a.op, first.b.op) == ("Relu", "Elu")
    assert screen.said(found).startswith("they part at Relu (")
    assert "<svg" in picture.read_text()
    assert json.loads(names.read_text()) == {"W": "W", "b": "b"}


def test_variables_of_a_function_stand_in_the_box_of_their_side(tmp_path):
    one, two = script(tmp_path, "one", TF2), script(tmp_path, "two", TF2, ("nn.relu", "nn.elu"))
    found, seen = compare_targets(parse(one), parse(two), Options(calls=1))
    graph = beside.side_by_side(seen[0].graph, seen[1].graph, beside.told_by(found))
    sides = diagram(graph).members
    labels = {side.label: [box.label for box in boxes(side.members)] for side in sides}
    assert list(labels) == ["A", "B"]
    assert [{"W", "b"} <= set(labels[side]) for side in "AB"] == [True, True]
    became = {node.marks.variable: node.marks.became for node in graph.nodes}
    assert became["A/W"] == "gives the same as W of B"


MOVING = """
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
x = tf.placeholder(tf.float32, [2], name="x")
mean = tf.get_variable("mean", [2], initializer=tf.zeros_initializer())
rate = tf.constant(0.1, name="rate")
moved = tf.multiply(0.1, x, name="moved")
with tf.control_dependencies([tf.assign(mean, tf.add(mean, moved, name="sum"), name="move")]):
    y = tf.multiply(rate, x, name="y")
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for n in range(2):
        session.run(y, {x: np.ones(2, "f")})
    session.run(mean)
"""


def test_what_follows_from_where_two_programs_part_is_not_told_as_missing(tmp_path):
    one = script(tmp_path, "one", MOVING)
    other = script(tmp_path, "other", MOVING, ("tf.multiply(0.1, x", "tf.multiply(0.2, x"))
    found, seen = compare_targets(parse(one), parse(other), Options())
    assert [(p.a and p.a.node, p.b and p.b.node) for p in found.frontier] == [
        ("moved/x", "moved/x")
    ]
    graphs = seen[0].graph, seen[1].graph
    told = beside.told_by(found, graphs)
    assert told.a["moved/x"][1] == told.b["moved/x"][1] == "here they part"
    assert told.a["sum"][1] == "gives something else than sum of B"
    assert told.b["init"][1] == "A has it too; no value of it was compared"
    drawn = beside.side_by_side(*graphs, told)
    assert {node.marks.verdict for node in drawn.nodes} == {"kept", "changed"}


def test_a_picture_of_both_says_what_quiet_and_loud_mean(tmp_path):
    one = script(tmp_path, "one", TF2)
    other = script(tmp_path, "other", TF2, ("tf.nn.relu(", "tf.nn.elu("))
    found = compare(one, other, calls=1)
    assert beside.legend(found) == (beside.QUIET, beside.LOUD)
    assert beside.legend(compare(one, one, calls=1)) == (beside.QUIET,)
    drawn = beside.side_by_side(Graph((Node("a", "NoOp"),)), None, beside.told_by(found))
    text = drawings.graph_file(drawn, None, "dot", notes=beside.legend(found)).decode()
    assert beside.QUIET in text and beside.LOUD in text


@pytest.mark.parametrize("more", [("--", "--rate", "0.1"), ("three.py",)])
def test_arguments_of_scripts_are_refused_in_one_line(tmp_path, more):
    stops = script(tmp_path, "stops", "raise SystemExit('it ran')\n")
    done = run(stops, stops, *more)
    assert (done.returncode, done.stdout) == (2, "")
    said = " ".join(each for each in more if each != "--")
    assert done.stderr.startswith(f"graphlab: {said}: compare takes two targets and no arguments")
    assert done.stderr.count("\n") == 1
    assert "Scripts are run without arguments" in " ".join(run("--help").stdout.split())


def test_structure_is_for_two_files(tmp_path):
    done = run(script(tmp_path, "one", TF2), "2.3", "--structure")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--structure is for two files of models" in done.stderr


def test_structure_starts_no_tensorflow(tmp_path):
    from models_made import affine

    path = tmp_path / "affine.pb"
    path.write_bytes(affine().SerializeToString())
    code = (
        "import sys\nfrom graphlab.cli import main\n"
        f"try: main(['compare', {str(path)!r}, {str(path)!r}, '--structure'])\n"
        "except SystemExit as left: code = left.code\n"
        "raise SystemExit(code or 'tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert (done.returncode, done.stdout.strip()) == (
        0,
        "they are the same: 2 ops, but for their names",
    )


def test_calls_whose_values_may_not_be_kept_are_left_out_and_that_is_told(tmp_path):
    one = script(tmp_path, "one", TF2)
    other = script(tmp_path, "other", TF2, ("    return loss", "    return loss * (x[0, 0] + 2)"))
    whole = compare(one, one)
    assert (whole.calls, whole.notes) == (5, ())
    found = compare(one, one, keep=1)
    assert (found.same, found.calls) == (True, 1)
    assert found.notes == (
        "values reached the 0 MiB that may be kept (--keep MiB): calls behind the first 1 were left"
        " out",
    )
    assert {result.moment for result in found.results} <= {0, 1}
    assert not compare(one, other, keep=1).same
