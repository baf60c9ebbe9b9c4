"""What a TensorFlow 1 script needs: run, and told."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from graphlab.cli import main
from graphlab.course import outline
from graphlab.errors import GraphlabError
from graphlab.migration import constructs, optimizers
from graphlab.migration.found import Migration
from graphlab.migration.run import migrate, needs_legacy
from graphlab.model import from_json
from graphlab.port import proof


@pytest.fixture
def made(tmp_path):
    """A script of a text, and what is found of it."""

    def make(text: str, name: str = "train.py") -> Path:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return make


def found_of(path: Path, *arguments: str) -> Migration:
    return migrate(path, arguments)[0]


def found_alone(path: Path) -> Migration:
    """In a process of its own: no test before it has left a default of TensorFlow's behind."""
    command = [sys.executable, "-m", "graphlab", "migrate", str(path), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return from_json(Migration, ran.stdout)


def kinds(found: Migration) -> dict[str, tuple[int, list[int]]]:
    """Of each kind of construct how many there are, and the lines."""
    return {c.kind: (c.count, [line for _, line in c.lines]) for c in found.constructs}


def of_kind(found: Migration, kind: str):
    return next(each for each in found.constructs if each.kind == kind)


TRAINING = """\
import numpy as np
import tensorflow as tf

x = tf.placeholder(tf.float32, [None, 2], name="x")
w = tf.get_variable("w", initializer=np.ones((2, 1), np.float32))
y = tf.matmul(x, w)
loss = tf.reduce_mean(tf.square(y))
tf.add_to_collection("losses", loss)
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
unused = tf.summary.scalar("loss", loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run([train, loss], {x: np.ones((4, 2))})
    session.run(loss, {y: [[1.0]]})
"""


def test_a_script_of_tensorflow_1_runs_with_two_edits_and_is_told_by_what_it_executed(made):
    found = found_alone(made(TRAINING))
    assert [(rung.name, rung.ran) for rung in found.rungs] == [
        ("as it is", False),
        ("compat.v1", True),
        ("tf.function", False),
    ]
    assert [edit.new for edit in found.edits] == [
        "tensorflow.compat.v1 as tf",
        "tf.disable_v2_behavior()",
    ]
    assert kinds(found) == {
        "sessions": (5, [12, 14, 15]),
        "placeholders": (1, [4]),
        "inner_feeds": (1, [6]),
        "variables": (1, [5]),
        "collections": (1, [8]),
        "optimizers": (1, [9]),
    }
    assert found.wants == () and found.failure == ""


def test_what_is_built_and_never_run_is_not_told(made):
    assert "summaries" not in kinds(found_of(made(TRAINING)))
    run = TRAINING.replace("session.run(loss, {y", "session.run([loss, unused], {y")
    assert kinds(found_of(made(run)))["summaries"] == (1, [10])


def test_a_working_script_of_compat_v1_stays_as_it_is(made):
    text = TRAINING.replace(
        "import tensorflow as tf", "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior()"
    )
    found = found_of(made(text))
    assert (found.edits, [rung.ran for rung in found.rungs]) == ((), [True, True, False])
    assert found.rungs[1].said == "the script itself, without an edit"


def test_modules_beside_the_script_are_edited_as_well(made, tmp_path):
    made("import tensorflow as tf\ndef x():\n    return tf.placeholder(tf.float32, [])\n", "m.py")
    script = made(
        "import tensorflow as tf\nimport m\nx = m.x()\ns = tf.Session()\ns.run(x + 1, {x: 3.0})\n"
    )
    found = found_of(script)
    assert found.ran and "m" not in sys.modules
    assert {Path(edit.line[0]).name for edit in found.edits} == {"m.py", "train.py"}
    assert of_kind(found, "placeholders").lines == ((str(tmp_path / "m.py"), 3),)


def test_a_script_of_tensorflow_2_is_not_edited_whatever_it_raises(made):
    script = made("import tensorflow as tf\nprint(tf.ones(2) + 1)\nraise ValueError('no')\n")
    found = found_of(script)
    assert (found.edits, found.failure) == ((), f"{script}:3 raised ValueError: no")


@pytest.mark.parametrize(
    ("line", "name", "now", "lesson"),
    [
        ("tf.layers.dense(tf.ones([1, 2]), 3)", "layers.dense", "legacy Keras has it", "27.3"),
        ("tf.nn.rnn_cell.GRUCell(3)", "nn.rnn_cell.GRUCell", "legacy Keras has it", "27.3"),
        ("tf.contrib.rnn.GRUCell(3)", "nn.rnn_cell.GRUCell", "legacy Keras has it", "27.3"),
        ("tf.contrib.crf.decode(3)", "contrib.crf.decode", "nothing in TensorFlow", "27.1"),
        ("tf.estimator.Estimator(3)", "estimator", "Estimators have no successor", "27.2"),
        (
            "from tensorflow.examples.tutorials.mnist import input_data",
            "examples.tutorials.mnist.input_data",
            "tensorflow.examples is gone",
            "",
        ),
        ("import tensorflow.contrib.seq2seq as s; s.x", "contrib.seq2seq", "nothing", "27.1"),
        (
            "tf.nn.dynamic_rnn(tf.keras.layers.GRUCell(3), tf.ones([1, 2, 3]), dtype='float32')",
            "nn.dynamic_rnn",
            "tensorflow.compat.v1 has it",
            "",
        ),
    ],
)
def test_the_line_that_stops_a_script_and_what_it_wants_are_told(made, line, name, now, lesson):
    script = made(f"import tensorflow as tf\nx = tf.placeholder(tf.float32)\n{line}\n")
    want = found_of(script).wants[0]
    assert (want.line, want.name, want.lesson) == ((str(script), 3), name, lesson)
    assert want.now.startswith(now) and want.said and want.reached


def test_a_line_that_stops_a_script_is_told_what_it_wants_where_a_line_above_wants_it_too(made):
    script = made(
        """\
        import tensorflow as tf
        def model(mode):
            return tf.layers.dense(1, 2) if mode == tf.estimator.ModeKeys.TRAIN else None
        tf.estimator.Estimator(model)
        """
    )
    assert [(w.line[1], w.name, w.reached) for w in found_of(script).wants] == [
        (4, "estimator", True),
        (3, "layers.dense", False),
    ]


def test_lines_behind_the_one_that_stops_it_are_told_by_their_names(made):
    script = made(
        """\
        import tensorflow as tf
        tf.contrib.crf.decode(tf.placeholder(tf.float32))
        tf.layers.flatten(1)
        tf.flags.FLAGS.batch_size
        """
    )
    assert [(w.line[1], w.name, w.reached) for w in found_of(script).wants] == [
        (2, "contrib.crf.decode", True),
        (3, "layers.flatten", False),
    ]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("open('/nowhere/data.csv')", "a file that is not here"),
        ("input()", "somebody at a terminal who answers"),
        ("import nothing_of_the_kind", "the package nothing_of_the_kind: pip install it"),
        ("import urllib.error; raise urllib.error.URLError('x')", "the network"),
    ],
)
def test_what_else_a_script_wants_is_told_and_what_was_seen_is_kept(
    made, line, wanted, monkeypatch
):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    script = made(TRAINING + line + "\n")
    found = found_of(script)
    assert (found.wants[0].line[1], found.wants[0].now) == (16, wanted)
    assert kinds(found)["sessions"][0] == 5


