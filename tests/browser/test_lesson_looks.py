"""What stands on a page of a lesson has room at each size: nothing is cut, torn or laid over."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from graphlab import devices
from graphlab.course import outline, report
from graphlab.course.figures import Shown
from graphlab.course.run import run_part
from graphlab.figure import Images, Lines, Points
from graphlab.output import pages
from visualize.page.html import Link

TORN = "all => all.filter((each) => each.getClientRects().length > 1).length"  # over two rows
AROUND = ".around-ways > .scrolled"
LONG = "tf.nn.softmax_cross_entropy_with_logits_of_a_name_that_is_wider_than_its_column"


@pytest.fixture(scope="module")
def told() -> report.Report:
    device = devices.prepare("CPU:0")
    part = outline.find("2.3")[0]
    return run_part(part, outline.REQUIRED, device, None, lambda *_: None, values=True, live=True)


def sized(width: int, view: str = "") -> dict:
    return {"viewport": {"width": width, "height": 844}, "fragment": view and f"#g=0&v={view}"}


def with_prose(told: report.Report, prose: str) -> str:
    """The page of the part with other prose."""
    part = dataclasses.replace(told.part, prose=prose)
    return pages.page_of_report(dataclasses.replace(told, part=part))


def cut(view, selector: str) -> int:
    """How many elements hold more than is seen of them."""
    wider = "all => all.filter((each) => each.scrollWidth > each.clientWidth + 1).length"
    return view.locator(selector).evaluate_all(wider)


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_a_long_name_in_the_prose_of_a_way_goes_on_below(opened, told, width):
    view = opened(pages.page_of_report(told), **sized(width, "split"))
    write = "(all, text) => all.forEach((e) => { e.className = ''; e.textContent = text; })"
    view.locator(".way-head .prose code").evaluate_all(write, LONG)
    assert view.locator(".way-head .prose").count() == 3
    assert cut(view, ".way-head, .way-head .prose") == 0


def test_results_curve_and_knobs_share_a_row_where_each_has_room(opened, told):
    """The table was cut, its last column in nine lines, beside a curve that could be narrower."""
    view = opened(pages.page_of_reports([told], live=True), **sized(1440, "read"))
    assert cut(view, ".outcome .scrolled") == 0
    rows = "all => all.map((row) => row.getBoundingClientRect().height)"
    assert max(view.locator(".results tbody tr").evaluate_all(rows)) < 30
    shown = (".outcome table", ".outcome .curves", ".outcome .knobs")
    boxes = [view.locator(each).bounding_box() for each in shown]
    for left, right in pairwise(boxes):
        assert left["x"] + left["width"] <= right["x"] or left["y"] + left["height"] <= right["y"]


def four_ways(view):
    """As many columns as a part with Keras has, each with the rows of the others."""
    view.locator(".ways").evaluate("""ways => {
        ways.append(ways.firstElementChild.cloneNode(true));
        ways.dataset.ways = 4;
    }""")


@pytest.mark.parametrize(("width", "view", "across"), [(1440, "read", 4), (1440, "split", 2)])
def test_four_ways_are_side_by_side_or_two_by_two(opened, told, width, view, across):
    page = opened(pages.page_of_report(told), **sized(width, view))
    four_ways(page)
    boxes = [way.bounding_box() for way in page.locator(".way").all()]
    assert len({round(box["y"]) for box in boxes}) == 4 // across
    assert len({round(box["x"]) for box in boxes}) == across
    assert cut(page, ".around-ways, .around-ways > .scrolled") == 0


def test_on_a_phone_each_way_flows_by_itself_and_its_name_leads_to_it(opened, told):
    """Sections were as high as those of the longest way: the others had blanks."""
    view = opened(pages.page_of_report(told), **sized(390))
    gaps = """way => {
        const boxes = [...way.children].map((each) => each.getBoundingClientRect());
        const seen = boxes.filter((box) => box.height);
        return seen.slice(1).map((box, k) => Math.abs(box.top - seen[k].bottom));
    }"""
    longest = "way => Math.max(...[...way.querySelectorAll('.cell')].map((c) => c.clientHeight))"
    ways = view.locator(".way").all()
    assert max(max(way.evaluate(gaps)) for way in ways) < 1
    assert len({way.evaluate(longest) for way in ways}) > 1
    for way, name in zip(ways, outline.REQUIRED, strict=True):
        view.locator(".way-names").get_by_text(name, exact=True).click()
        box = way.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_each_of_four_ways_has_a_curve_that_is_seen(opened, told):
    """That of Keras had no colour, and its name that of the function."""
    view = opened(pages.page_of_report(told), **sized(1440, "read"))
    colour = """([element, name]) => {
        const one = document.querySelector(element);
        one.classList.replace("way0", name);
        const { stroke, color } = getComputedStyle(one);
        one.classList.replace(name, "way0");
        return element.startsWith(".curve.") ? stroke : color;
    }"""
    for element in (".curve.way0", ".key.way0"):
        found = [view.evaluate(colour, [element, f"way{k}"]) for k in range(4)]
        assert len(set(found)) == 4 and "none" not in found


def test_what_is_written_in_a_wide_figure_can_be_read_on_a_phone(opened, told):
    """At a phone's width ten pictures' names were five pixels high: they are scrolled now."""
    wide = Images(
        "Ten", "Ten kinds.", [[np.eye(4)] * 10], column_names=[f"kind {k}" for k in range(10)]
    )
    page = pages.page_of_report(dataclasses.replace(told, shown=Shown({"ten": wide})))
    view = opened(page, **sized(390))
    image = view.locator(".figure img:visible")
    image.evaluate("image => image.decode()")
    share = "image => image.width / image.naturalWidth"
    assert image.evaluate(share) > 0.6
    assert cut(view, ".figure .scrolled") == 1
    assert view.evaluate("document.documentElement.scrollWidth") == 390


def test_a_figure_that_wants_little_more_than_the_room_is_seen_at_once(opened, told):
    """A circle of points lacked its right edge, and had to be scrolled for it."""
    cloud = Points("Cloud", "A cloud.", np.eye(2), np.zeros(2, int), ["all"])
    page = pages.page_of_report(dataclasses.replace(told, shown=Shown({"cloud": cloud})))
    view = opened(page, **sized(390))
    image = view.locator(".figure img:visible")
    image.evaluate("image => image.decode()")
    full, room = image.evaluate("image => [image.naturalWidth, image.parentElement.clientWidth]")
    assert room < full * 0.9 * 3 / 4 < room * 1.15
    assert cut(view, ".figure .scrolled") == 0


def test_the_numbers_at_a_curve_beside_a_graph_are_as_large_as_on_a_phone(opened, told):
    """At 1024 pixels a curve of half its width had numbers that were six pixels high."""
    high = "all => Math.min(...all.map((text) => text.getBoundingClientRect().height))"
    for width, mode in ((1024, "split"), (1024, "read"), (390, "read")):
        view = opened(pages.page_of_report(told), **sized(width, mode))
        assert view.locator(".curves text").evaluate_all(high) > 10, (width, mode)


def test_a_power_of_ten_is_not_torn_at_its_sign(opened, told):
    """`1e-` ended a row, and `05` began the next."""
    prose = "Such a number is 1e-05, and " * 30 + "`so + 1e-05` " * 30
    view = opened(with_prose(told, prose), **sized(390))
    powers = view.locator(".lead .power")
    assert powers.count() == 60
    assert powers.evaluate_all(TORN) == 0


def test_in_a_low_window_the_graph_beside_a_text_has_more_room_than_what_is_said_of_it(
    opened, told
):
    low = {"viewport": {"width": 1024, "height": 768}, "fragment": "#g=0&v=split"}
    view = opened(pages.page_of_report(told), **low)
    canvas, details = (view.locator(each).bounding_box() for each in (".canvas", ".details"))
    assert canvas["height"] > 2 * details["height"]
    last = view.locator(".details > dl dd").last.bounding_box()
    assert last["y"] + last["height"] < details["y"] + details["height"]


def test_a_phone_shows_the_whole_of_a_plot_with_the_names_of_its_curves(opened, told):
    """They stood beside it, out of sight: 4.5's four curves had no names."""
    names = [f"curve of a name {k}" for k in range(4)]
    plot = Lines("Four", "Four curves.", [0, 1], {name: [0, k] for k, name in enumerate(names)})
    page = pages.page_of_report(dataclasses.replace(told, shown=Shown({"four": plot})))
    view = opened(page, **sized(390))
    view.locator(".figure img:visible").evaluate("image => image.decode()")
    assert cut(view, ".figure .scrolled") == 0


