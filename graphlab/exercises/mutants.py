"""Known mistakes, planted into a port: one text edit each, and everything else as it stands.

for mutant in mutants(text):
    mutant.mistake, mutant.line, mutant.text
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

Node = ast.expr | ast.stmt


@dataclass(frozen=True, slots=True)
class Mutant:
    """A port with one mistake."""

    mistake: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Edit:
    """What stands between two places of a file, put in place of what stood there."""

    mistake: str
    first: Node  # the text from here
    last: Node  # to the end of this one is replaced
    new: str

    @property
    def place(self) -> tuple[int, int, str]:
        """Where it stands in the file."""
        return self.first.lineno, self.first.col_offset, self.mistake

    def made(self, text: str) -> str:
        """The text with it. Columns are counted in bytes of UTF-8."""
        lines = [line.encode() for line in text.splitlines(keepends=True)]
        first, last = self.first.lineno - 1, (self.last.end_lineno or self.last.lineno) - 1
        before = lines[first][: self.first.col_offset]
        after = lines[last][self.last.end_col_offset or 0 :]
        return b"".join(
            [*lines[:first], before + self.new.encode() + after, *lines[last + 1 :]]
        ).decode()


# A call by the last part of its name, and what is put in its place; `{0}` is its first argument.
CALLS = {
    "reduce_mean": ("a mean becomes a sum", "{module}.reduce_sum({all})"),
    "reduce_sum": ("a sum becomes a mean", "{module}.reduce_mean({all})"),
    "stop_gradient": ("stop_gradient is lost", "{0}"),
    "relu": ("an activation is lost", "{0}"),
    "sigmoid": ("an activation is another", "{module}.tanh({all})"),
    "softmax": ("an activation is lost", "{0}"),
    "clip_by_value": ("clipping is lost", "{0}"),
    "clip_by_global_norm": ("clipping is lost", "({0}, None)"),
    "one_hot": ("classes are counted from 1", "{module}.one_hot({0} - 1, {rest})"),
}
# A named argument of any call, by what it was.
ARGUMENTS = {
    "axis": ("another axis", lambda value: {0: "1", 1: "0", -1: "0"}.get(value)),
    "training": ("training and inference change places", lambda value: str(not value)),
    "epsilon": ("an epsilon is ten times as large", lambda value: repr(10 * value)),
    "momentum": ("momentum is lost", lambda value: "0.0"),
    "rate": ("keep is taken for drop", lambda value: repr(round(1 - value, 6))),
    "transpose_b": ("a matrix is not transposed", lambda value: str(not value)),
}
UPDATES = ("assign", "assign_add", "assign_sub", "apply_gradients", "apply")
RESTORES = ("restore", "read", "load_weights")


def mutants(text: str) -> Iterator[Mutant]:
    """Each known mistake at each place where it can be made, in the order of the file.

    SyntaxError where the text is no Python.
    """
    tree = ast.parse(text)
    edits = [*_calls(tree, text), *_arguments(tree), *_statements(tree, text)]
    for edit in sorted(edits, key=lambda edit: edit.place):
        changed = edit.made(text)
        try:
            ast.parse(changed)
        except SyntaxError:
            continue
        yield Mutant(edit.mistake, edit.first.lineno, changed)


def _calls(tree: ast.Module, text: str) -> Iterator[_Edit]:
    for call in _all(tree, ast.Call):
        if not isinstance(call.func, ast.Attribute) or not call.args:
            continue
        if call.func.attr in CALLS:
            mistake, new = CALLS[call.func.attr]
            given = [ast.get_source_segment(text, a) or "" for a in (*call.args, *call.keywords)]
            made = new.replace("{module}", ast.get_source_segment(text, call.func.value) or "")
            made = made.replace("{all}", ", ".join(given)).replace("{rest}", ", ".join(given[1:]))
            yield _Edit(mistake, call, call, made.replace("{0}", f"({given[0]})"))


def _arguments(tree: ast.Module) -> Iterator[_Edit]:
    for call in _all(tree, ast.Call):
        for each in call.keywords:
            if each.arg in ARGUMENTS and isinstance(each.value, ast.Constant):
                mistake, change = ARGUMENTS[each.arg]
                new = change(each.value.value)
                if new is not None:
                    yield _Edit(mistake, each.value, each.value, new)


def _statements(tree: ast.Module, text: str) -> Iterator[_Edit]:
    """An update that is lost, or made one line later; a restore that is lost."""
    for parent in ast.walk(tree):
        body = getattr(parent, "body", None)
        if not isinstance(body, list):
            continue
        for at, statement in enumerate(body):
            name = _called(statement)
            if name in UPDATES:
                yield _Edit(f"{name} is lost", statement, statement, "pass")
                following = body[at + 1] if at + 1 < len(body) else None
                if isinstance(following, ast.Assign | ast.AnnAssign):
                    yield _Edit(
                        f"{name} comes one line too late",
                        statement,
                        following,
                        _swapped(text, statement, following),
                    )
            if name in RESTORES:
                yield _Edit("nothing is restored", statement, statement, "pass")


def _swapped(text: str, first: ast.stmt, second: ast.stmt) -> str:
    one, other = (ast.get_source_segment(text, each) or "" for each in (first, second))
    return f"{other}\n{' ' * first.col_offset}{one}"


def _called(statement: ast.stmt) -> str:
    """The method that a statement calls and whose answer it drops, first of a chain; or ""."""
    if not isinstance(statement, ast.Expr):
        return ""
    found = ""
    call: ast.expr = statement.value
    while isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        found = call.func.attr if call.func.attr in (*UPDATES, *RESTORES) else found
        call = call.func.value
    return found


def _all(tree: ast.Module, kind: type) -> Iterator:
    return (node for node in ast.walk(tree) if isinstance(node, kind))
