"""No control character of a file reaches a terminal, a picture, a page or an error."""

from __future__ import annotations

import io
import itertools
import json
import re
from dataclasses import fields, replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from models_made import FLOAT, functional, graph_def, keras_archive, layer
from py_mini_racer import MiniRacer
from rich.text import Text

from graphlab import cli
from graphlab.errors import GraphlabError, nearest, shown
from graphlab.model import Graph, Marks, Node, Run, Step, TensorSpec
from graphlab.screen import info, trace
from graphlab.screen.console import Plain
from graphlab.sources import facts, files, messages
from graphlab.targets.target import Target, Watched
from visualize import words
from visualize.diagram.build import diagram
from visualize.page import html
from visualize.page.columns import graph_columns
from visualize.pictures.dot import dot
from visualize.pictures.picture import picture
from visualize.pictures.timeline import gantt
from visualize.text.rows import rows

TURNS = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BAD = "".join(map(chr, [*range(32), *range(0x7F, 0xA0)])) + TURNS + "\ud800\udfff\ufffe\uffff"
ESCAPES = "\x1b[31m\x9b2J\x1b]0;title\x07"  # what a terminal would obey
MOVED = "\r\x0b\x0c\u2028\nfake"  # what would begin another line
NASTY = [BAD, ESCAPES, MOVED]
WIDTH = 1000


def held(text: str, but: str = "\n") -> set[str]:
    """The characters of a text that must not be in it."""
    return set(text) & set(BAD) - set(but)


def all_nasty(nasty: str) -> tuple[Graph, Run]:
    """A graph and a run in which every text is nasty, and no two names are the same."""
    number = itertools.count()

    def name() -> str:
        return f"{nasty}{next(number)}"

    nodes: list[Node] = []
    for taken in ((), (0,), (0, 1), (2,)):
        called = f"{name()}/{name()}"
        nodes.append(
            Node(
                called,
                name(),
                tuple(nodes[k].outputs[0].name for k in taken),
                tuple(nodes[k].name for k in taken[:1]),
                (TensorSpec(f"{called}:0", name(), (2,)),),
                {name(): name()},
                name(),
                (name(), 3),
                marks=Marks(name(), name(), (name(),), verdict="kept", became=name()),
            )
        )
    function = name()
    nodes.append(Node(name(), "PartitionedCall", calls=(function,)))
    graph = Graph(tuple(nodes), {function: Graph((Node(name(), name()),))})
    steps = tuple(
        Step(n.name, n.op, name(), 1.0, 2.0, n.outputs, 4, name(), name()) for n in nodes[:3]
    )
    untimed = Step(nodes[3].name, nodes[3].op, name())
    specs = (TensorSpec(nodes[0].outputs[0].name, name(), None),)
    run = Run(
        "graph", name(), 1, specs, (nodes[3].outputs[0].name,), graph, graph, (*steps, untimed)
    )
    return graph, run


