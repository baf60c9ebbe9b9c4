"""What came out of a part as a learner reads it first: a picture, the claims, one table.

    after(report, 100)           # with what stands above it at most LINES

What is left out is named, with what shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.course import source
from graphlab.course.report import PARTLY, Report, losses
from graphlab.screen import figures, keys, page, prose, tables
from graphlab.screen.excerpt import MORE, before, height
from graphlab.screen.summary import summary
from visualize.text.rows import styled

LINES = 160  # of a part
ENDING = 4  # of them by what tells of all else
HEADING = 2  # of them above each picture: an empty one and its title


def after(report: Report, width: int) -> Iterator[RenderableType]:
    """What there is to see, the claims, and one table of the results; then what else there is.

    Where there is room, claims that show a failure have their code, and there are more pictures.
    """
    table, plain = _table(report, width), _claims(report, width, {})
    above = before(report.part, width, tuple(report.ways))
    room = LINES - ENDING - _tall([*above, *table, *plain], width)
    every = [(*each, HEADING + height(each[2], width)) for each in _every(report, width)]
    first = next((each for each in every if each[3] <= room), None)
    first = first or min(every, key=lambda each: each[3], default=None)
    room -= first[3] if first else 0
    shown = _code(report, width, room)
    claims = _claims(report, width, shown)
    room -= _tall(claims, width) - _tall(plain, width)
    left = []
    if first:
        yield prose.heading("To look at", first[1])
        yield first[2]
    for name, title, drawn, tall in (each for each in every if each is not first):
        room -= tall
        if room >= 0:
            yield Text(f"\n{title}", "bold")
            yield drawn
        else:
            left.append(name)
    yield from claims
    yield from table
    if any(claim.raised and claim.name not in shown for claim in report.claims):
        left.append("the code of claims")
    left_out = ", ".join([*left, "work and time", "recorded runs and ops"])
    yield Text(f"Not shown: {left_out}: {MORE.format(report.part.name)}", "dim")


def _tall(drawn: Iterable[RenderableType], width: int) -> int:
    return sum(height(each, width) for each in drawn)


def _code(report: Report, width: int, room: int) -> dict[str, str]:
    """The code of claims that show a failure, as many as there is room for."""
    every = source.claims(report.part)
    shown: dict[str, str] = {}
    without = _tall(_claims(report, width, {}), width)
    for claim in report.claims:
        more = shown | {claim.name: every[claim.name]} if claim.raised else shown
        if _tall(_claims(report, width, more), width) - without <= room:
            shown = more
    return shown


def _every(report: Report, width: int) -> Iterator[tuple[str, str, RenderableType]]:
    """What a part has to show, each with a name and a title: its figures and its loss; or else its
    first graph."""
    for shown in report.figures.values():
        title = figures.title(shown)
        yield f'"{title}"', title, figures.drawing(shown, width)
    found = losses(report.ways)
    if found:
        yield "the loss", "The loss, step by step", page.curve(found, width)
    built = page.graphs(report)
    if built and not report.figures and not found:
        way, graph = next(iter(built.items()))
        drawn = page.graph(graph, f"{report.part.name}:{way}", width)
        signs = keys.lanes(styled(graph, width))
        yield "the graph", f"The graph that `{way}` builds", Group(drawn, *signs)


def _claims(report: Report, width: int, shown: Mapping[str, str]) -> list[RenderableType]:
    """Each claim; those whose code is shown with what TensorFlow says to it."""
    if not report.claims:
        return []
    told = list(page.claims(report.claims, shown, width))
    left = [prose.heading("Not checked", PARTLY), prose.unchecked(report.left_out)]
    return [prose.heading("Claims", "each was executed just now"), *told] + left * bool(
        report.left_out
    )


def _table(report: Report, width: int) -> list[RenderableType]:
    beside = "; beside them, how near the others came" if len(report.results) > 1 else ""
    first = next(iter(report.ways))
    return [
        prose.heading("Results", f"as {first} gave them on {report.device}{beside}"),
        summary(report, width),
        tables.verdict(report),
    ]