def test_a_control_dependency_matters_where_the_other_order_gives_other_values(made):
    found = found_of(
        made(
            """\
            import tensorflow as tf
            r = tf.Variable(0.0, use_resource=True)
            v = tf.Variable(0.0)
            with tf.control_dependencies([r.assign_add(1.0)]):
                a = r.read_value() + 0.0
            with tf.control_dependencies([v.assign(5.0)]):
                b = tf.constant(1.0) + 1.0
            with tf.control_dependencies([a]):
                c = tf.constant(1.0) + 2.0
            inc = v.assign_add(1.0)
            after = inc * 2.0
            with tf.control_dependencies([inc]):
                d = tf.identity(after)
            with tf.control_dependencies([r]):
                never = tf.constant(2.0) + 1.0
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                for fetch in (a, b, c, d):
                    session.run(fetch)
            """
        )
    )
    control = of_kind(found, "control")
    assert [line for _, line in control.lines] == [4, 6, 8, 12]
    starts = ("matters", "makes Assign run", "makes add run", "changes nothing")
    for line, said, start in zip((4, 6, 8, 12), control.detail, starts, strict=True):
        assert said.startswith(f"line {line} {start}"), said
    assert control.numbers


def test_an_optimizer_is_run_beside_that_of_keras(made):
    same = optimizers.apart("GradientDescentOptimizer", (0.1,), {})
    momentum = optimizers.apart("MomentumOptimizer", (0.1, 0.9), {"use_nesterov": True})
    adam = optimizers.apart("AdamOptimizer", (), {"learning_rate": 0.1})
    told = optimizers.apart("AdamOptimizer", (0.1,), {"epsilon": 1e-7})
    rms = optimizers.apart("RMSPropOptimizer", (0.1,), {})
    assert same and momentum and adam and told and rms
    assert max(same.default, momentum.default, adam.matched) <= optimizers.EQUAL
    assert min(adam.default, rms.default, rms.matched) > 1e-2
    assert optimizers.apart("AdagradDAOptimizer", (0.1, None), {}) is None


