"""The words that the stepper understands: what each does, its key, and how its text is read."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import Any

from graphlab.errors import GraphlabError, nearest


@dataclass(frozen=True)
class Command:
    """One thing to ask for."""

    name: str
    key: str
    usage: str  # what follows the name
    about: str

    @property
    def asks(self) -> bool:
        """Whether nothing can be done without more text, so that a key only begins the line."""
        return bool(self.usage) and not self.usage.startswith("[")


COMMANDS = (
    Command("forward", "s", "[n]", "run the next op, or the next n; past constants and shapes"),
    Command("back", "B", "[n]", "as if the last op, or the last n, had not run"),
    Command("line", "n", "", "run the ops of the program's next line; also: next"),
    Command("previous", "N", "", "back to where the ops of the program's line before had run"),
    Command("continue", "c", "", "run to the next breakpoint, or to the end"),
    Command("goto", "g", "n", "to the moment after step n; 0 is the start"),
    Command("into", "i", "", "to where the next call, or turn of a loop, begins"),
    Command("over", "o", "", "past calls and loops, to the next op on this level"),
    Command("out", "r", "[loop]", "out of this call or turn of a loop; or of the whole loop"),
    Command(
        "break",
        "b",
        "PATTERN | op TYPE | nan | device | LOOP iteration N",
        "stop after such a step; turns of a loop count from 0",
    ),
    Command("breaks", "k", "[clear [n]]", "the breakpoints; take one away, or all"),
    Command(
        "set",
        "e",
        "TENSOR=VALUE",
        "go on with another value, also of a variable; of an element: x[0, 2]=7, x[:]=0",
    ),
    Command("show", "p", "TENSOR", "the value of a tensor or a variable, also of one gone by"),
    Command("why", "w", "[TENSOR[i, j]]", "why this op could run; or the sum behind one element"),
    Command("source", "l", "", "the program's line, and what its names stand for"),
    Command("live", "m", "", "the tensors that some op still waits for, and their memory"),
    Command("ready", "y", "", "the ops that could run now, and what came last to each"),
    Command("state", "t", "", "the variables as they are now"),
    Command("results", "R", "", "the fetches that have come so far"),
    Command("predict", "P", "[on | off]", "guess the next op and its value before you see them"),
    Command("all", "a", "[on | off]", "whether `forward` stops at constants and shapes, too"),
    Command("calls", "C", "", "the recorded calls of the program"),
    Command("call", "j", "N", "step through another of them"),
    Command("help", "h", "[COMMAND]", "this list"),
    Command("quit", "q", "", "leave"),
)
SYNONYMS = {
    "next": "line",
    "step": "forward",
    "f": "forward",
    "cont": "continue",
    "print": "show",
    "list": "source",
    "return": "out",
    "exit": "quit",
    "?": "help",
}
PDB = (
    "As in pdb: s n c b p l r h q. Not as in pdb: B and left go back, N by line, w is why, a is "
    "all, j is another call; and there is no u or d, as between ops there is no stack."
)

_NUMBERS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}


def command_of(line: str) -> tuple[Command, str]:
    """The command that a line asks for, and the rest of the line. GraphlabError: none of them."""
    word, _, rest = line.strip().partition(" ")
    word = SYNONYMS.get(word, word)
    for command in COMMANDS:
        if word in (command.name, command.key):
            return command, rest.strip()
    like = nearest(word, [command.name for command in COMMANDS] + list(SYNONYMS), most=1)
    hint = f"did you mean {like}?" if "," not in like else "`help` lists all"
    raise GraphlabError(f"there is no command {word!r}; {hint}")


def count(text: str, command: Command, otherwise: int | None = None) -> int:
    """A number of steps. GraphlabError where it is none."""
    if not text and otherwise is not None:
        return otherwise
    if not text.isdecimal() or (otherwise and int(text) < 1):
        found = repr(text) if text else "nothing"
        wanted = "1, 2, 3, ..." if otherwise else "0, 1, 2, ..."
        raise GraphlabError(f"{command.name} takes a number ({wanted}); found {found}")
    return int(text)


def value_of(text: str) -> Any:
    """A value written as JSON or as a Python literal; `nan` and `inf` are numbers.

    >>> value_of("[[1, 2.5]]"), value_of("True"), value_of("(1, 2)"), value_of("nan")
    ([[1, 2.5]], True, (1, 2), nan)
    """
    text = text.strip()
    if text.lower() in _NUMBERS:
        return _NUMBERS[text.lower()]
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
    raise GraphlabError(
        f"{text[:60]!r} is no value; write a number, a list such as [[1, 2], [3, 4]], or a"
        ' "text" in quotes'
    )


def place_of(text: str) -> tuple[str, str | None]:
    """A tensor, and behind an @ the frame in which it is meant: `"x:0@while:2"`."""
    tensor, at, frame = text.strip().partition("@")
    return tensor.strip(), frame.strip() if at else None


def element_of(text: str) -> tuple[str, tuple[int | slice, ...] | None]:
    """A tensor, and which of its elements: `"x"`, `"x[0, 2]"`, a `:` for all along an axis.

    >>> element_of("x:0[1,:]"), element_of("x")
    (('x:0', (1, slice(None, None, None))), ('x', None))
    """
    match = re.fullmatch(r"([^\[\]]+)\[([-\d\s,:]+)\]", text.strip())
    if match is None:
        return text, None
    axes = [axis.strip() for axis in match[2].split(",")]
    if not all(re.fullmatch(r"-?\d+|:", axis) for axis in axes):
        raise GraphlabError(f"[{match[2]}] names no elements; write [0], [1, 2] or [:]")
    return match[1].strip(), tuple(slice(None) if axis == ":" else int(axis) for axis in axes)


def breakpoint_args(text: str) -> dict[str, Any]:
    """The arguments of `Execution.stop_at` for what follows `break`. GraphlabError: nothing does.

    >>> breakpoint_args("op MatMul"), breakpoint_args("while iteration 2")
    ({'op': 'MatMul'}, {'iteration': ('while', 2)})
    """
    words = text.split()
    match words:
        case []:
            raise GraphlabError(f"break at what? {usage('break')}")
        case ["nan" | "NaN" | "bad"]:
            return {"bad": True}
        case ["device"]:
            return {"device": True}
        case ["op", kind]:
            return {"op": kind}
        case [loop, "iteration", turn]:
            if not turn.isdecimal():
                raise GraphlabError(f"iteration {turn!r} is no number; turns count from 0")
            return {"iteration": (loop, int(turn))}
        case [pattern]:
            return {"node": pattern}
    raise GraphlabError(f"cannot break at {text!r}; {usage('break')}")


def usage(name: str) -> str:
    """How a command is written."""
    command = next(command for command in COMMANDS if command.name == name)
    return f"write: {command.name} {command.usage}".rstrip()
