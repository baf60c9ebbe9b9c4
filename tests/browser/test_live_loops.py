"""A live page executes loops and what a graph calls, turn by turn, as the engine does."""

from __future__ import annotations

import functools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab import devices
from graphlab.course import outline
from graphlab.course.run import run_part
from graphlab.engine import Engine
from graphlab.output import pages
from graphlab.targets import run as targets
from graphlab.targets.target import parse
from graphlab.watch.replay import Replay
from tests.browser.test_browser import press
from tests.browser.test_live_page import NEAR, change, loss

# A loop that ends when its state is large, and the gradient through it.
TRAINED = """
import tensorflow as tf
tf1 = tf.compat.v1
tf1.{switch}_control_flow_v2()
with tf.Graph().as_default():
    x = tf1.placeholder(tf.float32, [2, 3], name="x")
    W = tf1.get_variable("W", initializer=[[0.5, -0.25, 1.0], [0.75, 0.5, -0.5], [0.1, 0.9, 0.3]])
    limit = tf.constant(20.0, name="limit")

    def more(n, h):
        return tf.reduce_sum(tf.abs(h)) < limit

    def grown(n, h):
        return n + 1, tf.add(tf.tanh(tf.matmul(h, W)), 1.25 * h, name="grown")

    n, h = tf.while_loop(more, grown, (0, x), name="grow")
    turns = tf.identity(n, name="turns")
    loss = tf.reduce_sum(tf.square(h), name="loss")
    train = tf1.train.GradientDescentOptimizer(0.01, name="descent").minimize(loss)
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        for _ in range(2):
            session.run([loss, turns, train], {{x: [[0.5, -1.0, 0.25], [1.0, 0.5, -0.75]]}})
"""
# A branch in a loop, a call in it, and an op that no page computes.
BRANCHED = """
import tensorflow as tf
tf1 = tf.compat.v1
tf1.{switch}_control_flow_v2()
with tf.Graph().as_default():
    x = tf1.placeholder(tf.float32, [], name="x")

    def grown(n, h):
        h = tf.cond(h < 2.0, lambda: tf.add(h, 1.5, name="up"), lambda: tf.multiply(h, 0.25))
        return n + 1, h + tf.math.igamma(0.5, tf.cast(n, tf.float32), name="gamma")

    _, h = tf.while_loop(lambda n, h: n < 4, grown, (0, x), name="grow")
    loss = tf.square(h, name="loss")
    with tf1.Session() as session:
        for _ in range(2):
            session.run(loss, {{x: 0.5}})
"""
# The gradient through a branch, whose tensors are handed on where the branch was taken.
PARTED = """
import tensorflow as tf
tf1 = tf.compat.v1
tf1.{switch}_control_flow_v2()
with tf.Graph().as_default():
    x = tf1.placeholder(tf.float32, [], name="x")

    h = tf.cond(x < 2.0, lambda: tf.square(x) + 1.5, lambda: tf.tanh(x) * 0.25)
    loss = tf.square(h, name="loss")
    slope = tf.identity(tf1.gradients(loss, x)[0], name="slope")
    with tf1.Session() as session:
        for _ in range(2):
            session.run([loss, slope], {{x: 0.5}})
"""
# The gradient through a branch in a loop: what one side hands on, turns of the other do not have.
FORKED = """
import tensorflow as tf
tf1 = tf.compat.v1
tf1.{switch}_control_flow_v2()
with tf.Graph().as_default():
    x = tf1.placeholder(tf.float32, [], name="x")
    W = tf1.get_variable("W", initializer=1.5)

    def grown(n, h):
        return n + 1, tf.cond(h < 1.0, lambda: tf.tanh(h) + W, lambda: tf.sigmoid(h * W) - 0.5)

    _, h = tf.while_loop(lambda n, h: n < 5, grown, (0, x), name="grow")
    loss = tf.square(h, name="loss")
    slope = tf.identity(tf1.gradients(loss, x)[0], name="slope")
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        for _ in range(2):
            session.run([loss, slope], {{x: 0.5}})
"""
# The gradient of a table look-up by one_hot has an op, in its body, that nothing needs.
LETTERS = """
import tensorflow as tf
tf1 = tf.compat.v1
tf1.{switch}_control_flow_v2()
with tf.Graph().as_default():
    x = tf1.placeholder(tf.int32, [3, 2], name="x")
    U = tf1.get_variable("U", initializer=[[0.5, -0.25], [0.75, 0.5], [0.1, 0.9]])

    def read(t, h, total):
        h = tf.tanh(tf.matmul(tf.one_hot(x[t], 3), U) + h)
        lost = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=x[t] % 2, logits=h)
        return t + 1, h, total + tf.reduce_sum(lost)

    loss = tf.while_loop(lambda t, *_: t < 3, read, (0, tf.zeros([2, 2]), 0.0), name="letters")[2]
    train = tf1.train.AdagradOptimizer(0.1).minimize(loss)
    with tf1.Session() as session:
        session.run(tf1.global_variables_initializer())
        for _ in range(2):
            session.run([loss, train], {{x: [[0, 1], [2, 2], [1, 0]]}})
"""
SWITCHES = ("enable", "disable")  # a loop is one op that calls functions, or ops in a circle


