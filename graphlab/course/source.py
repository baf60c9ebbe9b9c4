"""A part's text, piece by piece, and the program that one of its ways is alone.

print(program(part, "graph"))           # a file that runs, and prints what the way gives
"""

from __future__ import annotations

import ast
import itertools
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphlab.course import outline
from graphlab.errors import GraphlabError

FILE_WIDTH = 100  # columns of a line of a lesson's file


@dataclass(frozen=True)
class Piece:
    """One top-level piece of a part after its docstring, as written."""

    name: str  # of the function or class; "" for anything else
    code: str  # with the comments above it
    node: ast.stmt


def pieces(part: outline.Part) -> tuple[Piece, ...]:
    """All that stands in the file below its docstring. GraphlabError: it is no Python."""
    lines = part.path.read_text(encoding="utf-8").splitlines()
    body = outline.parse(part.path).body
    first = int(bool(body) and _is_text(body[0]))
    end = (body[0].end_lineno or 0) if first else 0
    found = []
    for node in body[first:]:
        start, end = end, node.end_lineno or end
        code = "\n".join(lines[start:end]).strip("\n")
        found.append(Piece(getattr(node, "name", ""), code, node))
    return tuple(found)


def without_docstring(code: str, function: ast.FunctionDef) -> str:
    """The code of a function, which ends with it, without the docstring."""
    if not ast.get_docstring(function):
        return code
    lines, said = code.splitlines(), function.body[0]
    below = (function.end_lineno or 0) - (said.end_lineno or 0)
    tall = (said.end_lineno or 0) - said.lineno + 1
    del lines[len(lines) - below - tall : len(lines) - below]
    return "\n".join(lines)


def claims(part: outline.Part) -> dict[str, str]:
    """The code of each claim by its name, without the sentence that it proves."""
    return {
        piece.name: without_docstring(piece.code, piece.node)
        for piece in pieces(part)
        if isinstance(piece.node, ast.FunctionDef) and piece.name.startswith("claim_")
    }


def program(
    part: outline.Part,
    way: str,
    device: str = "CPU:0",
    seed: int | None = None,
    steps: int | None = None,
) -> str:
    """One way of a part as a file of its own, which runs and prints what the way gives.

    It has of the part what that way needs, as written. GraphlabError where the part is not
    written in this way, or it is `xla`, which is written nowhere.
    """
    if way == outline.XLA:
        raise GraphlabError(
            "xla is written nowhere: it is the function, compiled; take the code of function, and"
            " in it write tf.function(..., jit_compile=True)"
        )
    outline.ways_of(part, way)
    every = pieces(part)
    makes_cases = any(piece.name == "cases" for piece in every)
    data = "cases" if makes_cases else "CASES"
    asked = f"{data}({'' if seed is None else seed})" if makes_cases else data
    main = ["from textwrap import shorten\n"]
    main += [f"some = {asked}"] if steps is not None else []
    if steps is not None:
        main.append(f"some = some.first({steps}) if hasattr(some, 'first') else some[:{steps}]")
        asked = "some"
    main += [
        f'for name, value in {way}({asked}, "{device}").items():',
        '    print(f"{name}: {shorten(str(value), 300)}")',
    ]
    title = f'"""Lesson {part.name}: {part.title}. Its way {way}, alone."""'
    text = f"{title}\n\n{_needed(every, {way, data})}"
    body = textwrap.indent("\n".join(main), "    ") + "\n"
    return f'{text}\n\n\nif __name__ == "__main__":\n{body}'


def above(part: outline.Part, ways: Sequence[str]) -> str:
    """What stands above the ways and is needed by these, or gives their data or NumPy's answer."""
    every = pieces(part)
    here = [piece for piece in every if piece.name not in part.ways]
    wanted = {name for p in every if p.name in ways for name in _uses(p.node)}
    return _needed(here, wanted | {"cases", "CASES", "expected"})


def constants(part: outline.Part) -> str:
    """What is assigned above the ways, but for tolerances and what only TensorFlow 1 is called."""
    kept = [
        piece.code
        for piece in itertools.takewhile(lambda piece: piece.name not in part.ways, pieces(part))
        if isinstance(piece.node, ast.Assign)
        and not set(_gives(piece.node)) <= {"tf1", *outline.TOLERANCES}
    ]
    return "\n".join(kept)


def between(part: outline.Part, ways: Sequence[str]) -> tuple[Piece, ...]:
    """What stands below the first way of the part and is needed by these: a model."""
    every = pieces(part)
    own = itertools.dropwhile(lambda piece: piece.name not in part.ways, every)
    wanted = {name for p in every if p.name in ways for name in _uses(p.node)}
    return tuple(p for p in own if p.name in wanted and p.name not in part.ways)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _needed(every: Sequence[Piece], wanted: set[str]) -> str:
    """The pieces that some names need, and what these need in turn, as they stand in the file."""
    needed: set[str] = set()
    ahead = wanted
    while ahead:
        needed |= ahead
        used = (p for p in every if not needed.isdisjoint(_gives(p.node)))
        ahead = {name for piece in used for name in _uses(piece.node)} - needed
    kept = [piece for piece in every if not needed.isdisjoint(_gives(piece.node))]
    imports = [p.node for p in kept if isinstance(p.node, ast.Import | ast.ImportFrom)]
    below = [p for p in kept if p.node not in imports]
    text = "\n".join(_imports(imports, needed))
    for piece, before in zip(below, [None, *below], strict=False):
        apart = piece.name or (before is not None and before.name)
        text += ("\n\n\n" if apart else "\n" if before else "\n\n") + piece.code
    return text.strip("\n")


def _gives(node: ast.stmt) -> Iterator[str]:
    """The names that a top-level piece binds, or changes the value of."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    else:
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                yield each.id
            elif isinstance(each, ast.Subscript | ast.Attribute) and isinstance(
                each.ctx, ast.Store
            ):
                yield from (n.id for n in ast.walk(each.value) if isinstance(n, ast.Name))


def _uses(node: ast.stmt) -> Iterator[str]:
    return (n.id for n in ast.walk(node) if isinstance(n, ast.Name))


def _imports(nodes: Sequence[ast.stmt], needed: set[str]) -> Iterator[str]:
    """Imports, in the groups in which they were written."""
    end = nodes[0].lineno if nodes else 0
    for node in nodes:
        yield from [""] * (node.lineno > end + 1)
        yield _import(node, needed)
        end = node.end_lineno or end


def _import(node: ast.stmt, needed: set[str]) -> str:
    """An import of no more than is needed, in lines as short as those of the course."""
    assert isinstance(node, ast.Import | ast.ImportFrom)
    node.names = [a for a in node.names if (a.asname or a.name.partition(".")[0]) in needed]
    line = ast.unparse(node)
    if len(line) <= FILE_WIDTH:
        return line
    head, _, names = line.partition(" import ")
    return f"{head} import (\n" + "".join(f"    {n},\n" for n in names.split(", ")) + ")"
