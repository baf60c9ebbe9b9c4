"""What a page's file holds: all of the document, Graphviz as its package has it, and nothing else
that could be run or loaded."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from graphlab.model import Graph, Marks, Node, Run, Step, TensorSpec
from visualize.layout.viz import VIZ, viz
from visualize.page.columns import graph_columns, run_columns, runs_columns
from visualize.page.glimpse import glimpse
from visualize.page.html import COMPARE, ENTRY, LIVE, LOAD, STATIC, page, viewer

F32 = "float32"


def spec(name: str, shape=(2,)) -> TensorSpec:
    return TensorSpec(name, F32, shape)


X = Node("x", "Placeholder", outputs=(spec("x:0"),))
Y = Node("layer/y", "Relu", ("x:0",), outputs=(spec("layer/y:0"),), source=("part.py", 7))
Z = Node("layer/z", "AddN", ("layer/y:0", "x:0"), ("layer/y",), (spec("layer/z:0"),), {"N": 2})
GRAPH = Graph((X, Y, Z))
RUN = Run(
    "graph",
    "Session.run",
    2,
    (spec("x:0"),),
    ("layer/z:0",),
    GRAPH,
    None,
    (
        Step("layer/y", "Relu", "/device:CPU:0", 1.0, 3.5, (spec("layer/y:0"),), 8),
        Step("layer/z", "AddN", "CPU:0", values={"layer/z:0": [1.0, float("nan")]}),
    ),
)


def document(title: str = "a graph", graph: Graph = GRAPH) -> dict:
    return {"title": title, "graphs": [graph_columns(graph)], "runs": []}


class Parts(HTMLParser):
    """The scripts, styles and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inside = ""
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.inside = tag if tag in self.texts else ""
        if self.inside:
            self.texts[tag].append("")

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside:
            self.texts[self.inside][-1] += data


def test_the_document_comes_back_out_of_the_page():
    text = page(document("a <b>graph</b>"))
    data, *_ = Parts(text).texts["script"]
    assert json.loads(unpacked(data)) == document("a <b>graph</b>")
    assert "<title>a &lt;b&gt;graph&lt;/b&gt;</title>" in text


def unpacked(data: str) -> str:
    return gzip.decompress(base64.b64decode(data)).decode()


def test_graphviz_and_the_viewer_are_packed_and_what_unpacks_them_is_not():
    _, graphviz, shown, load = Parts(page(document())).texts["script"]
    assert (unpacked(graphviz), unpacked(shown), load) == (viz(), viewer(ENTRY), viewer(LOAD))


def test_a_page_of_a_small_graph_is_at_most_four_fifths_of_graphviz_as_its_package_has_it():
    assert len(page(document())) < 0.8 * len(viz())


def test_the_same_document_gives_the_same_bytes():
    assert page(document()) == page(document())


