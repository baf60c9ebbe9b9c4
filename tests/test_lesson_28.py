"""The function ways of lesson 28 are what `graphlab port` writes of their graph ways."""

import ast
import textwrap

import pytest

from graphlab.course import outline
from graphlab.port import run
from graphlab.targets.run import watch
from graphlab.targets.target import parse


def alike(function):
    """The function as text in which locals are called by their order, and no docstring is."""
    head = ast.parse(textwrap.dedent(function)).body[0]
    head.decorator_list = []  # a way says its signature where it calls `tf.function`
    if ast.get_docstring(head):
        head.body = head.body[1:]
    names = {}
    for node in ast.walk(head):
        if isinstance(node, ast.arg):
            node.arg = names.setdefault(node.arg, f"local_{len(names)}")
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"local_{len(names)}")
    for node in ast.walk(head):
        if isinstance(node, ast.Name) and node.id in names:
            node.id = names[node.id]
    return ast.unparse(head)


def functions(text):
    """The functions and methods of a file by name, all but `__init__`."""
    return {
        node.name: alike(ast.unparse(node))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.name != "__init__"
    }


@pytest.mark.parametrize("number", [part.name for part in outline.find("28")])
def test_the_port_of_the_graph_way_is_what_the_part_has_by_hand(number):
    watched = watch(parse(f"{number}:graph"), "CPU:0", None, values=True, first=run.CALLS)
    ported = functions(run.port(watched, "model.npz").text)
    (part,) = outline.find(number)
    by_hand = functions(part.path.read_text(encoding="utf-8"))
    assert sorted(ported)[0] == "__call__"
    assert {name: by_hand.get(name) for name in ported} == ported
