"""The rooms of the house, and who may import whom. CONTRIBUTING shows the same table."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[1]

# A room, and the rooms that its files may import, all of them above it in this table.
ROOMS = {
    "graphlab.model": "",
    "graphlab.errors": "",
    "graphlab.figure": "",
    "graphlab.agreement": "",
    "graphlab.startup": "",
    "graphlab._private": "",
    "graphlab.devices": "errors _private",
    "visualize": "model figure",
    "graphlab.sources": "model errors devices startup _private",
    "graphlab.engine": "model errors devices startup sources _private",
    "graphlab.watch": "model errors agreement devices visualize sources engine _private",
    "graphlab.stages": "model errors devices sources _private",
    "graphlab.lesson": "errors figure engine stages",
    "graphlab.walk": "model errors engine visualize",
    "graphlab.course": "model errors figure agreement devices visualize watch lesson",
    "graphlab.targets": "model errors visualize sources watch stages walk course",
    "graphlab.comparison": (
        "model errors agreement startup sources engine watch course targets _private"
    ),
    "graphlab.port": "model errors sources engine watch targets _private",
    "graphlab.migration": (
        "model errors agreement startup _private visualize sources engine watch stages course"
        " targets comparison port"
    ),
    "graphlab.exercises": "model errors startup devices watch",
    "graphlab.screen": (
        "model figure agreement devices visualize watch stages course targets comparison migration"
        " exercises"
    ),
    "graphlab.output": (
        "model errors figure agreement startup devices visualize sources watch stages walk course"
        " targets comparison migration exercises screen"
    ),
    "graphlab.commands": (
        "model errors startup devices sources watch lesson walk course targets comparison migration"
        " exercises port screen output"
    ),
    "graphlab.cli": "errors commands targets",
    "lessons": "lesson",
}
DOORS = ("graphlab", "graphlab.__main__")  # they hand on what is asked for

# Within visualize, in the same way.
DRAWING = {
    "visualize.words": "",
    "visualize.kinds": "",
    "visualize.busy": "kinds words",
    "visualize.lanes": "kinds words busy",
    "visualize.layout": "",
    "visualize.hierarchy": "kinds",
    "visualize.diagram": "kinds words hierarchy",
    "visualize.text": "kinds words hierarchy diagram",
    "visualize.pictures": "kinds words busy lanes layout hierarchy diagram",
    "visualize.plots": "words",
    "visualize.page": "kinds words busy lanes layout hierarchy",
}

SLOW = (
    "tensorflow keras matplotlib textual rich numpy tensorboard graphviz networkx py_mini_racer"
    " typst"
).split()
STANDARD = ("math", "os", "re", "sys", "collections", "itertools", "functools", "tempfile")


def name_of(path: Path) -> str:
    """`"graphlab.watch.replay"`; a room's `__init__.py` has the name of the room."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    name_of(path): path
    for folder in ("graphlab", "visualize", "lessons")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


