"""Ask the questions of a part: on a terminal with a reply to each, else only what comes out."""

from __future__ import annotations

from rich.console import Console

from graphlab.course import quiz
from graphlab.course.outline import Part
from graphlab.screen import quiz as screen

PROMPT = "   your answer: "


def ask(part: Part, console: Console, replies: bool) -> tuple[quiz.Answered, ...]:
    """Each question of the part, with what came out of it; fewer where the reader leaves.

    `replies` says whether somebody is there to reply. KeyboardInterrupt passes through; the end
    of the input leaves.
    """
    answers: list[quiz.Answered] = []
    for number, question in enumerate(quiz.questions(part), start=1):
        if number == 1:
            console.print(screen.opening())
        console.print(screen.question(question, number))
        try:
            meant = _reply(question, console) if replies else None
        except EOFError:
            console.print()
            break
        answers.append(quiz.answered(part, question))
        console.print(screen.answer(answers[-1], meant))
    console.print()
    return tuple(answers)


def _reply(question: quiz.Question, console: Console) -> str | None:
    """What a reader means; None: to be told. EOFError at the end of the input."""
    while reply := input(PROMPT).strip():
        meant = question.understood(reply)
        if meant is not None:
            return meant
        console.print(screen.again(question))
    return None
