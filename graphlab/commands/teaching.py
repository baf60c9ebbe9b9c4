"""Go through the parts of a lesson: show each, run it, say what came out, and wait for Enter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from graphlab import devices
from graphlab.commands import talk
from graphlab.commands.asking import ask
from graphlab.commands.paging import Left, Paged
from graphlab.course import outline, ways
from graphlab.course.document import document
from graphlab.course.report import Report
from graphlab.course.run import Tick, run_part
from graphlab.errors import GraphlabError
from graphlab.lesson import datasets
from graphlab.output import files, pages, pictures
from graphlab.screen import brief, opening, page


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    lesson: outline.Lesson
    parts: Sequence[outline.Part]
    way: str | None  # only this one; None: all that a part has
    device: str
    seed: int | None
    steps: int | None  # only so many of each part; None: all
    data: str | None  # what the reader gave in place of the lesson's own data
    out: Path | None
    html: Path | None
    json: bool
    pause: bool
    tf32: bool = False  # what a GPU's products of float32 may be rounded to
    quiz: bool = False  # whether each part asks its questions
    replies: bool = False  # whether somebody is there to reply to them
    begun: bool = False  # what is read before the first part runs is on the terminal already
    live: bool = False  # whether the page executes a call itself
    more: bool = False  # what an engineer wants, too


@dataclass
class Reached:
    """How far a lesson has come, for the line that Ctrl-C leaves."""

    done: list[str] = field(default_factory=list)
    now: str = ""
    losses: dict[str, Sequence[float]] = field(default_factory=dict)  # by way, of the part in work

    def __str__(self) -> str:
        done = f"{', '.join(self.done)} done" if self.done else "no part was done"
        return f"stopped by Ctrl-C {self.now or 'before the first part ran'}; {done}"


def teach(request: Request, answer: Paged, progress: Console, reached: Reached) -> int:
    """Go through the request; the exit code: 0, or 1 where ways disagree or a claim fails.

    `answer` gets the lesson, `progress` the bars and complaints. GraphlabError before the first
    step where the folder for the pictures or the page cannot be written, a part is not written
    in the way asked for, or none reads the data given. What Ctrl-C stops is told by `reached`.
    """
    chosen = {part.name: outline.ways_of(part, request.way) for part in request.parts}
    if request.data is not None:
        check_data(request.parts, request.data)

    if request.html is not None:
        files.check(request.html, files.PAGE, [Path(request.data)] if request.data else [])

    reports: list[Report] = []
    with ExitStack() as stack:
        folder = stack.enter_context(files.whole_folder(request.out)) if request.out else None
        for report in _each(request, chosen, answer, progress, reached):
            for complaint in report.complaints():
                progress.print(f"graphlab: {complaint}", soft_wrap=True)
            if folder is not None:
                pictures.write(report, folder)
            reports.append(report)
        if request.html is not None:
            title = f"{request.lesson.number}  {request.lesson.title}" if len(reports) > 1 else ""
            text = pages.page_of_reports(reports, title, live=request.live)
            files.write_whole(request.html, text.encode())
            talk.note(f"the page is {request.html}")
            if request.live and (why := pages.at_rest(reports)):
                talk.note(why)
        if request.json:
            told = document(request.lesson, request.device, reports)
            plain = not answer.console.encoding.startswith("utf")
            click.echo(json.dumps(told, ensure_ascii=plain, allow_nan=False))
    return 0 if all(report.ok for report in reports) else 1


def _each(
    request: Request,
    chosen: Mapping[str, Sequence[str]],
    answer: Paged,
    progress: Console,
    reached: Reached,
) -> Iterator[Report]:
    """What came out of each part, when it has been shown; fewer where the reader leaves."""
    with suppress(Left):
        _open(request, chosen[request.parts[0].name], answer)
        for part in request.parts:
            if part is not request.parts[0] and not request.json:
                if request.pause:
                    answer.ask(f"on to {part.name}, {part.title}")
                answer.show([Text()])
                answer.show(opening.before(part, answer.width, chosen[part.name], request.more))
            reached.now = f"in part {part.name}"
            reached.losses.clear()
            with bars(progress, reached) as tick:
                report = run_part(
                    part,
                    chosen[part.name],
                    request.device,
                    request.seed,
                    tick,
                    request.steps,
                    request.data,
                    values=request.html is not None,
                    tf32=request.tf32,
                    live=request.live,
                )
            reached.losses.clear()
            reached.now = f"after part {part.name}"
            reached.done.append(part.name)
            left = False
            try:
                report = _shown(report, request, answer)
            except Left:
                left = True
            yield report
            if left:
                return


def _open(request: Request, ways: Sequence[str], answer: Paged) -> None:
    """What stands above the first run. Left: the reader leaves."""
    where = devices.line_of(request.device)
    if where and not request.json:
        answer.console.print(where, soft_wrap=True)
    if request.begun:
        answer.resume()
    elif not request.json:
        lesson, parts = request.lesson, request.parts
        answer.show(opening.opening(lesson, parts, answer.width, ways, request.more))


def _shown(report: Report, request: Request, answer: Paged) -> Report:
    """The report, with what was asked, once it has been read. Left: the reader leaves."""
    if not request.json:
        after = page.after if request.more else brief.after
        answer.show(after(report, answer.width))
    if not request.quiz:
        return report
    asked = ask(report.part, answer.console, request.replies)
    return replace(report, quiz=report.quiz or asked)


def check_data(parts: Sequence[outline.Part], place: str) -> None:
    """Try the data in every part that reads any, before the first is shown.

    GraphlabError where none of the parts reads data that could be given, or what is there is
    not what a part reads.
    """
    reading_parts = [module for module in map(outline.load, parts) if hasattr(module, "DATA")]
    with datasets.data_given(place):
        for module in reading_parts:
            ways.cases_of(module)
    if not reading_parts:
        reading = [
            part.name
            for lesson in outline.lessons()
            for part in lesson.parts
            if hasattr(outline.load(part), "DATA")
        ]
        names = ", ".join(part.name for part in parts)
        raise GraphlabError(
            f"--data: {names} reads no data that could be given; "
            f"{', '.join(reading)} {'do' if len(reading) > 1 else 'does'}"
        )


@contextmanager
def bars(console: Console, reached: Reached) -> Iterator[Tick]:
    """A bar for each way while it runs, with its loss and the time left, only on a terminal.

    The bars go when they are done.
    """
    columns = (
        TextColumn("{task.description:>8}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[loss]:>12}"),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    tasks: dict = {}
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as p:

        def tick(way: str, done: int, total: int, losses: Sequence[float]) -> None:
            if way not in tasks:
                tasks[way] = p.add_task(way, total=total, loss="")
            told = f"loss {losses[-1]:.4g}" if losses else ""
            p.update(tasks[way], completed=done, loss=told)
            part = reached.now.split(",")[0]
            reached.now = f"{part}, in the way {way} after {done} of {total} steps"
            if losses:
                reached.losses[way] = losses

        yield tick