@pytest.mark.parametrize("nasty", NASTY, ids=["control", "escapes", "lines"])
@pytest.mark.parametrize("depth", [None, 0, 1, 9])
def test_a_picture_is_sound_whatever_a_file_says(nasty, depth):
    graph, run = all_nasty(nasty)
    for seen in (None, run):
        source = dot(diagram(graph, depth, seen))
        assert held(source, but="\n\t") == set()
        svg = picture(source, "svg").decode()
        assert held(svg) == set()
        assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert picture(source, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("nasty", NASTY, ids=["control", "escapes", "lines"])
def test_a_picture_of_a_run_is_sound(nasty):
    svg = gantt(all_nasty(nasty)[1])
    assert held(svg) == set()
    assert ElementTree.fromstring(svg).tag.endswith("svg")


@pytest.mark.parametrize("nasty", NASTY, ids=["control", "escapes", "lines"])
def test_a_text_view_has_a_row_an_op_and_nothing_else(nasty):
    graph, run = all_nasty(nasty)
    for what in (graph, run, diagram(graph), diagram(graph, depth=0)):
        for line in rows(what, 200):
            assert held(line, but="") == set()


@pytest.mark.parametrize("nasty", NASTY, ids=["control", "escapes", "lines"])
def test_a_page_s_own_html_is_sound(nasty):
    graph, _ = all_nasty(nasty)
    page = html.page({"title": nasty, "graphs": [graph_columns(graph)], "runs": []})
    ours = html.page({"title": "", "graphs": [], "runs": []})
    assert held(page) <= held(ours)  # those of Graphviz's own bytes


def printed(renderables) -> str:
    file = io.StringIO()
    console = Plain(file)
    console.width = WIDTH
    for each in renderables:
        console.print(each)
    return file.getvalue()


@pytest.mark.parametrize("nasty", NASTY, ids=["control", "escapes", "lines"])
def test_the_terminal_s_view_of_runs_is_sound(nasty):
    graph, run = all_nasty(nasty)
    watched = Watched(Target("model.pb"), (replace(run, way="eager"),), (), graph, note=nasty)
    assert held(printed(trace.trace(watched, 120))) == set()
    for what in (graph, run, diagram(graph)):
        assert held(printed(trace.graph(what, nasty, nasty, 120))) == set()


def test_a_terminal_gets_our_colours_and_nobody_else_s(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    file = io.StringIO()
    Plain(file).print(Text.assemble(("\x1b[31mred\x1b[0m", "bold"), "\n\x9b2J"))
    assert file.getvalue() == "\x1b[1m␛[31mred␛[0m\x1b[0m\n\N{REPLACEMENT CHARACTER}2J\n"


# Files


def nasty_files(folder: Path, nasty: str) -> list[Path]:
    """A file of each sort that says nasty things in every place."""
    clean = "".join(c for c in nasty if not "\ud800" <= c <= "\udfff")  # protobuf has none
    graph = graph_def((f"{clean}x", clean + "Op", [clean + "gone", "^" + clean], {clean: FLOAT}))
    graph.node[0].device = clean + "/device:CPU:0"
    graph.node[0].attr[clean + "s"].s = clean.encode()
    graph.node[0].attr["f"].func.name = clean + "f"
    graph.library.function.add().signature.name = clean + "f"
    (folder / "a.pb").write_bytes(graph.SerializeToString())
    model = messages.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.meta_info_def.tags.append(clean)
    meta.meta_info_def.tensorflow_version = clean
    meta.graph_def.CopyFrom(graph)
    signature = meta.signature_def[clean]
    signature.method_name = clean
    signature.inputs[clean].name = clean + "x:0"
    signature.outputs[clean + "o"].name = clean + "x:0"
    meta.asset_file_def.add(filename=clean)
    (folder / "m").mkdir()
    (folder / "m" / "saved_model.pb").write_bytes(model.SerializeToString())
    dense = layer(nasty, nasty + "d", "a", units=2, module=nasty, registered_name=nasty)
    dense["module"] = dense["registered_name"] = nasty
    dense["config"]["dtype"] = nasty
    config = functional(layer("InputLayer", "a"), dense, outputs=nasty + "d")
    keras_archive(folder / "k.keras", config, weights=False)
    return [folder / "a.pb", folder / "m", folder / "k.keras"]


def lines_of(text: str) -> int:
    return text.count("\n")


@pytest.mark.parametrize("nasty", NASTY, ids=["control", "escapes", "lines"])
def test_info_and_render_of_a_file_are_sound(tmp_path, capfd, nasty):
    for path, plain in zip(nasty_files(tmp_path, nasty), nasty_ones_plain(tmp_path), strict=True):
        try:
            told = facts.about(files.read_model(path))
        except GraphlabError as error:
            assert held(str(error), but="") == set()
            continue
        shown_here = printed(info.info(told, WIDTH))
        assert held(shown_here) == set()
        assert "\nfake" not in shown_here
        told_plain = facts.about(files.read_model(plain))
        assert lines_of(shown_here) == lines_of(printed(info.info(told_plain, WIDTH)))
        with pytest.raises(SystemExit) as left:
            cli.main(["render", str(path)])
        out, err = capfd.readouterr()
        assert (left.value.code, held(out), held(err)) == (0, set(), set())


def nasty_ones_plain(folder: Path) -> list[Path]:
    """The same files with nothing nasty in them."""
    inner = folder / "plain"
    inner.mkdir()
    return nasty_files(inner, "n")


def test_a_word_that_is_like_another_is_named_on_one_line(tmp_path):
    like = nearest("serving", ["serving\x1b[2J"])
    assert str(GraphlabError(f"did you mean {like}?")) == "did you mean serving\\x1b[2J?"
    assert shown("a\nb\x9b") == "'a\\nb\\x9b'"
    assert str(GraphlabError("no\n node \x1b[2J\u202e")) == "no node \\x1b[2J\\u202e"
    path = tmp_path / "x.pbtxt"
    path.write_text("node { name: \x1b[31m\x9b }\n")
    with pytest.raises(GraphlabError) as refused:
        files.read_model(path)
    assert held(str(refused.value), but="") == set()


def test_json_is_exact(tmp_path):
    path, _, _ = nasty_files(tmp_path, ESCAPES)
    told = facts.about(files.read_model(path))
    assert list(told["ops"]) == [ESCAPES + "Op"]


def test_the_page_prints_what_all_others_print():
    """The table of the page is the table of all: character by character, but for the tab."""
    source = (html.STATIC / "dom.js").read_text(encoding="utf-8")
    body = re.search(r"export function printable\(text\) \{.*?\n\}", source, re.DOTALL)
    assert body is not None
    script = body[0].removeprefix("export ")
    engine = MiniRacer()
    engine.eval(script)
    changed = engine.eval(
        "JSON.stringify(Array.from({length: 0x10000}, (_, i) => i)"
        ".map(i => [i, printable(String.fromCharCode(i)).charCodeAt(0)])"
        ".filter(([a, b]) => a !== b))"
    )
    ours = [[i, ord(words.printable(chr(i)))] for i in range(0x10000)]
    assert json.loads(str(changed)) == [[a, b] for a, b in ours if a != b and a != 9]


def test_every_text_of_a_row_is_cleaned():
    from visualize.text.rows import COLUMNS, Row

    texts = {field.name for field in fields(Row)} - {"lanes", "kind"}
    assert texts == set(COLUMNS)
