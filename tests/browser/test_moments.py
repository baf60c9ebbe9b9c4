"""A moment of a run: its address, what the panel says of it, what steps and what stops."""

from __future__ import annotations

import re

import pytest

from graphlab.model import Graph, Run, Step, TensorSpec
from tests.browser.test_browser import SMALL, box, document, lit, node, played, press, run, settle
from visualize.page.columns import graph_columns, runs_columns
from visualize.page.html import page


def spread(groups: int) -> Graph:
    """A line of code whose ops lie in so many groups, one below the other."""
    nodes, last = [node("x", "Placeholder")], "x:0"
    for k in range(groups):
        for op in ("Mul", "Tanh", "Neg"):
            place = ("model.py", 7 if op == "Tanh" else 8)
            nodes.append(node(f"layer_{k}/{op}", op, (last,), source=place))
            last = f"layer_{k}/{op}:0"
    return Graph(tuple(nodes))


def lines_shown(view) -> None:
    view.evaluate(
        """async () => {
            const { body } = graphlab.items().home;
            const ops = [...body.name.keys()].filter(i => body.op(i) === "Tanh");
            graphlab.bench.showLines({ place: "model.py:7", body, ops });
        }"""
    )


def test_a_line_of_code_and_an_edge_are_in_the_address(opened):
    text = document(spread(2))
    first = opened(text, "#g=0&r=-1&d=0&at=-1&st=-1&l=model.py%3A7")
    assert set(lit(first)) == {"Tanh"}
    first.evaluate("graphlab.change({ lines: null })")
    first.locator(".edge .hit").first.dispatch_event("click")
    settle(first)
    said = first.locator(".details h2").inner_text()
    second = opened(text, first.evaluate("location.hash"))
    assert second.locator(".details h2").inner_text() == said and "→" in said


def test_a_line_whose_ops_lie_in_many_closed_groups_can_still_be_read(opened):
    view = opened(
        document(spread(8)),
        "#g=0&r=-1&d=0&at=-1&st=-1&x=" + "+".join("25 26 27 28 29 30 31 32".split()),
    )
    before = sorted(view.locator(".box:not(.frame) > .title").all_text_contents())
    lines_shown(view)
    assert sorted(view.locator(".box:not(.frame) > .title").all_text_contents()) == before
    assert view.evaluate("graphlab.bench.camera.scale") >= 0.55


def test_an_op_that_has_yet_to_run_has_no_value(opened):
    view = opened(played())
    press(view, ".")
    box(view, "y").click()
    assert "not yet" in view.locator(".details").inner_text()
    assert view.locator(".details .value").count() == 0
    press(view, "End")
    box(view, "y").click()
    assert view.locator(".details .value").count() == 1


def staged(passes: int = 0) -> str:
    pruned = Graph(SMALL.nodes[:4])
    verdicts = {n.name: ["stays", "stays", "exact name"] for n in SMALL.nodes}
    verdicts["unused"] = ["not needed", "not needed", "no path to what was fetched"]
    graphs: list = []
    runs = runs_columns([run()], graphs)
    graphs.append({"stage": "pruned", "label": "pruned"} | graph_columns(pruned))
    told = [
        {"name": "built", "graph": 0, "verdicts": verdicts, "note": ""},
        {"name": "pruned", "graph": 1, "verdicts": {}, "note": ""},
    ]
    told += [
        {"name": f"elimination {n}", "graph": 1, "verdicts": {}, "note": ""} for n in range(passes)
    ]
    return page({"title": "t", "graphs": graphs, "runs": runs, "stages": told})


def test_many_stages_stay_within_a_narrow_screen(opened):
    view = opened(staged(passes=16), viewport={"width": 390, "height": 844})
    wide = "(of) => document.querySelector(of).scrollWidth"
    assert [view.evaluate(wide, each) for each in (".stages", "body")] == [390, 390]


def test_a_narrow_screen_shows_the_graph_and_the_stages_in_one_row(opened):
    """The stages took five rows, and the graph what was left: a tenth of the screen."""
    view = opened(staged(passes=16), viewport={"width": 390, "height": 844})
    press(view, ".", ".")
    assert view.locator(".canvas").bounding_box()["height"] > 0.4 * 844
    row = view.locator(".stage-names")
    assert row.bounding_box()["height"] < 30
    view.get_by_role("button", name="elimination 15").click()
    names, current = (each.bounding_box() for each in (row, row.locator("[aria-current]")))
    assert names["x"] - 1 <= current["x"] and current["x"] < names["x"] + names["width"]


