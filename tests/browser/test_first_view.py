"""What a reader sees of a graph at first: all of it, or the part that does the work, legibly."""

from __future__ import annotations

from itertools import pairwise

import pytest

from graphlab.model import Graph, Node, TensorSpec
from tests.browser.test_browser import press
from visualize.page.columns import graph_columns
from visualize.page.html import STATIC, page
from visualize.words import size_text

WIDEST, TALLEST = 1700, 1350  # as in static/graph/opening.js


def node(name: str, op: str, inputs=(), **more) -> Node:
    return Node(name, op, inputs, outputs=(TensorSpec(f"{name}:0", "float32", (2,)),), **more)


def document(*nodes: Node, **functions: Graph) -> str:
    graph = graph_columns(Graph(nodes, functions))
    return page({"title": "a graph", "graphs": [graph], "runs": []})


def frames(view) -> list[str]:
    return view.locator(".frame > .heading").all_text_contents()


def size(view) -> list[float]:
    return view.evaluate("() => [graphlab.bench.scene.width, graphlab.bench.scene.height]")


def layer(scope: str, fed: str, wide: int) -> list[Node]:
    """A scope with so many ops side by side."""
    side = [node(f"{scope}/a_rather_long_name_{k}_of_one", f"Op{k}", (fed,)) for k in range(wide)]
    given = tuple(f"{each.name}:0" for each in side)
    return [*side, node(f"{scope}/all", "AddN", given), node(f"{scope}/most", "Max", given)]


def test_a_group_that_would_make_the_drawing_too_wide_to_be_read_is_closed_at_first(opened):
    nodes = [
        node("x", "Placeholder"),
        *layer("wide", "x:0", 12),
        *layer("narrow", "wide/all:0", 3),
    ]
    view = opened(document(*nodes))
    assert frames(view) == ["narrow"]
    assert size(view)[0] <= WIDEST
    view.locator(".box:not(.frame)", has=view.locator(".title:text-is('wide')")).click()
    assert set(frames(view)) == {"narrow", "wide"}


def test_of_a_deep_graph_as_much_is_open_as_a_screen_shows(opened):
    nodes, last = [node("x", "Placeholder")], "x:0"
    for k in range(14):
        for inner in "abc":
            nodes.append(node(f"layer_{k}/{inner}/mul", "Mul", (last,)))
            nodes.append(node(f"layer_{k}/{inner}/tanh", "Tanh", (f"layer_{k}/{inner}/mul:0",)))
            last = f"layer_{k}/{inner}/tanh:0"
    view = opened(document(*nodes))
    assert size(view)[1] <= TALLEST
    more = opened(document(*nodes), "#g=0&r=-1&d=5&at=-1&st=-1")
    assert size(more)[1] > TALLEST  # who asks for more gets it
    assert set(frames(view)) < set(frames(more))


def test_parts_that_nothing_joins_stand_in_columns_and_do_not_touch(opened):
    nodes = []
    for k in range(9):
        nodes.append(node(f"part_{k}_has_a_long_name", "Placeholder"))
        nodes.append(node(f"of_part_{k}_the_end", "Neg", (f"part_{k}_has_a_long_name:0",)))
    view = opened(document(*nodes))
    assert size(view)[0] <= WIDEST / 2
    places = view.evaluate("() => graphlab.bench.scene.boxes.map(({x, y, w, h}) => [x, y, w, h])")
    touching = [
        (a, b)
        for k, a in enumerate(places)
        for b in places[:k]
        if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]
    ]
    assert touching == []
    lines = view.evaluate("() => graphlab.bench.scene.edges.map((edge) => edge.points.at(-1))")
    ends = [(x + w / 2, y) for x, y, w, _ in places]  # an arrow ends at the top of its box
    assert all(any(abs(x - a) < 2 and abs(y - b) < 2 for a, b in ends) for x, y in lines)


BODY = Graph((node("a", "_Arg"), node("mul", "Mul", ("a:0",)), node("r", "_Retval", ("mul:0",))))
SAVES = Graph((node("file", "_Arg"), node("save", "SaveV2", ("file:0",))))


def test_of_a_model_that_is_served_the_call_that_does_the_work_is_open(opened):
    around = Graph((node("a", "_Arg"), node("inner", "PartitionedCall", ("a:0",), calls=("body",))))
    view = opened(
        document(
            node("v", "VarHandleOp"),
            node("serving_default_x", "Placeholder"),
            node("other_x", "Placeholder"),
            node("call", "StatefulPartitionedCall", ("other_x:0",), calls=("body",)),
            node("call_1", "StatefulPartitionedCall", ("serving_default_x:0",), calls=("around",)),
            node("call_2", "StatefulPartitionedCall", ("v:0",), calls=("saves",)),
            body=BODY,
            around=around,
            saves=SAVES,
        )
    )
    assert sorted(frames(view)) == ["call_1", "inner"]


