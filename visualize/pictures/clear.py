"""DOT source becomes SVG in which titles and words can be read wherever lines go.

    clear(source)           the picture as SVG, text

A title stands beside the lines that enter its group. Where a group is too narrow for that it is
laid out again, wider; what a line still crosses is written above it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from visualize.layout.graphviz import laid_out
from visualize.pictures.swatches import with_shapes
from visualize.pictures.titles import crowded, with_clear_text

MOST_LAYOUTS = 8  # each a little wider; lines move with it, so that one may not do
_TITLE = re.compile(r"(subgraph (cluster_\d+_\d+) \{\n[^\n]*? label=)<([^<>]*)>")


def clear(source: str, lay: Callable[[str], str] = laid_out) -> str:
    """The SVG of DOT source that `visualize.pictures.dot` wrote; `lay` makes Graphviz's of it.

    ValueError: source that Graphviz cannot read.
    """
    best = lay(source)
    fewest = narrow = crowded(best)
    widths: dict[str, float] = {}
    for _ in range(MOST_LAYOUTS - 1):
        if not fewest:
            break
        widths |= narrow
        svg = lay(widened(source, widths))
        narrow = crowded(svg)
        if len(narrow) < len(fewest):
            best, fewest = svg, narrow
    return with_shapes(with_clear_text(best))


def widened(source: str, widths: Mapping[str, float]) -> str:
    """The same source with some open groups, by their names in it, at least so many points wide."""

    def title(found: re.Match[str]) -> str:
        if found[2] not in widths:
            return found[0]
        cell = f'<TD WIDTH="{widths[found[2]]:.0f}">{found[3]}</TD>'
        table = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
        return f"{found[1]}<{table}<TR>{cell}</TR></TABLE>>"

    return _TITLE.sub(title, source)
