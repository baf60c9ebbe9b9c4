"""A lesson, run for real, as a page: code and graph side by side, linked both ways."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from graphlab import devices
from graphlab.course import outline, report, source
from graphlab.course.figures import Shown
from graphlab.course.run import run_part
from graphlab.figure import Heat, Images, Lines
from graphlab.model import node_of
from graphlab.output import pages
from graphlab.targets import run
from graphlab.targets.target import Watched, parse
from visualize.words import shape_text

PART = "2.3"


@pytest.fixture(scope="module")
def told() -> report.Report:
    device = devices.prepare("CPU:0")
    part = outline.find(PART)[0]
    return run_part(part, outline.REQUIRED, device, None, lambda *_: None, values=True)


@pytest.fixture(scope="module")
def watched() -> Watched:
    device = devices.prepare("CPU:0")
    return run.watch(parse(PART), device, None, values=True)


def test_a_lesson_shows_its_prose_its_ways_its_claims_and_its_loss(opened, told):
    view = opened(pages.page_of_report(told))
    text = view.locator(".lesson").inner_text()
    assert told.part.title in text
    assert view.locator(".way-head h3").all_text_contents() == list(outline.REQUIRED)
    for claim in told.claims:
        assert " ".join(claim.text.replace("`", "").split())[:40] in text
    assert "the ways agree" in text and report.worst_text(told.agreement) in text
    assert view.locator(".curves .curve").count() == 3


def test_the_code_of_every_way_is_all_there_section_beside_section(opened, told):
    view = opened(pages.page_of_report(told))
    titles = "way => [...way.querySelectorAll('.cell')].map((cell) => cell.dataset.title)"
    tops = "way => [...way.children].map((each) => each.getBoundingClientRect().top)"
    for told_of in (titles, tops):
        first, *others = (way.evaluate(told_of) for way in view.locator(".way").all())
        assert others == [first] * 2
    shown = view.locator(".line-of-code").all_text_contents()
    written = [
        line
        for way in told.part.ways.values()
        for section in way.sections
        for line in section.code.split("\n")
    ]
    assert sorted(line.rstrip("\n") for line in shown) == sorted(written)


def test_code_that_is_wider_than_its_column_goes_on_below(opened, told):
    view = opened(pages.page_of_report(told), viewport={"width": 1100, "height": 800})
    cut = "cells => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length"
    assert view.locator(".cell").evaluate_all(cut) == 0


def test_a_line_of_code_leads_to_its_ops_and_an_op_to_its_line(opened, told):
    view = opened(pages.page_of_report(told))
    line = view.locator(".line-of-code.linked", has_text="near = tf.abs(error) < 0.2").first
    line.click()
    lit = view.locator(".box:not(.frame):not(.dim) > .title").all_text_contents()
    assert sorted(lit) == ["Abs", "Less"]
    press_escape_and_pick(view, "Square")
    assert "tf.square(error)" in view.locator(".line-of-code.on").text_content()


COPIED = """() => new Promise((done) => {
    navigator.clipboard.writeText = async (text) => done(text);
    document.querySelector("%s").click();
})"""


def test_the_code_of_a_way_is_copied_as_a_program_that_runs(opened, told):
    view = opened(pages.page_of_report(told))
    copied = view.evaluate(COPIED % ".way-head .copy")
    assert copied == source.program(told.part, "graph", told.device)
    assert view.locator(".way-head .copied").first.inner_text() == "copied"


def test_a_link_to_the_moment_is_copied(opened, told):
    view = opened(pages.page_of_report(told))
    view.keyboard.press(".")
    address = view.evaluate(COPIED % "header .copy")
    assert address.startswith("file:") and "at=0" in address


def press_escape_and_pick(view, title: str) -> None:
    view.keyboard.press("Escape")
    view.keyboard.press("/")
    view.keyboard.type(f"^{title}$")
    view.keyboard.press("Enter")


def test_each_way_has_its_own_graph(opened, told):
    view = opened(pages.page_of_report(told))
    view.get_by_role("button", name="Show the graph of the function way").click()
    assert "function" in view.get_by_label("Graph", exact=True).evaluate(
        "choice => choice.selectedOptions[0].textContent"
    )


def test_the_values_of_a_real_run_can_be_stepped_through(opened, watched):
    """The page's replay shows, at every step, what the engine's Run holds."""
    view = opened(pages.page_of_watched(watched))
    again = pages._replayed(watched, [])[0].run
    number = view.evaluate("graphlab.doc.runs.findIndex(run => run.clock === 'engine')")
    view.evaluate("r => graphlab.choose(graphlab.doc.runs[r].built, r)", number)
    at = next(k for k, step in enumerate(again.steps) if step.node == "loss")
    view.get_by_label("Step", exact=True).fill(str(at + 1))
    view.keyboard.press("Enter")
    assert view.locator(".running > .title").text_content() == "loss"
    shown = float(view.locator(".details .scalar").text_content())
    assert shown == pytest.approx(float(again.steps[at].values["loss:0"]), rel=1e-3)


def test_what_became_of_each_op_is_on_the_page(opened, watched):
    view = opened(pages.page_of_watched(watched))
    assert view.locator(".stage-names button").all_text_contents() == ["as written", "as executed"]
    view.keyboard.press("}")
    assert view.evaluate("graphlab.graph.stage") == "executed"


HOSTILE = "<img src=x onerror=alert(1)> $x$ </svg>"
FIGURES = {
    "filters": Images(
        "Two `filters`", "**Up** and *down*, 2 * 3 * 4.", [[np.eye(3), -np.eye(3)]], signed=True
    ),
    "gates": Heat(HOSTILE, HOSTILE, [[0.0, 1.0]], [HOSTILE], ["a", HOSTILE], ["O", HOSTILE]),
    "curves": Lines("Sigmoid", "It is flat.", [0, 1], {HOSTILE: [0, 1]}, spans=[(0, 1, HOSTILE)]),
}


@pytest.fixture
def figured(told) -> report.Report:
    return dataclasses.replace(told, shown=Shown(FIGURES))


def test_figures_are_shown_with_title_caption_and_text_alternative(opened, figured):
    view = opened(pages.page_of_report(figured))
    figures = view.locator(".figure")
    assert figures.count() == 3
    assert figures.locator("h4").all_text_contents() == ["Two filters", HOSTILE, "Sigmoid"]
    assert figures.locator("figcaption").nth(0).inner_html() == (
        "<strong>Up</strong> and <em>down</em>, 2 * 3 * 4."
    )
    assert view.get_by_role("img", name=f"{HOSTILE}: 1 row of 2 cells: {HOSTILE}.").count() == 1
    for shown in figures.locator("img:visible").all():
        assert shown.evaluate("async img => (await img.decode(), img.naturalWidth)") > 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_can_be_read_in_light_in_dark_and_on_paper(opened, figured, scheme):
    """One of its two drawings is seen: that whose writing differs from the page's ground."""
    view = opened(pages.page_of_report(figured), color_scheme=scheme)
    assert seen(view) == [f"in-{scheme}"] * 3
    other = "dark" if scheme == "light" else "light"
    view.get_by_role("button", name="Light or dark").click()
    assert seen(view) == [f"in-{other}"] * 3
    view.emulate_media(media="print")
    assert seen(view) == ["in-light"] * 3
    light, dark = (view.locator(f".in-{s}").first.get_attribute("src") for s in ("light", "dark"))
    assert "%231d2129" in light and "%231d2129" not in dark and "%23e7e9ee" in dark


