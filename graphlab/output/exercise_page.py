"""The page of an exercise: its text, its programs with their graphs, hints and solution folded.

page_of_exercise(exercise(1), programs(exercise(1)))
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from graphlab.exercises.exercise import Exercise
from graphlab.exercises.watched import Program
from graphlab.output.gathered import Gathered, Shown
from visualize.page.html import Link, page


def page_of_exercise(
    exercise: Exercise, programs: Sequence[Program], links: Sequence[Link] = ()
) -> str:
    """The HTML text of an exercise's page. Above it stand links to other pages."""
    gathered = Gathered()
    shown = gathered.add(
        {each.file: each.run for each in programs}, {each.file: each.replays for each in programs}
    )
    for columns in (*gathered.graphs, *_bodies(gathered.graphs)):
        columns["files"] = [PurePath(path).name for path in columns["files"]]  # as the reader's
    for run in gathered.runs:
        run["source"] = run["source"] and [PurePath(run["source"][0]).name, *run["source"][1:]]
        for program in filter(None, [run.get("program")]):
            program["files"] = [PurePath(path).name for path in program["files"]]
    task = {
        "name": f"Exercise {exercise.number}",
        "title": exercise.title,
        "prose": exercise.text,
        "shared": "",
        "ways": [
            _way(name, about, each, shown[each.file])
            for (name, about), each in zip(_said(exercise), programs, strict=True)
        ],
        "task": {
            "commands": [[command, does] for command, does in _commands(exercise)],
            "hints": list(exercise.hints),
            "unsolved": _UNSOLVED[exercise.turned],
            "solution": exercise.text_of(exercise.solution),
        },
    }
    return page(gathered.document(f"Exercise {exercise.number}  {exercise.title}", [task]), links)


_UNSOLVED = {
    False: "Yours is right as soon as `graphlab check` says so, and it may look quite different."
    " Have you read all three hints?",
    True: "The weak checker is fooled as soon as `graphlab check` says so, and there is more than"
    " one way. Have you read all three hints?",
}


def _bodies(graphs: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The columns of the functions of graphs."""
    for graph in graphs:
        yield from graph["functions"].values()


def _said(exercise: Exercise) -> list[tuple[str, str]]:
    """What each of the programs is called, and what it is."""
    original = (
        "TensorFlow 1",
        f"The program, as `{exercise.file('_tf1')}`, with its `train_step`.",
    )
    if exercise.turned:
        return [
            original,
            ("yours", f"A right port, as `{exercise.file()}`: break it where nobody looks."),
            ("weak checker", f"What is to be fooled, as `{exercise.file('_weak')}`."),
        ]
    return [original, ("yours", f"What you begin with, as `{exercise.file()}`.")]


def _way(name: str, about: str, program: Program, shown: Shown) -> dict[str, Any]:
    """One program, as the page has the ways of a lesson."""
    return {
        "way": name,
        "prose": about,
        "sections": [{"title": "", "code": program.text.rstrip("\n"), "line": 1}],
        "file": program.file,
        "run": shown.run,
        "graph": shown.graph,
        "none": "it builds no graph",
    }


def _commands(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """What is typed, and what that does."""
    number, file = exercise.number, exercise.file()
    yield (
        f"graphlab exercise {number}",
        f"writes {exercise.file('_tf1')}, and {file}, which is yours",
    )
    right = "the weak checker is fooled" if exercise.turned else "it is a port"
    yield f"graphlab check {file}", f"nine probes say whether {right}"
    yield f"graphlab exercise {number} --watch", "checks it each time it is saved"