LINKS = [
    Link("prev", "1.1.html", "1.1  a title that is long enough to fill more than a row of a phone"),
    Link("up", "index.html", "The course"),
    Link("glossary", "words.html", "Words"),
    Link("next", "1.3.html", "1.3  another title that is as long, and goes on for a while yet"),
]


@pytest.mark.parametrize("links", [LINKS, LINKS[1:], LINKS[:-1]], ids=["both", "first", "last"])
def test_the_ways_to_other_pages_take_two_rows_of_a_phone(opened, told, links):
    view = opened(pages.page_of_reports([told], links=links), **sized(390))
    assert view.locator("body > nav").bounding_box()["height"] < 60
    boxes = [each.bounding_box() for each in view.locator("body > nav a").all()]
    assert all(box["width"] > 30 and box["x"] + box["width"] <= 390 for box in boxes)


def test_on_a_phone_what_turns_the_graph_is_not_above_a_text_that_is_read(opened, told):
    view = opened(pages.page_of_report(told), **sized(390))
    controls = ["Graph", "Search names and op types, a regular expression", "Detail"]
    assert [view.get_by_label(each).first.is_visible() for each in controls] == [False] * 3
    view.get_by_role("button", name="graph", exact=True).click()
    assert [view.get_by_label(each).first.is_visible() for each in controls] == [True] * 3