@dataclass(frozen=True)
class Lively:
    page: str
    replay: Replay

    def engine(self, **feeds: Any) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
        """What the engine gives with other values of some tensors, in all and by op and frame."""
        start, source = self.replay.start, self.replay.source()
        fed = {**start.feeds, **{f"{name}:0": value for name, value in feeds.items()}}
        execution = Engine(source).steps(start.fetches, fed, None, start.state)
        inside = {
            (step.node, step.frame): np.asarray(value)
            for step in execution
            for value in list((step.values or {}).values())[:1]
            if isinstance(value, np.ndarray | np.generic)
        }
        return execution.results(), inside


@functools.cache
def lively(script: str, switch: str) -> Lively:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "looped.py"
        file.write_text(script.format(switch=switch), encoding="utf-8")
        watched = targets.watch(parse(str(file)), devices.prepare("CPU:0"), None, values=True)
    assert watched.failure == "" and watched.main is not None
    replay = next(each for each in watched.replays if each.run.call == watched.main.call)
    return Lively(pages.page_of_watched(watched, live=True), replay)


# By op and frame, the numbers that the page shows.
SHOWN = """() => {
    const { run } = graphlab;
    return run.node.map((n, s) => [run.nodes[n], run.frames[run.frame[s]] || "",
        Object.values(run.values[s] || {})[0]?.values || null]);
}"""
SLOPE = "() => Number(document.querySelectorAll('.live-results b')[1].textContent)"
STAYS = """() => [...graphlab.machine.stays].map(([s, why]) =>
    [graphlab.run.nodes[graphlab.run.node[s]], why])"""


def shown(view) -> dict[tuple[str, str], list]:
    return {(name, frame): values for name, frame, values in view.evaluate(SHOWN) if values}


def assert_shown_is(view, inside: dict[tuple[str, str], np.ndarray]) -> None:
    """Each number on the page is the engine's; each op of the engine's that has a step is there."""
    found, steps = shown(view), {(name, frame) for name, frame, _ in view.evaluate(SHOWN)}
    small = {key: x for key, x in inside.items() if key in steps and 0 < x.size <= 64}
    assert set(small) <= set(found)
    for key, value in small.items():
        near = NEAR * max(1.0, float(np.max(np.abs(value))))
        assert np.ravel(value) == pytest.approx(np.ravel(found[key]), rel=1e-3, abs=near), key


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_op_of_a_loop_and_of_its_gradient_is_computed_in_each_turn(opened, switch):
    made = lively(TRAINED, switch)
    view = opened(made.page)
    assert view.evaluate(STAYS) == []
    assert view.evaluate("graphlab.machine.worst") < NEAR * loss(view)
    steps = view.evaluate("graphlab.run.node.length")
    assert f"{steps} of {steps} steps computed" in view.locator(".live-status").inner_text()
    assert_shown_is(view, made.engine()[1])


@pytest.mark.parametrize("switch", SWITCHES)
def test_ops_of_a_body_that_nothing_needs_keep_nobody_from_being_computed(opened, switch):
    view = opened(lively(LETTERS, switch).page)
    assert view.evaluate(STAYS) == []
    assert view.evaluate("graphlab.machine.worst") < NEAR


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_changed_number_is_followed_through_each_turn_of_a_loop(opened, switch):
    made = lively(TRAINED, switch)
    view = opened(made.page)
    change(view, "fed x", "1,2", 0.5)
    x = np.array(made.replay.start.feeds["x:0"], np.float32)
    x[1, 2] = 0.5
    results, inside = made.engine(x=x)
    assert loss(view) == pytest.approx(float(results["loss:0"]), rel=1e-3)
    assert_shown_is(view, inside)
    view.get_by_role("button", name="as recorded").click()
    assert_shown_is(view, made.engine()[1])


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize(("limit", "said"), [(60.0, "more than were recorded"), (9.0, "no longer")])
def test_a_loop_that_ends_elsewhere_is_followed_to_its_end_and_says_so(opened, switch, limit, said):
    made = lively(TRAINED, switch)
    view = opened(made.page)
    recorded = set(made.engine()[1])
    change(view, "constant limit", "", limit)
    results, inside = made.engine(limit=np.float32(limit))
    assert loss(view) == pytest.approx(float(results["loss:0"]), rel=1e-3)
    assert said in view.locator(".live-status").inner_text()
    assert_shown_is(view, inside)
    gone = {key for key in recorded - set(inside) if key[1]}
    assert gone.isdisjoint(shown(view))
    # In more turns all that was recorded comes about again, but for the ops that lead out.
    assert {op for op, _ in gone} == set() or limit < 20 or switch == "disable"


