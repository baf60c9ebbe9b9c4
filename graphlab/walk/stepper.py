"""The stepper without a screen: takes one line of text, gives back what is to be shown.

    stepper = Stepper(replays)
    stepper.do("break op MatMul")
    stepper.do("continue").said

`graphlab step` types the lines of a script into it, or the keys of a terminal; it is the same
machine. A line that cannot be done raises GraphlabError, and everything is as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import RenderableType
from rich.text import Text

from graphlab.errors import GraphlabError
from graphlab.model import Run
from graphlab.walk import lit
from graphlab.walk import panels as screen
from graphlab.walk.cell import cell
from graphlab.walk.commands import (
    COMMANDS,
    Command,
    breakpoint_args,
    command_of,
    count,
    element_of,
    place_of,
    usage,
)
from graphlab.walk.guesses import Guesses
from graphlab.walk.motions import Walk
from graphlab.walk.names import line_names
from graphlab.walk.setting import set_to
from graphlab.walk.tensors import flat, found
from graphlab.walk.values import short
from graphlab.walk.view import Heed, View

if TYPE_CHECKING:
    from graphlab.engine.execution import Execution

KEEP_BYTES = 256_000_000  # of past values, for going back; what is beyond is computed again


class Steppable(Protocol):
    """A recorded call that can be executed again, see `graphlab.watch.replay.Replay`."""

    @property
    def run(self) -> Run:
        """The call as it was recorded."""

    def steps(self, keep_bytes: int = 0) -> Execution:
        """A new execution of the call."""


@dataclass(frozen=True)
class Reply:
    """What a line brought about."""

    said: tuple[RenderableType, ...] = ()
    moved: bool = False  # whether there is another moment to look at
    by_line: bool = False  # whether a line of the program led there: then that is looked at first
    question: str = ""  # what the next line is to answer
    done: bool = False


class Stepper:
    """One call that is walked through, and the others that could be."""

    def __init__(
        self,
        calls: Sequence[Steppable],
        chosen: int = 0,
        predicting: bool = False,
        keep_bytes: int = KEEP_BYTES,
        heed: Heed = lambda number: False,
        every: bool = True,
        totals: Mapping[int, int] | None = None,
        became: Callable[[Run], Mapping[str, str]] = lambda run: {},
    ) -> None:
        self.calls = calls
        self.every = every  # whether constants and shapes are steps to stop at
        self.totals = totals or {}  # the steps of each call of which that is known
        self.became = became  # what a recorded call made of its ops, where it fused them
        self.heed = heed  # see `graphlab.walk.view.Heed`
        self.predicting = predicting
        self.keep_bytes = keep_bytes
        self.guesses = Guesses()
        self._begin(chosen)

    def _begin(self, chosen: int) -> None:
        call = self.calls[chosen]
        self.walk = Walk(
            lambda: call.steps(keep_bytes=self.keep_bytes),
            call.run.built,
            lambda number: self.heed(number),
            self.totals.get(chosen),
            self.became(call.run),
        )
        self.chosen = chosen
        self.breaks: list[str] = []
        self.view: View = self.walk.view()  # what has been revealed

    @property
    def run(self) -> Run:
        """The recorded call that is stepped through."""
        return self.calls[self.chosen].run

    @property
    def guessing(self) -> bool:
        """Whether what comes next is asked for, and so not told."""
        return self.predicting or self.guesses.waiting

    def leave_question(self) -> None:
        """As if it had not been asked."""
        self.guesses.leave()

    def do(self, line: str) -> Reply:
        """Do what a line says. GraphlabError, and nothing changed, where it cannot be done."""
        if self.guesses.waiting and line.strip() not in ("quit", "q"):
            return self._answer(line.strip())
        command, rest = command_of(line)
        if rest and not command.usage:
            raise GraphlabError(f"{command.name} takes nothing; found {rest!r}")
        return getattr(self, f"_{command.name}")(command, rest)

    # Motions

    def _forward(self, command: Command, rest: str) -> Reply:
        if self.predicting and not rest:
            return self._ask()
        return self._moved(self.walk.forward, count(rest, command, 1), self.every)

    def _back(self, command: Command, rest: str) -> Reply:
        return self._moved(self.walk.back, count(rest, command, 1), self.every)

    def _line(self, command: Command, rest: str) -> Reply:
        return replace(self._moved(self.walk.line), by_line=True)

    def _previous(self, command: Command, rest: str) -> Reply:
        return replace(self._moved(self.walk.line_back), by_line=True)

    def _goto(self, command: Command, rest: str) -> Reply:
        return self._moved(self.walk.go_to, count(rest, command))

    def _continue(self, command: Command, rest: str) -> Reply:
        hit = self.walk.next_stop()
        if self.walk.stopped:
            return self._look(self._stopped())
        if hit is None:
            said = f"no breakpoint was hit; {self._ended()}" if self.breaks else self._ended()
        else:
            said = f"stopped by breakpoint {hit + 1}: {self.breaks[hit]}"
        return self._look(Text(said, "yellow"))

    def _into(self, command: Command, rest: str) -> Reply:
        return self._moved(self.walk.into)

    def _over(self, command: Command, rest: str) -> Reply:
        return self._moved(self.walk.past)

    def _out(self, command: Command, rest: str) -> Reply:
        if rest not in ("", "loop"):
            raise GraphlabError(f"out takes nothing, or loop; found {rest!r}")
        return self._moved(self.walk.out, rest == "loop")

    def _moved(self, motion: Callable[..., None], *arguments: Any) -> Reply:
        motion(*arguments)
        if self.walk.stopped:
            return self._look(self._stopped())
        return self._look(*([Text(self._ended(), "yellow")] if self.walk.over else []))

    def _stopped(self) -> RenderableType:
        last = self.walk.execution.last
        where = f": {last.node}" + (f" in {last.frame}" if last.frame else "") if last else ""
        return Text(f"stopped by Ctrl-C after step {self.walk.number}{where}", "yellow")

    def _look(self, *said: RenderableType) -> Reply:
        self.view = self.walk.view()
        return Reply(said, moved=True)

    def _ended(self) -> str:
        return f"the run is over after {self.walk.number} steps; `results` shows what it gave"

    # Breakpoints and changes

    def _break(self, command: Command, rest: str) -> Reply:
        self.walk.execution.stop_at(**breakpoint_args(rest))
        self.breaks.append(rest)
        return _say(f"breakpoint {len(self.breaks)}: {rest}")

    def _breaks(self, command: Command, rest: str) -> Reply:
        words = rest.split()
        if words[:1] == ["clear"] and len(words) <= 2:
            cleared(self.breaks, self.walk.execution.breakpoints, words[1:])
        elif words:
            raise GraphlabError(f"cannot do {rest!r} to breakpoints; {usage('breaks')}")
        listed = [f"{number}  {text}" for number, text in enumerate(self.breaks, 1)]
        return _say("\n".join(listed) or "there is no breakpoint")

    def _set(self, command: Command, rest: str) -> Reply:
        return self._was_set(*set_to(self.walk, rest))

    def _was_set(self, name: str, before: Any) -> Reply:
        self.view = self.walk.view()
        was = "without a value" if before is None else short(before)
        now = short(self.walk.edits[-1].value)
        said = Text(f"{name} was {was} and is {now} from here on", "yellow")
        return Reply((said,), moved=True)

    # Looking

    def _show(self, command: Command, rest: str) -> Reply:
        if not rest:
            raise GraphlabError(f"show what? {usage('show')}")
        values, note = found(self.walk, self.view, *place_of(rest))
        said = [Text(note, "dim")] if note else []
        return Reply((*said, screen.tensors(values, first=True)))

    def _live(self, command: Command, rest: str) -> Reply:
        head = Text(f"{screen.live_line(self.view)} live after step {self.view.number}")
        return Reply((head, screen.live(self.view, most=40)))

    def _ready(self, command: Command, rest: str) -> Reply:
        if self.guessing:
            raise GraphlabError("`ready` tells what is asked of you; `predict off` ends the asking")
        return Reply((screen.ready(self.view),))

    def _why(self, command: Command, rest: str) -> Reply:
        if not rest:
            return Reply((screen.why(self.view),))
        name, element = element_of(rest)
        return _say("\n".join(cell(self.walk, name.strip(), element or ())))

    def _source(self, command: Command, rest: str) -> Reply:
        return Reply((self.lit(),))

    def lit(self, around: int = lit.AROUND) -> RenderableType:
        """The line of the moment that is shown, with what its names stand for."""
        return lit.source(self.view, line_names(self.walk, self.view), around)

    def _all(self, command: Command, rest: str) -> Reply:
        if rest not in ("", "on", "off"):
            raise GraphlabError(f"all takes nothing, on or off; found {rest!r}")
        self.every = rest != "off"
        passed = "stops at" if self.every else "passes by"
        return _say(f"`forward` {passed} constants and shapes")

    def _state(self, command: Command, rest: str) -> Reply:
        state = flat(self.walk.execution.state())
        return Reply((screen.tensors(state),)) if state else _say("there are no variables")

    def _results(self, command: Command, rest: str) -> Reply:
        execution = self.walk.execution
        came = execution.fetched
        wanted = [name for name in execution.fetches if ":" in name]
        missing = len(wanted) - len(came)
        said = [screen.tensors(dict(list(came.items())[-screen.MOST :]))] if came else []
        if missing or not came:
            note = f"{missing} of {len(wanted)} fetched tensors are still to come"
            said.append(Text(note, "dim"))
        return Reply(tuple(said))

    def _calls(self, command: Command, rest: str) -> Reply:
        return Reply((screen.calls([call.run for call in self.calls], self.chosen),))

    def _call(self, command: Command, rest: str) -> Reply:
        number = count(rest, command)
        if not 1 <= number <= len(self.calls):
            raise GraphlabError(f"there is no call {number}; `calls` lists {len(self.calls)}")
        self._begin(number - 1)
        return Reply((Text(screen.call_text(self.run), "yellow"),), moved=True)

    def _help(self, command: Command, rest: str) -> Reply:
        listed = [command_of(rest)[0]] if rest else COMMANDS
        return Reply((screen.commands(listed),))

    def _quit(self, command: Command, rest: str) -> Reply:
        return Reply(done=True)

    def _predict(self, command: Command, rest: str) -> Reply:
        if not rest:
            return self._ask()
        if rest not in ("on", "off"):
            raise GraphlabError(f"predict takes nothing, on or off; found {rest!r}")
        self.predicting = rest == "on"
        return _say(f"`forward` {'asks' if self.predicting else 'no longer asks'} before it shows")

    def _ask(self) -> Reply:
        if self.walk.over:
            raise GraphlabError(f"{self._ended()}; there is nothing to predict")
        if not self.every:
            self.walk.past_quiet()
            self.view = self.walk.view()
        return self._asked(self.guesses.ask(self.walk))

    def _answer(self, line: str) -> Reply:
        verdict, question = self.guesses.answer(self.walk, line)
        score = f"  {self.guesses.right} of {self.guesses.asked} right"
        said = []
        if verdict is not None:
            mark = ("✓ ", "green") if verdict.right else ("✗ ", "red")
            said.append(Text.assemble(mark, verdict.text, (score, "dim")))
        return self._asked(question, *said) if question else self._look(*said)

    def _asked(self, question: str, *said: RenderableType) -> Reply:
        text = f"{question}  (skip: show it)"
        return Reply((*said, Text(f"? {text}", "magenta")), question=text)


def _say(text: str) -> Reply:
    return Reply((Text(text),))


def cleared(breaks: list[str], points: list, number: list[str]) -> None:
    """Take one breakpoint away, or all. GraphlabError: there is no such one."""
    if not number:
        points.clear()
        breaks.clear()
        return
    if not number[0].isdecimal() or not 1 <= int(number[0]) <= len(breaks):
        raise GraphlabError(f"there is no breakpoint {number[0]}; there are {len(breaks)}")
    del points[int(number[0]) - 1], breaks[int(number[0]) - 1]
