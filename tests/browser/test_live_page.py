"""A live page executes the recorded call itself, and gives what the engine gives for a change."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass

import numpy as np
import pytest

from graphlab import devices
from graphlab.course import outline
from graphlab.course.run import run_part
from graphlab.engine import Engine
from graphlab.model import Graph, Run, Step, TensorSpec
from graphlab.output import pages
from graphlab.output.live import live_columns
from graphlab.targets import run as targets
from graphlab.targets.target import Watched, parse
from graphlab.watch.replay import Replay, Start
from tests.browser.test_accessible import violations
from tests.browser.test_browser import document, node
from visualize.page.columns import runs_columns
from visualize.page.html import page

NEAR = 1e-5


@dataclass(frozen=True)
class Seen:
    """A training step as it was watched: its page, and the call that was recorded."""

    page: str
    replay: Replay


@pytest.fixture(scope="module")
def watched() -> Watched:
    device = devices.prepare("CPU:0")
    return targets.watch(parse("2.4"), device, None, values=True)


@pytest.fixture(scope="module")
def seen(watched) -> Seen:
    main = watched.main
    replay = next(each for each in watched.replays if each.run.call == main.call)
    return Seen(pages.page_of_watched(watched, live=True), replay)


def engine_loss(replay: Replay, **state: np.ndarray) -> float:
    """The loss that the engine gives from the recorded call's state, with these variables in it."""
    start = replay.start
    begun = {**start.state, **state}
    execution = Engine(replay.source()).steps(start.fetches, start.feeds, None, begun)
    return float(np.asarray(execution.results()["loss:0"]))


def test_the_page_computes_every_op_of_a_training_step_as_it_was_recorded(opened, seen):
    view = opened(seen.page)
    assert view.evaluate("[...graphlab.machine.stays]") == []
    assert view.evaluate("graphlab.machine.worst") < NEAR
    assert "44 of 44 steps computed in this page" in view.locator(".live-status").inner_text()


def change(view, what: str, place: str, number: float) -> None:
    view.get_by_label("What to change").select_option(label=what)
    if place:
        view.get_by_label("Which number of it").fill(place)
        view.keyboard.press("Tab")
    view.get_by_label("The number", exact=True).fill(str(number))


LOSS = "() => Number(document.querySelector('.live-results b').textContent)"
# The value that the panels show of the step of an op.
SHOWN = """name => {
    const { run } = graphlab;
    const s = run.node.findIndex((n) => run.nodes[n] === name);
    return run.values[s][`${name}:0`].values[0];
}"""


def loss(view) -> float:
    return view.evaluate(LOSS)


def test_a_changed_weight_gives_what_the_engine_gives_for_the_same_change(opened, seen):
    view = opened(seen.page)
    recorded = loss(view)
    change(view, "variable b", "3", 2.5)
    bias = np.array(seen.replay.start.state["b"])
    bias[3] = 2.5
    expected = engine_loss(seen.replay, b=bias)
    assert loss(view) == pytest.approx(expected, rel=1e-3) and expected != pytest.approx(recorded)
    assert view.evaluate(SHOWN, "loss") == pytest.approx(expected, rel=1e-5)
    view.get_by_role("button", name="as recorded").click()
    assert loss(view) == recorded


NAMES = """() => graphlab.programOf().stops.flatMap((s) => graphlab.programOf().names(s))
    .filter(({ name }) => name === "b").map(({ value, note }) => (value ? "recorded" : note))"""


def test_a_line_tells_no_recorded_value_of_a_variable_once_a_number_is_changed(opened, seen):
    view = opened(seen.page)
    assert set(view.evaluate(NAMES)) == {"recorded"}
    change(view, "variable b", "3", 2.5)
    assert set(view.evaluate(NAMES)) == {"changed on this page"}
    view.get_by_role("button", name="as recorded").click()
    assert set(view.evaluate(NAMES)) == {"recorded"}


