"""The words of the course, where each is taught, and in which sentence.

A part sets a word in **bold** where it says for the first time what it means; that sentence is the
entry. The names of TensorFlow are those of `constructs.TAUGHT`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphlab.course.constructs import TAUGHT
from graphlab.course.outline import Lesson, Part

TERM = re.compile(r"\*\*([^*]+)\*\*")
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z`*(\"])")
SHORT = 12  # words; so short a sentence is not understood without the one before it


@dataclass(frozen=True)
class Word:
    """A word that some part teaches."""

    name: str
    part: str  # its number
    sentence: str  # where it is first said; of a name of TensorFlow ""


def words(lessons: Sequence[Lesson]) -> tuple[Word, ...]:
    """What the prose sets in bold, each once, by the alphabet."""
    found: dict[str, Word] = {}
    for lesson in lessons:
        for part in lesson.parts:
            for sentence in _sentences(part):
                for name in TERM.findall(sentence):
                    found.setdefault(name.lower(), Word(name, part.name, sentence))
    return tuple(found[name] for name in sorted(found))


def names(lessons: Sequence[Lesson]) -> tuple[Word, ...]:
    """The names of TensorFlow that are taught in these lessons, by the alphabet."""
    there = {part.name for lesson in lessons for part in lesson.parts}
    rows = sorted(TAUGHT.items(), key=lambda row: row[0].lower())
    return tuple(Word(name, part, "") for name, part in rows if part in there)


def _sentences(part: Part) -> Iterator[str]:
    for prose in (part.prose, *(way.prose for way in part.ways.values())):
        before = ""
        for block in re.split(r"\n\s*\n", prose):
            for sentence in SENTENCE.split(" ".join(block.split())):
                short = len(sentence.split()) < SHORT
                yield f"{before} {sentence}".strip() if short else sentence
                before = sentence
