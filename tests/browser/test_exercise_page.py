"""The page of an exercise, as a learner uses it: hints one at a time, a solution that is asked for
twice, the program beside its graph."""

from __future__ import annotations

import pytest

from graphlab.exercises.exercise import exercise
from graphlab.exercises.watched import programs
from graphlab.output.exercise_page import page_of_exercise


@pytest.fixture(scope="module")
def text() -> str:
    return page_of_exercise(exercise(1), programs(exercise(1)))


@pytest.fixture(scope="module")
def turned() -> str:
    return page_of_exercise(exercise(3), programs(exercise(3)))


def summaries(view) -> list[str]:
    """What can be unfolded now."""
    return [each.inner_text() for each in view.locator("summary").all() if each.is_visible()]


def test_a_hint_is_behind_the_one_before_it(opened, text):
    view = opened(text)
    view.get_by_role("button", name="read", exact=True).click()
    for number, hint in enumerate(exercise(1).hints, 1):
        assert summaries(view) == [
            *(f"Hint {k} of 3" for k in range(1, number + 1)),
            "The solution",
        ]
        said = view.get_by_text(hint.replace("`", "")[:30])
        assert not said.is_visible()
        view.get_by_text(f"Hint {number} of 3").click()
        assert said.is_visible()


def test_the_solution_is_asked_for_twice(opened, text):
    view = opened(text)
    view.get_by_role("button", name="read", exact=True).click()
    solution = view.locator(".solution pre")
    assert solution.text_content() == exercise(1).solution.read_text(encoding="utf-8")
    view.get_by_text("The solution").click()
    assert not solution.is_visible()
    view.get_by_text("Show it all the same").click()
    assert solution.is_visible()


def test_a_line_of_the_program_leads_to_its_ops_and_of_the_port_to_others(opened, text):
    view = opened(text)
    view.locator(".line-of-code.linked", has_text="centred = self.x - m.read_value()").click()
    lit = view.locator(".box:not(.frame):not(.dim) > .title").all_text_contents()
    assert "sub_1" in lit
    assert view.evaluate("graphlab.run.way") == "graph"
    view.locator(".line-of-code.linked", has_text="centred = x - self.m").click()
    assert view.evaluate("graphlab.run.way") == "function"


def test_a_weak_checker_stands_beside_the_programs(opened, turned):
    view = opened(turned)
    assert view.locator(".way-head h3").all_text_contents() == [
        "TensorFlow 1",
        "yours",
        "weak checker",
    ]
    assert view.locator(".way-graph").all_text_contents()[2] == "it builds no graph"
    # The text quotes the checker, and a quoted program keeps its lines.
    assert "\n        sides.write(" in view.locator(".lead pre").text_content()


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_a_page_is_read_without_scrolling_sideways(opened, text, width):
    view = opened(text, viewport={"width": width, "height": 844})
    view.get_by_role("button", name="read", exact=True).click()
    assert view.evaluate("document.documentElement.scrollWidth") == width
