"""A click on a number of an op's value shows the sum behind it, from what the page recorded."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.model import Graph, Run, Step
from tests.browser.test_browser import node
from visualize.page.columns import runs_columns
from visualize.page.html import page

X = np.float32([[1, 2], [3, 4]])
W = np.float32([[5, 6], [7, -8]])
EDGES = np.float32([[0, 1, 2], [3, 4, 5], [6, 7, 8]]).reshape(1, 3, 3, 1)
FILTER = np.float32([[1, 2], [3, 4]]).reshape(2, 2, 1, 1)
E = np.exp(np.float32([[-1, 0], [-1, 0]]))
SAME = {"padding": "SAME", "strides": [1, 1, 1, 1]}
# An op, its attributes, what it takes and gives, which number is clicked, and what is said.
CASES = [
    (
        "MatMul",
        {},
        (X, W),
        X @ W,
        3,
        "row 1 of the first times column 1 of the second",
        "3 * 6 + 4 * (-8) = -14",
    ),
    (
        "MatMul",
        {"transpose_a": True},
        (X, W),
        X.T @ W,
        1,
        "column 0 of the first",
        "1 * 6 + 3 * (-8) = -18",
    ),
    (
        "Softmax",
        {},
        (X,),
        E / E.sum(1, keepdims=True),
        1,
        "less the largest, 2: 0.3679, 1",
        "1 / 1.368 = 0.7311",
    ),
    (
        "Conv2D",
        SAME,
        (EDGES, FILTER),
        np.zeros((1, 3, 3, 1)),
        8,
        "from row 2, column 2",
        "8 * 1 = 8",
    ),
    (
        "Conv2D",
        SAME,
        (EDGES, FILTER),
        np.zeros((1, 3, 3, 1)),
        0,
        "2 by 2",
        "0 * 1 + 1 * 2 + 3 * 3 + 4 * 4 = 27",
    ),
    ("AddV2", {}, (X, W[0]), X + W[0], 2, "", "3 + 5 = 8"),
    ("TanhGrad", {}, (X, W), X, 1, "dx = dy * (1 - y * y)", "dy = 6, y = 2: -18"),
    ("Mean", {}, (X, np.int32([0])), X.mean(0), 1, "", "(2 + 4) / 2 = 3"),
]


def recorded(op: str, attrs: dict, inputs: tuple, output: np.ndarray) -> str:
    names = [f"in_{k}" for k in range(len(inputs))]
    ops = [node(name, "Const") for name in names]
    last = node("gradients/out", op, tuple(f"{name}:0" for name in names), attrs=attrs)
    graph = Graph((*ops, last))
    every = [*zip(names, inputs, strict=True), ("gradients/out", output)]
    steps = tuple(
        Step(name, graph[name].op, "CPU:0", float(k), 1.0, values={f"{name}:0": value})
        for k, (name, value) in enumerate(every)
    )
    graphs: list = []
    runs = runs_columns([Run("graph", "Session.run", 2, built=graph, steps=steps)], graphs)
    return page({"title": "t", "graphs": graphs, "runs": runs})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}_{case[4]}")
def test_a_number_that_is_clicked_shows_the_sum_behind_it(opened, case):
    op, attrs, inputs, output, k, says, total = case
    view = opened(recorded(op, attrs, inputs, output))
    view.keyboard.press("End")
    view.locator(".details .number-of").nth(k).click()
    told = view.locator(".terms").inner_text()
    assert says in told and total in told
    if attrs.get("transpose_a"):
        assert "dW = hᵀ dz" in told
    view.locator(".terms .link", has_text="in_0").click()
    assert view.locator(".details h2").inner_text() == "in_0"


def test_a_sum_of_numbers_that_are_not_in_the_page_is_not_made_up(opened):
    large = np.ones((20, 20), np.float32)
    view = opened(recorded("MatMul", {}, (large[:1], large[:, :1]), large[:1, :1] * 20))
    view.keyboard.press("End")
    view.locator(".details .number-of").click()
    assert "1 * 1" in view.locator(".terms").inner_text()
    view = opened(recorded("MatMul", {}, (large[:2], large[:, :2]), large[:2, :2] * 20))
    view.keyboard.press("End")
    view.locator(".details .number-of").first.click()
    assert "1 * 1" in view.locator(".terms").inner_text()
    view = opened(recorded("MatMul", {}, (large, large[:, :1]), large[:, :1] * 20))
    view.keyboard.press("End")
    view.locator(".details .number-of").first.click()
    assert "not all numbers of in_0 are in this page" in view.locator(".terms").inner_text()
