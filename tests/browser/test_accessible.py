"""Screen readers and keyboards: axe-core finds nothing, the text view says what is drawn."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from graphlab import devices
from graphlab.course import outline, report
from graphlab.course.run import run_part
from graphlab.output import drawings, pages
from graphlab.targets import run as targets
from graphlab.targets.target import Watched, parse
from tests.browser.test_browser import press
from tests.browser.test_moments import staged

VENDOR = Path(__file__).parent / "vendor"
AXE = VENDOR / "axe.min.js"
SCHEMES = ("light", "dark")
SIZES = [(1440, 900), (1024, 768), (390, 844)]
# What is wrong, of how many elements, and the first of them.
FOUND = """async () => (await axe.run(document)).violations
    .map(({ id, nodes }) => `${id}: ${nodes.length}, ${nodes[0].html.slice(0, 300)}`)"""


@pytest.fixture(scope="module")
def lesson() -> str:
    device = devices.prepare("CPU:0")
    part = outline.find("1.1")[0]
    told = run_part(part, outline.REQUIRED, device, None, lambda *_: None, values=True)
    assert isinstance(told, report.Report)
    return pages.page_of_report(told)


def test_axe_is_the_file_that_its_package_has():
    recorded = json.loads((VENDOR / "package.json").read_text())
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == recorded["sha256"]
    assert f"axe v{recorded['version']}" in AXE.read_text(encoding="utf-8")[:200]
    assert "Mozilla Public License" in (VENDOR / "LICENSE.txt").read_text()


def violations(view) -> list[str]:
    view.evaluate(AXE.read_text(encoding="utf-8"))
    return view.evaluate(FOUND)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_axe_finds_nothing_on_the_page_of_a_run(opened, size, scheme):
    width, height = size
    view = opened(staged(), viewport={"width": width, "height": height}, color_scheme=scheme)
    press(view, ".", ".")
    assert violations(view) == []


def violations_at_all_sizes(view, schemes: Sequence[str] = SCHEMES) -> dict[str, list[str]]:
    """What is wrong at which size and in which colours, which take turns; {} where nothing is."""
    found = {}
    for (width, height), scheme in zip(SIZES, itertools.cycle(schemes)):
        view.emulate_media(color_scheme=scheme)
        view.set_viewport_size({"width": width, "height": height})
        view.wait_for_timeout(200)  # what is drawn a frame later is drawn
        found[f"{width}, {scheme}"] = violations(view)
    return {where: what for where, what in found.items() if what}


@pytest.fixture(scope="module")
def watched() -> Watched:
    return targets.watch(parse("3.1"), devices.prepare("CPU:0"), None, values=True)


@pytest.mark.parametrize("live", [False, True], ids=["recorded", "live"])
@pytest.mark.parametrize(("command", "schemes"), [("step", SCHEMES), ("trace", SCHEMES[::-1])])
def test_axe_finds_nothing_on_the_page_of_a_command(opened, watched, command, schemes, live):
    """With the stages, as the commands give them, and in the middle of the call."""
    stages = drawings.stages_of(watched)
    shown = pages.page_of_watched(watched, stages, values_first=command == "step", live=live)
    view = opened(shown)
    press(view, ".", ".", ".")
    assert violations_at_all_sizes(view, schemes) == {}


@pytest.mark.parametrize("schemes", [SCHEMES, SCHEMES[::-1]], ids=" ".join)
@pytest.mark.parametrize("shown", ["read", "split", "graph"])
def test_axe_finds_nothing_on_the_page_of_a_lesson(opened, lesson, shown, schemes):
    view = opened(lesson)
    view.get_by_role("button", name=shown, exact=True).click()
    assert violations_at_all_sizes(view, schemes) == {}


def test_code_that_may_be_wider_than_the_page_is_reached_by_keys(opened, lesson):
    """Else nobody scrolls it without a mouse."""
    view = opened(lesson, viewport={"width": 390, "height": 844})
    code = "[...document.querySelectorAll('.shared pre')]"
    stops = view.evaluate(f"{code}.map((each) => each.tabIndex)")
    assert stops and set(stops) == {0}
