"""The page of a comparison: two graphs that move together, partners, the calls in step."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphlab.comparison import structure
from graphlab.model import Graph, Node, TensorSpec
from graphlab.output import comparison
from graphlab.output import structure as files_page
from visualize.page.html import page

OLD = """
import numpy as np
import tensorflow as tf

draw = np.random.RandomState(0)
X = draw.rand(8, 4).astype("f")
W = tf.Variable(draw.randn(4, 4).astype("f"), name="W")
count = tf.Variable(0)


@tf.function
def step(x):
    with tf.name_scope("dense"):
        y = tf.nn.tanh(tf.matmul(x, W), name="act")
    late = 0.3712345 * tf.nn.relu(tf.cast(count, tf.float32) - 1.0)
    rate = 0.5 / (1.0 + (late SIGN late))
    count.assign_add(1)
    W.assign_sub(rate * tf.matmul(x, y, transpose_a=True))
    return tf.reduce_sum(y)


for _ in range(4):
    step(X)
"""
HOSTILE = "<img src=x onerror=alert(1)>"


def node(name: str, op: str, inputs=(), **more) -> Node:
    return Node(name, op, inputs, outputs=(TensorSpec(f"{name}:0", "float32", (2,)),), **more)


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> str:
    """Two scripts of four calls; in the third the step of W is half as long in one of them."""
    from graphlab.comparison.run import Options, compare_targets
    from graphlab.targets.target import parse

    folder = tmp_path_factory.mktemp("scripts")
    paths = [Path(folder, name) for name in ("old.py", "new.py")]
    for path, sign in zip(paths, "*+", strict=True):
        path.write_text(OLD.replace("SIGN", sign))
    found, seen = compare_targets(parse(str(paths[0])), parse(str(paths[1])), Options())
    assert [call.how for call in found.by_call] == ["same", "same", "different", "different"]
    return comparison.page_of_comparison(found, seen)


@pytest.fixture
def view(text, opened):
    return opened(text)


def pane(view, letter: str):
    return view.locator(".pane").nth("AB".index(letter))


def box(view, letter: str, title: str):
    titled = view.locator(f".title:text-is('{title}')")
    return pane(view, letter).locator(".box:not(.frame)", has=titled).first


def selected(view) -> list[str | None]:
    """The full names of what is selected in A and in B."""
    return view.evaluate(
        """() => graphlab.sides.map(({ app }) => {
          const item = app.item();
          return item && app.items().fullName(item);
        })"""
    )


def said(view) -> str:
    return view.locator(".compare > .details").inner_text()


def cameras(view) -> list[dict[str, float]]:
    return view.evaluate(
        "() => graphlab.sides.map(({ bench: { camera: { x, y, scale } } }) => ({ x, y, scale }))"
    )


def place(view, n: int) -> list[float]:
    """Where the selected box of a side is in its drawing, from the middle of it, on the screen."""
    return view.evaluate(
        """(n) => {
          const { app, bench: { scene, camera } } = graphlab.sides[n];
          const box = scene.byKey.get(app.state.selected);
          const at = (k, low, size) => (low + size / 2) * camera.scale + [camera.x, camera.y][k];
          return [at(0, box.x, box.w), at(1, box.y, box.h)].map((p, k) => p - camera.size[k] / 2);
        }""",
        n,
    )


def test_it_opens_at_the_first_call_that_differs_and_at_the_first_place_where_they_part(view):
    assert view.locator(".call-said").inner_text() == "3 of 4: results differ, by " + (
        view.evaluate("() => String(graphlab.call.apart)") + " at most"
    )
    assert view.locator(".call-bar.first title").text_content().startswith("call 3: ")
    assert selected(view) == ["mul_1", "add"]
    assert "Here they part" in said(view)
    assert "old.py:" in said(view) and "new.py:" in said(view)
    assert pane(view, "A").locator(".loud.selected").count() == 1
    assert pane(view, "B").locator(".loud.selected").count() == 1


def test_a_click_on_an_op_of_one_finds_its_partner_in_the_other_and_says_how_they_match(view):
    box(view, "A", "act").dispatch_event("click")
    assert selected(view) == ["dense/act", "dense/act"]
    assert "the same, within 1e-5 of its largest number" in said(view).replace("1.00e-5", "1e-5")
    assert view.locator(".stop .value").count() == 1  # one value stands for both
    box(view, "B", "MatMul").dispatch_event("click")
    assert selected(view) == ["dense/MatMul", "dense/MatMul"]
    view.keyboard.press("Escape")
    assert selected(view) == [None, None]


def test_what_differs_downstream_is_told_by_how_much_with_both_values(view):
    view.evaluate("() => graphlab.toCall(3)")
    box(view, "A", "act").dispatch_event("click")
    assert "differs: " in said(view) and "It follows from where they part." in said(view)
    heads = view.locator(".stop .value-head code").all_inner_texts()
    assert heads == ["A dense/act:0", "B dense/act:0"]


def test_both_graphs_move_together_until_they_are_uncoupled(view):
    box(view, "A", "act").dispatch_event("click")
    near = [a - b for a, b in zip(place(view, 0), place(view, 1), strict=True)]
    assert max(map(abs, near)) < 3
    before = cameras(view)
    view.evaluate("() => graphlab.sides[0].bench.camera.pan(40, 25)")
    after = cameras(view)
    moved = [after[1][axis] - before[1][axis] for axis in ("x", "y")]
    assert moved == pytest.approx([40, 25], abs=2)
    view.evaluate("() => graphlab.sides[1].bench.camera.zoom(1.5)")
    assert cameras(view)[0]["scale"] == cameras(view)[1]["scale"]
    view.keyboard.press("m")
    assert view.get_by_role("button", name="together").get_attribute("aria-pressed") == "false"
    still = cameras(view)[1]
    view.evaluate("() => graphlab.sides[0].bench.camera.pan(40, 25)")
    assert cameras(view)[1] == still


def test_a_group_that_is_opened_or_closed_in_one_is_so_in_the_other(view):
    heads = [pane(view, each).locator(".frame > .heading:text-is('dense')") for each in "AB"]
    assert [each.count() for each in heads] == [1, 1]
    heads[0].dispatch_event("click")
    assert [each.count() for each in heads] == [0, 0]
    view.keyboard.press("m")
    box(view, "B", "dense").dispatch_event("click")
    assert [each.count() for each in heads] == [0, 1]


def test_the_replay_of_both_is_in_step(view):
    view.keyboard.press("Home")
    assert view.locator(".said").inner_text() == "before the first step"
    count = view.evaluate("() => graphlab.match.count")
    told = []
    for _ in range(count):
        view.keyboard.press(".")
        told.append(view.locator(".steps-said > span").all_inner_texts())
    assert [middle for _, middle, _ in told].count("they part") >= 1
    for a, how, b in told:
        assert (how == "only A") == b.startswith("no such step in B")
        assert (how == "only B") == a.startswith("no such step in A")
    matmul = next(k for k, (a, _, b) in enumerate(told) if a == b == "MatMul dense/MatMul")
    view.locator(".jump").fill(str(matmul + 1))
    view.locator(".jump").press("Enter")
    assert selected(view) == ["dense/MatMul", "dense/MatMul"]
    assert [pane(view, each).locator(".running > .title").text_content() for each in "AB"] == [
        "MatMul",
        "MatMul",
    ]


def test_the_slider_goes_from_call_to_call_with_the_values_of_each(view):
    box(view, "A", "act").dispatch_event("click")
    seen = []
    for _ in range(2):
        view.keyboard.press("<")
        seen.append(view.locator(".stop .value").all_inner_texts())
        assert view.locator(".loud").count() == 0
    assert view.locator(".call-said").inner_text() == "1 of 4: the same"
    assert seen[0] != seen[1]
    view.get_by_role("button", name="first that differs: 3").click()
    assert view.locator(".call-said").inner_text().startswith("3 of 4: results differ")
    assert view.locator(".loud").count() >= 2


def test_the_places_where_they_part_are_gone_through_by_key_and_by_click(view):
    first = selected(view)
    view.keyboard.press("Escape")
    view.keyboard.press("E")
    view.keyboard.press("e")
    assert selected(view) == first
    view.keyboard.press("Escape")
    view.locator(".compare > .details section").first.locator("li > .link").first.click()
    assert selected(view) == first


def test_the_address_leads_to_a_moment(view, text, opened):
    pane(view, "A").locator(".frame > .heading:text-is('dense')").dispatch_event("click")
    box(view, "B", "Sum").dispatch_event("click")
    view.keyboard.press("m")
    view.keyboard.press("<")
    view.wait_for_function("() => /[#&]c=1(&|$)/.test(location.hash)")
    again = opened(text, view.evaluate("() => location.hash"))
    assert selected(again) == ["Sum", "Sum"]
    assert [box(again, each, "dense").count() for each in "AB"] == [1, 1]
    assert again.locator(".call-said").inner_text() == "2 of 4: the same"
    assert again.evaluate("() => graphlab.state.coupled") is False


def test_an_address_that_says_nonsense_opens_the_page_as_without(text, opened):
    again = opened(text, "#c=99&at=zz&a=9+9.9&m=x")
    assert again.locator(".call-said").inner_text().startswith("3 of 4")


def test_marks_of_one_drawing_are_not_those_of_the_other(view):
    ids = view.evaluate("() => [...document.querySelectorAll('[id]')].map((each) => each.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_is_cut_off_at_the_side_on_screens_of_any_width(text, opened, width):
    view = opened(text, viewport={"width": width, "height": 800})
    assert view.evaluate("() => document.documentElement.scrollWidth") == width
    right = view.evaluate(
        """() => Math.max(...[...document.querySelectorAll("header *, .transport *, .calls *")]
          .map((each) => each.getBoundingClientRect().right))"""
    )
    assert right <= width


BODY = Graph((node("a", "_Arg"), node("t", "Tanh", ("a:0",)), node("r", "_Retval", ("t:0",))))
OTHER = Graph((node("a", "_Arg"), node("t", "Relu", ("a:0",)), node("r", "_Retval", ("t:0",))))
BEFORE = Graph(
    (
        node("x", "Placeholder"),
        node("net/w", "Const", attrs={"value": 1}),
        node("net/mul", "Mul", ("x:0", "net/w:0")),
        node("net/neg", "Neg", ("net/mul:0",)),
        node("call", "PartitionedCall", ("net/neg:0",), calls=("f_1",)),
        node("y", "Sum", ("call:0",)),
    ),
    {"f_1": BODY},
)
AFTER = Graph(
    (
        node("x", "Placeholder"),
        node("net/w", "Const", attrs={"value": 2}),
        node("net/mul", "Mul", ("x:0", "net/w:0")),
        node("net/neg", "Neg", ("net/mul:0",)),
        node("call", "PartitionedCall", ("net/neg:0",), calls=("f_7",)),
        node(HOSTILE, "Neg", ("call:0",)),
        node("y", "Sum", (f"{HOSTILE}:0",)),
    ),
    {"f_7": OTHER},
)


@pytest.fixture
def files(opened):
    found = structure.compare(BEFORE, AFTER)
    return opened(files_page.page_of_structure(found, (BEFORE, AFTER), ("a.pb", HOSTILE)))


def test_two_files_that_nobody_ran_are_compared_on_a_page_too(files):
    files.keyboard.press("Escape")
    told = said(files)
    assert "they differ: 1 ops added" in told and HOSTILE in told
    assert files.locator(".replay, .calls").count() == 0
    files.locator(".compare > .details").get_by_role("button", name=HOSTILE).click()
    assert selected(files) == [None, HOSTILE]
    assert "Only B has it." in said(files)
    assert files.locator("img").count() == 0


def test_a_constant_that_changed_is_told_by_the_op_on_which_it_is_drawn(files):
    box(files, "A", "mul").dispatch_event("click")
    assert "Const net/w" in said(files) and "1 → 2" in said(files)
    assert "loud" in box(files, "B", "mul").get_attribute("class")


def test_an_op_in_a_function_finds_its_partner_at_the_call_s_partner(files):
    box(files, "A", "call").dispatch_event("click")
    box(files, "A", "t").dispatch_event("click")
    assert selected(files) == ["call ▸ f_1 ▸ t", "call ▸ f_7 ▸ t"]
    assert "Tanh → Relu" in said(files)


def test_a_side_without_a_graph_is_an_empty_drawing(text, opened):
    import base64
    import gzip
    import json
    import re

    packed = re.search(r'x-gzip-base64">([^<]*)<', text)
    assert packed is not None
    document = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    document["sides"][1]["graphs"] = comparison._Side("new.py").document()["graphs"]
    document["sides"][1]["runs"] = [run | {"built": None} for run in document["sides"][1]["runs"]]
    view = opened(page(document))
    box(view, "A", "act").dispatch_event("click")
    assert selected(view) == ["dense/act", None]
