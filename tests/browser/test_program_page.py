"""The program's own line on the page of a run: lit, with its names, and gone along by line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from graphlab import observe
from graphlab.output.gathered import Gathered
from graphlab.walk.motions import Walk
from graphlab.walk.names import line_names
from tests import stepped
from tests.browser.test_browser import press, settle
from tests.stepped import loop_call, session_call, tf1_loop_call
from visualize.page.html import page

tf1 = tf.compat.v1
CALLS = {"session": session_call, "loop of TF1": tf1_loop_call, "function": loop_call}


@pytest.fixture(scope="module", params=CALLS)
def replay(request):
    return CALLS[request.param]()[-1]


def page_of(replay, opens: int = 1) -> str:
    gathered = Gathered()
    gathered.add({"run": replay.run}, {"run": [replay]})
    return page({"title": "t", "graphs": gathered.graphs, "runs": gathered.runs, "opens": opens})


def walk_of(replay) -> Walk:
    return Walk(replay.steps, replay.run.built)


def test_by_line_the_page_stops_where_the_stepper_does_and_goes_back_the_same_way(opened, replay):
    walk, stops = walk_of(replay), []
    while not walk.over:
        walk.line()
        stops += [walk.number] if walk.number not in stops else []
    view = opened(page_of(replay))
    at = "graphlab.state.at + 1"
    forward = [(press(view, "n"), view.evaluate(at))[1] for _ in stops]
    assert forward == stops
    back = [(press(view, "N"), view.evaluate(at))[1] for _ in stops]
    assert back == [*reversed(stops[:-1]), 0]


def test_in_the_midst_of_a_line_the_next_one_is_found_as_the_stepper_finds_it(opened, replay):
    view = opened(page_of(replay))
    for number in range(1, view.evaluate("graphlab.run.node.length")):
        walk = walk_of(replay)
        walk.forward(number)
        walk.line()
        assert view.evaluate("at => graphlab.programOf().next(at) + 1", number - 1) == walk.number


def test_the_names_of_a_line_hold_on_the_page_what_they_hold_in_the_stepper(opened, replay):
    walk, view = walk_of(replay), opened(page_of(replay))
    held = 0
    while not walk.over:
        walk.forward()
        told = view.evaluate("at => graphlab.programOf().names(at)", walk.number - 1)
        names = line_names(walk, walk.view())
        assert [each["name"] for each in told] == [each.name for each in names]
        for mine, each in zip(told, names, strict=True):
            if each.value is not None:  # the stepper keeps what somebody waits for, a page all
                held += 1
                values = np.reshape(mine["value"]["values"], mine["value"]["shape"])
                np.testing.assert_allclose(values, each.value, rtol=1e-6)
            elif not mine["value"]:
                assert mine["note"] == each.note
    assert held > 0


def test_the_line_is_lit_among_its_neighbours_with_its_names_beneath(opened):
    view = opened(page_of(session_call()[-1]))
    shown = view.locator(".program")
    assert not shown.is_visible()
    for _ in range(2):
        view.get_by_role("button", name="Next line").click()
    assert shown.locator(".row").count() == 7
    lit = shown.locator(".row.now")
    assert 'ratio = tf.divide(product, x, name="ratio")' in lit.inner_text()
    assert lit.inner_text().startswith("→") and lit.get_attribute("aria-current") == "true"
    assert shown.locator("h2").inner_text().startswith("stepped.py:")
    assert [each.strip() for each in shown.locator(".named").all_inner_texts()] == [
        "ratio [2] float32 [3, 4]",
        "product [2] float32 [3, 8]",
        "x [2] float32 [1, 2]",
    ]
    view.get_by_role("button", name="Line before").click()
    assert "product = tf.multiply(x, W" in shown.locator(".row.now").inner_text()
    press(view, "?")
    assert "the program's next line, or the one before" in view.locator("dialog").inner_text()


def test_the_lit_line_and_its_neighbours_lose_the_indent_that_they_have_in_common(opened):
    """A line of four levels would stand in half of the panel's width, in two rows."""
    view = opened(page_of(session_call()[-1]))
    view.get_by_role("button", name="Next line").click()
    texts = [row.inner_text()[7:].rstrip() for row in view.locator(".program .row").all()]
    indents = [len(text) - len(text.lstrip()) for text in texts if text]
    assert len(indents) > 3 and min(indents) == 0
    written = Path(stepped.__file__).read_text().splitlines()
    assert {text for text in texts if text} <= {line[4:].rstrip() for line in written}


def test_where_no_line_is_known_there_is_nothing_to_go_along(opened):
    with tf.Graph().as_default() as graph:
        tf.negative(tf1.placeholder(tf.float32, [], name="x"), name="y")
    with tf.Graph().as_default(), tf1.Session() as session, observe(values=True) as seen:
        tf.import_graph_def(graph.as_graph_def(), name="")
        session.run("y:0", {"x:0": 1.0})
    view = opened(page_of(seen.replays[-1]))
    assert not view.get_by_role("button", name="Next line").is_visible()
    press(view, "n")
    assert view.evaluate("graphlab.state.at") == -1


def test_a_variable_has_the_value_of_the_moment(opened):
    view = opened(page_of(session_call()[-1]))
    held = "name => [...Array(graphlab.run.node.length).keys()].map(at => graphlab.programOf()"
    held = view.evaluate(f"{held}.variable('W', at).values.join())")
    assert list(dict.fromkeys(held)) == ["3,4", "4,5"]


def test_a_line_is_gone_to_from_the_runtime_s_run_by_way_of_the_call_again(opened):
    view = opened(page_of(session_call()[-1], opens=0))
    assert view.evaluate("graphlab.run.clock") == "runtime"
    press(view, "n")
    settle(view)
    assert view.evaluate("graphlab.run.clock") == "engine"
    assert view.locator(".program .row.now").count() == 1