def test_a_training_goes_on_from_where_it_was_recorded_at_the_rate_that_is_asked(opened, seen):
    start = seen.replay.start
    view = opened(seen.page)
    change(view, "constant GradientDescent/learning_rate", "", 0.25)
    view.get_by_role("button", name="another step").click()
    at = {step.node: step for step in seen.replay.as_written().steps}
    gradients = {
        name: at[f"GradientDescent/update_{name}/ResourceApplyGradientDescent"] for name in "Wb"
    }
    graph = seen.replay.run.built
    assert graph is not None
    moved = {}
    for name, step in gradients.items():
        tensor = graph[step.node].inputs[2]
        gradient = at[tensor.rpartition(":")[0]].values[tensor]
        moved[name] = np.asarray(start.state[name]) - np.float32(0.25) * np.asarray(gradient)
    assert loss(view) == pytest.approx(engine_loss(seen.replay, **moved), rel=1e-3)
    assert view.locator(".live-curve").count() == 1


def made(op: str, recorded: float) -> str:
    """A page of one op of 2 and 3, that was recorded to give a number."""
    graph = Graph((node("a", "Const"), node("b", "Const"), node("y", op, ("a:0", "b:0"))))
    values = {"a": np.float32(2), "b": np.float32(3), "y": np.float32(recorded)}
    steps = tuple(
        Step(
            n.name,
            n.op,
            "CPU:0",
            outputs=(TensorSpec(f"{n.name}:0", "float32", ()),),
            values={f"{n.name}:0": values[n.name]},
        )
        for n in graph.nodes
    )
    run = Run("graph", "Session.run", 2, (), ("y:0",), graph, None, steps, "engine")
    graphs: list = []
    runs = runs_columns([run], graphs)
    live = live_columns(0, Start({}, {}, {}, ("y:0",)), run, {})
    return page({"title": "t", "graphs": graphs, "runs": runs, "live": live})


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "bool"])
def test_numbers_of_few_kinds_are_once_in_the_document_and_in_the_page_as_they_were(opened, dtype):
    kinds = np.array([0.0, 1.5, -0.0, np.nan, -np.inf] if "float" in dtype else [0, 1, 7], dtype)
    fed = {"few": np.resize(kinds, (30, 20)), "many": np.arange(600).reshape(30, 20).astype(dtype)}
    run = Run("graph", "Session.run", 2, (), (), Graph(()), None, (), "engine")
    told = live_columns(0, Start(fed, {}, {}, ()), run, {})
    whole = {name: "which" not in told["arrays"][k] for name, k in told["feeds"].items()}
    assert whole == {"few": dtype == "bool", "many": True}
    view = opened(made("Mul", 6))
    for name, array in fed.items():
        found = view.evaluate(FED, [told, name])
        assert found == [f"{float(x):g}" for x in array.ravel()]


# What a page reads of a document that another was made of, as texts: JSON has no -0 and no NaN.
FED = """([told, name]) => {
    const { constructor: Machine, run, items } = graphlab.machine;
    const said = (x) => Object.is(x, -0) ? "-0" : { NaN: "nan", "-Infinity": "-inf" }[x] ?? `${x}`;
    return Array.from(new Machine(told, run, items).feeds.get(name).data, said);
}"""


def test_an_op_that_the_page_computes_otherwise_keeps_its_value_and_says_so(opened):
    view = opened(made("Mul", 6.5))
    assert "0.50 from the recorded value" in view.locator(".live-stays").text_content()
    change(view, "constant a", "", 10)
    assert loss(view) == 6.5
    assert "1 value below a change stayed as recorded" in view.locator(".live-status").inner_text()


def test_an_op_that_the_page_cannot_compute_keeps_its_value_and_says_so(opened):
    view = opened(made("Igamma", 0.5))
    assert "Igamma is not computed in this page" in view.locator(".live-stays").text_content()
    view = opened(made("Mul", 6))
    change(view, "constant a", "", 10)
    assert loss(view) == 30


def test_what_a_data_set_gives_stays_and_is_no_failure(opened):
    view = opened(made("IteratorGetNext", 0.5))
    status = "2 of 3 steps computed in this page, 1 of a data set as they were recorded"
    assert status in view.locator(".live-status").inner_text()
    stays = view.locator(".live-stays").text_content()
    assert "it is of a data set, whose elements stay those that were recorded" in stays
    assert "not computed in this page" not in stays


