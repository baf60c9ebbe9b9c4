"""Targets: what a text means, and a user's script run as it is, whatever it does."""

import runpy
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from graphlab.errors import GraphlabError
from graphlab.sources import live
from graphlab.targets import run
from graphlab.targets.target import Ask, Watched, parse

BUILD = """
x = tf.placeholder(tf.float32, [2], name="x")
with tf.device("CPU:0"):
    y = tf.tanh(x, name="y")
z = tf.exp(y, name="z")
with tf.Session() as session:
    session.run(z, {x: [1, 2]})
"""


@pytest.fixture
def script(tmp_path):
    """Write a script; its path."""

    def write(text: str, name: str = "script.py") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def watch(target: object, device: str | None = None) -> Watched:
    return run.watch(parse(str(target)), device, None)


def complaint(target: object, way: str | None = None) -> str:
    with pytest.raises(GraphlabError) as raised:
        run.watch(parse(str(target), way), None, None)
    return str(raised.value)


def ops(graph) -> list[tuple[str, str]]:
    return [(node.name, node.op) for node in graph.nodes]


def test_a_target_is_a_part_a_script_or_a_function_of_one(script):
    path = script("")
    part = parse("2.3:function")
    assert (part.part.name, part.way, part.script) == ("2.3", "function", None)
    assert parse("2.3").way == "graph"
    assert parse("2.3", "eager").way == "eager"
    assert (parse(str(path)).script, parse(str(path)).function) == (path, "")
    named = parse(f"{path}:f")
    assert (named.script, named.function) == (path, "f")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("2", "lesson 2 has 4 parts; name one of 2.1, 2.2, 2.3, 2.4"),
        ("2.9", "lesson 2 has no part 2.9; it has 2.1, 2.2, 2.3, 2.4"),
        ("77.1", "there is no lesson 77; try "),
        ("2.3:q", "'q' in '2.3:q' is not a way; try graph, eager, function, keras, xla"),
        ("2.3:xl", "'xl' in '2.3:xl' is not a way; try xla"),
        ("model", "target 'model' is neither a lesson (2.3, 2.3:graph) nor Python"),
    ],
)
def test_what_is_no_target_is_answered_with_what_would_be_one(text, line):
    assert complaint(text).startswith(line)


def test_a_script_that_does_not_exist_is_answered_with_those_that_do(script):
    path = script("", "train.py")
    assert complaint(path.parent / "trian.py") == (
        f"script {path.parent}/trian.py does not exist; there is train.py"
    )
    assert (
        complaint(f"{path}:") == f"target '{path}:' names no function behind the colon; try {path}"
    )
    assert complaint(path, way="graph").startswith("--way graph is for a lesson")


@pytest.mark.parametrize(
    "imports",
    [
        "import tensorflow.compat.v1 as tf",
        "from tensorflow.compat import v1 as tf",
        "import tensorflow.compat.v1\ntf = tensorflow.compat.v1",
    ],
)
def test_a_script_of_tensorflow_1_gets_a_graph_to_build_in(script, imports):
    seen = watch(script(imports + BUILD))
    assert (seen.failure, [calls.name for calls in seen.calls]) == ("", ["Session.run"])
    assert ops(seen.runs[0].built) == [("x", "Placeholder"), ("y", "Tanh"), ("z", "Exp")]
    assert seen.note == (
        "script.py imports tensorflow.compat.v1: it builds in a graph, as in TensorFlow 1"
    )


def test_a_script_of_tensorflow_2_stays_eager(script):
    seen = watch(script("import tensorflow as tf\ntf.ones([2]) + 1"))
    assert (seen.note, [run.way for run in seen.runs]) == ("", ["eager"])
    assert [step.op for step in seen.runs[0].steps] == ["Fill", "AddV2"]