def test_a_list_in_the_prose_is_a_list(opened, told):
    """Those of 8.2 ran on in one line, dash and all."""
    part = dataclasses.replace(told.part, prose="Two:\n\n- `a` is one,\n  of two\n- b")
    view = opened(pages.page_of_report(dataclasses.replace(told, part=part)), **sized(1024))
    assert view.locator(".prose.lead li").all_text_contents() == ["a is one, of two", "b"]


FORMULAS = """Two:

    d_loss = mean(softplus(-D(x, words)) + (softplus(D(x, others)) + softplus(D(G(z))))
    c = softmax(b)            over the wholes; b is [6, 3] and begins with zeros
    elbo = mean(log p(x|z)) - kl                       z = mu + sigma * eps"""


@pytest.mark.parametrize("width", [1024, 390])
def test_a_formula_that_is_too_long_goes_on_below_its_last_column(opened, told, width):
    view = opened(with_prose(told, FORMULAS), **sized(width))
    assert cut(view, ".prose.lead, .prose.lead pre, .formula") == 0
    assert view.locator(".prose.lead pre").text_content() == FORMULAS.partition("\n\n")[2] + "\n"
    starts = """row => {
      const range = document.createRange(), text = row.firstChild;
      const left = (at) => { range.setStart(text, at); range.setEnd(text, at + 1);
                             return range.getBoundingClientRect(); };
      const column = row.textContent.indexOf('over');
      for (let k = column; k < text.length; k++)
        if (left(k).top > left(column).bottom - 2) return left(k).left - left(column).left;
    }"""
    assert abs(view.locator(".formula").nth(1).evaluate(starts)) < 2
    begins = """all => all.map((row) => {
      const range = document.createRange(), at = row.textContent.search(/\\S/);
      range.setStart(row.firstChild, at); range.setEnd(row.firstChild, at + 1);
      return Math.round(range.getBoundingClientRect().left);
    })"""
    assert len(set(view.locator(".formula").evaluate_all(begins))) == 1


