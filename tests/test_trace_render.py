"""graphlab render and graphlab trace, as a person uses them: scripts in, text and files out."""

import contextlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from graphlab import cli
from graphlab.model import Graph, check, from_json
from graphlab.output import drawings
from graphlab.targets.run import watch
from graphlab.targets.target import parse

ROOT = Path(cli.__file__).parent.parent
PYTHON = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}

# The slide "TensorFlow - Execution Code" of the workshop, with a tuple for the random rows.
SLIDE = """
import numpy as np
import tensorflow.compat.v1 as tf

b = tf.Variable(tf.zeros((100,)))
W = tf.Variable(tf.random_uniform((784, 100), -1, 1))

x = tf.placeholder(tf.float32, (None, 784))
h_i = tf.nn.relu(tf.matmul(x, W) + b)

sess = tf.Session()
sess.run(tf.initialize_all_variables())
sess.run(h_i, {x: np.random.random((64, 784))})
"""
AS_PRINTED = SLIDE.replace("random((64, 784))", "random(64, 784)")
HOSTILE = """
import tensorflow.compat.v1 as tf
names = ["a.b/c>d", "x" * 300, "A-_./z", "1", "a.b/c"]
x = [tf.placeholder(tf.float32, [None], name=name) for name in names]
y = [tf.tanh(each, name=each.op.name + "/T") for each in x]
tf.constant([float("nan"), float("inf")], name="no_number") + 1.0
tf.constant(["<b>", '"', "\\\\", "\\0"], name="text")
tf.Session().run(y, {each: [1.0] for each in x})
"""


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Write a script into the working folder; its name."""
    monkeypatch.chdir(tmp_path)

    def write(text: str, name: str = "script.py") -> str:
        Path(name).write_text(text)
        return name

    return write


@pytest.fixture
def graphlab(capsys, monkeypatch):
    """Run one command in this process; its exit code, stdout and stderr."""
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main([str(argument) for argument in arguments])
        return left.value.code, *capsys.readouterr()

    return run


def process(*arguments: object, **options) -> subprocess.Popen:
    """graphlab as its own process, not on a terminal."""
    command = [sys.executable, "-m", "graphlab", *map(str, arguments)]
    return subprocess.Popen(command, **{**PYTHON, **options})


def ended(running: subprocess.Popen) -> tuple[int, str, str]:
    out, err = running.communicate(timeout=120)
    return running.returncode, out, err


def rows(text: str) -> list[list[str]]:
    """The ops of a text view: the words behind the lanes."""
    ops = [line for line in text.splitlines() if "●" in line and not line.startswith("● an op")]
    return [line.lstrip("●│─╯├┤┴┼ ").split() for line in ops]


def test_the_decks_execution_slide_runs_as_it_is_and_every_run_is_shown(script):
    wide = {**os.environ, "COLUMNS": "120"}
    code, out, err = ended(process("trace", Path(script(SLIDE)).absolute(), env=wide))
    assert (code, err.replace("\n", " ").count("graphlab:")) == (0, 0)
    first, second = re.split(r"Session\.run\s+(?=/)", out)[1:]
    assert "script.py:12first call" in "".join(first.split("\n"))
    assert "fetches init\n" in first
    assert "23 ops built, 12 executed" in first
    assert "script.py:13first call" in "".join(second.split("\n"))
    assert "feeds Placeholder:0 float32 64x784; fetches Relu:0\n" in second
    shown = rows(second)
    assert ["_Arg", "_arg_Placeholder_0_0", "64x784", "CPU:0"] in [row[:4] for row in shown]
    assert {"Relu", "_retval_Relu_0_0"} <= {row[1] for row in shown}
    assert [row for row in shown if "CPU:0" not in row or not {"µs", "ms"} & {*row}] == []


def test_the_slide_as_printed_gives_its_own_error_and_what_ran_until_then(script, graphlab):
    path = Path(script(AS_PRINTED)).absolute()
    code, out, err = graphlab("trace", "script.py")
    assert code == 3
    assert [line for line in err.splitlines() if line.lstrip().startswith("File ")] == [
        f'  File "{path}", line 13, in <module>'
    ]
    assert err.splitlines()[-2:] == [
        "TypeError: random() takes at most 1 positional argument (2 given)",
        f"graphlab: {path}:13 raised TypeError: random() takes at most 1 positional argument"
        " (2 given); what was recorded until then is kept",
    ]
    assert "fetches init\n" in out
    assert "VarHandleOp" in out
    code, _, _ = graphlab("render", "script.py", "-o", "built.json")
    graph = from_json(Graph, Path("built.json").read_text())
    assert (code, graph["init"].op) == (3, "NoOp")


def test_a_graph_is_written_in_every_format_and_text_formats_twice_the_same(script, graphlab):
    script(HOSTILE)
    for ending in ("svg", "png", "pdf", "dot", "json", "txt"):
        for name in ("a", "b"):
            assert graphlab("render", "script.py", "-o", f"{name}.{ending}") == (0, "", "")
    data = {path.name: path.read_bytes() for path in Path().glob("[ab].*")}
    assert data["a.png"].startswith(b"\x89PNG\r\n\x1a\n")
    assert data["a.pdf"].startswith(b"%PDF-")
    assert ElementTree.fromstring(data["a.svg"]).tag == "{http://www.w3.org/2000/svg}svg"
    graph = from_json(Graph, data["a.json"].decode())
    check(graph)
    assert (len(graph), graph["x" * 300].op, graph["a.b/c>d/T"].op) == (14, "Placeholder", "Tanh")
    assert data["a.dot"].decode().count("[label=<<B>") >= 10
    assert len(rows(data["a.txt"].decode())) == len(graph)
    assert [data[f"a.{e}"] == data[f"b.{e}"] for e in ("json", "txt")] == [True, True]
    dots = [data[f"{name}.dot"].decode() for name in "ab"]  # times are as measured, and differ
    assert len({re.sub(r"[\d.]+ .s\b", "", each) for each in dots}) == 1


def test_the_same_run_is_drawn_to_the_same_bytes(script):
    watched = watch(parse(script(HOSTILE)), None, None)
    graph, run = drawings.stage_of(watched, "executed")
    for format in ("svg", "dot", "json", "txt"):
        first, second = (drawings.graph_file(graph, run, format) for _ in range(2))
        assert first == second, format


def test_a_trace_is_written_for_perfetto_and_as_a_picture(script, graphlab):
    script(HOSTILE)
    for name in ("trace.json", "trace.svg"):
        assert graphlab("trace", "script.py", "-o", name) == (0, "", "")
    told = json.loads(Path("trace.json").read_text())
    spans = [event for event in told["traceEvents"] if event["ph"] == "X"]
    assert "x" * 300 + "/T" in {event["name"] for event in spans} | {
        event["args"].get("node", event["args"].get("name")) for event in spans
    }
    assert [e for e in spans if not {"name", "ts", "dur", "pid", "tid"} <= e.keys()] == []
    picture = ElementTree.parse("trace.svg").getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"


def test_a_script_whose_gpu_multiplies_in_tf32_is_told_so_and_keeps_it(
    script, graphlab, monkeypatch
):
    """There is no GPU here: that there is one, and that the run was on it, is pretended."""
    from graphlab import devices
    from graphlab.screen import trace

    name = script("import tensorflow as tf\nprint(tf.add(1.0, 2.0).numpy())\n")
    assert graphlab("trace", name)[2].count("TF32") == 0
    monkeypatch.setattr(devices, "tf32", lambda: True)
    monkeypatch.setattr(trace, "on_gpu", lambda runs: True)
    assert graphlab("trace", name)[2].count("graphlab: TF32 is on: the GPU rounds") == 1


def test_both_stages_of_a_lessons_way_can_be_drawn(graphlab):
    code, out, err = graphlab("render", "1.4")
    assert (code, err) == (0, "")
    assert ": the built graph" in out
    code, out, _ = graphlab("render", "1.4:function", "--stage", "executed")
    assert ": the executed graph" in out
    assert "_Retval" in {row[0] for row in rows(out)}
    code, out, _ = graphlab("trace", "1.4", "--way", "eager", "--device", "CPU:1")
    assert (code, {row[3] for row in rows(out) if len(row) > 4} >= {"CPU:1"}) == (0, True)


def test_what_was_asked_for_and_where_it_ran_are_both_shown(script, graphlab):
    script(SLIDE)
    code, out, _ = graphlab("trace", "script.py", "--device", "cpu:1")
    assert code == 0
    assert "asked for, of 23 ops built: CPU:1 by 21\n" in out
    relu = next(row for row in rows(out) if row[1] == "Relu")
    argument = next(row for row in rows(out) if row[0] == "_Arg")
    assert (relu[3], argument[3]) == ("CPU:1", "CPU:0")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("render", "trian.py"), "script trian.py does not exist; there is script.py"),
        (("render", "script.py", "-o", "x.gif"), "the ending of x.gif names no format to write;"),
        (("trace", "script.py", "-o", "x.png"), "the ending of x.png names no format to write;"),
        (("render", "script.py", "-o", "no/x.svg"), "cannot write no/x.svg: the folder no does"),
        (("render", "script.py", "-o", "folder.svg"), "cannot write folder.svg: it is a folder"),
        (("trace", "script.py", "-o", "script.py/x.svg"), "cannot write script.py/x.svg: script.py"
         " is a file, not a folder"),
        (("render", "script.py", "-o", "/proc/x.svg"), "cannot write /proc/x.svg: the folder /proc"
         " takes no file"),
        (("render", "script.py", "--device", "GPU:77"), "device GPU:77 is not on this machine"),
        (("trace", "script.py", "--device", "x"), "device 'x' is no device name; expected CPU:0"),
        (("render", "script.py", "--depth", "-1"), "Invalid value for '--depth'"),
        (("trace",), "Missing argument 'TARGET'; see: graphlab trace --help"),
    ],
)  # fmt: skip
def test_a_wrong_request_gets_one_line_before_anything_runs(script, graphlab, arguments, line):
    if "/proc/x.svg" in arguments and not Path("/proc/self").exists():
        pytest.skip("this system has no /proc, a folder that takes no file even from root")
    script("raise SystemExit('it ran')")
    Path("folder.svg").mkdir()
    code, out, err = graphlab(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"graphlab: {line}")
    assert sorted(path.name for path in Path().iterdir()) == ["folder.svg", "script.py"]


def test_what_was_built_and_not_run_can_be_drawn_and_not_traced(script, graphlab):
    script("import tensorflow.compat.v1 as tf\ntf.ones([2], name='o')")
    code, out, _ = graphlab("render", "script.py")
    assert (code, rows(out)) == (0, [["Const", "o", "[2]"]])
    line = "graphlab: script.py built a graph and ran none of it; run a session to trace it\n"
    assert graphlab("trace", "script.py") == (2, "", line)
    code, out, err = graphlab("render", "script.py", "--stage", "executed")
    assert (code, err) == (2, "graphlab: script.py has no executed graph: nothing was run\n")


def test_a_call_that_raised_is_shown_without_times(script, graphlab):
    script("import tensorflow.compat.v1 as tf\nx = tf.placeholder('float')\ntf.Session().run(x)")
    code, out, err = graphlab("trace", "script.py")
    assert (code, err.count("graphlab: ")) == (3, 1)
    assert "the call raised, so there is nothing to show of it\n" in out


def test_a_script_gets_the_arguments_behind_two_dashes(script, graphlab):
    script(
        "import sys\nimport tensorflow as tf\n"
        "for word in sys.argv[1:]: tf.constant(1.0) + len(word)"
    )
    code, out, _ = graphlab("trace", "script.py", "--", "--n", "5")
    assert (code, [row[0] for row in rows(out)].count("AddV2")) == (0, 2)
    assert graphlab("trace", "1.1", "--", "--n") == (
        2,
        "",
        "graphlab: --n: arguments are for a script (script.py -- ARGUMENTS), and 1.1 is a lesson\n",
    )


def test_of_a_script_that_raises_the_graph_it_built_is_drawn(script, graphlab):
    script(
        "import tensorflow.compat.v1 as tf\n"
        "def main():\n"
        "    with tf.Graph().as_default(), tf.Session() as session:\n"
        "        x = tf.placeholder(tf.float32, [2], name='x')\n"
        "        w = tf.Variable(1.0, name='w')\n"
        "        session.run(tf.global_variables_initializer())\n"
        "        session.run(tf.multiply(x, w, name='y'))\n"
        "main()\n"
    )
    code, _, err = graphlab("render", "script.py", "-o", "built.json")
    assert (code, "You must feed a value for placeholder tensor 'x'" in err) == (3, True)
    built = from_json(Graph, Path("built.json").read_text())
    assert {"x", "w", "y", "init"} <= set(built.by_name)
    graphlab("render", "script.py", "-o", "built.dot")
    # The initialiser ran, but it is not what the script was run for.
    assert "no step in this run" not in Path("built.dot").read_text()


def test_the_old_file_stays_where_the_new_one_cannot_be_drawn(script, graphlab):
    script("1 / 0")
    Path("old.svg").write_text("old")
    code, out, err = graphlab("trace", "script.py", "-o", "old.svg")
    assert (code, out, err.splitlines()[-1]) == (
        3,
        "",
        f"graphlab: {Path('script.py').absolute()}:1 raised ZeroDivisionError: division by zero",
    )
    assert Path("old.svg").read_text() == "old"


@pytest.mark.parametrize("command", [("trace",), ("port", "-o", "ported.py")])
def test_what_only_legacy_keras_has_is_told_with_the_way_to_it(script, graphlab, command):
    script(
        "import tensorflow.compat.v1 as tf\ntf.nn.rnn_cell.BasicLSTMCell(4)  # a cell of Keras 2"
    )
    code, _, err = graphlab(command[0], "script.py", *command[1:])
    assert (code, err.splitlines()[-1]) == (
        3,
        f"graphlab: {Path('script.py').absolute()}:2 raised AttributeError: `BasicLSTMCell` is not"
        " available with Keras 3; legacy Keras has it: pip install tf_keras, and"
        " TF_USE_LEGACY_KERAS=1",
    )


def test_a_script_that_turns_tensorflow_2_off_runs_as_it_is_and_a_closed_pipe_ends_it(script):
    # In its own process: the switch is for good.
    path = Path(
        script(
            "import tensorflow as tf\ntf.compat.v1.disable_v2_behavior()\n"
            "x = tf.compat.v1.placeholder(tf.float32, [2], name='x')\n"
            "with tf.compat.v1.Session() as session:\n"
            "    print(session.run(tf.exp(x, name='y'), {x: [0, 0]}))\n"
        )
    ).absolute()
    shown = process("trace", path, "--device", "CPU:1")
    reader, writer = os.pipe()
    os.close(reader)
    piped = process("render", path, stdout=writer)
    os.close(writer)
    code, out, err = ended(shown)
    assert (code, err) == (0, "[1. 1.]\n")
    assert ["Exp", "y", "[2]", "CPU:1"] in [row[:4] for row in rows(out)]
    _, err = piped.communicate(timeout=120)
    assert (piped.returncode, err) == (cli.CLOSED_PIPE, "[1. 1.]\n")


# It interrupts itself, where it is: from outside, a signal may come while Python cleans up, which
# only prints it.
LOOP = """
import os, signal
import tensorflow.compat.v1 as tf
y = tf.add(1.0, 2.0, name="y")
session = tf.Session()
for number in range(10**9):
    session.run(y)
    if number == 20:
        os.kill(os.getpid(), signal.SIGINT)