@pytest.mark.parametrize(
    "text",
    [
        "import tensorflow.compat.v1 as tf" + BUILD,
        "import tensorflow\ntf = tensorflow.compat.v1\nwith tf.Graph().as_default():"
        + BUILD.replace("\n", "\n    "),
    ],
    ids=["a graph given", "a graph of its own"],
)
def test_a_device_is_asked_for_wherever_the_script_does_not_ask(script, text):
    run = watch(script(text), "CPU:1").main
    assert [node.device for node in run.built.nodes] == ["CPU:1", "CPU:0", "CPU:1"]
    ran = {step.node: step.device for step in run.steps}
    assert (ran["y"], ran["z"]) == ("CPU:0", "CPU:1")


def test_a_device_is_asked_for_in_functions_too(script):
    text = "import tensorflow as tf\n@tf.function\ndef f(x):\n    return tf.exp(x)\nf(tf.ones([2]))"
    seen = run.of_way(watch(script(text), "CPU:1"), "function")
    assert {step.op: step.device for step in seen.main.steps}["Exp"] == "CPU:1"


LOOP_AND_TRAINING = """
import tensorflow.compat.v1 as tf
with tf.Graph().as_default():
    x = tf.placeholder(tf.float32, [2], name="x")
    y = x
    for _ in range(30):
        y = tf.reverse(tf.cumsum(y), [0])
    n = tf.while_loop(lambda i: i < x[0], lambda i: i + 1, [0.0])
    with tf.Session() as session:
        for _ in range(9):
            session.run(y, {x: [30, 0]})
        session.run(n, {x: [30, 0]})
"""


SMALL = """
import tensorflow.compat.v1 as tf

x = tf.placeholder(tf.float32, [None, 8])
y = tf.tanh(tf.matmul(x, tf.get_variable("w", [8, 8], use_resource={resource})), "y")
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    {then}
"""


@pytest.mark.parametrize("resource", [True, False])
@pytest.mark.parametrize(
    ("then", "fetches"),
    [
        ("session.run(y, {x: [[1.0] * 8]})", ("y:0",)),
        ("session.run(tf.global_variables()[0].assign_add(tf.ones([8, 8])).op)", None),
        ("", ("init",)),  # where there is nothing else, that is shown
    ],
)
def test_a_run_that_only_initialises_is_not_the_one_to_show(script, resource, then, fetches):
    watched = watch(script(SMALL.format(resource=resource, then=then)))
    sizes = {run.fetches: len(run.steps) for run in watched.runs}
    assert max(sizes, key=sizes.__getitem__) == ("init",)  # of the most ops
    assert watched.main.fetches == (fetches or watched.runs[-1].fetches)


def test_a_run_that_only_saves_is_not_the_one_to_show(script, tmp_path):
    """It has more ops than a small model; and who ported it would write where it wrote."""
    saved = f"tf.train.Saver().save(session, {str(tmp_path / 'm')!r})"
    then = f"session.run(y, {{x: [[1.0] * 8]}}); {saved}"
    watched = watch(script(SMALL.format(resource=True, then=then)))
    assert [run.only_saves for run in watched.runs] == [False, False, True]
    assert watched.main.fetches == ("y:0",)


def test_the_run_shown_alone_is_of_the_most_ops_and_not_of_the_longest_loop(script):
    seen = watch(script(LOOP_AND_TRAINING))
    loop = seen.runs[-1]
    assert max(len(run.steps) for run in seen.runs) == len(loop.steps)
    assert (seen.main.fetches, seen.main.call) == (("ReverseV2_29:0",), 8)


FUNCTIONS = """
import tensorflow as tf

@tf.function
def traced(x=tf.constant([1.0, 2.0])):
    return x * x

def eager():
    return tf.reduce_sum(tf.ones([2, 3]))

def model():
    with tf.Graph().as_default():
        a = tf.compat.v1.placeholder(tf.float32, [2], name="a")
        return {"y": tf.tanh(a, name="y")}

def needs(a, b, c=1, *d, **e):
    return a

def nothing():
    return 1

number = 3
"""


def test_a_function_of_a_script_is_called_and_watched(script):
    path = script(FUNCTIONS)
    traced = watch(f"{path}:traced").main
    assert (traced.way, ops(traced.built)[1]) == ("function", ("mul", "Mul"))
    eager = watch(f"{path}:eager").main
    assert (eager.way, [step.op for step in eager.steps]) == ("eager", ["Fill", "Sum"])
    model = watch(f"{path}:model")
    assert (model.main, ops(model.graph)) == (None, [("a", "Placeholder"), ("y", "Tanh")])


