"""The one kind of error that graphlab raises on purpose.

Each message is one line: what was asked for, what was found, what was expected, what to do.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST_SEARCHED = 20_000  # names, for what a wrong one may have been meant to be
LONGEST = 200  # characters of one: nobody means a longer one


class GraphlabError(Exception):
    """A request that cannot be met. The command line prints it as one line and exits with 2.

    Whatever names from somebody's file its message holds, it is one line that can be printed.
    """

    def __init__(self, message: str) -> None:
        super().__init__(line(message))


def is_interrupt(problem: BaseException | None) -> bool:
    """Whether it is Ctrl-C, also where it came while C code answered Python.

    NumPy's call of an `__array__` then raises a SystemError, whose cause is the KeyboardInterrupt.

    >>> is_interrupt(KeyboardInterrupt()), is_interrupt(SystemError("wrong slot"))
    (True, False)
    """
    if isinstance(problem, SystemError):
        problem = problem.__cause__
    return isinstance(problem, KeyboardInterrupt)


def line(text: str) -> str:
    """A text on one line, with what cannot be printed written as Python writes it.

    >>> line("no node\\n  a\\x1b[31mb")
    'no node a\\\\x1b[31mb'
    """
    text = " ".join(text.split())
    return text if text.isprintable() else "".join(map(_printed, text))


def _printed(character: str) -> str:
    return character if character.isprintable() else repr(character)[1:-1]


def nearest(word: str, choices: Iterable[str], most: int = 3) -> str:
    """What `word` may have been meant to be: `"1.3, 1.4"`, or all choices when none is like it."""
    import difflib  # only who has erred waits for it

    choices = [choice for choice in choices if len(choice) <= LONGEST][:MOST_SEARCHED]
    like = difflib.get_close_matches(word[:LONGEST], choices, n=most, cutoff=0.5)
    return ", ".join(like or choices)


def shown(name: str, most: int = 60) -> str:
    """A name from somebody's file as it is put into a message: quoted, short, on one line.

    >>> shown("a\\nb"), shown("x" * 100, 9)
    ("'a\\\\nb'", "'xxxx…xxxx'")
    """
    keep = most // 2
    return repr(name if len(name) <= most else f"{name[:keep]}…{name[-keep:]}")