def test_a_name_of_code_is_not_torn_where_it_has_room_on_a_row_of_its_own(opened, told):
    """`g_loss_of(G, D)` was `g_` and `loss_of(G, D)`; one that is long itself may go on below."""
    codes = (
        "tf.train.Checkpoint(model=port).restore(d_loss)",
        "g_loss_of(x)",
        "tf1.global_variables_initializer(one)",
    )
    prose = ", ".join(f"`{code}`" for code in codes)
    view = opened(with_prose(told, prose), **sized(390))
    pieces = "code => code.innerHTML.split('<wbr>')"
    torn = view.locator(".prose.lead code").evaluate_all(f"all => all.map({pieces})")
    assert torn == [
        ["tf.train", ".Checkpoint(", "model=port)", ".restore(", "d_loss)"],
        ["g_loss_of(x)"],
        ["tf1.global_variables_", "initializer(", "one)"],
    ]


def test_a_picture_of_one_box_is_no_higher_than_the_box(opened, told):
    view = opened(pages.page_of_report(told), **sized(1440, "read"))
    view.evaluate("() => document.querySelector('.thumbnail').classList.add('alone')")
    assert view.locator(".preview:has(.alone)").bounding_box()["height"] < 110


def test_between_claims_and_questions_there_is_room(opened, told):
    view = opened(pages.page_of_report(told), **sized(1440, "read"))
    claims, questions = (view.locator(each).bounding_box() for each in (".claims", ".quiz"))
    assert questions["y"] - claims["y"] - claims["height"] >= 20


def test_a_number_is_not_torn_from_its_unit_below_a_graph(opened, told):
    view = opened(pages.page_of_report(told), **sized(1440, "read"))
    said = view.locator(".way-graph .faint").all_text_contents()
    assert len(said) == 3
    for text in said:
        assert all(" " not in each for each in text.split(" · "))


def test_a_chain_of_calls_may_go_on_before_each_dot(opened, told):
    view = opened(pages.page_of_report(told), **sized(1440))
    line = view.locator(".line-of-code", has_text="tf.Graph().as_default()").first
    places = "line => line.innerHTML.replace(/<(?!wbr)[^>]*>/g, '').split('<wbr>')"
    assert "Graph()\n.as_default() as g" in "\n".join(line.evaluate(places))


def test_short_names_texts_and_numbers_in_code_are_not_torn(opened, told):
    """A line ended in `device_`, in `(0` before `.1`, and in `"d/`."""
    code = 'a = f(0.1, global_step, x="d/").sparse_softmax_cross_entropy_with_logits(b)'
    texts = {
        name: dataclasses.replace(way, sections=(outline.Section("model", code, 1),))
        for name, way in told.part.ways.items()
    }
    part = dataclasses.replace(told.part, code=outline.Code(texts, ""))
    view = opened(pages.page_of_report(dataclasses.replace(told, part=part)), **sized(390))
    places = "line => line.innerHTML.replace(/<(?!wbr)[^>]*>/g, '').trim().split('<wbr>')"
    assert view.locator(".line-of-code").first.evaluate(places) == [
        "a = f(",
        '0.1, global_step, x="d/")',
        ".sparse_softmax_",
        "cross_",
        "entropy_",
        "with_logits(",
        "b)",
    ]


def test_short_code_in_a_text_stays_in_one_row(opened, told):
    """`--` ended a row, and `device` began the next."""
    prose = "Ask with `--device`, or " * 40 + "`-log(1/10) = 2.30` " * 40
    view = opened(with_prose(told, prose), **sized(390))
    codes = view.locator(".lead code")
    assert codes.count() == 80
    assert codes.evaluate_all(TORN) == 0


@pytest.mark.parametrize(("width", "mode"), [(1024, "split"), (390, "read")])
def test_where_columns_have_no_room_results_are_lines_below_their_names(opened, told, width, mode):
    """How far the ways are apart was out of sight, and of long numbers the end."""
    view = opened(pages.page_of_report(told), **sized(width, mode))
    assert cut(view, ".outcome .scrolled") == 0
    rows = view.locator(".results tbody tr")
    assert rows.count() == len(told.results["graph"])
    written = "row => [...row.querySelectorAll('.number')].map((each) => each.dataset.of)"
    for row in rows.all():
        *ways, apart = row.evaluate(written)
        assert (", ".join(ways).split(", "), apart) == (list(told.results), "furthest apart")
    write = "each => { each.textContent = ''; }"
    view.locator(".results .number").first.evaluate(write)
    assert not view.locator(".results .number").first.is_visible()  # what a way does not give


