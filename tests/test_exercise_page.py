"""The page of an exercise: what it holds of the task, and whose lines its graphs name."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

import pytest

from graphlab.exercises.exercise import exercise
from graphlab.exercises.watched import programs
from graphlab.output.exercise_page import page_of_exercise

# A port that is wrong, a weak checker that is to be fooled, an empty port.
NUMBERS = (1, 3, 12)


@pytest.fixture(scope="module")
def made():
    return {number: programs(exercise(number)) for number in NUMBERS}


def document(number, made):
    """What the page of an exercise holds."""
    text = page_of_exercise(exercise(number), made[number])
    (packed,) = re.findall(r'<script id="data"[^>]*>([^<]*)</script>', text)
    return json.loads(gzip.decompress(base64.b64decode(packed)))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_page_has_the_files_of_the_terminal_its_hints_and_the_solution(number, made):
    one = exercise(number)
    (part,) = document(number, made)["lesson"]["parts"]
    assert (part["name"], part["title"], part["prose"]) == (
        f"Exercise {number}",
        one.title,
        one.text,
    )
    texts = [one.original.read_text(encoding="utf-8"), one.text_of(one.start)]
    texts += [one.weak.read_text(encoding="utf-8")] if one.turned else []
    shown = [section["code"] + "\n" for way in part["ways"] for section in way["sections"]]
    assert shown == texts
    assert part["task"]["hints"] == list(one.hints)
    assert part["task"]["solution"] == one.text_of(one.solution)
    file = f"exercise_{number:02}.py"
    assert [command for command, _ in part["task"]["commands"]] == [
        f"graphlab exercise {number}",
        f"graphlab check {file}",
        f"graphlab exercise {number} --watch",
    ]


@pytest.mark.parametrize(
    ("number", "graphs"), [(1, [True, True]), (3, [True, True, False]), (12, [True, False])]
)
def test_a_program_that_builds_a_graph_has_it_drawn_and_a_weak_checker_none(number, graphs, made):
    (part,) = document(number, made)["lesson"]["parts"]
    assert [way["graph"] is not None for way in part["ways"]] == graphs


@pytest.mark.parametrize("number", NUMBERS)
def test_the_lines_of_a_graph_are_those_of_the_readers_own_files(number, made):
    told = document(number, made)
    (part,) = told["lesson"]["parts"]
    own = {way["file"] for way in part["ways"]} | {Path(__file__).name}  # which calls the program
    bodies = [each for graph in told["graphs"] for each in (graph, *graph["functions"].values())]
    assert {file for body in bodies for file in body["files"]} <= own
    original = told["graphs"][part["ways"][0]["graph"]]
    assert original["files"] == [f"exercise_{number:02}_tf1.py"]


def test_both_programs_are_called_with_the_same_weights_and_the_same_feeds(made):
    original, start = ([run.as_written() for run in each.replays] for each in made[1])
    given = [
        {
            step.op: value.tolist()
            for run in runs
            for step in run.steps
            if step.op in ("Mean", "ReadVariableOp")
            for value in step.values.values()
        }
        for runs in (original, start)
    ]
    assert given[0]["Mean"] == given[1]["Mean"]
    assert original[-1].fetches and start[-1].fetches


def test_the_same_seed_draws_the_same(made):
    again = programs(exercise(1))[0].replays[0].start.feeds
    once = made[1][0].replays[0].start.feeds
    assert {n: v.tolist() for n, v in once.items()} == {n: v.tolist() for n, v in again.items()}
    other = programs(exercise(1), seed=1)[0].replays[0].start.feeds
    assert {n: v.tolist() for n, v in once.items()} != {n: v.tolist() for n, v in other.items()}
