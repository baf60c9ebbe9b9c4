"""A learner's guesses in the course of a walk: what is asked, what is open, how many were right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphlab.errors import GraphlabError
from graphlab.model import Step
from graphlab.walk.commands import value_of
from graphlab.walk.motions import Walk
from graphlab.walk.predictions import Moment, Verdict, asked_of, judge_op, judge_shape, judge_value
from graphlab.walk.values import short
from visualize.words import shape_text

SKIP = ("skip", "")


@dataclass(frozen=True)
class Question:
    """What waits for an answer."""

    text: str
    judge: Callable[[str], Verdict]
    of_op: bool = False  # then the op has not run yet


class Guesses:
    """First the next op is asked for, then what it gives: a small value whole, else the shape."""

    def __init__(self) -> None:
        self.right = 0
        self.asked = 0
        self._question: Question | None = None

    @property
    def waiting(self) -> bool:
        """Whether the next line is an answer."""
        return self._question is not None

    def leave(self) -> None:
        """Drop the question; what it asked for has not run, or was not shown."""
        self._question = None

    def ask(self, walk: Walk) -> str:
        """The question for the op that would run next."""
        view = walk.view()
        there = frozenset(each.spec.name for each in view.live)
        moment = Moment(view.ready, there, tuple(walk.trail))

        def judge(guess: str) -> Verdict:
            step = self._run(walk)
            try:
                return judge_op(guess, step, moment, walk.graph)
            except GraphlabError:
                walk.go_to(view.number)
                raise

        self._question = Question("which op runs next?", judge, of_op=True)
        return self._question.text

    def answer(self, walk: Walk, line: str) -> tuple[Verdict | None, str]:
        """The verdict and the next question, "" where all has been guessed that can be.

        What was guessed has run then. GraphlabError for what cannot be an answer; the question
        stays.
        """
        question = self._question
        assert question is not None
        if line in SKIP:
            self._question = None
            if question.of_op:
                self._run(walk)
            return None, ""
        verdict = question.judge(line)
        self.asked += 1
        self.right += verdict.right
        last = walk.execution.last
        self._question = _of_output(last) if question.of_op and last is not None else None
        return verdict, self._question.text if self._question else ""

    def _run(self, walk: Walk) -> Step:
        """Run the next op, without showing it."""
        walk.forward()
        last = walk.execution.last
        if walk.over or last is None:
            self._question = None
            raise GraphlabError("there was no op left to predict: the run is over")
        return last


def _of_output(step: Step) -> Question | None:
    asked = asked_of(step)
    if asked is None or step.values is None:
        return None
    spec, kind = asked
    if kind == "shape":
        text = f"what is the shape of {spec.name}? It is {spec.dtype}"
        return Question(text, lambda guess: judge_shape(guess, spec))
    value = step.values[spec.name]
    text = f"what is the value of {spec.name}? It is {spec.dtype} {shape_text(spec.shape)}"
    return Question(text, lambda guess: judge_value(value_of(guess), spec, value, short(value)))
