"""The course as a folder of pages that need no server: an index, a page a part and an exercise.

write_part(folder, report, links)               its page
write_exercise(folder, one, programs, links)    the page of an exercise
write_index(folder, lessons, entries, ...)      index.html, words.html and course.json
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graphlab.course import outline
from graphlab.course.document import plain, versions
from graphlab.course.report import Report
from graphlab.exercises.exercise import Exercise
from graphlab.exercises.watched import Program
from graphlab.output import files, pages
from graphlab.output.entry import Entry
from graphlab.output.exercise_page import page_of_exercise
from graphlab.output.index import INDEX, WORDS, exercise_page, index, page_name
from graphlab.output.words_page import words_page
from visualize.page.html import Link

NUMBERS = "course.json"
LIVE_LESSONS = 3  # the first ones, whose pages execute what they draw


def links_of(
    parts: Sequence[outline.Part], number: int, exercises: Sequence[Exercise] = ()
) -> list[Link]:
    """From the page of a part to those before and after it, to the index, and to the exercises that
    practise what it teaches."""
    part = parts[number]
    up = Link("up", f"{INDEX}#part-{part.name}", "The course")
    told = [(page_name(each.name), f"{each.name}  {each.title}") for each in parts]
    own = [each for each in exercises if each.lesson == part.name]
    return [*_beside(told, number, up), *(Link("related", *_told(each)) for each in own)]


def links_of_exercise(
    exercises: Sequence[Exercise], number: int, parts: Sequence[outline.Part]
) -> list[Link]:
    """From the page of an exercise to those before and after it, to the index, and to the part that
    teaches it, where that has a page."""
    one = exercises[number]
    up = Link("up", f"{INDEX}#exercise-{one.number}", "The course")
    taught = [
        Link("related", page_name(part.name), f"Lesson {part.name}  {part.title}")
        for part in parts
        if part.name == one.lesson
    ]
    return [*_beside([_told(each) for each in exercises], number, up), *taught]


def _beside(pages: Sequence[tuple[str, str]], number: int, up: Link) -> list[Link]:
    """The page before, the index, the words, and the page after."""
    before = [Link("prev", *pages[number - 1])] if number else []
    return [
        *before,
        up,
        Link("glossary", WORDS, "Words"),
        *(Link("next", *each) for each in pages[number + 1 : number + 2]),
    ]


def _told(exercise: Exercise) -> tuple[str, str]:
    """An exercise's page, and what a link to it says."""
    return exercise_page(exercise.number), f"Exercise {exercise.number}  {exercise.title}"


def write_part(folder: Path, report: Report, links: Sequence[Link]) -> None:
    """Write the page of a part."""
    text = pages.page_of_reports([report], links=links, live=report.part.lesson <= LIVE_LESSONS)
    files.put(folder / page_name(report.part.name), text.encode())


def write_exercise(
    folder: Path, exercise: Exercise, programs: Sequence[Program], links: Sequence[Link]
) -> None:
    """Write the page of an exercise."""
    text = page_of_exercise(exercise, programs, links)
    files.put(folder / exercise_page(exercise.number), text.encode())


def numbers(
    entries: Sequence[Entry], device: str, steps: int | None, jobs: int = 1
) -> dict[str, Any]:
    """The document of course.json: what was measured, part by part and way by way, with `jobs`
    parts at a time."""
    return {
        "versions": versions(),
        "device": device,
        "steps": steps,
        "jobs": jobs,
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
    exercises: Sequence[Exercise] = (),
    jobs: int = 1,
) -> None:
    """Write the index of the parts that have an entry and of the exercises, their numbers, and the
    words of the course."""
    told = numbers(list(entries.values()), device, steps, jobs)
    files.put(folder / INDEX, index(lessons, entries, told, exercises).encode())
    files.put(folder / WORDS, words_page(lessons, entries).encode())
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    files.put(folder / NUMBERS, text.encode())
