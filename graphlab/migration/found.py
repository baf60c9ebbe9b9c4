"""What `migrate` says of a script: plain data, JSON both ways like `graphlab.model`."""

from __future__ import annotations

from dataclasses import dataclass

Line = tuple[str, int]  # the user's own file and line


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text. Its line is that of the file as it was."""

    line: Line
    old: str  # "" where something is added behind the line
    new: str  # "" where it is taken away
    why: str


@dataclass(frozen=True, slots=True)
class Want:
    """A line that cannot run, and what it wants."""

    line: Line
    name: str  # as in TensorFlow 1, without the `tf.`; "" where it wants something else
    was: str = ""  # "class", "function" or "value" in TensorFlow 1.15.5
    now: str = ""  # what there is of it today
    said: str = ""  # by Python, where the line was run
    lesson: str = ""
    reached: bool = True  # False: told by its name alone, as the run did not come so far


@dataclass(frozen=True, slots=True)
class Construct:
    """One kind of thing that the script did, as TensorFlow 1 does it."""

    kind: str
    title: str
    count: int  # of ops, calls or names: what `of` says
    of: str
    lines: tuple[Line, ...]
    becomes: str  # what it is in TensorFlow 2
    lesson: str
    numbers: str = ""  # which other numbers its TF2 form gives; "" where it gives the same
    names: tuple[str, ...] = ()  # of what was found
    detail: tuple[str, ...] = ()  # what else is known, a line each


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder, and how far it is proved."""

    name: str
    ran: bool
    proof: str  # "equal", "differs" or "": not compared
    said: str  # in a sentence
    file: str = ""


@dataclass(frozen=True)
class Migration:
    """All that was found out about a script."""

    script: str
    tensorflow: str
    keras: str
    rungs: tuple[Rung, ...]
    edits: tuple[Edit, ...] = ()
    wants: tuple[Want, ...] = ()
    constructs: tuple[Construct, ...] = ()
    failure: str = ""  # one line: the script's own error, on the highest rung that was tried
    interrupted: bool = False
    notes: tuple[str, ...] = ()

    @property
    def ran(self) -> bool:
        """Whether it ran to its end, as it is or edited."""
        return any(rung.ran for rung in self.rungs)