@pytest.mark.parametrize(
    ("function", "line"),
    [
        ("needs", "needs a, b; give every argument a default, or name a function that takes none"),
        ("tracd", "has no function 'tracd'; did you mean traced"),
        ("number", "has no function 'number'; did you mean "),
        ("nothing", "ran to its end, and there was no Session.run, tf.function call or eager op"),
    ],
)
def test_a_function_that_cannot_be_shown_is_told_why(script, function, line):
    assert line in complaint(f"{script(FUNCTIONS)}:{function}")


def test_a_script_may_have_the_name_of_a_module(script):
    path = script(FUNCTIONS, "types.py")
    assert watch(f"{path}:eager").main.way == "eager"
    assert sys.modules["types"].__file__ != str(path)


def test_a_script_may_have_modules_of_its_own_that_are_called_like_ours(script):
    script("def half(x):\n    return x / 2\n", "visualize.py")
    text = "import tensorflow as tf\nimport visualize\nvisualize.half(tf.ones([2]))\n"
    import visualize.text.rows as ours

    seen = watch(script(text))
    assert (seen.failure, [step.op for step in seen.main.steps][-1]) == ("", "RealDiv")
    assert sys.modules["visualize.text.rows"] is ours
    assert hasattr(sys.modules["visualize"], "__path__")


def test_a_script_runs_as_python_would_run_it(script, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path.parent)
    script("NUMBER = 5.0", "sibling_of_the_script.py")
    path = script(
        "import os, sys\nimport tensorflow as tf\nfrom sibling_of_the_script import NUMBER\n"
        "tf.constant(NUMBER) + 1\nprint(sys.argv, __file__, __name__)\nos.chdir('/')"
    )
    before = list(sys.path), list(sys.argv)
    assert watch(path).failure == ""
    assert capsys.readouterr() == ("", f"['{path}'] {path} __main__\n")
    assert (list(sys.path), list(sys.argv), Path.cwd()) == (*before, tmp_path.parent)


def test_a_graph_that_is_built_and_never_run_is_there_to_be_drawn(script):
    text = (
        "import tensorflow as tf\ng = tf.Graph()\nwith g.as_default():\n    tf.ones([2], name='o')"
    )
    seen = watch(script(text))
    assert (seen.runs, ops(seen.graph)) == ((), [("o", "Const")])


def test_a_script_that_shows_tensorflow_nothing_is_told_so(script):
    path = script("print(1)")
    assert complaint(path) == (
        f"{path} ran to its end, and there was no Session.run, tf.function call or eager op to"
        " see; call what you want to look at"
    )


def test_a_syntax_error_is_placed(script):
    path = script("import tensorflow as tf\nx = (\n")
    assert complaint(path) == f"{path}:2 is not Python: '(' was never closed"
    assert " is not Python: " in complaint(script("x = 1\0"))


V1 = "import tensorflow.compat.v1 as tf\n"
V2 = "import tensorflow as tf\n"


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("import sys\nsys.exit(3)", " left with exit code 3"),
        ("import sys\nsys.exit('no luck')", " left with no luck"),
        ("raise ValueError", ":1 raised ValueError"),
        ("import numpy\nnumpy.random.random(6, 4)", ":2 raised TypeError: random() takes at most 1"
         " positional argument (2 given)"),
        (V2 + "tf.placeholder(tf.float32)", ":2 raised AttributeError: module 'tensorflow' has no"
         " attribute 'placeholder'; is it TensorFlow 1 code? then import tensorflow.compat.v1 as"
         " tf"),
        (V2 + "tf.compat.v1.placeholder(tf.float32)", ":2 raised RuntimeError: tf.placeholder() is"
         " not compatible with eager execution; build in `with tf.Graph().as_default()`, or import"
         " tensorflow.compat.v1 as tf"),
        (V2 + "tf.matmul(tf.ones([2, 3]), tf.ones([2, 3]))", ":2 raised InvalidArgumentError:"
         " Matrix size-incompatible: In[0]: [2,3], In[1]: [2,3]"),
        (V1 + "x = tf.placeholder(tf.float32, [2], name='x')\ntf.Session().run(x + 1)",
         ":3 raised InvalidArgumentError: You must feed a value for placeholder tensor 'x' with"
         " dtype float and shape [2]"),
        (V2 + "@tf.function\ndef f(x):\n    tf.debugging.assert_less(x, 3.0)\nf(5.0)\n",
         ":5 raised "),
    ],
    ids=[
        "exit code", "exit text", "no message", "numpy", "TensorFlow 1", "eager placeholder",
        "eager op", "unfed", "in a function",
    ],
)  # fmt: skip
def test_a_failure_is_one_line_with_the_users_own_place(script, text, failure):
    path = script(text)
    seen = watch(path)
    assert seen.failure.startswith(f"{path}{failure}")
    assert "\n" not in seen.failure
    assert not seen.failure.endswith((".", ":"))


