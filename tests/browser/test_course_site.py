"""The course as a site, clicked through as a reader does: from disk, with the network off."""

from __future__ import annotations

import pytest

from graphlab.cli import main
from tests.browser.test_accessible import violations_at_all_sizes

PICTURES = """() => [...document.querySelectorAll('img, svg, canvas')].filter((picture) => {
  if (picture.closest('[aria-hidden="true"], [aria-label], [role="img"]')) return false;
  return !picture.getAttribute('alt') && !picture.querySelector('title');
}).map((picture) => picture.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site of two short parts."""
    folder = tmp_path_factory.mktemp("course")
    with pytest.raises(SystemExit) as left:
        main(["course", "-o", str(folder), "1.3", "2.1"])
    assert left.value.code == 0
    return folder


@pytest.fixture
def view(browser, site):
    """The index, opened. Whatever a page complains of, or asks the network for, fails the test."""
    complaints: list[str] = []
    context = browser.new_context(offline=True, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith("file:") or complaints.append(asked.url))
    page.goto((site / "index.html").as_uri())
    yield page
    context.close()
    assert complaints == []


def follow(view, text: str) -> str:
    """Click a link; the heading of the page it leads to."""
    view.get_by_role("link", name=text).click()
    if not view.url.partition("#")[0].endswith("index.html"):
        view.wait_for_selector("html[data-ready]")
    return view.locator("h1").inner_text()


def test_the_site_is_clicked_through_from_the_index_and_back(view):
    assert follow(view, "1.3 a placeholder is a promise") == "1.3 a placeholder is a promise"
    assert view.evaluate(PICTURES) == []
    assert follow(view, "2.1 a perceptron learns") == "2.1 a perceptron learns from its mistakes"
    assert view.evaluate(PICTURES) == []
    assert view.locator("nav a").all_inner_texts() == [
        "1.3 a placeholder is a promise",
        "The course",
        "Words",
    ]
    assert follow(view, "1.3 a placeholder is a promise") == "1.3 a placeholder is a promise"
    assert follow(view, "The course") == "What TensorFlow does"
    assert view.locator("tr:target th").inner_text() == "1.3  a placeholder is a promise"
    assert view.evaluate(PICTURES) == []


def test_a_page_with_links_above_it_still_fits_the_window(view):
    follow(view, "2.1 a perceptron learns")
    height = view.evaluate("document.documentElement.scrollHeight")
    bottom = view.locator("#app").evaluate("app => app.getBoundingClientRect().bottom")
    assert (height, bottom) == (900, 900)


def test_the_index_is_read_on_a_narrow_screen_without_scrolling_sideways(view):
    view.set_viewport_size({"width": 390, "height": 800})
    assert view.evaluate("document.documentElement.scrollWidth") == 390
    view.get_by_role("link", name="The words of the course").click()
    wider = "tables => tables.filter((one) => one.scrollWidth > one.clientWidth).length"
    assert view.locator(".scrolled").count() == 2
    assert view.locator(".scrolled").evaluate_all(wider) == 0


def test_why_xla_refuses_a_part_pushes_no_column_of_the_index_out_of_sight(view):
    """The reason stood in one row: what lesson 7 measured began 2,000 pixels further right."""
    view.set_viewport_size({"width": 1024, "height": 768})
    write = "(cell, why) => cell.insertAdjacentHTML('beforeend', why)"
    told = f"<small class='told'>{'why it is ' * 40}</small>"
    view.locator("tbody td:nth-child(2)").first.evaluate(write, told)
    assert view.locator("small.told").bounding_box()["height"] > 40
    wider = "tables => tables.filter((one) => one.scrollWidth > one.clientWidth).length"
    assert view.locator(".scrolled").evaluate_all(wider) == 0


def test_axe_finds_nothing_on_the_two_indexes_of_a_site(view):
    assert violations_at_all_sizes(view) == {}
    view.get_by_role("link", name="The words of the course").click()
    assert view.locator("h1").inner_text() == "The words of the course"
    assert violations_at_all_sizes(view, ["dark", "light"]) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_a_word_is_from_stands_back_behind_what_it_means(view, scheme):
    """Axe, above, holds it to a contrast of 4.5 all the same."""
    view.emulate_media(color_scheme=scheme)
    view.get_by_role("link", name="The words of the course").click()
    told = view.locator("td.told", has=view.locator("small a"))
    look = "each => [getComputedStyle(each).color, parseFloat(getComputedStyle(each).fontSize)]"
    sentence, source = (each.first.evaluate(look) for each in (told, told.locator("small a")))
    assert sentence[0] == view.locator("body").evaluate(look)[0] != source[0]
    assert sentence[1] > source[1]