@functools.cache
def imports_of(name: str, top_level_only: bool = False) -> tuple[tuple[str, int], ...]:
    """The modules that a module imports, ours by their full name, each with its line."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    found = []
    for node in _at_import(tree) if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: imports are absolute here"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.append((full if full in MODULES else node.module or "", node.lineno))
    return tuple(found)


def _at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """What is executed when the module is imported; not what only a type checker reads."""
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def room_of(module: str, rooms: dict[str, str]) -> str:
    return next((room for room in rooms if within(module, room)), "")


def full_names(row: str, package: str) -> set[str]:
    return {name if name in ROOMS else f"{package}.{name}" for name in row.split()}


def graph(top_level_only: bool = False) -> nx.DiGraph:
    """An edge for each import of one module of ours by another, also one inside a function.

    Of what is executed at once, also to the rooms that a module stands in.
    """
    found = nx.DiGraph()
    for name in MODULES:
        imported = {module for module, _ in imports_of(name, top_level_only) if module in MODULES}
        if top_level_only:
            for module in [name, *imported]:
                parts = module.split(".")
                imported |= {".".join(parts[:n]) for n in range(1, len(parts))}
        found.add_edges_from((name, module) for module in imported - {name})
    return found


def test_every_file_is_in_a_room_of_the_table():
    assert [m for m in MODULES if not room_of(m, ROOMS) and m not in DOORS] == []
    assert [m for m in MODULES if within(m, "visualize") and not room_of(m, DRAWING)] == [
        "visualize"
    ]


@pytest.mark.parametrize(("rooms", "package"), [(ROOMS, "graphlab"), (DRAWING, "visualize")])
def test_a_room_imports_only_rooms_above_it_in_the_table(rooms, package):
    above: set[str] = set()
    for room, row in rooms.items():
        assert full_names(row, package) <= above, room
        above.add(room)
    for name in MODULES:
        room = room_of(name, rooms)
        allowed = full_names(rooms.get(room, ""), package) | {room}
        for module, line in imports_of(name):
            other = room_of(module, rooms)
            assert not room or not other or other in allowed, f"{name}:{line} imports {module}"


def test_no_module_imports_itself_by_way_of_others():
    assert [sorted(c) for c in nx.strongly_connected_components(graph()) if len(c) > 1] == []


def test_an_import_inside_a_function_keeps_something_slow_from_being_loaded():
    loaded = graph(top_level_only=True)
    slow = {
        name: {m.partition(".")[0] for m, _ in imports_of(name, True) if within(m, *SLOW)}
        for name in MODULES
    }

    def brings(name: str) -> set[str]:
        reached = nx.descendants(loaded, name) | {name} if name in loaded else {name}
        return set().union(*(slow[each] for each in reached))

    for name in MODULES:
        late = set(imports_of(name)) - set(imports_of(name, True))
        # What a part of a lesson imports must also be read by Python 3.7, down to the last file.
        # `graphlab --help` reads every command, so none may wait for what only one of them needs.
        if name in DOORS or within(name, "lessons", "graphlab.lesson", "graphlab.commands"):
            continue
        for module, line in sorted(late - _for_types_only(name)):
            if module in MODULES:
                assert brings(module) - brings(name), f"{name}:{line} could import {module} above"


def _for_types_only(name: str) -> set[tuple[str, int]]:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    lines = {
        node.lineno
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    return {(module, line) for module, line in imports_of(name) if line in lines}


@pytest.mark.parametrize("room", [*ROOMS, *DRAWING])
def test_a_room_says_what_one_can_do_in_it(room):
    told = ast.get_docstring(ast.parse(MODULES.get(room, MODULES["lessons"]).read_text()))
    assert told and told.partition("\n")[0].endswith((".", ":", "?")), room


def test_the_house_has_few_files_and_rooms_side_by_side():
    here = [name for name in MODULES if name.count(".") == 1 and within(name, "graphlab")]
    files = [name for name in here if MODULES[name].name != "__init__.py"]
    assert len(files) + 1 <= 10, files
    assert len(here) - len(files) <= 15


@pytest.mark.parametrize("name", [m for m in MODULES if within(m, "visualize")])
def test_drawing_knows_no_tensorflow(name):
    for module, _ in imports_of(name):
        assert not within(module, "tensorflow", "keras", "lessons"), f"{name} imports {module}"


@pytest.mark.parametrize("name", [m for m in MODULES if within(m, "lessons")])
def test_a_lesson_imports_tensorflow_numpy_and_the_lesson_helpers_only(name):
    for module, _ in imports_of(name):
        assert within(module, "tensorflow", "numpy", "graphlab.lesson", "__future__", *STANDARD), (
            f"{name} imports {module}"
        )
        assert not within(module, "tensorflow.python"), f"{name} uses what is not public"


@pytest.mark.parametrize("name", [m for m in MODULES if within(m, "graphlab")])
def test_private_tensorflow_stays_in_one_module(name):
    private = [m for m, _ in imports_of(name) if within(m, "tensorflow.python", "tensorflow.tsl")]
    assert not private or name == "graphlab._private"


STARTING = ("model", "errors", "cli", "devices", "lesson", "course.outline", "targets.target")


@pytest.mark.parametrize("name", STARTING)
def test_what_starts_the_command_line_imports_no_tensorflow(name):
    loaded = graph(top_level_only=True)
    name = f"graphlab.{name}"
    for each in nx.descendants(loaded, name) | {name}:
        for module, _ in imports_of(each, True):
            assert not within(module, "tensorflow", "keras", "matplotlib"), f"{each}: {module}"


@pytest.mark.parametrize("name", [m for m in MODULES if not within(m, "lessons")])
def test_only_the_command_line_prints_or_exits(name):
    if name in ("graphlab.cli", "graphlab.__main__") or within(name, "graphlab.commands"):
        return
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("print", "sys.exit", "exit", "click.echo"), (name, node.lineno)