TABLE = """
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
words = tf.placeholder(tf.int32, [None])
table = tf.get_variable("table", [4, 2], use_resource=RESOURCE)
rows = tf.nn.embedding_lookup(table, words)
step = tf.train.OPTIMIZER(0.1).minimize(tf.reduce_sum((rows - 1.0) ** 2))
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    session.run(step, {words: [1, 1, 2]})
"""


@pytest.mark.parametrize(("optimizer", "resource"), [("Adam", True), ("Adagrad", False)])
def test_of_a_table_whose_rows_are_looked_up_keras_is_measured_by_such_gradients(
    made, optimizer, resource
):
    """TensorFlow 1 adds what a row gets and squares then; Keras 3 squares first. The dense
    gradients of both are one to the last bits."""
    name = f"{optimizer}Optimizer"
    found = optimizers.apart(name, (0.1,), {})
    assert found.matched <= optimizers.EQUAL < 0.1 < found.rows
    assert optimizers.apart("GradientDescentOptimizer", (0.1,), {}).rows <= optimizers.EQUAL
    text = TABLE.replace("OPTIMIZER", name).replace("RESOURCE", str(resource))
    script = found_of(made(text))
    (told,) = [each for each in script.constructs if each.kind == "optimizers"]
    assert f"some rows of a table, one of them twice, a weight is off by {found.rows:.2g}" in (
        told.numbers
    )
    dense = text.replace("tf.nn.embedding_lookup(table, words)", "table * 2.0")
    script = found_of(made(dense))
    (told,) = [each for each in script.constructs if each.kind == "optimizers"]
    assert "rows of a table" not in told.numbers


def test_constructs_known_by_their_calls_have_the_lines_of_the_calls(made):
    found = found_of(
        made(
            """\
            import tensorflow as tf
            tf.set_random_seed(1)
            with tf.variable_scope("a", reuse=tf.AUTO_REUSE):
                v = tf.get_variable("v", [2])
            with tf.variable_scope("b"):
                u = tf.get_variable("u", [2])
            with tf.device("CPU:0"):
                g = tf.gradients(v * u, v)[0]
            p = tf.py_func(lambda a: a, [v], tf.float32)
            i = tf.while_loop(lambda i: i < 2, lambda i: i + 1, [0])
            n = tf.data.make_one_shot_iterator(tf.data.Dataset.range(3)).get_next()
            server = tf.train.Server.create_local_server()
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                session.run([g, p, i, n])
            """
        )
    )
    lines = {kind: lines for kind, (_, lines) in kinds(found).items()}
    assert lines == {
        "sessions": [14, 15],
        "variables": [4, 6],
        "scopes": [3],
        "seeds": [2],
        "gradients": [8],
        "randoms": [4, 6],
        "py_func": [9],
        "loops": [10],
        "iterators": [11],
        "devices": [7],
        "servers": [12],
    }


