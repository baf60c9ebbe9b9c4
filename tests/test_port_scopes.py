"""Scopes become classes and functions, equal ones one; chains a loop; the order stays right."""

from __future__ import annotations

import ast
import importlib.util
import random

import numpy as np
import pytest
import tensorflow as tf

from graphlab.port.child import member
from graphlab.port.recorded import module_of
from graphlab.port.written import arrays
from tests.test_port import HOSTILE, recorded, ruff, write

tf1 = tf.compat.v1
STEPS = np.random.RandomState(0).uniform(-1, 1, [3, 8]).astype(np.float32)


def loaded(file):
    """The model of a ported file, in this process."""
    spec = importlib.util.spec_from_file_location("ported", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.load(module.BESIDE) as stored:
        return module.Model(stored)


def check(folder, call):
    """The text of a call's file, whose results and variables are the call's to the last bit."""
    file, module = write(folder, call)
    assert module.unported == ()
    before = tf.config.optimizer.get_experimental_options()
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        model = loaded(file)
        found = model(*[call.inputs[each.tensor] for each in module.arguments])
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False, **before})
    execution = call.replay.steps(engine=call.engine)
    results, state = execution.results(), execution.state()
    for tensor, name in module.results.items():
        assert np.asarray(found[name]).tobytes() == np.asarray(results[tensor]).tobytes(), name
    for own, path in module.variables.items():
        after = member(model, path).read_value().numpy()
        assert after.tobytes() == np.asarray(state[own]).tobytes(), path
    return file.read_text()


def built(build, before=()):
    """The call of what `build` makes of x, [3, 8], fed."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 8], name="x")
        y = build(x)
        start = tf1.global_variables_initializer() if tf1.global_variables() else tf.no_op()
    fetch = y if isinstance(y, tf.Tensor) else y[0]
    assert fetch.graph is graph
    return recorded(y if isinstance(y, tf.Tensor) else Several(y), {x: STEPS}, [start, *before])


class Several(list):
    """Fetches of one graph."""

    @property
    def graph(self):
        return self[0].graph


def dense(x, size, name, activation=tf.nn.relu):
    with tf1.variable_scope(name):
        w = tf1.get_variable("kernel", [x.shape[-1], size])
        b = tf1.get_variable("bias", [size], initializer=tf1.random_uniform_initializer())
        return activation(tf.matmul(x, w) + b)


def code(text, name):
    """The lines of the file's class or function of this name, without blank ones."""
    node = next(n for n in ast.parse(text).body if getattr(n, "name", "") == name)
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    return [line for line in lines if line.strip()]


def called(text):
    """The lines of the model's `__call__`."""
    lines = code(text, "Model")
    return lines[next(n for n, line in enumerate(lines) if "def __call__" in line) + 1 :]


def test_equal_scopes_are_one_class_and_a_chain_of_them_is_a_loop(tmp_path):
    def build(x):
        for number, size in enumerate([16, 16, 4]):
            x = dense(x, size, f"dense_{number}")
        return tf.identity(x, name="y")

    call = built(build)
    text = check(tmp_path, call)
    assert code(text, "Dense") == [
        "class Dense(tf.Module):",
        "    def __init__(self, stored, name):",
        "        super().__init__()",
        '        self.kernel = tf.Variable(stored[f"{name}.kernel"])',
        '        self.bias = tf.Variable(stored[f"{name}.bias"])',
        "    def __call__(self, x):",
        "        return tf.nn.relu(tf.matmul(x, self.kernel) + self.bias)",
    ]
    assert called(text) == [
        "        for dense in self.dense_layers:",
        "            x = dense(x)",
        '        return {"y": x}',
    ]
    assert module_of(call).variables["dense_1/kernel"] == "dense_layers.1.kernel"
    assert ruff("check", "--no-cache", str(tmp_path / "ported.py")) == ""
    assert ruff("format", "--no-cache", "--diff", str(tmp_path / "ported.py")) == ""


def test_a_chain_whose_middle_is_asked_for_is_no_loop(tmp_path):
    def build(x):
        first = dense(x, 8, "a_1")
        second = dense(first, 8, "a_2")
        return [dense(second, 8, "a_3"), second]

    lines = called(check(tmp_path, built(build)))
    assert [line for line in lines if "for " in line] == []
    assert sum("self.a_" in line for line in lines) == 3