def seen(view) -> list[str]:
    shown = view.locator(".figure img").all()
    return [each.get_attribute("class") for each in shown if each.is_visible()]


def test_each_way_of_a_lesson_can_be_stepped_through_with_values(opened, told):
    view = opened(pages.page_of_report(told))
    for way in outline.REQUIRED:
        view.get_by_role("button", name=f"Show the graph of the {way} way").click()
        view.get_by_role("button", name="with values").click()
        view.get_by_role("button", name="To the end").click()
        assert view.locator(".edge.valued").count() > 0
        assert view.locator(".box.done").count() > 0


def test_a_question_shows_its_choices_and_folds_what_came_out(opened, told):
    view = opened(pages.page_of_report(told))
    shown = view.locator(".question").all()
    assert len(shown) == len(told.quiz) == 2
    for element, asked in zip(shown, told.quiz, strict=True):
        plain = asked.question.text.replace("`", "")
        assert element.locator("p").first.inner_text() == plain
        assert element.locator("li").count() == len(asked.question.choices)
        folded = element.locator("details")
        assert asked.question.why.replace("`", "") not in element.inner_text()
        folded.locator("summary").click()
        answer = f"{asked.text}. {asked.question.why}".replace("`", "")
        assert folded.locator("p").inner_text() == answer


