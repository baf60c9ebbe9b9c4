"""Where a script cannot run: which line wants what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from graphlab.migration import symbols
from graphlab.migration.constructs import lesson_of
from graphlab.migration.found import Line, Want
from graphlab.migration.names import Text, tf1_name

_RAISED = re.compile(r"(?P<file>.*?):(?P<line>\d+) raised (?P<kind>\w+)(: (?P<said>.*))?$", re.S)
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_EAGER = re.compile("eager execution|eager mode|executing eagerly")
# What else a script may want, by the error that it meets.
OTHERS = {
    "FileNotFoundError": "a file that is not here",
    "EOFError": "somebody at a terminal who answers",
    "URLError": "the network",
    "HTTPError": "the network",
    "gaierror": "the network",
    "ConnectionError": "the network",
    "ConnectionRefusedError": "the network",
    "TimeoutError": "the network",
    "TclError": "a screen",
}
_NO_DEVICE = "Cannot assign a device for operation"
_ARGUMENTS = re.compile(r" left with exit code 2$")


def wants(failure: str, text: Text, lines: tuple[int, ...], path: str, v1: Any) -> Iterator[Want]:
    """The line that stopped the script, and then those that will stop it, told by their names.

    None where nothing failed.

    `text` is what was run, `lines` says from which line of the script each of its lines comes,
    `v1` is `tensorflow.compat.v1`.
    """
    if not failure:
        return
    stopped = _stopped(failure, text, lines, path, v1)
    yield stopped
    told = {stopped.name}
    for line, name in missing(text, v1):
        if name not in told:  # the first line of each
            told.add(name)
            yield _want((path, lines[line - 1]), name, "", reached=False)


def missing(text: Text, v1: Any) -> list[tuple[int, str]]:
    """Lines of a text, and the names of TensorFlow that they use and compat.v1 has not."""
    found = []
    for each in text.imports:
        name = tf1_name(each.full)
        if name.startswith(("contrib", "examples")):
            found.append((each.statement[0][0], name))
    imported = [name for _, name in found]
    for each_name in text.names:
        name = lacking(each_name.name, v1)
        through_import = any(name == n or name.startswith(f"{n}.") for n in imported)
        if name and not through_import:
            found.append((each_name.line, name))
    return sorted(set(found))


def lacking(name: str, v1: Any) -> str:
    """As much of a dotted name as compat.v1 has not; "" where it has all of it.

    What is behind a class or a value is not TensorFlow's to have.
    """
    module: Any = v1
    parts = name.split(".")
    for n, part in enumerate(parts, 1):
        if not isinstance(module, ModuleType):
            return ""
        value = symbols.found(module, part)
        if value is symbols.NOTHING:
            # Of contrib there is nothing: the whole name tells more than its first word.
            return name if parts[0] in ("contrib", "examples") else ".".join(parts[:n])
        module = value
    return ""


def _stopped(failure: str, text: Text, lines: tuple[int, ...], path: str, v1: Any) -> Want:
    raised = _RAISED.match(failure)
    if raised is None:
        what = "arguments, behind --" if _ARGUMENTS.search(failure) else ""
        return Want((path, 0), "", now=what, said=failure)
    line: Line = (raised["file"], int(raised["line"]))
    said = raised["said"] or raised["kind"]
    kind = raised["kind"]
    own = [n for n, old in enumerate(lines, 1) if old == line[1]] if line[0] == path else []
    in_keras = symbols.NOT_IN_KERAS.search(said)
    if in_keras:
        name = _named(in_keras[1], text, own)
        return _want(line, name, said)
    here = [name for number, name in missing(text, v1) if number in own]
    module = _NO_MODULE.search(said)
    if module and module[1].startswith("tensorflow"):
        return _want(line, (here or [tf1_name(module[1])])[0], said)
    if module:
        return Want(line, "", now=f"the package {module[1]}: pip install it", said=said)
    if here and kind in ("AttributeError", "ImportError", "ModuleNotFoundError"):
        return _want(line, here[0], said)
    if said.startswith(_NO_DEVICE):
        what = "a device that is not here, or allow_soft_placement in the session's ConfigProto"
        return Want(line, "", now=what, said=said, lesson="26.1")
    if kind in OTHERS:
        return Want(line, "", now=OTHERS[kind], said=f"{kind}: {said}")
    names = [n.name for n in text.names if n.line in own]
    failing = next((n for n in names if symbols.lookup(n).fails), "")
    if failing:
        return _want(line, failing, f"{kind}: {said}")
    if _EAGER.search(said) and names:
        return _want(line, names[0], f"{kind}: {said}")
    return Want(line, "", said=f"{kind}: {said}")


def _named(last: str, text: Text, lines: Iterable[int]) -> str:
    """The whole name of what is called `last` in one of the lines."""
    own = [n.name for n in text.names if n.line in set(lines)]
    return next((name for name in own if last in name.split(".")), last)


def _want(line: Line, name: str, said: str, reached: bool = True) -> Want:
    symbol = symbols.lookup(name)
    return Want(line, name, symbol.was, symbol.text(), said, lesson_of(name), reached)