def test_every_part_that_is_named_is_in_the_course_where_its_lesson_is():
    there = {lesson.number: {p.name for p in lesson.parts} for lesson in outline.lessons()}
    named = [part for part in constructs.parts() if int(part.split(".")[0]) in there]
    assert named and [part for part in named if part not in there[int(part.split(".")[0])]] == []


def test_what_is_found_goes_to_json_and_back(made, capsys):
    script = made(TRAINING)
    with pytest.raises(SystemExit, match="0"):
        main(["migrate", str(script), "--json"])
    found = from_json(Migration, capsys.readouterr().out)
    assert found == found_of(script)


def test_the_edited_script_is_written_run_and_compared(made, tmp_path, capsys):
    script = made(TRAINING)
    with pytest.raises(SystemExit, match="0"):
        main(["migrate", str(script), "-o", str(tmp_path / "out"), "--json"])
    compat, function = json.loads(capsys.readouterr().out)["rungs"][1:]
    written = tmp_path / "out" / "1_compat_v1.py"
    assert (compat["proof"], compat["file"]) == ("equal", str(written))
    assert "to the last bit" in compat["said"]
    ported = tmp_path / "out" / "2_function.py"
    assert (function["proof"], function["file"]) == ("equal", str(ported))
    assert "bit-equal in 2 calls" in function["said"]
    for file in (written, ported):
        done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_conditions_of_tensorflow_1_become_those_of_2_in_the_rung_of_functions(made, tmp_path):
    script = made(
        """\
        import tensorflow as tf
        w = tf.get_variable("w", initializer=[1.0, 2.0])
        on = tf.placeholder(tf.bool, [])
        y = tf.cond(on, lambda: w * w, lambda: tf.constant([5.0, 5.0]))
        _, total = tf.while_loop(lambda n, t: n < 3, lambda n, t: (n + 1, t + y), [0, y])
        train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(total))
        s = tf.Session()
        s.run(tf.global_variables_initializer())
        for each in (True, False):
            s.run([total, train], {on: each})
        """
    )
    with pytest.raises(SystemExit, match="0"):
        main(["migrate", str(script), "-o", str(tmp_path / "out")])
    text = (tmp_path / "out" / "2_function.py").read_text()
    assert "tf.cond(" in text and "for _ in tf.range(3):" in text and "Switch" not in text


def test_a_rung_that_gives_other_numbers_is_told_as_that(made, tmp_path, capsys, monkeypatch):
    def apart(*given):
        return proof.Proof(1, 1, (proof.Apart(1, "y", False, 0.5, 2.0),), ())

    monkeypatch.setattr(proof, "prove", apart)
    with pytest.raises(SystemExit, match="1"):
        main(["migrate", str(made(TRAINING)), "-o", str(tmp_path / "out")])
    told = " ".join(capsys.readouterr().out.split())
    assert "✗ tf.function" in told and "y of call 1 is apart by 0.5 of 2" in told


def test_modules_in_folders_beside_the_script_are_written_too(made, tmp_path):
    (tmp_path / "parts").mkdir()
    made("", "parts/__init__.py")
    made("import tensorflow as tf\ndef x():\n    return tf.placeholder('float')\n", "parts/x.py")
    made("SCALE = 2.0\n", "numbers_of.py")
    script = made(
        """\
        import tensorflow as tf
        from numbers_of import SCALE
        from parts.x import x
        x = x()
        with tf.Session() as session:
            session.run(x * SCALE, {x: 3.0})
        """
    )
    out = tmp_path / "out"
    with pytest.raises(SystemExit, match="0"):
        main(["migrate", str(script), "-o", str(out)])
    written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.py"))
    own = ["numbers_of.py", "parts/__init__.py", "parts/x.py"]
    assert written == ["1_compat_v1.py", "2_function.py", *own]
    assert "tensorflow.compat.v1" in (out / "parts" / "x.py").read_text()


