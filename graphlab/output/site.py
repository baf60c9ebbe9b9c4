"""The course as a folder of pages that need no server: an index, and a page a part.

entry = entry_of(report)                        what the index tells of a part
write_part(folder, report, links)               its page
write_index(folder, lessons, entries, asked)    index.html and course.json
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphlab.agreement import Agreement
from graphlab.course import outline
from graphlab.course.document import plain, versions
from graphlab.course.goals import GOALS
from graphlab.course.report import Report
from graphlab.output import files, pages
from visualize.page.html import STATIC, Link, policy
from visualize.words import counted

INDEX = "index.html"
NUMBERS = "course.json"


@dataclass(frozen=True)
class Measured:
    """One way of a part."""

    seconds: float
    value: float | None  # of what the part measures; None: it measures nothing


@dataclass(frozen=True)
class Agreed:
    """Whether ways agree, and how far apart they are: "bit-equal", "within 2e-07"."""

    ok: bool
    text: str

    def __str__(self) -> str:
        return f"{'✓' if self.ok else '✗'} {self.text}"


@dataclass(frozen=True)
class Entry:
    """What the index tells of a part."""

    part: str
    title: str
    ok: bool  # the ways agree and every claim holds
    agreement: Agreed
    keras: Agreed | None  # of Keras with the first way; None: it did not run
    claims_held: int
    claims: int
    unchecked: int  # claims about all that is run, where only some of it was
    measure: str  # the result that `value` is of; "" where a part measures nothing
    goal: str  # "≥ 0.84"; "" where it has none
    goal_met: bool | None  # None: it has none, or the part was cut short
    ways: Mapping[str, Measured]
    complaints: tuple[str, ...]


def entry_of(report: Report, whole: bool = True) -> Entry:
    """What the index tells of a part that was run; `whole` says whether with all its steps."""
    goal = GOALS.get(report.part.name)
    measure = goal.result if goal else _measure(report)
    measured = {}
    for way, result in report.ways.items():
        value = result.results.get(measure)
        number = None if value is None else float(np.asarray(value).ravel()[-1])
        measured[way] = Measured(round(result.seconds, 2), number)
    values = [each.value for each in measured.values() if each.value is not None]
    return Entry(
        part=report.part.name,
        title=report.part.title,
        ok=report.ok,
        agreement=_agreed(report.agreement),
        keras=_agreed(report.keras) if report.keras else None,
        claims_held=sum(claim.ok for claim in report.claims),
        claims=len(report.claims),
        unchecked=len(report.left_out),
        measure=measure,
        goal=str(goal) if goal else "",
        goal_met=all(map(goal.met, values)) if goal and whole else None,
        ways=measured,
        complaints=tuple(report.complaints()),
    )


def _agreed(agreement: Agreement) -> Agreed:
    worst = agreement.worst
    if worst is None:
        return Agreed(agreement.ok, "bit-equal")
    apart = f"within {worst.absolute:.2g}" if agreement.ok else f"{worst.absolute:.2g} apart"
    return Agreed(agreement.ok, worst.problem or apart)


def _measure(report: Report) -> str:
    """The result by which a part without a goal is measured: accuracy, or its last loss."""
    first = next(iter(report.ways.values())).results
    if np.size(first.get("accuracy", ())) == 1:
        return "accuracy"
    return "loss" if "loss" in first else ""


def line(entry: Entry) -> str:
    """A part in one line, for whoever waits."""
    seconds = sum(way.seconds for way in entry.ways.values())
    values = [f"{way.value:.4g}" for way in entry.ways.values() if way.value is not None]
    measured = f", {entry.measure} {' '.join(dict.fromkeys(values))}" if values else ""
    goal = {None: "", True: f" ({entry.goal})", False: f" (not {entry.goal})"}[entry.goal_met]
    return (
        f"{'✓' if entry.ok else '✗'} {entry.part}  {entry.title}: {len(entry.ways)} ways "
        f"{entry.agreement.text}, {entry.claims_held} of {counted(entry.claims, 'claim')}"
        f"{measured}{goal}, {seconds:.1f} s"
    )


def page_name(part: outline.Part) -> str:
    """The file of a part's page."""
    return f"{part.name}.html"


def links_of(parts: Sequence[outline.Part], number: int) -> list[Link]:
    """From the page of a part to those before and after it, and to the index."""
    part = parts[number]
    links = [Link("up", f"{INDEX}#part-{part.name}", "The course")]
    if number > 0:
        before = parts[number - 1]
        links.insert(0, Link("prev", page_name(before), f"{before.name}  {before.title}"))
    if number + 1 < len(parts):
        after = parts[number + 1]
        links.append(Link("next", page_name(after), f"{after.name}  {after.title}"))
    return links


def write_part(folder: Path, report: Report, links: Sequence[Link]) -> None:
    """Write the page of a part."""
    text = pages.page_of_reports([report], links=links)
    files.put(folder / page_name(report.part), text.encode())


def numbers(entries: Sequence[Entry], device: str, steps: int | None) -> dict[str, Any]:
    """The document of course.json: what was measured, part by part and way by way."""
    return {
        "versions": versions(),
        "device": device,
        "steps": steps,
        "parts": [_plain(asdict(entry)) for entry in entries],
    }