def test_no_call_is_opened_in_a_graph_that_computes_something_itself(opened):
    call = node("call", "PartitionedCall", ("x:0",), calls=("body",))
    view = opened(
        document(node("x", "Placeholder"), call, node("y", "Neg", ("call:0",)), body=BODY)
    )
    assert frames(view) == []


def test_what_saves_or_applies_gradients_stands_beside_what_is_computed(opened):
    nodes, last = [node("w", "VarHandleOp"), node("x", "Placeholder")], "x:0"
    for k in range(16):
        nodes.append(node(f"step_{k}_of_it", f"Op{k}", (last, "w:0") if k == 3 else (last,)))
        last = f"step_{k}_of_it:0"
    nodes += [node("descent/rate", "Fill"), node("descent/go", "ResourceApplyAdam", ("w:0",))]
    nodes += [node("save/name", "Fill"), node("save/save", "SaveV2", ("w:0", "save/name:0"))]
    view = opened(document(*nodes))
    apart = view.evaluate(
        """() => graphlab.bench.scene.boxes.filter((box) => box.apart)
          .map((box) => graphlab.items().label(box.item))"""
    )
    assert sorted(apart) == ["descent", "save"]


def test_a_reader_pins_what_is_drawn_apart_and_what_with_its_edges(opened):
    hub = [node("x", "Placeholder"), *(node(f"op_{k}_x", f"Op{k}", ("x:0",)) for k in range(20))]
    view = opened(document(*hub, node("end", "Neg", ("op_3_x:0",))))
    lines = view.locator(".edges .line:not(.stub)")
    assert lines.count() == 1
    view.locator(".box", has=view.locator(".title:text-is('x')")).dispatch_event("click")
    view.get_by_role("button", name="Draw its edges").click()
    assert lines.count() == 21
    view.keyboard.press("h")
    assert lines.count() == 1
    view.get_by_role("button", name="Draw its edges").click()
    view.wait_for_function("() => /[#&]j=0(&|$)/.test(location.hash)")
    again = opened(document(*hub), view.evaluate("() => location.hash"))
    assert again.locator(".edges .line:not(.stub)").count() == 20


def test_many_boxes_that_give_to_one_stand_in_rows(opened):
    given = [node(f"a_variable_with_a_long_name_{k}", f"Var{k}") for k in range(12)]
    takes = node("takes", "AddN", tuple(f"{each.name}:0" for each in given))
    view = opened(document(*given, takes))
    assert size(view)[0] <= WIDEST
    heights = view.evaluate("() => new Set(graphlab.bench.scene.boxes.map(({y}) => y)).size")
    assert heights > 2


def test_a_level_that_its_ports_would_make_too_wide_stands_in_columns(opened):
    nodes = [node("x", "Placeholder")]
    for k in range(10):
        nodes.append(node(f"scope/a_part_of_the_scope_{k}_in", f"Op{k}", ("x:0",)))
        nodes.append(
            node(f"scope/then_{k}_b", f"Then{k}", (f"scope/a_part_of_the_scope_{k}_in:0",))
        )
    ends = tuple(f"scope/then_{k}_b:0" for k in range(10))
    view = opened(document(*nodes, node("end", "AddN", ends)))
    assert frames(view) == ["scope"]
    assert size(view)[0] <= WIDEST


def test_a_group_names_those_that_are_the_same_inside(opened):
    nodes = [node("x", "Placeholder")]
    for k in range(3):
        nodes.append(node(f"layer_{k}/mul", "Mul", ("x:0",)))
        nodes.append(node(f"layer_{k}/tanh", "Tanh" if k < 2 else "Relu", (f"layer_{k}/mul:0",)))
    view = opened(document(*nodes))
    view.locator(".frame > .heading:text-is('layer_0')").dispatch_event("click")
    alike = view.locator(".details section", has=view.get_by_text("the same inside"))
    assert alike.locator("li").all_text_contents() == ["layer_1"]


SIZES = [0, 1, 1023, 1024, 10_000, 102_348, 102_400, 946_000, 1_048_063, 1 << 20, 5 << 38, None]


def test_a_size_is_written_on_the_page_as_it_is_in_the_terminal(browser):
    context = browser.new_context()
    view = context.new_page()
    text = (STATIC / "words.js").read_text().replace("export ", "")
    said = view.evaluate(f"sizes => {{ {text}; return sizes.map(bytesText); }}", SIZES)
    context.close()
    assert said == [size_text(size) for size in SIZES]


