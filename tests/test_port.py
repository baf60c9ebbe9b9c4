"""A graph becomes code that computes the same: what is written, and that it is true."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab import _private, observe
from graphlab.port import exact, proof, table
from graphlab.port.expression import Binary, Call, Literal, Name, Part, text
from graphlab.port.names import Names, identifier
from graphlab.port.recorded import Call as Recorded
from graphlab.port.recorded import call_of, module_of
from graphlab.port.run import port
from graphlab.port.written import arrays, packed, written
from graphlab.targets.run import watch
from graphlab.targets.target import parse
from tests.port_proof import differences, in_graph_of_tf1

tf1 = tf.compat.v1


def recorded(fetch, feeds=None, before=()) -> Recorded:
    """A call of a session that has run `before`."""
    with tf1.Session(graph=fetch.graph) as session:
        for each in before:
            session.run(each)
        with observe(values=True) as seen:
            session.run(fetch, feeds or {})
    return call_of(seen.replays[-1])


def body_of(call: Recorded) -> list[str]:
    """The lines of `__call__`."""
    return [line for each in module_of(call).methods[0].lines for line in each.lines] + list(
        module_of(call).methods[0].returned
    )


def write(folder: Path, call: Recorded) -> tuple[Path, object]:
    """The file of a call, and its Module."""
    module = module_of(call)
    file = folder / "ported.py"
    inputs = {each.name: call.inputs[each.tensor] for each in module.arguments}
    results = call.replay.steps(engine=call.engine).results()
    answers = {name: np.asarray(results[tensor]) for tensor, name in module.results.items()}
    stored, types = packed(arrays(module, call.weights, inputs, answers))
    file.write_text(written(module, ["A port."], "ported.npz", types).text)
    np.savez(folder / "ported.npz", **stored)
    return file, module


def proved(folder: Path, call: Recorded) -> str:
    """What the proof says of a call's file."""
    file, module = write(folder, call)
    return proof.prove(file, module, [call]).text()


def dense(rows=None):
    """x @ w + b, and its fetch."""
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [rows, 3], name="x")
        w = tf1.get_variable("w", initializer=np.arange(6, dtype=np.float32).reshape(3, 2))
        b = tf1.get_variable("b", initializer=np.float32([1, -1]))
        y = tf.nn.relu(tf.matmul(x, w) + b, name="y")
        start = tf1.global_variables_initializer()
    return y, {x: np.ones((2, 3), np.float32)}, [start]


@pytest.mark.parametrize("on", [True, False])
def test_a_condition_of_tf1_is_ported_with_both_of_its_cases(on, tmp_path):
    def build():
        p = tf1.placeholder(tf.bool, [], name="p")
        x = tf1.placeholder(tf.float32, [2], name="x")
        y = tf.cond(p, lambda: x * x, lambda: tf.sin(x))
        (slope,) = tf1.gradients(y, x)
        return p, x, tf.stack([y, slope])

    p, x, y = in_graph_of_tf1(build)
    call = recorded(y, {p: on, x: [1.0, 2.0]})
    assert "Switch" in {op.type for op in call.program.body.ops.values()}
    assert proved(tmp_path, call) == "bit-equal in 1 call, 1 result"


def test_a_model_is_fed_random_numbers_where_none_are_given(tmp_path):
    module = tf.Module()
    module.serve = tf.function(
        lambda x: {"y": 2.0 * x}, input_signature=[tf.TensorSpec([None, 3], name="x")]
    )
    tf.saved_model.save(module, tmp_path / "m", signatures=module.serve)
    command = [sys.executable, "-m", "graphlab", "port", str(tmp_path / "m"), "-o", "p.py"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1].startswith("bit-equal in 2 calls, ")


def test_an_op_that_one_other_takes_is_written_inside_its_line():
    assert body_of(recorded(*dense())) == [
        '        return {"y": tf.nn.relu(tf.matmul(x, self.w) + self.b)}'
    ]


def test_a_file_computes_what_its_graph_did(tmp_path):
    assert proved(tmp_path, recorded(*dense())) == ("bit-equal in 1 call, 3 results and variables")


def test_a_file_that_computes_something_else_is_seen(tmp_path):
    call = recorded(*dense())
    file, module = write(tmp_path, call)
    right = file.read_text()
    file.write_text(right.replace("+ self.b", "- self.b"))
    assert file.read_text() != right
    wrong = proof.prove(file, module, [call])
    assert (wrong.equal, wrong.ok) == (False, False)
    assert wrong.text() == ("1 of 3 not bit-equal in 1 call: y of call 1 is apart by 2 of 8")


def test_a_file_that_does_not_run_says_why(tmp_path):
    call = recorded(*dense())
    file, module = write(tmp_path, call)
    file.write_text(file.read_text().replace("tf.matmul(", "tf.matmull("))
    said = proof.prove(file, module, [call])
    assert said.ok is False and "matmull" in said.text()


def test_the_file_by_itself_compares_with_the_recorded_answers(tmp_path):
    file, _ = write(tmp_path, recorded(*dense()))
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout == "y bit-equal\n"


