"""A fused op says so and by whom, in the same words wherever it is shown."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console

from graphlab import _private, cli, devices, observe, stages
from graphlab.output import drawings
from graphlab.output.pages import document
from graphlab.targets.run import watch
from graphlab.targets.stepping import stepper_of
from graphlab.targets.target import Watched, parse
from graphlab.walk.script import play
from graphlab.walk.stepper import Stepper
from visualize.text.rows import rows

PROGRAM = """
import numpy as np
import tensorflow.compat.v1 as tf
with tf.Graph().as_default():
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    product = tf.matmul(x, tf.ones([3, 2]), name="product")
    biased = tf.nn.bias_add(product, tf.ones([2]), name="biased")
    y = tf.nn.relu(biased, name="y")
    with tf.Session() as session:
        for _ in range(2):
            session.run(y, {x: np.ones([4, 3], np.float32)})
"""
# Where oneDNN computes, its own pass renames what the remapper has made.
FUSED = "_MklNativeFused" if _private.onednn() else "_Fused"
INTO, KERNEL = "fused into y by remapper", f"{FUSED}MatMul of 3 ops by remapper"
BESIDE = "3 ops by remapper"  # its type stands in a column of its own
SAID = {"product": INTO, "biased": INTO, "y": KERNEL}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("fused") / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def watched(file) -> Watched:
    return watch(parse(file), devices.prepare("CPU:0"), None, values=True)


def said_in(lines) -> dict[str, str]:
    """By op, the words of its row in some text."""
    words = f"{re.escape(INTO)}|{re.escape(KERNEL)}|{BESIDE}"
    found = [(line.split(), re.search(words, line)) for line in lines]
    return {
        next(word for word in row if word in SAID): match[0]
        for row, match in found
        if match is not None
    }


def test_the_words_have_one_place(watched):
    assert stages.fusions(watched.main) == SAID


BOTH = """
import json
import numpy as np
import tensorflow.compat.v1 as tf
from graphlab import _private, observe, stages
with tf.Graph().as_default():
    x = tf.placeholder(tf.float32, [1, 4, 4, 2], name="x")
    image = tf.nn.conv2d(x, tf.ones([3, 3, 2, 2]), 1, "SAME", name="image")
    tf.nn.relu(tf.nn.bias_add(image, tf.ones([2]), name="shifted"), name="seen")
    rows = tf.placeholder(tf.float32, [4, 3], name="rows")
    product = tf.matmul(rows, tf.ones([3, 2]), name="product")
    tf.nn.relu(tf.nn.bias_add(product, tf.ones([2]), name="biased"), name="y")
    tf.reduce_mean(tf.square(tf.subtract(rows, 0.5, name="apart"), name="squared"), name="loss")
    with tf.Session() as session, observe() as seen:
        fed = {x: np.ones([1, 4, 4, 2]), rows: np.ones([4, 3])}
        session.run(["seen:0", "y:0", "loss:0"], fed)
print(json.dumps([_private.onednn(), dict(stages.fusions(seen.runs[0]))]))
"""


@pytest.mark.parametrize("asked", ["0", "1"], ids=["without oneDNN", "with oneDNN"])
def test_a_fused_op_says_so_whoever_computes_it(asked):
    """The processor decides: where oneDNN computes, nothing was said of a lesson's MatMul."""
    ran = subprocess.run(
        [sys.executable, "-c", BOTH],
        env={**os.environ, "TF_ENABLE_ONEDNN_OPTS": asked},
        capture_output=True,
        text=True,
        check=True,
    )
    onednn, said = json.loads(ran.stdout.splitlines()[-1])
    made = "_MklNativeFused" if onednn else "_Fused"
    assert said == {
        "image": "fused into seen by remapper",
        "shifted": "fused into seen by remapper",
        "seen": f"{made}Conv2D of 3 ops by remapper",
        **SAID,
        "y": f"{made}MatMul of 3 ops by remapper",
        "squared": "fused into apart by arithmetic optimizer",
        "apart": "SquaredDifference of 2 ops by arithmetic optimizer",
    }


def test_the_text_view_says_it_of_what_was_written_and_of_what_was_executed(watched):
    run = watched.main
    built = drawings.marked(run.built, drawings.View(), run)
    assert said_in(rows(built, 100)) == SAID
    assert said_in(rows(stages.run_with_fusions(run), 100)) == {"y": BESIDE}
    assert "became" not in rows(run.built, 100)[0]
    assert "remapper" not in "".join(
        rows(drawings.marked(run.built, drawings.View(plain=True), run), 100)
    )
    groups = drawings.for_text(built, drawings.View(depth=1))
    assert said_in(rows(groups, 100)) == SAID


def test_where_it_is_narrow_the_words_stay_and_the_device_goes(watched):
    wide, narrow = (rows(stages.run_with_fusions(watched.main), width) for width in (100, 71))
    assert "device" in wide[0] and "device" not in narrow[0]
    assert said_in(narrow) == {"y": BESIDE} and max(map(len, narrow)) <= 71
    assert max(map(len, rows(stages.run_with_fusions(watched.main), 40))) <= 40


def test_render_and_trace_say_it_in_the_terminal(file, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")

    def printed(command: str) -> str:
        with pytest.raises(SystemExit) as left:
            cli.main([command, file])
        assert left.value.code == 0
        return capsys.readouterr().out

    assert said_in(printed("render").splitlines()) == SAID
    ran, _, became = printed("trace").partition("ops built:")
    assert said_in(ran.splitlines()) == {"y": BESIDE} and said_in(became.splitlines()) == SAID


def test_the_stepper_says_what_became_of_an_op_that_it_executes_as_written(watched):
    stepper, _ = stepper_of(watched, None, False, 1 << 20)
    console = Console(width=80, record=True, file=io.StringIO())
    for shown in play(stepper, ["forward"] * stepper.walk.total, "a script"):
        console.print(shown)
    moments = re.split(r"^step ", console.export_text(), flags=re.MULTILINE)[1:]
    told = {
        name: re.findall(r"^ran +(.*); here as written$", moment, re.MULTILINE)
        for moment in moments
        for name in re.findall(r"^\d+ of \d+ +\w+ (\S+) ", moment)
    }
    assert {name: words for name, words in told.items() if words} == {
        name: [words] for name, words in SAID.items()
    }
    assert told["ones"] == []


def test_a_page_has_them_for_the_run_and_for_the_same_call_with_values(watched):
    told = document(watched)
    main = next(k for k, run in enumerate(watched.runs) if run is watched.main)
    fused = [run.get("fused") for run in told["runs"]]
    assert fused[main] == SAID
    assert [run["fused"] for run in told["runs"] if run["clock"] == "engine"] == [SAID]


def test_an_op_in_the_body_of_a_call_is_named_by_its_path():
    """Nothing is said of an op of the same name elsewhere."""

    @tf.function
    def layer(x):
        product = tf.matmul(x, tf.ones([3, 2]), name="product")
        return tf.nn.relu(tf.nn.bias_add(product, tf.ones([2])))

    with observe(values=True) as seen:
        outer = tf.function(lambda x: layer(x) + 1.0)
        for _ in range(2):
            outer(np.ones([4, 3], np.float32))
    replay = next(each for each in seen.replays if each.run.way == "function")
    said = stages.fusions(replay.run)
    (path,) = [name for name in said if name.endswith("/product")]
    assert said[path].endswith("by remapper") and "product" not in said
    stepper = Stepper([replay], became=stages.fusions)
    stepper.do("break product")
    stepper.do("continue")
    assert stepper.view.became == said[path]
