"""What the parts of the course show can be drawn: on a terminal, as a picture and in words."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len
from rich.console import Console
from treatment import treatment

from graphlab import devices
from graphlab.course import outline, ways
from graphlab.course.figures import shown
from graphlab.screen.figures import figure
from visualize.plots.figures import alternative, draw

PARTS = [
    part
    for lesson in outline.lessons()
    for part in lesson.parts
    if re.search(r"^def figures\(", part.path.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_the_figures_of_a_part_can_be_drawn_everywhere_and_say_what_to_see(part):
    device = devices.prepare("CPU:0")
    steps = treatment(part.name).steps
    given = ways.run_way(outline.load(part), "graph", device, steps=steps)
    seen = shown(outline.load(part), {"graph": given.results})
    assert seen.complaints == ()
    assert seen.figures
    for each in seen.figures.values():
        assert each.title and each.caption.endswith(".")
        assert alternative(each).startswith(each.title)
        assert ElementTree.fromstring(draw(each, "svg")).tag.endswith("svg")
        for width in (80, 200):
            console = Console(width=width, force_terminal=True, color_system="truecolor")
            lines = console.render_lines(figure(each, width), pad=False)
            assert max(cell_len("".join(part.text for part in line)) for line in lines) <= width