def test_all_ways_stand_at_the_same_section_each_with_its_line_and_its_names(opened, told):
    view = opened(pages.page_of_report(told), viewport={"width": 1440, "height": 900})
    seen = []
    for _ in range(4):
        view.keyboard.press("n")
        here = view.locator(".cell.here")
        assert here.evaluate_all("cells => cells.map(c => c.dataset.way)") == list(outline.REQUIRED)
        title = set(here.evaluate_all("cells => cells.map(c => c.dataset.title)"))
        lines = [each.strip() for each in here.locator(".line-of-code.now").all_inner_texts()]
        assert len(title) == 1 and len(lines) == 3
        seen.append((title.pop(), lines[1]))
        held = [set(each.splitlines()) for each in here.locator(".names").all_inner_texts()]
        assert held[1] & held[2]  # of eager and function: the same names and numbers
        assert here.locator(".line-of-code.now").first.evaluate(INSIDE)
    assert [title for title, _ in seen] == ["model", "model", "loss", "train"]
    assert [line for _, line in seen[:3]] == [
        "error = tf.matmul(x, W) - y",
        "near = tf.abs(error) < 0.2",
        "loss = tf.reduce_mean(tf.square(error))",
    ]
    view.keyboard.press("N")
    assert "loss" in view.locator(".cell.here").first.get_attribute("data-title")
    view.keyboard.press("Home")
    assert view.locator(".line-of-code.now, .cell.here, .lesson .names").count() == 0


INSIDE = """line => {
    const [own, around] = [line, line.closest(".lesson")].map(each => each.getBoundingClientRect());
    return own.top >= around.top && own.bottom <= around.bottom + 1;
}"""


@pytest.mark.parametrize("width", [1024, 1280, 1440, 1800])
def test_text_and_graph_stand_beside_each_other_and_the_graph_stays(opened, told, width):
    view = opened(pages.page_of_report(told), viewport={"width": width, "height": 900})
    text, graph = (view.locator(each).bounding_box() for each in (".lesson", ".work"))
    assert text["x"] + text["width"] == graph["x"] and text["y"] == graph["y"]
    view.locator(".lesson").evaluate("lesson => (lesson.scrollTop = 1000)")
    assert view.locator(".work").bounding_box() == graph
    cut = view.locator(".ways").evaluate("ways => ways.scrollWidth > ways.parentNode.clientWidth")
    assert cut == view.locator(".way-names").is_visible() == (width == 1024)


def test_a_narrow_screen_has_room_for_one_of_them(opened, told):
    """It opens with the text; a line's ops have the screen then, and an op's line has it again."""
    view = opened(pages.page_of_report(told), viewport={"width": 390, "height": 844})
    shown = [".lesson", ".work"]

    def seen() -> list[bool]:
        return [view.locator(each).is_visible() for each in shown]

    assert seen() == [True, False]
    view.locator(".line-of-code.linked", has_text="near = tf.abs(error) < 0.2").first.click()
    assert seen() == [False, True]
    press_escape_and_pick(view, "Square")
    view.locator(".details button.link", has_text=".py:").click()
    assert seen() == [True, False]
    view.get_by_role("button", name="split", exact=True).click()
    text, graph = (view.locator(each).bounding_box() for each in shown)
    assert text["x"] == graph["x"] and text["y"] + text["height"] <= graph["y"] + 1


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_lines_of_formulas_in_the_prose_stay_lines_as_they_were_written(opened, told, width):
    """Words stand behind them: they are no Python, and what goes on below tears no columns."""
    said = (
        "    c = softmax(b)       over the wholes; b begins with zeros, and is [6, 3]; none is cut"
    )
    part = dataclasses.replace(told.part, prose=f"Five rounds:\n\n{said}\n    v = squash(s)")
    page = pages.page_of_report(dataclasses.replace(told, part=part))
    block = opened(page, viewport={"width": width, "height": 844}).locator(".prose.lead pre")
    assert block.text_content() == f"{said}\n    v = squash(s)\n"
    assert block.locator("[class^=py]").count() == 0
    rows = block.locator(".formula").evaluate_all("all => all.map((row) => row.clientHeight)")
    assert (rows[0] == rows[1]) == (width == 1440)