def test_the_policy_lets_only_the_page_s_own_scripts_and_style_run():
    parts = Parts(page(document()))
    policy = next(v for _, n, v in parts.attributes if n == "content" and "default-src" in v)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    _, *packed, load = parts.texts["script"]
    scripts = [*map(unpacked, packed), load]
    assert rules == {
        "default-src": "'none'",
        "script-src": f"{' '.join(map(hashed, scripts))} 'wasm-unsafe-eval'",
        "style-src": hashed(parts.texts["style"][0]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_nothing_is_loaded_and_no_attribute_is_a_script_or_a_style():
    attributes = Parts(page(document())).attributes
    assert [a for a in attributes if a[1] in ("src", "href", "style", "srcset")] == []
    assert [a for a in attributes if a[1].startswith("on")] == []


def test_graphviz_is_the_file_that_its_package_has():
    folder = VIZ
    recorded = json.loads((folder / "package.json").read_text())
    found = hashlib.sha256((folder / "viz-global.js").read_bytes()).hexdigest()
    assert found == recorded["sha256"]
    assert f"Viz.js {recorded['version']}" in viz()[:200]
    assert "Michael Daines" in (folder / "LICENSE.txt").read_text()


SCRIPTS = sorted(STATIC.rglob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_module_makes_markup_or_code_out_of_text(path):
    text = path.read_text()
    assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", text) == []
    assert re.findall(r"new Function|setAttribute\(\"(?:on|style|href|src)", text) == []
    assert len(text.splitlines()) < 400


def test_every_module_is_in_the_viewer_after_those_it_imports():
    order = re.findall(r"^const module_(\w+) = ", viewer(LOAD, ENTRY, COMPARE, LIVE), re.MULTILINE)
    names = {path: "_".join(path.relative_to(STATIC).with_suffix("").parts) for path in SCRIPTS}
    assert sorted(order) == sorted(names.values())
    for path, name in names.items():
        for imported in re.findall(r'from "(\.\.?/[\w/]+\.js)"', path.read_text()):
            earlier = names[(path.parent / imported).resolve()]
            assert order.index(earlier) < order.index(name)


def test_a_graph_s_columns_hold_its_nodes():
    packed = graph_columns(GRAPH)
    assert [packed["ops"][k] for k in packed["op"]] == ["Placeholder", "Relu", "AddN"]
    assert packed["name"] == ["x", "y", "z"]
    assert packed["groups"]["scope"] == ["", "layer/"]
    assert packed["group"] == [0, 1, 1]
    assert (packed["inputs"], packed["src"]) == ([0, 1, 2], [1, 1, 2])
    assert packed["controls"] == [2, 1, 1]
    assert packed["source"] == [1, 0, 7, 2, -1, 0]
    assert packed["attrs"] == ["", '{"N":2}']


def test_a_name_that_is_not_below_its_scope_is_kept_whole():
    nul = Node("\0odd", "NoOp")
    held = Node("read/handle", "Placeholder", marks=Marks(variable="layer/W"))
    packed = graph_columns(Graph((Y_ALONE, Node("layer/b", "NoOp"), held, nul)))
    assert packed["name"] == ["y", "b", "\0read/handle", "\0\0odd"]


Y_ALONE = Node("layer/y", "NoOp")


def test_a_run_s_columns_say_what_was_not_timed():
    packed = run_columns(RUN, 0, None)
    assert (packed["start"], packed["took"]) == ([1.0, None], [2.5, None])
    assert packed["devices"] == ["CPU:0"]
    values = packed["values"]["1"]["layer/z:0"]
    assert values == {"dtype": "float64", "shape": [2], "values": [1.0, "NaN"]}
    json.dumps(packed, allow_nan=False)


def test_runs_of_one_graph_share_its_columns():
    graphs: list = []
    first, second = runs_columns([RUN, RUN], graphs)
    assert (len(graphs), first["built"], second["built"], first["executed"]) == (1, 0, 0, None)


def test_a_large_value_is_a_heat_map_and_a_histogram():
    found = glimpse([[float(row)] * 100 for row in range(64)])
    assert (found["heat"]["rows"], found["heat"]["columns"]) == (32, 32)
    assert found["heat"]["cells"][0] == 0.5  # the mean of the rows 0 and 1
    assert sum(found["histogram"]["counts"]) == 6400
    assert (found["min"], found["max"], found["nan"]) == (0.0, 63.0, 0)


def test_nans_and_infinities_of_a_large_value_are_counted():
    found = glimpse([float("nan"), float("inf"), float("-inf"), *map(float, range(97))])
    assert (found["nan"], found["inf"], found["max"]) == (1, 2, 96.0)
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"caf\xe9", ["caf\\xe9"]),
        (True, [True]),
        (1 + 2j, ["(1+2j)"]),
        ([], []),
        ([[1], [2, 3]], ["[[1], [2, 3]]"]),
    ],
)
def test_any_value_can_be_shown(value, shown):
    assert glimpse(value)["values"] == shown