CENTRE = """() => {
    const { camera } = graphlab.bench;
    return (camera.size[0] / 2 - camera.x) / camera.scale;
}"""
SHADOWS = """() => {
    const { boxShadow } = getComputedStyle(document.querySelector(".canvas"), "::after");
    return boxShadow.match(/-?\\d+px(?= 0px 12px)/g);
}"""
SCALE = "() => graphlab.bench.camera.scale"


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_a_drawing_that_is_wider_than_its_window_opens_large_enough_to_be_read(opened, width):
    names = [f"a_rather_long_name_{k}_of_one" for k in range(20)]
    chains = [node("x", "Placeholder")]
    for k, name in enumerate(names):
        chains += [node(name, f"Op{k}", ("x:0",)), node(f"{name}_then", "Tanh", (f"{name}:0",))]
    ends = [node(f"{a}_end", "Mul", (f"{a}_then:0", f"{b}_then:0")) for a, b in pairwise(names)]
    view = opened(document(*chains, *ends), viewport={"width": width, "height": 700})
    wide = size(view)[0]
    assert wide * 0.55 > width  # all of it would be smaller
    assert view.evaluate(SCALE) == 0.55
    assert view.evaluate(CENTRE) == pytest.approx(wide / 2)
    assert view.evaluate(SHADOWS) == ["12px", "-12px"]  # it goes on to both sides
    view.evaluate("graphlab.bench.camera.set(10, 10, 0.55)")
    assert view.evaluate(SHADOWS) == ["0px", "-12px"]
    press(view, "f")  # for all of it, as small as it then is
    assert view.evaluate(SHADOWS) == ["0px", "0px"]
    assert view.evaluate(SCALE) < 0.55


FULLEST = """([boxes, wide]) => {
    const { camera } = graphlab.bench;
    return camera.fullest({ x: 0, y: 0, w: wide, h: 300 }, boxes, 0.55) / wide;
}"""


def test_of_a_wide_drawing_whose_middle_is_empty_what_has_most_boxes_is_seen(opened):
    view = opened(document(node("x", "Placeholder")), viewport={"width": 700, "height": 700})
    boxes = [{"x": 100 * k, "y": 20, "w": 80, "h": 40} for k in range(40)]
    assert view.evaluate(FULLEST, [boxes, 4000]) == 0.5
    left = [*boxes[:8], *boxes[30:32]]
    assert view.evaluate(FULLEST, [left, 4000]) < 0.25
    below = [{**box, "y": 5000} for box in boxes[12:20]]  # the upper part is what is seen
    assert view.evaluate(FULLEST, [[*left, *below], 4000]) < 0.25


def test_a_drawing_that_nobody_has_moved_fits_its_window_when_that_changes(opened):
    nodes, last = [node("x", "Placeholder")], "x:0"
    for k in range(4):
        nodes.append(node(f"then_{k}", f"Op{k}", (last,)))
        last = f"then_{k}:0"
    view = opened(document(*nodes), viewport={"width": 1400, "height": 900})
    before = view.evaluate(SCALE)
    view.set_viewport_size({"width": 1400, "height": 520})
    view.wait_for_function(f"() => graphlab.bench.camera.scale < {before}", timeout=5000)
    inside = """() => {
        const canvas = document.querySelector(".canvas").getBoundingClientRect();
        const boxes = [...document.querySelectorAll(".graph .box > .shape")];
        return boxes.every((box) => box.getBoundingClientRect().bottom <= canvas.bottom);
    }"""
    assert view.evaluate(inside)
    view.evaluate("graphlab.bench.camera.set(11, 12, 0.5)")  # as a reader does
    view.set_viewport_size({"width": 1400, "height": 900})
    view.wait_for_timeout(100)
    assert view.evaluate("() => [graphlab.bench.camera.x, graphlab.bench.camera.scale]") == [
        11,
        0.5,
    ]


def test_a_group_that_is_opened_is_seen_though_it_is_larger_than_the_room(opened):
    """Held at the corner of the closed box it would be a frame with nothing in it."""
    nodes = [node("x", "Placeholder"), *layer("wide", "x:0", 12), *layer("narrow", "wide/all:0", 3)]
    view = opened(document(*nodes))
    view.locator(".box:not(.frame)", has=view.locator(".title:text-is('wide')")).click()
    seen = view.evaluate(
        """() => {
          const { camera, scene } = graphlab.bench, [w, h] = camera.size;
          const at = (box) => [camera.x + box.x * camera.scale, camera.y + box.y * camera.scale];
          const whole = (box) => at(box).every((z) => z >= 0)
              && at(box)[0] + box.w * camera.scale <= w && at(box)[1] + box.h * camera.scale <= h;
          const name = ({ item }) => graphlab.items().fullName(item);
          const within = scene.boxes.filter((box) => name(box).startsWith("wide/"));
          return [within.length, within.filter(whole).length, camera.scale];
        }"""
    )
    inside, whole, scale = seen
    assert inside == 14
    assert whole >= 5  # as many as the width shows, where they can still be read
    assert scale >= 0.55
