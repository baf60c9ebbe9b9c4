"""What a notebook shows of a graph, a run and an observed block."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
import tensorflow as tf

from graphlab.model import Graph, Node, Run, Step, TensorSpec
from graphlab.output import notebook
from graphlab.watch.observer import Seen

GRAPH = Graph((Node("x", "Placeholder", outputs=(TensorSpec("x:0", "float32", (2,)),)),))
RUN = Run("graph", "Session.run", 2, built=GRAPH, steps=(Step("x", "_Arg", "CPU:0"),))


class Notebook:
    """As much of IPython as an extension touches."""

    def __init__(self) -> None:
        self.shown: dict = {}
        self.magics: dict = {}
        self.user_ns: dict = {}
        formatter = SimpleNamespace(for_type=self.shown.__setitem__)
        pictures = SimpleNamespace(for_type=lambda kind, show: None)
        self.display_formatter = SimpleNamespace(
            formatters={
                "text/html": formatter,
                "image/svg+xml": pictures,
                "image/png": pictures,
                "text/plain": pictures,
            }
        )

    def register_magic_function(self, function, kind, name):
        self.magics[kind, name] = function

    def run_cell(self, cell):
        problem = None
        try:
            exec(cell, self.user_ns)
        except Exception as error:
            problem = error

        def raise_error():
            if problem:
                raise problem

        return SimpleNamespace(raise_error=raise_error)


@pytest.fixture
def ipython():
    found = Notebook()
    notebook.load_ipython_extension(found)
    return found


def inner(frame: str) -> str:
    return html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])


@pytest.mark.parametrize("value", [GRAPH, RUN], ids=["graph", "run"])
def test_a_graph_and_a_run_show_a_whole_page_in_a_frame_that_cannot_reach_out(ipython, value):
    shown = ipython.shown[type(value)](value)
    assert inner(shown).startswith("<!DOCTYPE html>")
    assert re.search(r'sandbox="([^"]*)"', shown)[1] == "allow-scripts"


def test_a_graph_is_a_picture_where_there_is_no_html():
    assert notebook.graph_svg(GRAPH).startswith("<?xml")


def test_a_kernel_that_has_shown_a_picture_ends_without_a_fault():
    program = """
from graphlab.model import Graph, Node
from graphlab.output import notebook
for _ in range(2):
    print(notebook.graph_svg(Graph((Node("x", "NoOp"),)))[:5])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "<?xml\n<?xml\n")


def test_a_cell_is_run_under_observation(ipython):
    ipython.user_ns["tf"] = tf
    seen = ipython.magics["cell", "observe"]("", "y = tf.function(lambda a: a + 1)(tf.ones([2]))")
    assert isinstance(seen, Seen)
    assert [run.way for run in seen.runs if run.way == "function"] == ["function"]
    assert ipython.user_ns["seen"] is seen
    assert ipython.user_ns["y"].numpy().tolist() == [2.0, 2.0]
    assert inner(ipython.shown[Seen](seen)).startswith("<!DOCTYPE html>")


def test_what_a_cell_raises_is_raised_and_what_was_seen_is_kept(ipython):
    with pytest.raises(ZeroDivisionError):
        ipython.magics["cell", "observe"]("", "1 / 0")
    assert isinstance(ipython.user_ns["seen"], Seen)


def test_a_cell_whose_call_cannot_be_executed_again_shows_its_page_and_says_why(ipython):
    """The variable is another cell's, so that nobody knows what it was."""
    ipython.user_ns["count"] = tf.Variable(1.0)
    seen = ipython.magics["cell", "observe"]("values", "count.assign_add(2.0)")
    page = inner(ipython.shown[Seen](seen))
    packed = re.search(r'id="data" type="application/x-gzip-base64">([^<]*)<', page)[1]
    document = json.loads(gzip.decompress(base64.b64decode(packed)))
    assert [run["clock"] for run in document["runs"]] == ["runtime"]
    (note,) = document["notes"]
    assert note.startswith("no values: variable variable has no value")