def test_below_a_short_way_there_is_no_blank_of_the_longest_ones_height(opened, told):
    view = opened(pages.page_of_report(told), **sized(390))
    pad = "way => { way.firstElementChild.style.paddingBottom = '900px'; }"
    view.locator(".way").nth(1).evaluate(pad)
    room = "view => view.clientHeight"
    scrolled = view.locator(".around-ways > .scrolled")
    for k in (1, 0, 2, 1):
        view.locator(".way-names button").nth(k).click()
        tall = view.locator(".way").nth(k).evaluate("way => way.offsetHeight")
        wanted = f"tall => Math.abs(document.querySelector('{AROUND}').clientHeight - tall) < 2"
        view.wait_for_function(wanted, arg=tall)
    assert scrolled.evaluate(room) > 900
    view.set_viewport_size({"width": 1400, "height": 900})
    view.wait_for_function(f"!document.querySelector('{AROUND}').style.height")


def test_imports_and_data_do_not_make_the_whole_text_wider(opened, told):
    view = opened(pages.page_of_report(told), **sized(1024, "split"))
    view.locator(".shared summary").click()
    assert cut(view, ".shared pre") == 1
    assert cut(view, ".lesson") == 0


@pytest.mark.parametrize(("width", "mode"), [(1024, "split"), (390, "read"), (1440, "read")])
def test_numbers_beside_a_curve_are_seen_whole(opened, told, width, mode):
    """`0.008682` began with the point."""
    view = opened(pages.page_of_report(told), **sized(width, mode))
    left = "all => Math.min(...all.map((each) => each.getBoundingClientRect().left))"
    edge = view.locator(".outcome .curves svg").bounding_box()["x"]
    assert view.locator(".outcome .curves text").evaluate_all(left) >= edge


def test_the_rows_of_a_claim_begin_below_one_another(opened, told):
    view = opened(pages.page_of_report(told), **sized(390))
    lefts = "all => all.map((each) => [...each.getClientRects()].map((row) => row.left))"
    found = view.locator(".claims li > span").evaluate_all(lefts)
    assert max(map(len, found)) > 1
    assert all(max(each) - min(each) < 1 for each in found)


JOINING = """picture => {
    const ends = [...picture.querySelectorAll(".thumb-line")].map((line) =>
        [0, line.getTotalLength()].map((at) => line.getPointAtLength(at)));
    const within = ({ x, y }, by) => [...picture.querySelectorAll(".thumb-frame")].some((frame) => {
        const box = frame.getBBox();
        return x > box.x + by && x < box.x + box.width - by
            && y > box.y + by && y < box.y + box.height - by;
    });
    const meets = (p, k) => ends.some((pair, j) => j !== k
        && pair.some((q) => Math.hypot(p.x - q.x, p.y - q.y) < 2));
    return ends.filter((pair, k) => pair.every((p) => meets(p, k))
        && pair.some((p) => !within(p, 4)) && pair.some((p) => within(p, 4))).length;
}"""


def test_in_a_small_picture_lines_go_on_into_open_groups(opened, told):
    """They ended at a group's frame, and began anew a way off inside of it."""
    view = opened(pages.page_of_report(told), **sized(1440, "read"))
    picture = view.locator(".way-graph .thumbnail").first
    assert picture.locator(".thumb-frame").count() > 0
    assert picture.evaluate(JOINING) > 0


def test_of_a_few_steps_none_is_called_steady(opened, told):
    """1.3's two took 3 and 26 ms, and their median was told."""
    few = {name: dataclasses.replace(way, steps=3) for name, way in told.ways.items()}
    for ways, steady in ((told.ways, 3), (few, 0)):
        view = opened(pages.page_of_report(dataclasses.replace(told, ways=ways)))
        said = " ".join(view.locator(".way-graph .faint").all_text_contents())
        assert said.replace("\u00a0", " ").count("steady step") == steady
