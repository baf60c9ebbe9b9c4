"""The fewest edits with which a TensorFlow 1 script runs on `tensorflow.compat.v1`.

    edited = edit(Text(b"import tensorflow as tf\\n..."), has)
    edited.text                  # the new text; comments and layout are the script's
    edited.edits                 # each with its line, what stood there and what stands there now

Only names are changed, and only to where TensorFlow's own table says that the same thing is now.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType

from graphlab.errors import GraphlabError
from graphlab.migration import symbols
from graphlab.migration.found import Edit
from graphlab.migration.names import V1, Import, Name, Span, Text, tf1_name

# What was cut out of TensorFlow 1 as a package of its own.
SLIM = {"contrib.slim": "tf_slim", "contrib.layers": "tf_slim.layers"}
_WHOLE = ("tensorflow", V1)

Has = Callable[[str], bool]  # whether a full name can be had now: "tf_slim.layers.conv2d"
_Change = tuple[Span, str]  # what stands there afterwards; "": the statement is taken away
_Added = tuple[int, str, str]  # behind which line, what it is indented by, what


@dataclass(frozen=True)
class Edited:
    """A text after its edits."""

    text: str
    edits: tuple[Edit, ...]
    lines: tuple[int, ...]  # for each line of the new text the one that it comes from

    def code(self, path: str) -> CodeType:
        """Its code, with the line numbers of the text that it was made from."""
        tree = ast.parse(self.text, filename=path)
        for node in ast.walk(tree):
            for field in ("lineno", "end_lineno"):
                number = getattr(node, field, None)
                if number is not None:
                    setattr(node, field, self.lines[min(number, len(self.lines)) - 1])
        return compile(tree, path, "exec", dont_inherit=True)


def edit(text: Text, has: Has, legacy: bool = False, path: str = "") -> Edited:
    """A text with the edits that it needs; the same text where it needs none.

    With `legacy` it asks for legacy Keras before it imports TensorFlow. GraphlabError where an
    import stands in a line in which nothing can be put behind it.
    """
    changes: list[_Change] = []
    told: list[Edit] = []
    bound = text.bound or "tf"
    by_import = {each: _import(each, has) for each in text.imports}
    kept = {tf1_name(each.full) for each, new in by_import.items() if new}
    moved = {n: new for n in text.names for new in [_moved(n, bound, kept, has)] if new}
    for name, new in moved.items():
        changes.append((name.span, new))
        told.append(Edit((path, name.line), name.written, new, f"tf.{name.name} is there now"))
    for each, found in by_import.items():
        gone = found is None and _is_done(each, text, moved)
        if found is not None or gone:
            span = each.statement if gone else each.span
            change = (span, found or "")
            if change not in changes:
                changes.append(change)
                why = "nothing of it is used any more" if gone else _why(each)
                old = _between(text.code, span)
                told.append(Edit((path, span[0][0]), old, found or "", why))
    added, why_added = _added(text, bound, moved, legacy, path)
    new_text, lines = _applied(text.code, changes, added)
    try:
        ast.parse(new_text)
    except SyntaxError as error:
        line = lines[min(error.lineno or 1, len(lines)) - 1]
        raise GraphlabError(
            f"line {line} cannot be edited ({error.msg}); put its import on a line of its own"
        ) from error
    return Edited(new_text, tuple(sorted(told + why_added, key=lambda each: each.line)), lines)


def _import(each: Import, has: Has) -> str | None:
    """What the name or the module of an import becomes; None where it is left."""
    if each.full == "tensorflow":
        return f"{V1} as {each.alias or 'tensorflow'}"
    if each.module == "tensorflow" and each.name not in ("compat", "contrib", "python", "examples"):
        return V1
    full = tf1_name(each.full)
    package = SLIM.get(full)
    if package and has(package) and each.alone:
        bound = each.alias or full.rpartition(".")[2]
        return f"{package} as {bound}" if not each.name else package
    module = SLIM.get(tf1_name(each.module))
    return module if module and each.name and has(f"{module}.{each.name}") else None


def _moved(name: Name, bound: str, kept: Collection[str], has: Has) -> str:
    """What a name of contrib is to be written as now; "" where it stays as it is."""
    if not name.name.startswith("contrib."):
        return ""
    now = symbols.lookup(name.name).now
    if now and (symbols.is_of_keras(now) or has(f"{V1}.{now}")):
        return f"{bound}.{now}"
    through_tf = name.written.startswith(f"{bound}.contrib.")
    for old, package in SLIM.items():
        new = package + name.name.removeprefix(old)
        inner = name.name == old or name.name.startswith(f"{old}.")
        if inner and has(new) and (through_tf or not any(name.name.startswith(k) for k in kept)):
            return new
    return ""


def _is_done(each: Import, text: Text, moved: Mapping[Name, str]) -> bool:
    """Whether an import of contrib is of no use, as all that was taken from it has moved."""
    full = tf1_name(each.full)
    if not full.startswith("contrib") or not each.alone or each.name == "*":
        return False
    used = [n for n in text.names if n.name == full or n.name.startswith(f"{full}.")]
    return all(name in moved for name in used)


def _why(each: Import) -> str:
    inner = tf1_name(each.full).startswith("contrib")
    return "a package of its own now" if inner else "the names of TensorFlow 1 are there"


def _added(
    text: Text, bound: str, moved: Mapping[Name, str], legacy: bool, path: str
) -> tuple[list[_Added], list[Edit]]:
    """Lines to be put behind the import of TensorFlow, or before it, and what to say of them."""
    added: list[_Added] = []
    told: list[Edit] = []
    whole = (i for i in text.imports if i.full in _WHOLE or i.module in _WHOLE)
    first = next(whole, None)
    if first is not None:
        line, indent = first.statement[1][0], _indent(text.code, first.statement)
        if not text.bound:
            added.append((line, indent, f"import {V1} as {bound}"))
        if not text.switched:
            added.append((line, indent, f"{bound}.disable_v2_behavior()"))
            why = "a graph is built, as in TensorFlow 1"
            told.append(Edit((path, line), "", added[-1][2], why))
        if any(new.startswith("tf_slim") for new in moved.values()):
            added.append((line, indent, "import tf_slim"))
            why = "what contrib.slim and .layers became"
            told.append(Edit((path, line), "", "import tf_slim", why))
    if legacy and text.imports:
        start = text.imports[0].statement[0][0]
        indent = _indent(text.code, text.imports[0].statement)
        lines = ("import os", f'os.environ["{symbols.LEGACY}"] = "1"')
        added += [(start - 1, indent, each) for each in lines]
        told.append(Edit((path, start), "", lines[1], "layers and cells of Keras 2"))
    return added, told


def _indent(text: str, statement: Span) -> str:
    """What a statement is indented by. GraphlabError where it stands behind a colon."""
    line, column = statement[0]
    before = text.splitlines()[line - 1][:column]
    if before.strip() and not before.rstrip().endswith(";"):
        raise GraphlabError(
            f"line {line} cannot be edited: {before.strip()} stands before its import; put that on"
            " a line of its own"
        )
    return before[: len(before) - len(before.lstrip())]


def _between(text: str, span: Span) -> str:
    (start, first), (end, last) = span
    lines = text.splitlines(keepends=True)[start - 1 : end]
    lines[-1] = lines[-1][:last]
    lines[0] = lines[0][first:]
    return "".join(lines)


def _applied(
    text: str, changes: Sequence[_Change], added: Sequence[_Added]
) -> tuple[str, tuple[int, ...]]:
    """The text with its changes, and for each of its lines the one that it comes from."""
    lines: list[str] = text.splitlines(keepends=True)
    ending = "\r\n" if "\r\n" in text else "\n"
    for ((start, first), (end, last)), new in sorted(changes, reverse=True):
        rest = lines[end - 1][last:]
        head = lines[start - 1][:first]
        for n in range(start, end):
            lines[n] = ""
        if not new:  # a statement goes, with what stood between it and the next on its line
            rest = rest.lstrip(" \t;") if not head.strip() else rest
            head = "" if not rest.strip() else head
            rest = "" if not rest.strip() and not head else rest
        lines[start - 1] = head + new + rest
    result = list(_behind(0, added, ending))
    for number, line in enumerate(lines, 1):
        if line:
            whole = line.endswith(("\n", "\r"))
            behind = list(_behind(number, added, ending))
            result.append((line if whole or not behind else line + ending, number))
            result += behind
        else:
            result += _behind(number, added, ending)
    return "".join(line for line, _ in result), tuple(number for _, number in result)


def _behind(line: int, added: Sequence[_Added], ending: str) -> Iterator[tuple[str, int]]:
    for after, indent, what in added:
        if after == line:
            yield indent + what + ending, max(line, 1)
