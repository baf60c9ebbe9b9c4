"""A file becomes a verdict: all that graphlab does with a model's file, tried on it."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

from graphlab import cli
from graphlab.errors import GraphlabError
from graphlab.model import Graph, check, from_json
from graphlab.output import pages
from graphlab.output.drawings import View, graph_file
from graphlab.screen import info
from graphlab.screen.console import Plain
from graphlab.sources import facts, files

# What may not reach a terminal or a picture.
HELD = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
LONGEST = 5000  # characters of a line that says no
MANY = 3000  # nodes; of a larger graph not every picture is drawn
_DATA = re.compile(r'<script id="data"[^>]*>([^<]*)</script>')


class Wrong(Exception):
    """What a case shows to be wrong."""


def held(text: str, what: str, but: str = "") -> None:
    """Wrong where a text has a character that must not get out."""
    found = sorted(set(HELD.findall(text)) - set(but))
    if found:
        raise Wrong(f"{what} holds {found!r}")


def tried(path: Path, random: Random) -> str:
    """ "read" or "refused". Wrong, or any other error, where something is wrong."""
    try:
        model = files.read_model(path)
    except GraphlabError as error:
        _line(str(error))
        _by_command(path, random, refused=True)
        return "refused"
    check(model.graph)
    told = facts.about(model)
    json.dumps(told, allow_nan=False)
    _terminal(told)
    graph = model.graph
    bodies = list(graph.functions)
    if bodies and random.random() < 0.2:
        graph = Graph(graph.functions[random.choice(bodies)].nodes, graph.functions)
    _drawn(graph, random)
    _by_command(path, random, refused=False)
    return "read"


def _line(said: str) -> None:
    if "\n" in said or len(said) > LONGEST:
        raise Wrong(f"refused in {said.count(chr(10)) + 1} lines of {len(said)} characters")
    held(said, "the error")


def _terminal(told: Any) -> None:
    file = io.StringIO()
    console = Plain(file)
    for each in info.info(told, 100):
        console.print(each)
    held(file.getvalue(), "info")


def _drawn(graph: Graph, random: Random) -> None:
    depth = random.choice((None, None, 0, 1, 3, 50))
    names = [node.name for node in graph.nodes]
    focus = random.choice(names) if names and random.random() < 0.2 else None
    without = random.choice(((), (), ("hubs",), ("embed",), ("wide", "series"), ("functions",)))
    view = View(depth, focus, random.choice((0, 1, 2, 9)), without)
    drawn = graph_file(graph, None, "dot", view).decode()
    held(drawn, "dot", but="\t")
    held(graph_file(graph, None, "txt", View()).decode(), "the text view")
    held(graph_file(graph, None, "txt", view).decode(), "the grouped text view")
    if random.random() < 0.3:
        svg = _picture(graph, "svg", view)
        if svg:
            held(svg.decode(), "svg")
            ElementTree.fromstring(svg)
    if random.random() < 0.02 and len(graph) < MANY:
        _picture(graph, random.choice(("png", "pdf")), view)
    if random.random() < 0.2:
        again = from_json(Graph, graph_file(graph, None, "json").decode())
        if [node.name for node in again.nodes] != names:
            raise Wrong("the JSON has other names")
    if random.random() < 0.2:
        _page(graph)


def _picture(graph: Graph, format: str, view: View) -> bytes:
    try:
        return graph_file(graph, None, format, view)
    except (GraphlabError, ValueError) as error:
        raise Wrong(f"no {format}: {error}") from error


def _page(graph: Graph) -> None:
    page = pages.page_of_graph(graph, "a graph")
    page.encode()
    data = _DATA.search(page)
    assert data is not None
    packed = json.loads(gzip.decompress(base64.b64decode(data[1])))
    for body in (packed["graphs"][0], *packed["graphs"][0]["functions"].values()):
        for text in body["attrs"]:
            json.loads(text or "{}", parse_constant=_refused)


def _refused(word: str) -> None:
    raise Wrong(f"the page has {word}, which is no JSON")


def _by_command(path: Path, random: Random, refused: bool) -> None:
    """The command line: its exit code, one line, and a whole file or none."""
    if random.random() > 0.1:
        return
    place = path.parent / "out" / f"a.{random.choice(('svg', 'txt', 'json', 'html', 'dot'))}"
    place.parent.mkdir()
    option = "--html" if place.suffix == ".html" else "-o"
    arguments = random.choice((["info", str(path)], ["render", str(path), option, str(place)]))
    out, err = io.StringIO(), io.StringIO()
    left: Any = None
    with redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main(arguments)
        except SystemExit as stopped:
            left = stopped.code
    held(out.getvalue(), "stdout")
    held(err.getvalue(), "stderr")
    wrote = sorted(each.name for each in place.parent.iterdir())
    expected = [place.name] if arguments[0] == "render" and not refused else []
    if (left, wrote) != (2 if refused else 0, expected):
        said = err.getvalue()[:200]
        raise Wrong(f"{arguments[0]} left with {left!r} and wrote {wrote}: {said}")
    if err.getvalue().count("\n") > 1:
        raise Wrong(f"{arguments[0]} said {err.getvalue()[:300]!r}")


def where(error: BaseException) -> str:
    """The innermost place of ours in which an error was raised: `"hierarchy/tree.py:30"`."""
    places = []
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "/graphlab/" in file or "/visualize/" in file:
            places.append(f"{'/'.join(Path(file).parts[-2:])}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places[-1] if places else ""


def verdict(path: Path, random: Random) -> str:
    """ "read", "refused", or what is wrong with a case."""
    try:
        return tried(path, random)
    except Wrong as wrong:
        return f"WRONG {wrong}"
    except MemoryError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        said = f"{type(error).__name__} at {where(error)}: {error}"
        return f"WRONG {said[:500]!a}"
    finally:
        sys.setrecursionlimit(1000)
