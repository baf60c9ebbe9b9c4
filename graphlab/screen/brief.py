"""What came out of a part as a learner reads it first: a picture, the claims, one table.

    after(report, 100)           # with what stands above it at most LINES

What is left out is named, with what shows it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from graphlab.course import source
from graphlab.course.report import PARTLY, Report, losses
from graphlab.screen import figures, keys, page, prose, tables
from graphlab.screen.excerpt import MORE, before, height
from visualize.text.rows import styled

LINES = 160  # of a part
ENDING = 4  # of them by what tells of all else


def after(report: Report, width: int) -> Iterator[RenderableType]:
    """What there is to see, the claims, and one table of the results; then what else there is."""
    room = LINES - sum(height(e, width) for e in before(report.part, width, tuple(report.ways)))
    told = [*_claims(report, width, code=False), *_table(report, width)]
    room -= sum(height(each, width) for each in told) + ENDING
    pictures, left = _pictures(report, width, room)
    yield from pictures
    room -= sum(height(each, width) for each in pictures)
    shown = _claims(report, width, code=True)
    longer = sum(height(each, width) for each in shown) - sum(
        height(each, width) for each in _claims(report, width, code=False)
    )
    yield from shown if longer <= room else _claims(report, width, code=False)
    yield from _table(report, width)
    others = [*left, "the code of the claims"] if longer > room else left
    left_out = ", ".join([*others, "work and time", "recorded runs and ops"])
    yield Text(f"Not shown: {left_out}: {MORE.format(report.part.name)}", "dim")
    yield Text()


def _pictures(report: Report, width: int, room: int) -> tuple[list[RenderableType], list[str]]:
    """The first picture, and the others that there is room for; and what those left out show."""
    drawn: list[RenderableType] = [prose.heading("To look at")]
    left = []
    for number, (title, picture) in enumerate(_every(report, width)):
        room -= height(picture, width)
        if number and room < 0:
            left.append(title)
        else:
            drawn.append(picture)
    return drawn if len(drawn) > 1 else [], left


def _every(report: Report, width: int) -> Iterator[tuple[str, RenderableType]]:
    """What a part has to show: its figures and its loss; or else its first graph."""
    for shown in report.figures.values():
        yield f"*{shown.title}*", figures.figure(shown, width)
    found = losses(report.ways)
    if found:
        yield "the loss", Group(Text("\nThe loss, step by step", "bold"), page.curve(found, width))
    built = page.graphs(report)
    if built and not report.figures and not found:
        way, graph = next(iter(built.items()))
        title = Text(f"\nThe graph that `{way}` builds", "bold")
        drawn = page.graph(graph, f"{report.part.name}:{way}", width)
        signs = keys.lanes(styled(graph, width))
        yield "the graph", Group(title, drawn, *signs)


def _claims(report: Report, width: int, code: bool) -> list[RenderableType]:
    """Each claim; those that show a failure with the code and what TensorFlow says of it."""
    if not report.claims:
        return []
    every = source.claims(report.part) if code else {}
    shown = {claim.name: every[claim.name] for claim in report.claims if claim.raised and code}
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
        tables.summary(report, width),
        tables.verdict(report),
    ]