def test_scopes_inside_of_scopes_are_members(tmp_path):
    def block(x, name):
        with tf1.variable_scope(name):
            return x + dense(dense(x, 16, "in", tf.tanh), 8, "out", tf.tanh)

    text = check(tmp_path, built(lambda x: block(block(x, "block_a"), "block_b")))
    members = [line.strip() for line in code(text, "BlockA") if "stored" in line][1:]
    assert members == [
        'self.in_2 = In(stored, f"{name}.in_2")',
        'self.out = In(stored, f"{name}.out")',
    ]


def test_equal_scopes_without_weights_are_a_function(tmp_path):
    def build(x):
        for _ in range(2):
            with tf.name_scope("gelu"):
                x = x * 0.5 * (1.0 + tf.tanh(0.797 * (x + 0.0447 * x * x * x))) - 1.0
        return x + 1.0

    text = check(tmp_path, built(build))
    assert code(text, "gelu")[0] == "def gelu(x):"
    assert sum("gelu(" in line for line in called(text)) == 2


def test_weights_that_are_constants_are_of_each_scope_its_own(tmp_path):
    def build(x):
        random = np.random.RandomState(0)
        for number in range(2):
            with tf.name_scope(f"layer_{number}"):
                w = tf.constant(random.uniform(size=[8, 8]).astype(np.float32))
                b = tf.constant(random.randint(9, size=[4]).astype(np.float32))
                y = tf.nn.relu(tf.matmul(x, w) - 1.0) * tf.concat([b, b], 0)
                x = tf.tanh(y) + 0.5
        return x

    text = check(tmp_path, built(build))
    assert sum("tf.constant(stored" in line for line in code(text, "Layer")) == 2


def test_what_differs_in_more_than_weights_is_not_one_class(tmp_path):
    def build(x):
        for number, rate in enumerate([0.5, 0.25]):
            x = dense(x, 8, f"d_{number}", lambda y, rate=rate: tf.tanh(y * rate) + 1.0)
        return x

    assert "class D(" not in check(tmp_path, built(build))


def test_a_scope_that_waits_for_what_waits_for_it_stands_where_it_was(tmp_path):
    def build(x):
        for number in range(2):
            with tf.name_scope(f"s_{number}/"):
                first = tf.tanh(x * 2.0) + 1.0
            between = tf.sin(first)
            with tf.name_scope(f"s_{number}/"):
                x = tf.tanh(between * 3.0) * first + 2.0
        return x

    assert "self.s_" not in check(tmp_path, built(build))


def test_a_scope_between_whose_ops_its_variable_changes_stands_where_it_was(tmp_path):
    def build(x):
        for number in range(2):
            with tf1.variable_scope(f"s_{number}"):
                v = tf1.get_variable("v", initializer=1.0, use_resource=True)
                before = tf.tanh(v.read_value() * x) + 1.0
            with tf.control_dependencies([before]):
                change = v.assign_add(2.0, read_value=False)
            with tf.control_dependencies([change]), tf.name_scope(f"s_{number}/"):
                x = tf.tanh(v.read_value() * before) * 3.0 + x
        return x

    check(tmp_path, built(build))


def test_a_variable_that_changes_after_a_scope_has_read_it_is_read_before(tmp_path):
    def build(x):
        reads = []
        for number in range(2):
            x = dense(x, 8, f"d_{number}")
            reads.append(x)
        with tf.control_dependencies(reads):
            changes = [v.assign(v * 2.0).op for v in tf1.global_variables()]
        with tf.control_dependencies(changes):
            return [tf.identity(x), dense(x, 8, "d_2")]

    for use_resource in (False, True):
        call = built(lambda x, r=use_resource: _with(r, build, x))
        text = check(tmp_path, call)
        assert "class D(" in text


def _with(use_resource, build, x):
    with tf1.variable_scope(tf1.get_variable_scope(), use_resource=use_resource):
        return build(x)


def test_a_table_that_two_scopes_share_is_given_to_both(tmp_path):
    def build(x):
        table = tf1.get_variable("table", [8, 8])
        found = []
        for number in range(2):
            with tf.name_scope(f"look_{number}"):
                y = tf.tanh(tf.matmul(x, table) + 1.0) * 2.0
                found.append(tf.sin(y) - tf.matmul(y, table))
        return found[0] + found[1]

    lines = called(check(tmp_path, built(build)))
    assert sum("(x, self.table)" in line for line in lines) == 2


