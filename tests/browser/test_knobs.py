"""Knobs beside a lesson's picture: turned, they give what TensorFlow gives; reset, the original."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import tensorflow as tf

from graphlab import devices
from graphlab.course import outline
from graphlab.course.run import run_part
from graphlab.output import pages
from graphlab.output.knobs import PANELS
from tests.browser.test_accessible import violations
from tests.browser.test_live_page import unpacked

STEPS = {"2.3": 2, "2.4": 2, "3.4": 2}  # of the long trainings; none: all of them


@functools.cache
def lively(name: str) -> str:
    part = outline.find(name)[0]
    device = devices.prepare("CPU:0")
    told = run_part(
        part, ("graph",), device, None, lambda *_: None, STEPS.get(name), values=True, live=True
    )
    return pages.page_of_reports([told], live=True)


def module(name: str):
    return outline.load(outline.find(name)[0])


class Panel:
    """The knobs of a part in an open page."""

    def __init__(self, view, part: str) -> None:
        self.view, self.part = view, part
        self.element = view.locator(f'.knobs[data-part="{part}"]')
        self.element.scroll_into_view_if_needed()
        self.steps = max(PANELS[part].steps, 1)
        self.drawn()

    def drawn(self) -> None:
        done = f'.knobs[data-part="{self.part}"][data-step="{self.steps}"]'
        self.view.wait_for_selector(done, timeout=60_000)

    def turn(self, name: str, number: float) -> None:
        self.element.evaluate("element => delete element.dataset.step")
        self.element.get_by_label(name, exact=True).fill(str(number))
        self.drawn()

    def tensor(self, name: str) -> np.ndarray:
        told = self.view.evaluate(
            "([part, name]) => { const { values, state } = graphlab.knobs[part].found;"
            " const { shape, data } = state.get(name) || values.get(name);"
            " return [shape, Array.from(data)]; }",
            [self.part, name],
        )
        return np.reshape(told[1], told[0])

    def losses(self) -> np.ndarray:
        return np.array(self.view.evaluate(f"graphlab.knobs['{self.part}'].found.losses"))

    def status(self) -> str:
        return self.element.get_by_role("status").inner_text()


@pytest.mark.parametrize("part", PANELS)
def test_each_panel_computes_the_recorded_call_and_draws_it_as_it_was(opened, part):
    panel = Panel(opened(lively(part)), part)
    assert "Not to be turned" not in panel.element.inner_text()
    worst = panel.view.evaluate(f"graphlab.knobs['{part}'].machine.worst")
    assert worst < 1e-5
    near = "is at most" if worst else "gives the numbers that were recorded"
    assert f"recorded call again {near}" in panel.status()
    if PANELS[part].pictures or PANELS[part].lines:
        assert "as in the original" in panel.status()


def descent(loss_of, weights, rate: float, steps: int) -> np.ndarray:
    losses = []
    weights = [tf.Variable(each) for each in weights]
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = loss_of(*weights)
        for weight, slope in zip(weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(np.float32(rate) * slope)
        losses.append(float(loss))
    return np.array(losses)


def test_another_rate_in_2_3_descends_as_tensorflow_does(opened):
    panel = Panel(opened(lively("2.3")), "2.3")
    x, y, rate = module("2.3").cases()[0]

    def loss(W):
        return tf.reduce_mean(tf.square(x @ W - y))

    original = descent(loss, [np.zeros([3, 1], np.float32)], rate, panel.steps)
    assert panel.losses() == pytest.approx(original, rel=1e-3)
    panel.turn("rate", 0.02)
    slow = descent(loss, [np.zeros([3, 1], np.float32)], 0.02, panel.steps)
    assert panel.losses() == pytest.approx(slow, rel=1e-3) and slow[-1] > 2 * original[-1]
    panel.element.evaluate("element => delete element.dataset.step")
    panel.element.get_by_role("button", name="reset").click()
    panel.drawn()
    assert panel.losses() == pytest.approx(original, rel=1e-3)
    assert panel.element.get_by_label("rate", exact=True).input_value() == "0.1"


def test_fewer_pictures_in_2_4_are_trained_on_as_tensorflow_does(opened):
    panel = Panel(opened(lively("2.4")), "2.4")
    images, labels = module("2.4").cases()[0]
    panel.turn("rate", 0.2)
    panel.turn("pictures in it", 7)

    def loss(W, b):
        loss_of = tf.nn.sparse_softmax_cross_entropy_with_logits
        return tf.reduce_mean(loss_of(labels[:7], images[:7] @ W + b))

    zeros = [np.zeros([784, 10], np.float32), np.zeros(10, np.float32)]
    assert panel.losses() == pytest.approx(descent(loss, zeros, 0.2, panel.steps), rel=1e-3)


def test_fewer_hidden_units_in_3_4_train_as_a_network_of_so_many(opened):
    panel = Panel(opened(lively("3.4")), "3.4")
    cases = module("3.4").cases()
    (images, labels, rate), start = cases[0], cases.start
    panel.turn("hidden units", 5)

    def loss(W, b, V, c):
        loss_of = tf.nn.sparse_softmax_cross_entropy_with_logits
        return tf.reduce_mean(loss_of(labels, tf.tanh(images @ W + b) @ V + c))

    few = [start["W"][:, :5], start["b"][:5], start["V"][:5], start["c"]]
    assert panel.losses() == pytest.approx(descent(loss, few, rate, panel.steps), rel=1e-3)


def test_a_weight_of_3_1_folds_the_plane_elsewhere(opened):
    panel = Panel(opened(lively("3.1")), "3.1")
    part = module("3.1")
    panel.turn("p to h2", -0.5)
    panel.turn("bias of h1", 0.25)
    (W, b), (V, c) = part.GIVEN["hidden"], part.GIVEN["output"]
    W, b = W.copy(), b.copy()
    W[0, 1], b[0] = -0.5, 0.25
    h = np.maximum(part.CASES[1] @ W + b, 0)
    assert panel.tensor("h:0") == pytest.approx(h, abs=1e-5)
    assert panel.tensor("output/z:0") == pytest.approx(h @ V + c, abs=1e-5)
    assert "from the original" in panel.status()
    panel.element.get_by_role("button", name="reset").click()
    assert "as in the original" in panel.status()


def test_a_picture_has_its_original_behind_where_it_is_another(opened):
    """The middle of a cell has the number's colour, its rim the original's, fainter."""
    panel = Panel(opened(lively("4.1")), "4.1")
    row = """() => Array.from(document.querySelectorAll(".knobs canvas")[1]
        .getContext("2d").getImageData(0, 12, 13, 1).data)"""
    dark_blue, orange = [4, 58, 99, 255], [205, 80, 0, 255]
    assert panel.view.evaluate(row) == orange * 13  # the first cell, from its edge to its middle
    panel.turn("row 1, column 1", -1)
    found = panel.view.evaluate(row)
    assert found[-4:] == dark_blue
    assert found[:4] == [*(int(c + (255 - c) * 0.55 + 0.5) for c in orange[:3]), 255]


def test_the_nine_numbers_of_4_1_are_a_filter_like_any(opened):
    panel = Panel(opened(lively("4.1")), "4.1")
    part = module("4.1")
    panel.turn("row 2, column 3", 1.5)
    filters = part.FILTERS.copy()
    filters[1, 2, 0, 0] = 1.5
    maps = tf.nn.conv2d(part.CASES[0], filters, 1, "VALID") / 9
    assert panel.tensor("maps:0") == pytest.approx(np.array(maps), abs=1e-5)


def test_the_slope_of_4_5_is_that_of_the_function_and_of_its_gradient(opened):
    panel = Panel(opened(lively("4.5")), "4.5")
    x = module("4.5").LINE
    panel.turn("alpha", -0.4)
    assert panel.tensor("LeakyRelu:0") == pytest.approx(np.array(tf.nn.leaky_relu(x, -0.4)))
    slope = PANELS["4.5"].lines["slope of leaky"]
    assert panel.tensor(slope) == pytest.approx(np.where(x > 0, 1, -0.4))


def test_the_gates_of_7_1_let_through_what_numpy_says(opened):
    panel = Panel(opened(lively("7.1")), "7.1")
    part = module("7.1")
    panel.turn("forget gate", 1.5)
    panel.turn("output gate", 2)
    x, W, U, b = part.cases()[0]
    b = b.copy()
    b[[1, 3]] = 1.5, 2
    gates = part.expected([(x, W, U, b)])
    for k, name in enumerate(part.NAMES):
        assert panel.tensor(f"split:{k}") == pytest.approx(gates[name][0], abs=1e-5)
    cell = gates["c"][0][:, 0, 0]
    assert abs(cell[14]) < 0.2 * abs(cell[1])  # half open, the forget gate lets it fade


@pytest.mark.parametrize("part", ["2.3", "3.1"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(opened, part, width, scheme):
    size = {"width": width, "height": 900}
    panel = Panel(opened(lively(part), viewport=size, color_scheme=scheme), part)
    assert violations(panel.view) == []
    inside = panel.element.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    assert inside and panel.element.bounding_box()["width"] <= width


def test_a_page_that_is_not_live_has_no_knobs():
    part = outline.find("4.1")[0]
    device = devices.prepare("CPU:0")
    told = run_part(part, ("graph",), device, None, lambda *_: None, values=True)
    assert "module_live" not in unpacked(pages.page_of_reports([told]))


def test_at_1440_pixels_the_knobs_stand_beside_their_picture_in_the_split_view_too(opened):
    view = opened(lively("3.1"), viewport={"width": 1440, "height": 900})
    for shown in ("read", "split"):
        view.evaluate("shown => graphlab.change({ view: shown })", shown)
        picture = view.locator(".beside > .figure").bounding_box()
        knobs = view.locator(".knobs").bounding_box()
        assert knobs["x"] >= picture["x"] + picture["width"]
        assert abs(knobs["y"] - picture["y"]) < 20


def test_small_cells_have_a_line_where_the_sign_of_the_original_turned(opened):
    """The cells of 3.1 are 4 pixels wide: frames of one pixel in them would be dots."""
    panel = Panel(opened(lively("3.1")), "3.1")
    lines = """() => { const [canvas] = document.querySelectorAll(".knobs canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const found = [];
        for (let k = 0; k < data.length; k += 4)
            if (data[k] === 99 && data[k + 1] === 107 && data[k + 2] === 120) found.push(k / 4);
        return [canvas.width, found]; }"""
    assert panel.view.evaluate(lines)[1] == []  # as in the original
    rows = [each.bounding_box() for each in panel.view.locator(".knobs canvas").all()]
    assert len(rows) == 3 and len({row["y"] for row in rows}) == 1  # beside one another
    panel.turn("p to h1", -1)
    wide, found = panel.view.evaluate(lines)
    assert found
    # h1 was ReLU(p + q): 0 below the line from the left edge's middle downwards, to the right.
    rows = {k // wide for k in found}
    columns = {k % wide for k in found}
    assert min(columns) < 4 and max(rows) > wide - 8
    assert "a line is where the original's sign turns" in panel.status()