CUT = """(title, titles) => titles.filter((text) => {
    title.textContent = text;
    return title.scrollHeight > title.clientHeight || title.scrollWidth > title.clientWidth;
})"""


@pytest.mark.parametrize("width", [1920, 1440, 1366, 1280, 1101, 1024, 901, 900, 768, 390])
def test_every_title_is_read_whole_in_the_bar_beside_its_controls(opened, told, width):
    """In one row of 100 pixels 8.4 was `8.4 an e…`; in two rows 20.1's last word was lost."""
    titles = [f"{part.name} {part.title}" for each in outline.lessons() for part in each.parts]
    view = opened(pages.page_of_report(told), viewport={"width": width, "height": 800})
    title = view.locator("header h1")
    assert title.inner_text() in titles
    assert title.evaluate(CUT, titles) == []
    bar = title.evaluate(
        "h1 => { const { offsetHeight, scrollWidth } = h1.closest('header');"
        " return [offsetHeight, scrollWidth]; }"
    )
    assert bar[1] == width and (bar[0] < 57 or width <= 900)


def test_imports_and_data_keep_their_lines_and_are_scrolled(opened, told):
    view = opened(pages.page_of_report(told), viewport={"width": 300, "height": 844})
    view.locator(".shared summary").click()
    shared = view.locator(".shared pre")
    height = shared.evaluate("pre => pre.clientHeight")
    assert shared.evaluate("pre => pre.scrollWidth > pre.clientWidth")
    shared.evaluate("pre => pre.querySelectorAll('wbr').forEach(each => each.remove())")
    assert shared.evaluate("pre => pre.clientHeight") == height


def choose_graph(view, name: str) -> None:
    """The first of the menu whose words hold this."""
    graphs = view.get_by_label("Graph", exact=True)
    options = graphs.locator("option").all_text_contents()
    graphs.select_option(index=next(k for k, text in enumerate(options) if name in text))


def test_a_variable_that_a_function_captured_is_named_where_its_handle_is_fed(opened, told):
    """TensorFlow calls the handle after the op that reads it first, and it is a scalar."""
    view = opened(pages.page_of_report(told), viewport={"width": 1440, "height": 900})
    choose_graph(view, "function: as w")
    fed = view.locator(".details .chips").first
    names, kinds = (fed.locator(each).all_text_contents() for each in ("button", "span"))
    kept = dict(zip(names, kinds, strict=True))
    run = next(run for run in told.ways["function"].runs if run.way == "function")
    assert run.built is not None
    marks = {node.name: node.marks for node in run.built.nodes if node.marks.variable}
    assert marks
    assert {name: kept[name] for name in marks} == {
        name: f"handle of {mark.variable}, {mark.holds[0]} {shape_text(mark.holds[1])}"
        for name, mark in marks.items()
    }


def test_as_executed_an_argument_says_of_what_it_is_the_handle(opened, told):
    view = opened(pages.page_of_report(told), viewport={"width": 1440, "height": 900})
    choose_graph(view, "function: as e")
    call = next(run for run in told.ways["function"].runs if run.way == "function")
    assert call.built is not None and call.executed is not None
    handles = {
        node.name: call.built.by_name[node_of(call.feeds[node.attrs["index"]].name)].marks.variable
        for node in call.executed.nodes
        if node.op == "_Arg" and node.attrs["T"] == "resource"
    }
    assert handles
    for name, variable in handles.items():
        found = f"graphlab.items().home.body.name.indexOf({name!r})"
        view.evaluate(f"graphlab.bench.go(graphlab.items().of(graphlab.items().home, {found}))")
        assert view.locator(".details").inner_text().count(f"{variable}, float32") == 1


def test_a_program_too_large_for_a_small_picture_says_what_it_is(opened):
    """It was a box as wide as the picture, with nothing in it."""
    part = outline.find("4.7")[0]
    told = run_part(
        part, ("function",), devices.prepare("CPU:0"), None, lambda *_: None, 2, compiled=True
    )
    view = opened(pages.page_of_report(told))
    small = view.locator(".compiled .thumbnail")
    assert small.locator("rect").count() == 1
    _, ops = small.locator("text").all_text_contents()
    assert int(ops.removesuffix(" ops").replace(",", "")) > 120
    assert view.locator(".way-graph .thumbnail text").count() == 0