def test_a_page_has_all_of_it_and_takes_no_text_for_html(made, tmp_path, capsys):
    script = made(TRAINING.replace('"losses"', '"<script>x</script>"'), "a<b>.py")
    page = tmp_path / "page.html"
    with pytest.raises(SystemExit, match="0"):
        main(["migrate", str(script), "--html", str(page)])
    text = page.read_text(encoding="utf-8")
    assert capsys.readouterr().out == ""
    assert "a&lt;b&gt;.py" in text and "&lt;script&gt;x" in text and "<script" not in text
    assert "lesson 21.1" in text


@pytest.mark.parametrize("columns", [60, 120])
def test_the_report_fits_the_terminal(made, columns, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit, match="0"):
        main(["migrate", str(made(TRAINING))])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    assert "feeds of inner tensors: 1 tensor  lesson 21.1" in lines


def test_a_script_that_cannot_run_is_exit_code_1_and_one_that_wants_a_file_2(made, capsys):
    gone = made("import tensorflow as tf\ntf.contrib.crf.decode(tf.placeholder('float'))\n")
    with pytest.raises(SystemExit, match="1"):
        main(["migrate", str(gone)])
    assert f"graphlab: {gone}:2 raised AttributeError" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["migrate", str(made(TRAINING + "open('/nowhere')\n"))])
    assert "it wants a file that is not here" in capsys.readouterr().err


def test_arguments_reach_the_script_and_ctrl_c_is_130(made, capsys):
    script = made(TRAINING + "import sys\nif sys.argv[1:] == ['stop']: raise KeyboardInterrupt\n")
    with pytest.raises(SystemExit, match="0"):
        main(["migrate", str(script), "--", "go"])
    with pytest.raises(SystemExit, match="130"):
        main(["migrate", str(script), "--", "stop"])
    told = capsys.readouterr()
    assert "stopped by Ctrl-C" in told.err and "feeds of inner tensors" in told.out


def test_what_is_no_script_is_one_line(made, capsys):
    for target in ("2.3", str(made("x = 1\n")) + ":f"):
        with pytest.raises(SystemExit, match="2"):
            main(["migrate", target])
        assert "is no script" in capsys.readouterr().err
    with pytest.raises(GraphlabError, match=r"there was no Session\.run"):
        migrate(made("x = 1\n"))


def test_legacy_keras_is_asked_for_where_it_is_installed_and_wanted(made, monkeypatch):
    found = found_of(made("import tensorflow as tf\ntf.layers.dense(tf.placeholder('float'), 1)\n"))
    for there in (None, object()):
        monkeypatch.setattr("importlib.util.find_spec", lambda name, there=there: there)
        assert needs_legacy(found) is (there is not None)
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    assert not needs_legacy(found)


def test_the_request_is_made_once_more_with_legacy_keras(made, monkeypatch, tmp_path):
    script = made("import tensorflow as tf\ntf.layers.dense(tf.placeholder('float'), 1)\n")
    asked = []

    def run(command, env):
        asked.append((command[1:], env["TF_USE_LEGACY_KERAS"]))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("graphlab.migration.run.needs_legacy", lambda found: True)
    monkeypatch.setattr("graphlab.commands.migrate.subprocess.run", run)
    with pytest.raises(SystemExit, match="0"):
        main(["migrate", str(script), "--json", "-o", str(tmp_path / "o"), "--", "--steps", "2"])
    rest = ["--json", "-o", str(tmp_path / "o"), "--", str(script), "--steps", "2"]
    assert asked == [(["-m", "graphlab", "migrate", *rest], "1")]