"""
# A real signal in the middle of real training, at a step that is known.
TRAINING = """
import os, signal, sys
from graphlab import cli
from graphlab.course import ways
run_way, watch_way, given_up = ways.run_way, ways.watch_way, []

def interrupted(way, on_step):
    def tick(done, of, losses):
        on_step(done, of, losses)
        if (way, done) == ("eager", 100):
            os.kill(os.getpid(), signal.SIGINT)
    return tick

def watched(module, way, device, seed, on_step, *more, **named):
    return watch_way(module, way, device, seed, interrupted(way, on_step), *more, **named)

ways.watch_way = watched
for arguments in (["lesson", "2.4", "--out", "OUT", "--json"], ["trace", "2.4:eager"]):
    try:
        cli.main([each.replace("OUT", sys.argv[1]) for each in arguments])
    except SystemExit as left:
        print(left.code)
"""


def test_ctrl_c_leaves_one_line_and_nothing_half_written(script, tmp_path):
    path = Path(script(LOOP)).absolute()
    started = process("trace", path, "-o", tmp_path / "trace.json")
    out = tmp_path / "out"
    training = subprocess.Popen([sys.executable, "-c", TRAINING, str(out)], **PYTHON)
    code, _, err = ended(started)
    assert (code, err) == (
        130,
        "graphlab: stopped by Ctrl-C; what was recorded until then is kept\n",
    )
    assert {
        event["ph"] for event in json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    } >= {"X"}
    assert ended(training) == (
        0,
        "130\n130\n",
        "graphlab: stopped by Ctrl-C in part 2.4, in the way eager after 100 of 480 steps; no part"
        " was done\n"
        "graphlab: stopped by Ctrl-C in 2.4:eager after 100 of 480 steps\n",
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["script.py", "trace.json"]


def test_variables_that_a_function_holds_are_named_and_are_no_feeds(script, graphlab):
    script(
        "import tensorflow as tf\n"
        "w = tf.Variable([1.0, 2.0], name='weights')\n"
        "f = tf.function(lambda x: x * w)\n"
        "f(tf.constant([3.0, 4.0]))\n"
    )
    code, out, _ = graphlab("trace", "script.py")
    assert code == 0
    assert "feeds x:0 float32 [2]; variables weights; fetches Identity:0\n" in out


def test_a_picture_of_two_stages_says_which_call_it_is_of(script, capsys):
    name = script(SLIDE)
    for more in (["-o", "diff.dot"], []):
        with contextlib.suppress(SystemExit):
            cli.main(["render", name, "--diff", "built:pruned", *more])
    said = "in Session.run, call 1, at "
    assert said in Path("diff.dot").read_text()
    assert capsys.readouterr().out.startswith(said.rstrip())
