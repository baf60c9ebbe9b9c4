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
CODE = re.compile(r"`[^`]*`")
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z`*(\"])")
SHORT = 12  # words; so short a sentence is not understood without the one before it


@dataclass(frozen=True)
class Word:
    """A word that some part teaches."""

    name: str
    part: str  # its number
    sentence: str  # where it is first said; of a name of TensorFlow ""


def words(lessons: Sequence[Lesson]) -> tuple[Word, ...]:
    """What the prose sets in bold, each once, by the alphabet.

    A word is written as within a sentence: what only a sentence's beginning made large is small.
    """
    every = " ".join(
        prose for lesson in lessons for part in lesson.parts for prose in _proses(part)
    )
    plain = " ".join(CODE.sub("", every).split())
    found: dict[str, Word] = {}
    for lesson in lessons:
        for part in lesson.parts:
            for sentence in _sentences(part):
                for name in TERM.findall(sentence):
                    word = Word(_within(name, plain), part.name, sentence)
                    found.setdefault(name.lower(), word)
    return tuple(found[name] for name in sorted(found))


def names(lessons: Sequence[Lesson]) -> tuple[Word, ...]:
    """The names of TensorFlow that are taught in these lessons, by the alphabet."""
    there = {part.name for lesson in lessons for part in lesson.parts}
    rows = sorted(TAUGHT.items(), key=lambda row: row[0].lower())
    return tuple(Word(name, part, "") for name, part in rows if part in there)


def _within(name: str, prose: str) -> str:
    """The word as it is written where no sentence begins; a name is large there, too."""
    small = name[0].lower() + name[1:]
    first = re.escape(small.split()[0])
    return small if re.search(rf"(?<![\w-]){first}(?![\w-])", prose) else name


def _proses(part: Part) -> tuple[str, ...]:
    return (part.prose, *(way.prose for way in part.ways.values()))


def _sentences(part: Part) -> Iterator[str]:
    for prose in _proses(part):
        before = ""
        for piece in _pieces(prose):
            for sentence in SENTENCE.split(" ".join(piece.split())):
                short = len(sentence.split()) < SHORT
                alone = re.sub(":$", ".", sentence)  # what it leads to is not there
                yield f"{before} {alone}".strip() if short else alone
                before = sentence


def _pieces(prose: str) -> Iterator[str]:
    """The paragraphs, and of a list each item."""
    for block in re.split(r"\n\s*\n", prose):
        yield from block[2:].split("\n- ") if block.startswith("- ") else [block]