def _plain(value: Any) -> Any:
    """As JSON has it: a loss that is no number any more is told by its name."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return plain(value)


def write_index(
    folder: Path,
    lessons: Sequence[outline.Lesson],
    entries: Mapping[str, Entry],
    device: str,
    steps: int | None,
) -> None:
    """Write the index of the parts that have an entry, and their numbers."""
    told = numbers(list(entries.values()), device, steps)
    files.put(folder / INDEX, index(lessons, entries, told).encode())
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    files.put(folder / NUMBERS, text.encode())


def index(
    lessons: Sequence[outline.Lesson], entries: Mapping[str, Entry], told: Mapping[str, Any]
) -> str:
    """The text of the index: plain HTML that runs and loads nothing."""
    style = (STATIC / "index.css").read_text(encoding="utf-8")
    sections = [
        _lesson(lesson, entries)
        for lesson in lessons
        if any(part.name in entries for part in lesson.parts)
    ]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy([], style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="graphlab">
<meta name="color-scheme" content="light dark">
<title>What TensorFlow does: the course</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>What TensorFlow does</h1>
{_opening(entries, told)}
{"".join(sections)}</main>
</body>
</html>
"""


def _opening(entries: Mapping[str, Entry], told: Mapping[str, Any]) -> str:
    bad = [entry for entry in entries.values() if not entry.ok]
    of = " ".join(f"{name} {version}," for name, version in told["versions"].items())
    cut = f", the first {told['steps']} steps of each part" if told["steps"] else ""
    held = sum(entry.claims_held for entry in entries.values())
    parts = counted(len(entries), "part")
    verdict = (
        f"In all {parts} the ways agree and the claims hold, {held} of them."
        if not bad
        else f"Of {parts}, {len(bad)} did not go well: " + ", ".join(entry.part for entry in bad)
    )
    return _paragraphs(
        "One program, written several ways: as a TensorFlow 1 graph in a session, as eager "
        "TensorFlow 2, as a `tf.function`, and, where it has the same model, in Keras. Each part "
        f"was run to make its page.\n\n{verdict}\n\nMeasured with {of} on {told['device']}{cut}. "
        "Seconds are those of a whole way, with the recording of what it ran."
    )


def _lesson(lesson: outline.Lesson, entries: Mapping[str, Entry]) -> str:
    told = [entries[part.name] for part in lesson.parts if part.name in entries]
    ways = [way for way in outline.WAYS if any(way in entry.ways for entry in told)]
    heads = "".join(f'<th scope="col" class="number">{way}</th>' for way in ways)
    rows = "".join(_row(entry, ways) for entry in told)
    return f"""<section id="lesson-{lesson.number}">
<h2><span class="faint">Lesson {lesson.number}</span> {_inline(lesson.title)}</h2>
{_paragraphs(lesson.about)}
<div class="scrolled"><table>
<thead><tr><th scope="col">part</th><th scope="col">ways</th><th scope="col">claims</th>\
<th scope="col">measured</th>{heads}</tr></thead>
<tbody>
{rows}</tbody>
</table></div>
</section>
"""


def _row(entry: Entry, ways: Sequence[str]) -> str:
    agreed = f'<span class="{_mark(entry.agreement.ok)}">{html.escape(str(entry.agreement))}</span>'
    if entry.keras is not None:
        told = html.escape(f"{entry.keras} in keras")
        agreed += f'<br><small class="{_mark(entry.keras.ok)}">{told}</small>'
    unchecked = f"{entry.unchecked} not checked" if entry.unchecked else ""
    goal = f"must be {entry.goal}" if entry.goal else ""
    numbers = "".join(f'<td class="number">{_measured(entry.ways.get(way))}</td>' for way in ways)
    wrong = "".join(f'<p class="bad">{html.escape(line)}</p>' for line in entry.complaints)
    return (
        f'<tr id="part-{entry.part}"><th scope="row"><a href="{entry.part}.html">{entry.part}  '
        f"{_inline(entry.title)}</a>{wrong}</th>"
        f"<td>{agreed}</td>"
        f"<td>{_two_lines(f'{entry.claims_held} of {entry.claims}', unchecked)}</td>"
        f"<td>{_two_lines(entry.measure, goal)}</td>{numbers}</tr>\n"
    )


def _mark(ok: bool) -> str:
    return "good" if ok else "bad"


def _measured(way: Measured | None) -> str:
    if way is None:
        return ""
    seconds = f"{way.seconds:.{1 if way.seconds >= 1 else 2}f} s"
    return _two_lines("" if way.value is None else f"{way.value:.4g}", seconds)


def _two_lines(first: str, second: str) -> str:
    """Two lines of a cell, the second smaller."""
    small = f"<small>{html.escape(second)}</small>" if second else ""
    return "<br>".join(filter(None, (html.escape(first), small)))


def _paragraphs(text: str) -> str:
    blocks = (" ".join(block.split()) for block in text.strip().split("\n\n"))
    return "\n".join(f"<p>{_inline(block)}</p>" for block in blocks)


def _inline(text: str) -> str:
    """A text as HTML, with its `code` and *titles*, by the rules of the terminal."""
    from graphlab.screen.prose import MARKED

    told = []
    for piece in MARKED.split(text):
        tag = "code" if piece[:1] == "`" else "strong" if piece[:2] == "**" else "em"
        marks = 2 if tag == "strong" else 1
        if MARKED.fullmatch(piece):
            told.append(f"<{tag}>{html.escape(piece[marks:-marks])}</{tag}>")
        else:
            told.append(html.escape(piece))
    return "".join(told)