@pytest.mark.parametrize("switch", SWITCHES)
def test_an_op_in_a_loop_that_no_page_computes_keeps_its_value_of_each_turn(opened, switch):
    made = lively(BRANCHED, switch)
    view = opened(made.page)
    stays = view.evaluate(STAYS)
    assert {why for _, why in stays} == {"Igamma is not computed in this page"}
    assert len(stays) == 4 and "4 steps Igamma" in view.locator(".live-stays").text_content()
    assert_shown_is(view, made.engine()[1])
    change(view, "fed x", "", 1.75)
    results, _ = made.engine(x=np.float32(1.75))
    assert loss(view) == pytest.approx(float(results["loss:0"]), rel=1e-3)
    assert "1 value below a change stayed" in view.locator(".live-status").inner_text()


def test_a_value_of_a_later_turn_is_looked_at_by_a_click(opened):
    made = lively(TRAINED, "enable")
    view = opened(made.page)
    change(view, "fed x", "1,2", 0.5)
    name = "grown_0"  # the first result of the body, as TensorFlow names what gives it
    s = view.evaluate(
        "name => graphlab.run.node.findIndex((n, s) => graphlab.run.nodes[n] === name"
        " && graphlab.run.frames[graphlab.run.frame[s]] === 'grow:2')",
        name,
    )
    view.evaluate("s => graphlab.change({ at: s })", s)
    for kind in ("While", "function"):  # what the op is in is selected as long as it is closed
        view.locator(".details .kicker", has_text=kind).wait_for()
        view.locator(".graph").focus()
        press(view, "Enter")
        view.wait_for_function("graphlab.isOpen(graphlab.item())")
        view.wait_for_timeout(400)  # until it is laid out
        view.evaluate("s => { graphlab.change({ at: -1 }); graphlab.change({ at: s }); }", s)
    x = np.array(made.replay.start.feeds["x:0"], np.float32)
    x[1, 2] = 0.5
    value = made.engine(x=x)[1][name, "grow:2"]
    told = view.locator(".details").inner_text()
    assert told.lower().count(f"value at step {s + 1}") == 1
    cells = [float(each) for each in view.locator(".details .number-of").all_inner_texts()]
    assert cells == pytest.approx(np.ravel(value), rel=1e-3)


@pytest.mark.parametrize("switch", SWITCHES)
def test_the_gradient_of_a_branch_is_computed_of_the_one_that_was_taken(opened, switch):
    made = lively(PARTED, switch)
    view = opened(made.page)
    assert [why for _, why in view.evaluate(STAYS) if "not computed" in why] == []
    for x in (1.75, 2.25):  # the branch that was recorded, and the other one
        change(view, "fed x", "", x)
        results, _ = made.engine(x=np.float32(x))
        assert loss(view) == pytest.approx(float(results["loss:0"]), rel=1e-3)
        assert view.evaluate(SLOPE) == pytest.approx(float(results["slope:0"]), rel=1e-3)


@pytest.mark.parametrize("switch", SWITCHES)
def test_the_gradient_of_a_branch_in_a_loop_is_computed_of_the_one_that_each_turn_took(
    opened, switch
):
    made = lively(FORKED, switch)
    view = opened(made.page)
    assert view.evaluate(STAYS) == []
    assert view.evaluate("graphlab.machine.worst") < NEAR
    ran = set()
    for x in (0.75, 1.25):  # the sides that were recorded, and in each turn the other one
        change(view, "fed x", "", x)
        results, inside = made.engine(x=np.float32(x))
        ran.add(frozenset(inside))
        assert loss(view) == pytest.approx(float(results["loss:0"]), rel=1e-3)
        assert view.evaluate(SLOPE) == pytest.approx(float(results["slope:0"]), rel=1e-3)
        assert_shown_is(view, inside)
    assert len(ran) == 2


def test_an_op_of_a_condition_that_is_named_like_one_of_the_body_is_the_condition_s(opened):
    """25.2's gradient has an Identity in both functions of a loop that takes no turn."""
    part = outline.find("25.2")[0]
    told = run_part(part, ("graph",), devices.prepare("CPU:0"), None, lambda *_: None, values=True)
    view = opened(pages.page_of_reports([told], live=True))
    assert view.evaluate(STAYS) == []
