"""The names of TensorFlow that a Python text uses, as it imports them.

text = Text(b"import tensorflow as tf\\ntf.log(1.0)")
text.names                    # (Name("log", "tf.log", line 2, ...),)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import libcst as cst
from libcst import metadata

from graphlab.errors import GraphlabError

V1 = "tensorflow.compat.v1"
_SWITCHES = frozenset(
    "disable_v2_behavior disable_eager_execution enable_v2_behavior enable_eager_execution".split()
)
# What only Python 2 takes: a print without brackets, and an exception's name behind a comma.
_PYTHON_2 = re.compile(r"^\s*(print\s+[^\s(=.,:\[]|print\s*>>|except\s+[\w.]+\s*,\s*\w+\s*:)")
MOST_LINES = 8  # of Python 2, told of

Span = tuple[tuple[int, int], tuple[int, int]]  # lines from 1, columns from 0


@dataclass(frozen=True)
class Name:
    """A name of TensorFlow's that a text uses."""

    name: str  # as TensorFlow 1 has it, without the `tf.`
    written: str
    span: Span

    @property
    def line(self) -> int:
        """Where it stands."""
        return self.span[0][0]


@dataclass(frozen=True)
class Import:
    """One name that an import statement binds."""

    statement: Span
    span: Span  # of the alias, or behind `from` of the module
    module: str  # "tensorflow.contrib"
    name: str  # what is taken from the module; "" where the module itself is
    alias: str  # "" where it has none
    alone: bool  # the statement imports nothing else

    @property
    def full(self) -> str:
        """What is imported: `"tensorflow.contrib.slim"`."""
        return f"{self.module}.{self.name}" if self.name else self.module


class Text:
    """A text, and what it has of TensorFlow.

    GraphlabError, with the lines, where it is no Python 3.
    """

    def __init__(self, source: bytes, path: str = "the script") -> None:
        try:
            module = cst.parse_module(source)
        except (cst.ParserSyntaxError, UnicodeDecodeError, SyntaxError, LookupError) as error:
            raise GraphlabError(_complaint(source, path, error)) from error
        reader = _Reader()
        metadata.MetadataWrapper(module, unsafe_skip_copy=True).visit(reader)
        self.code: str = module.code
        self.encoding: str = module.encoding
        self.names = tuple(reader.names)
        self.imports = tuple(reader.imports)
        self.switched = reader.switched  # it says itself whether it is of TensorFlow 1 or 2
        whole = (each for each in self.imports if each.full in ("tensorflow", V1))
        bound = next(whole, None)
        self.bound = "" if bound is None else bound.alias or bound.name or bound.full


def _complaint(source: bytes, path: str, error: Exception) -> str:
    lines = source.decode(errors="replace").splitlines()
    old = [n for n, line in enumerate(lines, 1) if _PYTHON_2.match(line)]
    if not old:
        return f"{path}:{getattr(error, 'raw_line', 1)} is not Python 3"
    more = f" and {len(old) - MOST_LINES} more" if len(old) > MOST_LINES else ""
    what = "print" if "print" in lines[old[0] - 1] else "except"
    return (
        f"{path}:{old[0]} is Python 2: {what} is written otherwise in Python 3 (line"
        f" {', '.join(map(str, old[:MOST_LINES]))}{more}); run 2to3 on it, then migrate again"
    )


class _Reader(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (metadata.PositionProvider, metadata.QualifiedNameProvider)

    def __init__(self) -> None:
        self.names: list[Name] = []
        self.imports: list[Import] = []
        self.switched = False

    def _span(self, node: cst.CSTNode) -> Span:
        place = self.get_metadata(metadata.PositionProvider, node)
        return (place.start.line, place.start.column), (place.end.line, place.end.column)

    def visit_Import(self, node: cst.Import) -> bool:
        for each in node.names:
            module = _dotted(each.name)
            if _is_tensorflow(module):
                alias, alone = each.evaluated_alias or "", len(node.names) == 1
                spans = self._span(node), self._span(each)
                self.imports.append(Import(*spans, module, "", alias, alone))
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        if node.module is None or node.relative or not _is_tensorflow(_dotted(node.module)):
            return False
        spans, module = (self._span(node), self._span(node.module)), _dotted(node.module)
        if isinstance(node.names, cst.ImportStar):
            self.imports.append(Import(*spans, module, "*", "", True))
            return False
        for each in node.names:
            alias, alone = each.evaluated_alias or "", len(node.names) == 1
            self.imports.append(Import(*spans, module, _dotted(each.name), alias, alone))
        return False

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        if self._used(node):
            return False
        node.value.visit(self)
        return False  # the name behind the dot is none by itself

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False  # nor is that of an argument

    def visit_Name(self, node: cst.Name) -> None:
        self._used(node)

    def _used(self, node: cst.Attribute | cst.Name) -> bool:
        """Note a name of TensorFlow's; whether it is one."""
        written = _dotted(node)
        found = self.get_metadata(metadata.QualifiedNameProvider, node, ()) if written else ()
        for each in found or ():
            if each.source is metadata.QualifiedNameSource.IMPORT and _is_tensorflow(each.name):
                name = tf1_name(each.name)
                self.switched |= name.rpartition(".")[2] in _SWITCHES
                if name:
                    self.names.append(Name(name, written, self._span(node)))
                return True
        return False


def _is_tensorflow(module: str) -> bool:
    return module == "tensorflow" or module.startswith("tensorflow.")


def tf1_name(full: str) -> str:
    """A full name as TensorFlow 1 has it; "" of TensorFlow itself.

    >>> tf1_name("tensorflow.compat.v1.layers.dense"), tf1_name("tensorflow")
    ('layers.dense', '')
    """
    for prefix in (V1, "tensorflow"):
        if full == prefix or full.startswith(f"{prefix}."):
            return full[len(prefix) + 1 :]
    return full


def _dotted(node: cst.CSTNode) -> str:
    """`"a.b.c"` of an Attribute or a Name; "" of anything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    return ".".join([node.value, *reversed(parts)]) if isinstance(node, cst.Name) else ""
