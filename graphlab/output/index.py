"""The index of the course: plain HTML that runs and loads nothing.

index(lessons, entries, numbers, exercises)
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from graphlab.course import outline
from graphlab.exercises.exercise import Exercise
from graphlab.output.entry import Entry, Measured
from graphlab.output.plain_page import inline, paragraphs, plain_page
from visualize.words import counted

INDEX = "index.html"
WORDS = "words.html"


def page_name(part: str) -> str:
    """The file of a part's page."""
    return f"{part}.html"


def exercise_page(number: int) -> str:
    """The file of an exercise's page."""
    return f"exercise-{number}.html"


def index(
    lessons: Sequence[outline.Lesson],
    entries: Mapping[str, Entry],
    told: Mapping[str, Any],
    exercises: Sequence[Exercise] = (),
) -> str:
    """Its text: the parts that have an entry, and the exercises."""
    sections = [
        _lesson(lesson, entries)
        for lesson in lessons
        if any(part.name in entries for part in lesson.parts)
    ]
    body = (
        f"<h1>What TensorFlow does</h1>\n{_opening(entries, told)}\n"
        f'<p><a href="{WORDS}">The words of the course</a></p>\n'
        f"{''.join(sections)}{_exercises(exercises, entries)}"
    )
    return plain_page("What TensorFlow does: the course", body)


def _opening(entries: Mapping[str, Entry], told: Mapping[str, Any]) -> str:
    bad = [entry for entry in entries.values() if not entry.ok]
    of = " ".join(f"{name} {version}," for name, version in told["versions"].items())
    cut = f", the first {told['steps']} steps of each part" if told["steps"] else ""
    beside = f", {told['jobs']} parts at a time" if told["jobs"] > 1 else ""
    held = sum(entry.claims_held for entry in entries.values())
    left = sum(entry.unchecked for entry in entries.values())
    unchecked = f"; {left} more speak of all that is run, and were not checked" if left else ""
    parts = counted(len(entries), "part")
    verdict = (
        f"In all {parts} the ways agree, and {counted(held, 'claim')} held{unchecked}."
        if not bad
        else f"Of {parts}, {len(bad)} did not go well: " + ", ".join(entry.part for entry in bad)
    )
    return paragraphs(
        "One program, written several ways: as a TensorFlow 1 graph in a session, as eager "
        "TensorFlow 2, as a `tf.function`, and, where it has the same model, in Keras. The "
        "function is also compiled by XLA, where XLA takes it: how far that is from the function "
        "is told, and nothing is promised. Each part was run to make its page."
        f"\n\n{verdict}\n\nMeasured with {of} on {told['device']}{cut}{beside}. "
        "Seconds are those of a whole way, with the recording of what it ran."
    )


def _lesson(lesson: outline.Lesson, entries: Mapping[str, Entry]) -> str:
    told = [entries[part.name] for part in lesson.parts if part.name in entries]
    ways = [way for way in outline.ASKABLE if any(way in entry.ways for entry in told)]
    heads = "".join(f'<th scope="col" class="number">{way}</th>' for way in ways)
    rows = "".join(_row(entry, ways) for entry in told)
    return f"""<section id="lesson-{lesson.number}">
<h2><span class="faint">Lesson {lesson.number}</span> {inline(lesson.title)}</h2>
{paragraphs(lesson.about)}
<div class="scrolled"><table>
<thead><tr><th scope="col">part</th><th scope="col">ways</th><th scope="col">claims</th>\
<th scope="col">measured</th>{heads}</tr></thead>
<tbody>
{rows}</tbody>
</table></div>
</section>
"""


def _exercises(exercises: Sequence[Exercise], entries: Mapping[str, Entry]) -> str:
    if not exercises:
        return ""
    rows = "".join(_exercise(each, each.lesson in entries) for each in exercises)
    about = (
        "TensorFlow 1 programs to be ported, with a checker that is hard to fool. "
        "`graphlab exercise N` begins one. In some the roles are turned round, and it is a weak "
        "checker that is to be fooled."
    )
    return f"""<section id="exercises">
<h2>Exercises</h2>
{paragraphs(about)}
<div class="scrolled"><table>
<thead><tr><th scope="col">exercise</th><th scope="col">taught by</th></tr></thead>
<tbody>
{rows}</tbody>
</table></div>
</section>
"""


def _exercise(one: Exercise, taught: bool) -> str:
    lesson = f"Lesson {one.lesson}"
    lesson = f'<a href="{page_name(one.lesson)}">{lesson}</a>' if taught else lesson
    return (
        f'<tr id="exercise-{one.number}"><th scope="row"><a href="{exercise_page(one.number)}">'
        f"{one.number}  {inline(one.title)}</a></th><td>{lesson}</td></tr>\n"
    )


def _row(entry: Entry, ways: Sequence[str]) -> str:
    agreed = f'<span class="{_mark(entry.agreement.ok)}">{html.escape(str(entry.agreement))}</span>'
    if entry.keras is not None:
        told = html.escape(f"{entry.keras} in keras")
        agreed += f'<br><small class="{_mark(entry.keras.ok)}">{told}</small>'
    if entry.xla is not None:
        cut = f", {entry.xla_steps} steps" if entry.xla_steps else ""
        agreed += f"<br><small>{html.escape(f'{entry.xla.text} in xla{cut}')}</small>"
    elif entry.refused:
        agreed += f'<small class="told">{html.escape(entry.refused)}</small>'
    unchecked = f"{entry.unchecked} not checked" if entry.unchecked else ""
    goal = f"must be {entry.goal}" if entry.goal else ""
    numbers = "".join(f'<td class="number">{_measured(entry.ways.get(way))}</td>' for way in ways)
    wrong = "".join(f'<p class="bad">{html.escape(line)}</p>' for line in entry.complaints)
    return (
        f'<tr id="part-{entry.part}"><th scope="row"><a href="{page_name(entry.part)}">'
        f"{entry.part}  {inline(entry.title)}</a>{wrong}</th>"
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