def counter():
    """A variable that is read, set to what it was plus 1, and read again."""
    with tf.Graph().as_default():
        v = tf1.get_variable("v", initializer=np.float32(1), use_resource=True)
        before = tf.identity(v.read_value(), name="before")
        with tf.control_dependencies([before]):
            change = v.assign_add(1.0, read_value=False)
        with tf.control_dependencies([change]):
            after = tf.identity(v.read_value(), name="after")
        both = tf.stack([before, after], name="both")
        start = tf1.global_variables_initializer()
    return both, {}, [start]


def test_what_is_read_before_a_variable_changes_is_written_before_it():
    assert body_of(recorded(*counter())) == [
        "        read = self.v.read_value()  # []",
        "        self.v.assign_add(1.0)",
        '        return {"both": tf.stack([read, self.v])}',
    ]


def test_reads_before_and_after_a_change_are_told_apart_when_it_runs(tmp_path):
    assert proved(tmp_path, recorded(*counter())).startswith("bit-equal")


def test_a_reference_variable_is_ported_as_a_resource(tmp_path):
    with tf.Graph().as_default():
        v = tf1.get_variable("v", initializer=np.float32([1, 2]), use_resource=False)
        y = tf.identity(tf1.assign_add(v, [0.5, 0.5]), name="y") * 2.0
        start = tf1.global_variables_initializer()
    assert proved(tmp_path, recorded(y, {}, [start])).startswith("bit-equal")


HOSTILE = [
    "class",
    "import_os",
    "A" * 10_000,
    "x.__class__",
    "0/lambda",
    "tf",
    "self",
    "print",
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: name[:12])
def test_a_hostile_name_becomes_python_that_is_safe(name, tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2], name=name)
        y = tf.square(x + 1.0, name=f"{name}/{name}")
    call = recorded(y, {x: np.float32([1, 2])})
    file, _ = write(tmp_path, call)
    tree = ast.parse(file.read_text())
    arguments = [
        a.arg for n in ast.walk(tree) for a in getattr(getattr(n, "args", None), "args", [])
    ]
    assert all(each.isidentifier() and len(each) <= 40 for each in arguments)
    assert max(map(len, file.read_text().splitlines())) <= 100


@pytest.mark.parametrize(
    ("graphs", "name"),
    [("a'; import os; '", "a_import_os"), ('"""\n', ""), ("élan", "lan"), ("1st", "n1st")],
)
def test_what_is_no_identifier_becomes_one(graphs, name):
    assert identifier(graphs) == name


def test_names_are_short_and_told_apart_by_their_scope_and_then_by_number():
    names = Names()
    asked = ["a/MatMul", "b/MatMul", "b/MatMul", "lambda", "/"]
    assert [names.new(each) for each in asked] == [
        "matmul",
        "b_matmul",
        "b_matmul_2",
        "lambda_2",
        "value",
    ]


def test_expressions_have_the_brackets_that_python_needs_and_no_others():
    a, b, c = Name("a"), Name("b"), Name("c")
    assert text(Binary("*", Binary("+", a, b), c)) == "(a + b) * c"
    assert text(Binary("+", Binary("*", a, b), c)) == "a * b + c"
    assert text(Binary("-", a, Binary("-", b, c))) == "a - (b - c)"
    assert text(Binary("**", Literal(-2.0), b)) == "(-2.0) ** b"
    assert text(Part(Binary("+", a, b), (0, slice(1, None), None))) == "(a + b)[0, 1:, None]"
    assert text(Call("f", (Literal('"\n'),), (("k", Literal((1, float("nan")))),))) == (
        'f("\\x22\\n", k=[1, float("nan")])'
    )


@pytest.mark.parametrize("op", sorted(table.FUNCTIONS))
def test_every_function_of_the_table_is_public(op):
    function = table.FUNCTIONS[op].partition(" ")[0]
    assert callable(exact.public(function))
    assert hasattr(tf.raw_ops, op)


@pytest.mark.parametrize("op", sorted(table.FUNCTIONS))
def test_what_a_function_of_the_table_takes_is_an_input_or_an_attr_of_the_op(op):
    words = table.FUNCTIONS[op].split()[1:]
    asked = {word.rpartition("=")[2].removeprefix("*") for word in words}
    assert asked <= set(of_the_op(op))


def of_the_op(op):
    definition = _private.op_def(op)
    return [each.name for each in (*definition.input_arg, *definition.attr)]


def test_all_that_raw_ops_take_is_known_by_its_name_there():
    """tf.raw_ops.Sum calls `reduction_indices` of the op `axis`: TensorFlow 2.21."""
    for op in dir(tf.raw_ops):
        if _private.op_def(op) is None:
            continue
        named = {table.raw_name(op, name) for name in of_the_op(op)}
        taken = set(inspect.signature(getattr(tf.raw_ops, op)).parameters) - {"name"}
        assert taken <= named, op


def test_the_functions_that_are_an_ops_own_are_found_in_tensorflow():
    own = table.own_functions()
    assert [own[op] for op in ("Relu", "Tanh", "Maximum", "Tile", "Square")] == [
        "tf.nn.relu",
        "tf.tanh",
        "tf.maximum",
        "tf.tile",
        "tf.square",
    ]


