"""The questions of a part: what is asked, what comes out when it is run, and why.

    for question in questions(part):
        found = answered(part, question)
        found.text, found.is_right("3")

Nobody has typed an answer: the docstring of a `quiz_...` function asks, its code finds out.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import dataclass
from numbers import Real

from graphlab.course import outline
from graphlab.errors import is_interrupt

PREFIX = "quiz_"
CLOSE = 0.05  # of a number that is not whole; nobody computes a loss in the head
_CHOICE = re.compile(r"- (.+?)(?=\n- |\Z)", re.DOTALL)


@dataclass(frozen=True)
class Question:
    """What a part asks."""

    name: str  # of the function whose code finds the answer
    text: str
    choices: tuple[str, ...]  # empty: a number is asked for
    why: str  # what a reader is told who has seen the answer

    def understood(self, reply: str) -> str | None:
        """The choice or the number that a reader means, `"b"` or `"2.5"`; None: it is neither."""
        reply = reply.strip().rstrip(").").lower()
        letters = [letter(n) for n in range(len(self.choices))]
        if self.choices:
            return self.choices[letters.index(reply)] if reply in letters else None
        try:
            return reply if math.isfinite(float(reply.replace(",", ""))) else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Answered:
    """A question, and what came out."""

    question: Question
    text: str  # one of the choices, or the number
    error: str = ""  # why there is no answer, in one line

    def is_right(self, meant: str) -> bool:
        """Whether the reader's choice or number is the one that came out."""
        if self.question.choices or self.error:
            return meant == self.text and not self.error
        given, found = float(meant.replace(",", "")), float(self.text)
        return given == found if found.is_integer() else math.isclose(given, found, rel_tol=CLOSE)


def letter(number: int) -> str:
    """What a choice is called by: a for the first."""
    return "abcdefghijklmnopqrstuvwxyz"[number]


def questions(part: outline.Part) -> tuple[Question, ...]:
    """What the part asks, in the order of its file. GraphlabError where the file is no Python."""
    return tuple(
        read(node)
        for node in outline.parse(part.path).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(PREFIX)
    )


def read(function: ast.FunctionDef) -> Question:
    """The question of a function; what its docstring lacks is left empty."""
    text, *rest = re.split(r"\n\s*\n", ast.get_docstring(function) or "")
    choices: tuple[str, ...] = ()
    if rest and rest[0].startswith("- "):
        choices = tuple(_line(choice) for choice in _CHOICE.findall(rest.pop(0)))
    return Question(function.name, _line(text), choices, _line(" ".join(rest)))


def answered(part: outline.Part, question: Question) -> Answered:
    """Run the code of a question. Whatever it raises, or gives that is no answer, is told."""
    try:
        found = getattr(outline.load(part), question.name)()
        found = found.item() if hasattr(found, "item") else found  # of NumPy, as Python has it
    except Exception as error:  # whatever the part's own code, or TensorFlow in it, raises
        if is_interrupt(error):
            raise
        first = (str(error).strip().splitlines() or [""])[0]
        return Answered(question, "", f"{type(error).__name__}: {first}")
    text = told(found)
    if question.choices and text not in question.choices:
        return Answered(question, "", f"it gave {text!r}, which is none of its choices")
    if not question.choices and (isinstance(found, str | bool) or not _is_finite(found)):
        return Answered(question, "", f"it gave {text!r}, which is no number, and has no choices")
    return Answered(question, text)


def told(found: object) -> str:
    """What came out, as a choice has it: True is yes, and a number has three digits.

    >>> told(True), told(0.12345), told(1200), told("an error")
    ('yes', '0.123', '1200', 'an error')
    """
    if isinstance(found, bool):
        return "yes" if found else "no"
    if not isinstance(found, Real) or not math.isfinite(found):
        return str(found)
    number = float(found)
    return str(int(number)) if number.is_integer() else f"{number:.3g}"


def _is_finite(found: object) -> bool:
    return isinstance(found, Real) and math.isfinite(found)


def _line(text: str) -> str:
    return " ".join(text.split())