def frames(trace: str) -> list[str]:
    return [line.strip() for line in trace.splitlines() if line.strip().startswith("File ")]


def test_a_traceback_is_cut_to_the_users_frames(script):
    path = script(
        V2
        + "@tf.function\ndef f(x):\n    if tf.reduce_sum(x) > 0:\n        return tf.matmul(x, x)\n"
        "    return x\ndef main():\n    f(tf.ones([2, 3]))\nmain()\n"
    )
    trace = watch(path).traceback
    assert frames(trace)[:2] == [
        f'File "{path}", line 9, in <module>',
        f'File "{path}", line 8, in main',
    ]
    assert [frame for frame in frames(trace) if str(path) not in frame] == []
    assert "ValueError: Dimensions must be equal, but are 3 and 2" in trace


def test_an_exception_that_cannot_say_what_it_is_is_told_all_the_same(script):
    path = script(
        "class Silent(Exception):\n    def __str__(self):\n        raise KeyError\nraise Silent\n"
    )
    assert watch(path).failure == (
        f"{path}:4 raised Silent: its own text cannot be had, as that raises KeyError"
    )


@pytest.fixture
def forgotten():
    """What was found out about files is asked anew, before and after."""
    for cached in (live.is_library, live._library_places):
        cached.cache_clear()
    yield
    for cached in (live.is_library, live._library_places):
        cached.cache_clear()


def test_a_library_is_told_by_where_it_is_imported_from(tmp_path, monkeypatch, forgotten):
    """pip install --target puts it anywhere, Debian into dist-packages."""
    (tmp_path / "here" / "tf_keras").mkdir(parents=True)
    (tmp_path / "here" / "tf_keras" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "here")
    assert live.is_library(str(tmp_path / "here" / "tf_keras" / "layers.py"))
    assert live.is_library(sys.modules["tensorflow"].__file__)
    assert live.is_library(runpy.__file__)
    assert not live.is_library(str(tmp_path / "here" / "train.py"))
    assert not live.is_library(str(tmp_path / "venv" / "src" / "train.py"))
    assert not live.is_library("/usr/lib/python3/dist-packages/my_models/resnet.py")


def test_a_file_that_is_named_from_the_working_folder_or_is_in_an_archive_is_the_users(
    tmp_path, monkeypatch, forgotten
):
    monkeypatch.chdir(tmp_path)
    Path("train.py").touch()
    Path("app.zip").touch()
    assert not live.is_library("train.py")
    assert not live.is_library("app.zip/train.py")
    assert live.is_library("nction/polymorphic_function.py")
    assert live.is_library("/tensorflow/python/framework/ops.py")


def test_frames_of_the_command_itself_are_no_frames_of_the_user():
    assert live.is_library("/usr/local/bin/graphlab")
    assert not live.is_library("/home/user/graphlab/train.py")