def first_drawing(view, address: str) -> list[str]:
    """What is there once the first box is, in the same frame: the panel, and that all is."""
    view.add_init_script("""document.addEventListener("DOMContentLoaded", () => {
        const seen = new MutationObserver(() => {
            if (!document.querySelector(".graph .box")) return;
            seen.disconnect();
            globalThis.first = [".live-panel", "html[data-ready]"].filter((each) =>
                document.querySelector(each));
        });
        seen.observe(document, { childList: true, subtree: true });
    })""")
    view.goto(address)
    view.wait_for_selector("html[data-ready]")
    return view.evaluate("globalThis.first")


def test_a_live_page_is_drawn_before_anything_is_executed(opened, tmp_path):
    page = tmp_path / "live.html"
    page.write_text(made("Mul", 6), encoding="utf-8")
    view = opened(made("Mul", 6)).context.new_page()
    assert first_drawing(view, page.as_uri()) == []
    assert view.locator(".live-panel").count() == 1


def block(page: str, name: str) -> str:
    """A document that a page has packed."""
    (packed,) = re.findall(rf'<script id="{name}"[^>]*>([^<]+)</script>', page)
    return gzip.decompress(base64.b64decode(packed)).decode()


def test_what_a_call_begins_with_is_read_after_what_is_drawn():
    lively = made("Mul", 6)
    assert set(json.loads(block(lively, "later"))) == {"live"}
    assert "live" not in json.loads(block(lively, "data"))
    assert 'id="later"' not in document(Graph((node("x", "Placeholder"),)))


def unpacked(page: str) -> str:
    """The scripts that a page runs before it is drawn."""
    packed = re.findall(r'<script class="packed"[^>]*>([^<]+)</script>', page)
    return "".join(gzip.decompress(base64.b64decode(each)).decode() for each in packed)


def test_before_it_is_drawn_a_live_page_runs_what_another_runs_and_its_policy_is_as_strict():
    still, lively = document(Graph((node("x", "Placeholder"),))), made("Mul", 6)
    assert unpacked(lively) == unpacked(still)
    assert "module_live" not in unpacked(still) and 'id="live"' not in still
    kernels = block(lively, "live")
    assert "const module_live_kernels = " in kernels
    assert hashed(kernels) in lively
    assert "'unsafe-eval'" not in lively and "default-src 'none'" in lively


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_kernels_whose_text_the_policy_does_not_know_do_not_run(browser, tmp_path):
    lively = made("Mul", 6)
    other = block(lively, "live").replace('"use strict";', '"use strict"; globalThis.ran = true;')
    packed = base64.b64encode(gzip.compress(other.encode())).decode()
    page = tmp_path / "other.html"
    changed = re.sub(r'(<script id="live"[^>]*>)[^<]+', lambda m: m[1] + packed, lively)
    page.write_text(changed, encoding="utf-8")
    view = browser.new_page()
    view.goto(page.as_uri())
    view.wait_for_selector("html[data-ready]")
    assert view.evaluate("globalThis.ran === undefined")
    assert view.locator(".box:not(.frame)").count() > 0 and view.locator(".live-panel").count() == 0


@pytest.fixture(scope="module")
def lesson() -> str:
    part = outline.find("2.3")[0]
    device = devices.prepare("CPU:0")
    told = run_part(part, ("graph", "eager"), device, None, lambda *_: None, values=True)
    return pages.page_of_reports([told], live=True)


def test_the_page_of_a_lesson_executes_its_graph_way(opened, lesson):
    view = opened(lesson)
    assert view.evaluate("[...graphlab.machine.stays]") == []
    assert view.evaluate("graphlab.machine.worst") < NEAR
    before = loss(view)
    view.get_by_role("button", name="another step").click()
    assert loss(view) != before
    assert view.evaluate("graphlab.run.clock") == "engine"  # what is shown is what was computed


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=str)
def test_axe_finds_nothing_on_a_live_page(opened, lesson, size):
    view = opened(lesson, viewport={"width": size[0], "height": size[1]})
    assert violations(view) == []