def net(x, last=tf.tanh):
    """Four layers, whose weights are there once: more than a call would be given one by one."""
    with tf1.variable_scope("net", reuse=tf1.AUTO_REUSE):
        for name in "abc":
            x = dense(x, 8, name)
        return dense(x, 8, "d", last)


@pytest.mark.parametrize(
    ("build", "calls"),
    [
        (lambda x: net(x) - net(tf.sin(x)) * net(tf.cos(x)), 3),  # beside one another
        (lambda x: net(net(x)), 2),  # one behind the other
        (lambda x: net(x) - net(tf.sin(x), tf.nn.relu), 1),  # the second does something else
    ],
)
def test_a_scope_that_is_used_once_more_is_called_once_more(build, calls, tmp_path):
    text = check(tmp_path, built(build))
    assert text.count("class Net(tf.Module)") == 1
    assert sum(line.count("self.net(") for line in called(text)) == calls
    members = [line.strip() for line in code(text, "Model") if "stored, " in line]
    assert members == ['self.net = Net(stored, "net")']


def test_a_scope_of_a_chain_that_is_used_once_more_is_one_of_its_list(tmp_path):
    def layer(x, name):
        with tf1.variable_scope(name, reuse=tf1.AUTO_REUSE):
            return dense(x, 8, "inner") * tf1.get_variable("scale", [8])

    def build(x):
        for name in "abcd":
            x = layer(x, name)
        return layer(tf.sin(x), "b") + layer(layer(x, "d"), "d")

    text = check(tmp_path, built(build))
    lines = "".join(called(text))
    assert lines.count("[1](") == 1 and lines.count("[3](") == 2
    assert text.count("class ") == 2  # the layer and the model


@pytest.mark.parametrize("inside", [True, False])
def test_what_a_change_of_a_reference_gives_is_taken_in_scopes(inside, tmp_path):
    def build(x):
        with tf1.variable_scope("all", use_resource=False):
            v = tf1.get_variable("v", initializer=np.ones(8, np.float32))
        changed = tf1.assign_add(v, [1.0] * 8, name="changed")
        for number in range(2):
            with tf.name_scope(f"cell_{number}"):
                if inside:
                    with tf.control_dependencies([x]):
                        changed = tf1.assign_add(v, [0.5] * 8)
                x = tf.tanh(x * changed) * 2.0 + tf.sin(x) - tf.identity(changed)
        return x

    check(tmp_path, built(build))


def test_effects_inside_of_scopes_keep_their_order(tmp_path):
    def build(x):
        total = tf1.get_variable("total", initializer=np.zeros(8, np.float32), use_resource=True)
        last = []
        for number in range(3):
            with tf.name_scope(f"count_{number}"), tf.control_dependencies(last):
                seen = tf.reduce_sum(tf.tanh(x) * 2.0 + total, axis=0)
                last = [total.assign(seen * 0.5 + 1.0, read_value=False)]
        with tf.control_dependencies(last):
            return tf.identity(total.read_value())

    check(tmp_path, built(build))


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:12])
def test_a_hostile_scope_becomes_names_that_are_safe(name, tmp_path):
    def build(x):
        found = []
        for _ in range(2):
            with tf.name_scope(name):
                w = tf1.get_variable(f"w{len(found)}/{name}", [8, 8])
                x = tf.tanh(tf.matmul(x, w) + 1.0) * 2.0 - 0.5
            found.append(x)
        return found[0] + found[1]

    text = check(tmp_path, built(build))
    names = [n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)]
    assert all(each.isidentifier() and len(each) <= 40 for each in names)
    assert len(set(names)) == len(names)
    assert max(map(len, text.splitlines())) <= 100
    assert ruff("format", "--no-cache", "--diff", str(tmp_path / "ported.py")) == ""