def test_the_error_that_a_script_raised_from_another_is_told_with_it(script):
    path = script(
        "try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('b') from error"
    )
    assert watch(path).traceback == (
        "Traceback (most recent call last):\n"
        f'  File "{path}", line 2, in <module>\n'
        "    {}['a']\n"
        "    ~~^^^^^\n"
        "KeyError: 'a'\n"
        "\nThe above exception was the direct cause of the following exception:\n\n"
        "Traceback (most recent call last):\n"
        f'  File "{path}", line 4, in <module>\n'
        "    raise ValueError('b') from error\n"
        "ValueError: b\n"
    ).replace("    ~~^^^^^\n", "    ~~^^^^^\n" if sys.version_info >= (3, 11) else "")


def test_what_was_recorded_before_a_failure_is_kept(script):
    seen = watch(script(V1 + "tf.Session().run(tf.constant(1.0) + 2)\n1 / 0"))
    assert seen.failure.endswith(":3 raised ZeroDivisionError: division by zero")
    assert [run.fetches for run in seen.runs] == [("add:0",)]


def test_more_eager_ops_than_are_recorded_are_told(script, monkeypatch):
    monkeypatch.setattr("graphlab.watch.control.MOST_EAGER_OPS", 3)
    monkeypatch.setattr("graphlab.targets.script_run.MOST_EAGER_OPS", 3, raising=False)
    seen = watch(script(V2 + "x = tf.constant(1.0)\nfor _ in range(9): x = x + 1"))
    assert (len(seen.main.steps), seen.note) == (3, "of its eager ops the first 3 were recorded")


def test_a_server_that_is_not_there_is_said_to_be_so_and_not_waited_for(tmp_path):
    script = tmp_path / "far.py"
    script.write_text(
        "import tensorflow.compat.v1 as tf\n"
        "with tf.Session('grpc://127.0.0.1:9') as session:\n"
        "    session.run(tf.constant(1.0))\n"
    )
    with pytest.raises(GraphlabError, match=r"no server answers at grpc://127\.0\.0\.1:9"):
        run.watch(parse(str(script)), None, None)


FLAGGED = """\
import sys
import tensorflow.compat.v1 as tf

tf.app.flags.DEFINE_float("rate", 0.5, "how fast", short_name="r")
FLAGS = tf.app.flags.FLAGS

def main(argv):
    with tf.Session() as session:
        session.run(tf.identity(FLAGS.rate))

if __name__ == "__main__":
    tf.app.run()
"""


def test_a_script_of_tf_app_flags_is_run_as_often_as_one_likes(tmp_path):
    given = []
    for name, arguments in (("a.py", ()), ("a.py", ("--rate", "2")), ("b.py", ("-r=3",))):
        (tmp_path / name).write_text(FLAGGED)
        asked = replace(parse(str(tmp_path / name)), arguments=arguments)
        watched = run.watch(asked, "CPU:0", None, values=True)
        assert watched.failure == ""
        (replay,) = watched.replays
        given += [float(value) for value in replay.start.results.values()]
    assert given == [0.5, 2.0, 3.0]


def test_what_is_no_file_is_said_to_be_none_also_where_it_is_to_be_fed():
    with pytest.raises(GraphlabError, match="target 'nowhere' is neither a lesson"):
        parse("nowhere", ask=Ask(feeds=("x=1",)))
    with pytest.raises(GraphlabError, match="are for a model's file, not a"):
        parse("a.py:f", ask=Ask(feeds=("x=1",)))


def test_a_training_is_shown_before_the_many_ops_that_python_dispatches_around_it(script):
    text = """
import tensorflow as tf
table = tf.reshape(tf.range(12.0), [3, 4])
for row in range(40):
    table = table * 2.0 + 1.0
w = tf.Variable(1.0)

@tf.function
def step(x):
    with tf.GradientTape() as tape:
        loss = (w * x - 3.0) ** 2
    w.assign_sub(0.1 * tape.gradient(loss, w))
    return loss

for _ in range(3):
    step(tf.constant(2.0))
"""
    assert (main := watch(script(text)).main).name == "step"
    assert main.call == 2
    eager = watch(script(text.replace("@tf.function", ""))).main
    assert eager.way == "eager"  # it has the gradient itself
    around = text.replace("0.1 * tape.gradient(loss, w)", "0.1 * x")
    assert watch(script(around)).main.way == "eager"  # nothing trains, so the most ops are shown
