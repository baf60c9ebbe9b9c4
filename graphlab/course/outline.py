"""The course as its files tell it: lessons, their parts, and the text of each way.

    >>> part = find("2.3")[0]
    >>> part.title, list(part.ways)                                 # doctest: +SKIP
    ('the gradient is a graph', ['graph', 'eager', 'function'])

Reading imports no lesson, so it is quick and a broken part can still be read and complained
about; `load` imports one.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import inspect
import io
import re
import sys
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType, ModuleType

from graphlab.errors import GraphlabError, nearest

WAYS = ("graph", "eager", "function", "keras")
REQUIRED = WAYS[:3]  # the fourth is for parts that train what Keras has too
TOLERANCES = ("RTOL", "ATOL", "KERAS_RTOL", "KERAS_ATOL", "ON_GPU", "KERAS_ON_GPU")
FUNCTION = "function"
XLA = "xla"  # not written: the function way, compiled
ASKABLE = (*WAYS, XLA)

_LESSON = re.compile(r"Lesson (\d+): (.+?)\.?$")
_PART = re.compile(r"Lesson (\d+)\.(\d+): (.+?)\.?$")
_OPENING = re.compile(r'"""((?:[^"\\]+|"(?!""))*)"""$', re.MULTILINE)
_SECTION = re.compile(r"\s*# ([a-z]+(?: [a-z]+)?)$")


@dataclass(frozen=True)
class Section:
    """The code under one section comment; title "" is what comes before the first."""

    title: str
    code: str  # without the section comment, as indented in the body of the function
    line: int  # of the file, where the code begins


@dataclass(frozen=True)
class WayText:
    """One way of a part, as written."""

    prose: str  # the comment block above the function
    signature: str  # "(cases, device)"
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Code:
    """A part without its docstring."""

    ways: dict[str, WayText]
    shared: str  # the code above the first way: imports, data, tolerances


@dataclass(frozen=True)
class Part:
    """One idea of a lesson: a file."""

    lesson: int
    number: int
    title: str  # "" where the docstring does not have the form of a part's
    prose: str
    path: Path
    code: Code | None = None  # None: read from the file when it is first asked for

    @property
    def name(self) -> str:
        """`"2.3"`."""
        return f"{self.lesson}.{self.number}"

    @property
    def ways(self) -> dict[str, WayText]:
        """The text of each way. GraphlabError where the file is no Python."""
        return self._code.ways

    def text_of(self, way: str) -> WayText:
        """What a way is written as. GraphlabError where the file is no Python."""
        return self.ways[FUNCTION if way == XLA else way]

    @property
    def shared(self) -> str:
        """The code above the first way. GraphlabError where the file is no Python."""
        return self._code.shared

    @cached_property
    def _code(self) -> Code:
        return self.code or _read_code(self.path)


@dataclass(frozen=True)
class Lesson:
    """A folder of parts."""

    number: int
    title: str
    about: str
    parts: tuple[Part, ...]


def lessons(folder: Path | None = None) -> tuple[Lesson, ...]:
    """The lessons in the folder (by default: of the installed course), by number."""
    if folder is None:
        folder = _installed()
    found = (read_lesson(each) for each in folder.glob("lesson_[0-9]*_*") if each.is_dir())
    return tuple(sorted(found, key=lambda lesson: lesson.number))


def _installed() -> Path:
    """The folder of the course. GraphlabError where Python finds another `lessons` before it."""
    package = importlib.import_module("lessons")
    ours = Path(__file__).parents[2] / "lessons"
    found = Path(package.__file__ or ours).parent
    if ours.is_dir() and not found.samefile(ours):
        raise GraphlabError(
            f"Python finds another package `lessons` in {found.parent} before graphlab's own;"
            " take that folder off PYTHONPATH"
        )
    return ours if ours.is_dir() else found


def find(target: str, folder: Path | None = None) -> tuple[Part, ...]:
    """The parts of a lesson (`"2"`) or one part (`"2.3"`).

    GraphlabError, naming the nearest, where there is no such lesson or part.
    """
    course = lessons(folder)
    if not re.fullmatch(r"\d+(\.\d+)?", target):
        raise GraphlabError(
            f"{target!r} is not a lesson; write a number such as 1 for a lesson or 1.2 for a part"
        )
    number, _, part = target.partition(".")
    lesson = next((each for each in course if each.number == int(number)), None)
    if lesson is None:
        near = nearest(number, [str(each.number) for each in course])
        raise GraphlabError(f"there is no lesson {number}; try {near}, or see: graphlab lessons")
    if not part:
        return lesson.parts
    parts = tuple(each for each in lesson.parts if each.number == int(part))
    if not parts:
        there = ", ".join(each.name for each in lesson.parts)
        raise GraphlabError(f"lesson {number} has no part {target}; it has {there}")
    return parts


def split_target(text: str) -> tuple[str, str | None]:
    """A lesson target and the way it asks for.

    >>> split_target("2.3:graph"), split_target("2")
    (('2.3', 'graph'), ('2', None))

    GraphlabError where the way is none.
    """
    target, colon, way = text.partition(":")
    if colon and way not in ASKABLE:
        raise GraphlabError(f"{way!r} in {text!r} is not a way; try {nearest(way, ASKABLE)}")
    return target, way or None


def ways_of(part: Part, way: str | None = None) -> tuple[str, ...]:
    """The ways the part has, or only the one asked for. GraphlabError where it has it not.

    Every part that has a function has `XLA` too, where that is asked for.
    """
    if way == XLA and FUNCTION in part.ways:
        return (XLA,)
    if way is not None and way not in part.ways:
        raise GraphlabError(
            f"{part.name} has no way {way!r}; it is written in {', '.join(part.ways)}"
        )
    return tuple(part.ways) if way is None else (way,)


def load(part: Part) -> ModuleType:
    """The part as an imported module; what its import raises passes through."""
    name = f"lessons.{part.path.parent.name}.{part.path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, loader=_Whole(name, str(part.path)))
        assert spec is not None and spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]


class _Whole(importlib.machinery.SourceFileLoader):
    """Keeps assertions and docstrings, which `python -O` leaves out: claims are made of them."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return compile(self.get_data(path), path, "exec", dont_inherit=True, optimize=0)


def read_lesson(folder: Path) -> Lesson:
    """A lesson and its parts from its folder, `lesson_02_slug`."""
    opening = folder / "__init__.py"
    first, _, about = (_docstring(opening) if opening.exists() else "").partition("\n")
    match = _LESSON.match(first)
    parts = (read_part(path) for path in folder.glob("part_[0-9]*_*.py"))
    return Lesson(
        number=int(folder.name.split("_")[1]),
        title=match[2] if match else "",
        about=about.strip(),
        parts=tuple(sorted(parts, key=lambda part: part.number)),
    )


def read_part(path: Path) -> Part:
    """One part from its file, `lesson_02_slug/part_3_slug.py`.

    What the contract asks for and the file lacks is left empty, for `complaints` to name. Only
    the docstring is read: the list of lessons needs no more of the hundred files of a course.
    """
    first, _, prose = _docstring(path).partition("\n")
    match = _PART.match(first)
    return Part(
        lesson=int(path.parent.name.split("_")[1]),
        number=int(path.stem.split("_")[1]),
        title=match[3] if match else "",
        prose=prose.strip(),
        path=path,
    )


def _docstring(path: Path) -> str:
    """A file's docstring; of the usual form without parsing all the rest of the file."""
    match = _OPENING.match(path.read_text(encoding="utf-8"))
    if match:  # without a backslash it says what it means
        return inspect.cleandoc(match[1])
    return ast.get_docstring(parse(path)) or ""


def _read_code(path: Path) -> Code:
    tree = parse(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    functions = {f.name: f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name in WAYS}
    body_from = tree.body[0].end_lineno if tree.body and ast.get_docstring(tree) else 0
    ways_from = min((_block_above(lines, f) for f in functions.values()), default=len(lines))
    return Code(
        ways={way: _way_text(lines, functions[way]) for way in WAYS if way in functions},
        shared="\n".join(lines[body_from:ways_from]).strip("\n"),
    )


def parse(path: Path) -> ast.Module:
    """The file's tree. GraphlabError, with the line, where it is no Python."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise GraphlabError(f"{path}:{error.lineno}: {error.msg}; mend the line first") from error


def _block_above(lines: list[str], function: ast.FunctionDef) -> int:
    """The index of the first line of the comment block directly above a function."""
    start = min([function.lineno, *(each.lineno for each in function.decorator_list)]) - 1
    while start and lines[start - 1].startswith("#"):
        start -= 1
    return start


def _way_text(lines: list[str], function: ast.FunctionDef) -> WayText:
    above = _block_above(lines, function)
    comments = [line for line in lines[above : function.lineno] if line.startswith("#")]
    return WayText(
        prose="\n".join(line.lstrip("#").strip() for line in comments),
        signature=f"({ast.unparse(function.args)})",
        sections=tuple(_sections(lines, function)),
    )


def _sections(lines: list[str], function: ast.FunctionDef) -> Iterator[Section]:
    """The body of a function, cut at its section comments."""
    end = function.end_lineno
    first = function.body[0]
    decorators = getattr(first, "decorator_list", [])  # they stand above the line of the `def`
    head = min(node.lineno for node in [first, *decorators]) - 1
    # Comments between the signature and the first statement belong to the body.
    while lines[head - 1].lstrip().startswith("#"):
        head -= 1
    body = textwrap.dedent("\n".join(lines[head:end]))
    cuts = [(0, "")] + [(row, title) for row, title in _section_comments(body)]
    body_lines = body.splitlines()
    for (start, title), (stop, _) in zip(cuts, [*cuts[1:], (len(body_lines), "")], strict=True):
        start += bool(title)
        code = "\n".join(body_lines[start:stop]).strip("\n")
        if title or code:
            yield Section(title, code, head + start + 1)


def _section_comments(body: str) -> Iterator[tuple[int, str]]:
    """The lines (from 0) that are section comments; a string that looks like one is none."""
    comments = {
        token.start[0] - 1
        for token in tokenize.generate_tokens(io.StringIO(body).readline)
        if token.type == tokenize.COMMENT
    }
    for row, line in enumerate(body.splitlines()):
        match = _SECTION.match(line)
        if match and row in comments:
            yield row, match[1]