def test_another_stage_keeps_the_step_and_the_colouring_and_every_place_says_so(opened):
    view = opened(staged(), viewport={"width": 1400, "height": 900})
    view.get_by_label("Colour by").select_option("verdict")
    assert "not needed" in view.locator(".legend").inner_text()
    press(view, ".", ".")
    view.get_by_role("button", name="pruned", exact=True).click()
    assert view.evaluate("[graphlab.state.at, graphlab.state.colour]") == [1, "verdict"]
    shown = "choice => choice.selectedOptions[0].textContent"
    assert view.get_by_label("Graph", exact=True).evaluate(shown) == "pruned"
    press(view, "Home", "Escape")
    assert view.locator(".details .kicker").inner_text() == "graph at the stage pruned"
    assert "what the fetches need" in view.locator(".stage-note").inner_text()


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_stages_legend_and_map_cover_no_box(opened, width):
    view = opened(staged(), viewport={"width": width, "height": 844})
    view.get_by_role("button", name="Fit the drawing").click()
    settle(view)
    drawn = [each.bounding_box() for each in view.locator(".box .shape").all()]
    for name in (".stages", ".legend", ".minimap"):
        for panel in view.locator(name).all():
            if not panel.is_visible():
                continue
            over = panel.bounding_box()
            assert not [one for one in drawn if meets(one, over)], name


def meets(one: dict, other: dict) -> bool:
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "width"), ("y", "height"))
    )


def test_two_calls_that_read_the_same_are_told_apart_in_the_menu(opened):
    graphs: list = []
    other = Graph(SMALL.nodes)
    runs = runs_columns([run(), Run("graph", "Session.run", 8, built=other, steps=())], graphs)
    view = opened(page({"title": "t", "graphs": graphs, "runs": runs}))
    choices = view.get_by_label("Graph", exact=True).locator("option").all_text_contents()
    assert len(set(choices)) == len(choices) == 2


def test_the_live_memory_counts_what_was_fed_until_its_last_use(opened):
    view = opened(played())
    lives = view.evaluate("[...graphlab.course.live]")
    assert lives == [16 + 16, 16 + 32, 16 + 16]  # x is 2x2 floats, and is taken by the second step


def test_a_step_is_typed_over_the_one_that_is_there(opened):
    view = opened(played())
    press(view, ".", ".", ".", "g", "1", "Enter")
    assert view.evaluate("graphlab.state.at") == 0


def test_a_variant_is_no_string():
    steps = (
        Step(
            "list",
            "TensorListReserve",
            "CPU:0",
            outputs=(TensorSpec("list:0", "variant", ()),),
            values={"list:0": "<variant>"},
        ),
    )
    graph = Graph((node("list", "TensorListReserve"),))
    (told,) = runs_columns([Run("graph", "Session.run", 2, built=graph, steps=steps)], [])
    assert told["values"]["0"]["list:0"]["dtype"] == "variant"


def test_a_box_that_never_ran_is_as_faint_as_the_others_that_a_line_leaves_out(opened):
    view = opened(played())
    view.locator(".chip:text-is('y')").click()
    faint = "g => getComputedStyle(g).opacity"
    assert box(view, "unused").evaluate(faint) == "0.16"


def test_a_search_that_is_left_is_no_error_any_more(opened):
    view = opened(played())
    press(view, "/")
    view.keyboard.type("(")
    assert view.locator(".search input").get_attribute("aria-invalid") == "true"
    press(view, "Escape")
    assert view.locator(".search input").get_attribute("aria-invalid") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_stands_on_the_hottest_box_can_be_read(opened, scheme):
    view = opened(played(), color_scheme=scheme)
    view.get_by_label("Colour by").select_option("time")
    ink = view.locator(".box:not(.frame) .small").first.evaluate(
        "text => getComputedStyle(text).fill"
    )
    for k in range(7):
        heat = view.evaluate(
            f"""() => {{ const probe = document.createElement("i"); document.body.append(probe);
            probe.style.color = "var(--h{k})"; return getComputedStyle(probe).color; }}"""
        )
        assert contrast(ink, heat) >= 4.5, (k, heat)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(x) / 255 for x in re.findall(r"\d+", colour)[:3]]
        linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_arrows_step_once_the_replay_has_begun_and_walk_over_the_boxes_before(opened):
    view = opened(played())
    press(view, "ArrowRight")
    assert view.evaluate("graphlab.state.at") == -1
    press(view, ".", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert view.evaluate("graphlab.state.at") == 1


def test_a_reader_stops_at_an_op_and_goes_on_to_it(opened):
    view = opened(played())
    box(view, "shift").click()
    view.get_by_role("button", name="Stop here").click()
    assert view.locator(".stop > .title").all_text_contents() == ["shift"]
    press(view, "c")
    assert view.evaluate("graphlab.state.at") == 1
    press(view, "c")
    assert view.evaluate("graphlab.state.at") == 2
    settle(view)
    again = opened(played(), view.evaluate("location.hash"))
    assert again.locator(".stop > .title").all_text_contents() == ["shift"]


def test_a_reader_predicts_the_next_op_by_a_click_and_is_told_what_it_was(opened):
    view = opened(played())
    view.get_by_role("button", name="predict").click()
    assert "Which op runs next?" in view.locator(".said").inner_text()
    box(view, "scale").click()
    assert view.locator(".guessed").inner_text().startswith("right: a/scale")
    box(view, "y").click()
    assert view.locator(".guessed").inner_text().startswith("not that one, not now: it was a/shift")
    assert view.evaluate("graphlab.state.at") == 1
