"""Titles and words of a picture, and the lines that would go through them."""

import random
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.textpath import TextPath

from visualize.diagram.drawn import Box, Diagram, Edge, Group
from visualize.layout.graphviz import laid_out
from visualize.pictures.clear import clear
from visualize.pictures.dot import dot
from visualize.pictures.fit import fitted
from visualize.pictures.looks import GRADIENT_LINE, TAKEN
from visualize.pictures.paper import paper
from visualize.pictures.picture import picture
from visualize.pictures.swatches import with_shapes
from visualize.pictures.titles import crowded, with_clear_text

WIDE = "a title that is much wider than its group"
SVG = "{http://www.w3.org/2000/svg}"


def op(key, name, **more):
    return Box(key, name, name, "op", "", 1, **more)


def entered(title, inner=5):
    """A group whose ops each take a tensor from an op outside of it."""
    outside = tuple(op(k, f"x{k}") for k in range(inner))
    members = tuple(op(inner + k, f"a longer name {k}") for k in range(inner))
    edges = tuple(Edge(k, inner + k, 1, (2, 3), "float32") for k in range(inner))
    return Diagram((*outside, Group(title, title, members)), edges)


def nested(chance):
    """Groups in groups, with long titles and many lines from one to another."""
    ops = [op(k, f"x{k}") for k in range(12)]
    inner = [
        Group(f"g{k}", f"a scope with a long name {k}", tuple(ops[3 * k : 3 * k + 3]))
        for k in range(3)
    ]
    outer = Group("outer", "what holds two of the others", tuple(inner[:2]))
    pairs = sorted({tuple(sorted(chance.sample(range(12), 2))) for _ in range(20)})
    edges = (Edge(b, a, 1, (2, 3), "float32") for a, b in pairs)
    return Diagram((outer, inner[2], *ops[9:]), tuple(edges))


def crossings(svg, title):
    """Where lines are at the height of a title's middle, and from where to where the title is."""
    root = ElementTree.fromstring(svg)
    text = next(each for each in root.iter(f"{SVG}text") if each.text == title)
    height = float(text.get("y")) - 4
    found = []
    for line in (each for each in root.iter(f"{SVG}path") if each.get("fill") == "none"):
        points = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", line.get("d")), float)
        t = np.linspace(0, 1, 400)[:, None]
        for a, b, c, d in (points[k : k + 4] for k in range(0, len(points) - 3, 3)):
            curve = a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t**2 * (1 - t) + d * t**3
            below = np.sign(curve[:, 1] - height)
            found += list(curve[1:][below[1:] != below[:-1], 0])
    start = float(text.get("x"))
    # matplotlib's own font is DejaVu Sans, in which pictures are set
    return found, (start, start + TextPath((0, 0), title, size=11).get_extents().x1)


@pytest.mark.parametrize(
    ("title", "inner"),
    [
        *(("layer", inner) for inner in (1, 3, 5)),
        *(("a dense layer", inner) for inner in (3, 5)),
        *((WIDE, inner) for inner in (1, 3, 5)),
    ],
)
def test_no_line_goes_through_the_title_of_a_group(title, inner):
    lines, (left, right) = crossings(picture(dot(entered(title, inner)), "svg"), title)
    assert len(lines) >= inner
    assert [x for x in lines if left <= x <= right] == []


@pytest.mark.parametrize("seed", range(12))
def test_groups_in_groups_are_made_as_wide_as_their_titles_need(seed):
    source = dot(nested(random.Random(seed)))
    assert crowded(laid_out(source)) != {}
    drawn = []

    def lay(wider):
        drawn.append(laid_out(wider))
        return drawn[-1]

    svg = clear(source, lay)
    assert crowded(drawn[-1]) == {}
    assert svg == with_clear_text(with_shapes(drawn[-1]))
    assert svg.count(" paint-order=") == len(re.findall(r"label=\" ", source))  # of lines alone


def test_a_title_without_room_beside_the_lines_is_written_above_them():
    title = WIDE
    svg = with_clear_text(laid_out(dot(entered(title, 1))))
    last = svg.rindex('class="edge"')
    assert svg.index(f">{title}<") > last
    (written,) = re.findall(rf"<text ([^>]*)>{title}<", svg)
    assert 'paint-order="stroke"' in written and 'stroke="#fafafa"' in written


def test_words_of_lines_are_above_all_lines_also_on_a_slide():
    diagram = entered("layer")
    for svg in (
        picture(dot(diagram), "svg").decode(),
        fitted(lambda *_: diagram, paper("16:9"))[0],
    ):
        assert svg.count(">2x3<") + svg.count("> 2x3 <") == 5
        assert svg.index("2x3") > svg.rindex("<path", 0, svg.rindex("2x3"))


def training(*, apart=True):
    """Two ops, what they give one another, and the gradient that takes both."""
    members = (op(0, "x"), op(1, "h"), op(2, "gradients", gradient=apart))
    edges = ((0, 1), (0, 2), (1, 2))
    return Diagram(members, tuple(Edge(a, b, 1, (2, a), "float32") for a, b in edges))


def test_what_a_gradient_takes_is_paler_and_says_its_shape_once():
    lines = re.findall(r"(n\d) -> (n\d) \[(.*)\]", dot(training()))
    assert [(a, b, TAKEN in look, "label" in look) for a, b, look in lines] == [
        ("n0", "n1", False, True),
        ("n0", "n2", True, False),  # as the line to h says
        ("n1", "n2", True, True),  # nothing else says it
    ]
    assert ">to a gradient<" in dot(training())
    plain = dot(training(apart=False))
    assert TAKEN not in plain and ">to a gradient<" not in plain


def contrast(colour):
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 1.05 / (np.dot(linear, (0.2126, 0.7152, 0.0722)) + 0.05)


def test_a_paler_line_can_still_be_seen():
    """WCAG asks for 3:1 of what is needed to understand a picture."""
    assert 3.0 <= contrast(TAKEN) < contrast(GRADIENT_LINE)