def grown(seed):
    """A graph of scopes in scopes, some of them equal, with constants, variables and changes."""
    dice = random.Random(seed)

    def op(values, depth):
        a, b = dice.choice(values), dice.choice(values)
        kind = dice.randrange(7)
        if kind == 0:
            return a + b
        if kind == 1:
            return a * 0.5
        if kind == 2:
            return tf.tanh(a - b)
        if kind == 3:
            return tf.sin(a) * tf.constant(STEPS[0] * dice.choice([1, 2]))
        if kind == 4:
            return tf.matmul(a, tf1.get_variable(tf1.get_default_graph().unique_name("w"), [8, 8]))
        if kind == 5:
            v = dice.choice(tf1.global_variables() or [None])
            return a if v is None else a + tf.reduce_sum(v)
        return scope(values, depth + 1) if depth < 3 else tf.abs(a)

    def scope(values, depth):
        values, name = values[-3:], dice.choice(["cell", "block", "b"])
        with tf.name_scope(name):
            for _ in range(dice.randrange(2, 7)):
                values.append(op(values, depth))
            return values[-1]

    def build(x):
        values = [x]
        state = tf1.get_variable("state", initializer=1.0, use_resource=dice.random() < 0.5)
        for turn in range(dice.randrange(3, 9)):
            if dice.random() < 0.3:
                with tf.control_dependencies(values[-1:]):
                    change = state.assign_add(float(turn)).op
                with tf.control_dependencies([change]):
                    values.append(values[-1] * state.read_value())
            repeat, again = dice.randrange(1, 4), dice.getstate()
            for _ in range(repeat):
                dice.setstate(again)
                values.append(scope(values, 0))
        return [tf.identity(values[-1]), values[len(values) // 2] + 0.0]

    return built(build)


@pytest.mark.parametrize("seed", range(12))
def test_graphs_of_random_scopes_compute_the_same(seed, tmp_path):
    check(tmp_path, grown(seed))


def test_the_same_graph_is_the_same_text(tmp_path):
    texts = [check(tmp_path, grown(3)) for _ in range(2)]
    assert texts[0] == texts[1]


def test_the_arrays_are_named_by_where_they_are_in_the_model():
    def build(x):
        for number in range(3):
            x = dense(x, 8, f"dense_{number}")
        return x

    call = built(build)
    module = module_of(call)
    names = list(arrays(module, call.weights, {}, {}))
    assert names[:2] == ["dense_layers.0.kernel", "dense_layers.0.bias"]


def test_an_input_that_is_called_as_a_scope_is_told_apart_from_it(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 8], name="gelu")
        y = x
        for _ in range(2):
            with tf.name_scope("inner/gelu"):
                y = y * 0.5 * (1.0 + tf.tanh(0.797 * (y + 0.0447 * y * y * y))) - 1.0
        y = y + x
    check(tmp_path, recorded(y, {x: STEPS}))


def test_a_constant_of_a_scope_and_of_one_inside_it_is_each_scopes_own(tmp_path):
    def build(x):
        for number in range(2):
            with tf.name_scope(f"outer_{number}"):
                w = tf.constant(np.float32([1, 2, 3, 4, 5, 6, 7, 8]) * (number + 1))
                y = tf.tanh(x * w) + 1.0
                for _ in range(2):
                    with tf.name_scope("inner"):
                        y = tf.sin(y * w) * 0.5 + tf.cos(y - w) * 0.25 - y
                x = y - tf.abs(x)
        return x

    text = check(tmp_path, built(build))
    assert "class Outer(" in text or "def outer(" in text


def test_a_variable_with_two_handles_is_one(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [None, 8], name="x")
        handles = [
            tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[8], shared_name="both") for _ in "ab"
        ]
        start = tf.raw_ops.AssignVariableOp(resource=handles[0], value=tf.ones([8]))
        y = x
        for number in range(2):
            with tf.name_scope("cell"):
                w = tf.raw_ops.ReadVariableOp(resource=handles[number], dtype=tf.float32)
                y = tf.tanh(y * w) * 2.0 - tf.sin(y) * w
        y = tf.identity(y, name="y")
    text = check(tmp_path, recorded(y, {x: STEPS}, [start]))
    assert text.count("tf.Variable(") == 1


def test_updates_are_one_loop_over_variables_whatever_scopes_those_stand_in(tmp_path):
    def build(x):
        for name, size in (("dense_1", 8), ("dense_2", 4)):
            with tf1.variable_scope(name):
                kernel = tf1.get_variable("kernel", [x.shape[1], size])
                x = tf.sin(x @ kernel + tf1.get_variable("bias", [size]))
        loss = tf.reduce_sum(x)
        return [loss, tf1.train.AdamOptimizer(0.1).minimize(loss)]

    text = check(tmp_path, built(build))
    assert "class Update" not in text
    assert text.count(" in [\n") == 1 and text.count("adam(\n") == 1
    for owner in ("dense_1_kernel", "dense_1_bias", "dense_2_kernel", "dense_2_bias"):
        # A slot is called what its variable is.
        assert f"self.{owner}_adam = " in text and f"self.{owner}_adam_1 = " in text