def test_what_cannot_be_ported_is_a_method_that_raises_with_its_reason(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(PYTHON)
    out = tmp_path / "ported.py"
    command = [sys.executable, "-m", "graphlab", "port", str(script), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert (done.returncode, done.stdout.splitlines()[1:]) == (
        1,
        [
            "not ported: 'own': own (EagerPyFunc) calls Python of the program, which is not in its"
            " graph; not_ported_eager_py_func raises"
        ],
    )
    raised = subprocess.run([sys.executable, str(out)], capture_output=True, text=True)
    assert "NotImplementedError: own (EagerPyFunc) calls Python of the program" in raised.stderr
    assert ruff("format", "--no-cache", "--diff", str(out)) == ""


PYTHON = """
import tensorflow.compat.v1 as tf

with tf.Graph().as_default():
    y = tf.py_function(lambda x: x + 1, [tf.constant([1.0, 2.0])], tf.float32, name="own") * 2.0
    with tf.Session() as session:
        session.run(y)
"""


def ruff(*arguments: str) -> str:
    """What ruff says of it by our settings; "" where nothing."""
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "ruff", *arguments, "--config", str(root / "pyproject.toml")]
    done = subprocess.run(command, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("target", ["1.2", "2.2", "2.4", "3.3:function", "4.5:graph", "6.1"])
def test_a_part_becomes_a_file_that_ruff_leaves_as_it_is(target, tmp_path):
    watched = watch(parse(target), "CPU:0", None, None, True, first=2)
    done = port(watched, "ported.npz")
    again = port(watched, "ported.npz")
    assert (done.text, done.module.unported) == (again.text, ())
    file = tmp_path / "ported.py"
    file.write_text(done.text)
    np.savez(tmp_path / "ported.npz", **done.arrays)
    assert ruff("check", "--no-cache", str(file)) == ""
    assert ruff("format", "--no-cache", "--diff", str(file)) == ""
    said = proof.prove(file, done.module, done.calls)
    assert said.text().startswith("bit-equal in 2 calls") or said.calls == 1
    assert said.equal


def test_what_a_long_list_holds_stands_in_it_a_line_each():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [2, 9], name="x")
        terms = [tf.nn.l2_loss(tf.gather(x, [n], axis=1)) for n in range(9)]
        total = tf.add_n(terms, name="total")
    body = body_of(recorded(total, {x: np.ones((2, 9))}))
    assert body[0].strip() == "total = tf.add_n("
    assert [line.strip() for line in body].count("tf.nn.l2_loss(tf.gather(x, [0], axis=1)),") == 1


def test_an_op_that_gives_nothing_is_a_line_by_itself(tmp_path):
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.int32, [2], name="x")
        checked = tf.raw_ops.Assert(condition=tf.reduce_all(x > 0), data=["x is", x])
        with tf.control_dependencies([checked]):
            found = tf.identity(x + 1, name="found")
    call = recorded(found, {x: [1, 2]})
    assert body_of(call)[0].strip().startswith("tf.debugging.Assert(")
    assert differences(call, tmp_path) == []


ROUNDED, FAR = (proof.Apart(1, "w", True, apart, 0.04) for apart in (9.3e-10, 0.01))


@pytest.mark.parametrize(
    ("apart", "draws", "onednn", "why"),
    [
        (ROUNDED, (), True, proof.ONEDNN),
        (ROUNDED, (), False, ""),
        (ROUNDED, ("noise",), True, "noise drew anew"),
        (FAR, (), True, ""),
    ],
    ids=["rounding", "rounding without oneDNN", "random numbers", "more than rounding"],
)
def test_rounding_is_told_with_its_reason_where_onednn_computes(apart, draws, onednn, why):
    """4.7's gradients of a convolution and its bias are one op in a graph, as `_Mkl…WithBias`."""
    told = proof.Proof(2, 62, (apart,), draws, onednn=onednn).text()
    said = f"1 of 62 not bit-equal in 2 calls: {apart.text()}"
    assert told == said + (f"; {why}" if why else "")


def added(others):
    """The call of a sum of what is fed and of a gradient, whose memory nobody else needs."""
    with tf.Graph().as_default():
        fed = [tf1.placeholder(tf.float32, [1], name=f"x{n}") for n in range(others)]
        found = tf.add_n(
            [*fed, tf.negative(tf1.placeholder(tf.float32, [1], name="y"))], name="sum"
        )
        values = [[1e3], [1.0 / 3], [7.0]][:others]
        return recorded(found, {**dict(zip(fed, values, strict=True)), "y:0": [1.0 / 7]})


def test_a_sum_that_begins_with_another_is_told_by_its_name(tmp_path):
    """TensorFlow 2.21: see findings/add_n_begins_with_the_memory_it_takes.sh."""
    for others, why in ((2, f"; sum: {proof.SUMS}"), (1, "")):
        call = added(others)
        file, module = write(tmp_path, call)
        told = dataclasses.replace(
            proof.prove(file, module, [call]), apart=(ROUNDED,), onednn=False
        )
        assert told.text().endswith(f" of 0.04{why}")
