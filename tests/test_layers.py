"""The directions between the rooms: who may import whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("tensorflow", "keras")


def imports_of(path: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found, f"no Python files in {folder}"
    return found


@pytest.mark.parametrize("path", files("visualize"), ids=str)
def test_drawing_knows_the_model_and_no_tensorflow(path):
    for module in imports_of(path):
        assert not within(module, *HEAVY, "lessons"), f"{path} imports {module}"
        if within(module, "graphlab"):
            assert within(module, "graphlab.model", "graphlab.figure"), f"{path} imports {module}"


@pytest.mark.parametrize("path", files("lessons"), ids=str)
def test_a_lesson_imports_tensorflow_numpy_and_the_lesson_helpers_only(path):
    for module in imports_of(path):
        assert within(module, "tensorflow", "numpy", "graphlab.lesson", "__future__", *STANDARD), (
            f"{path} imports {module}"
        )
        assert not within(module, "tensorflow.python"), f"{path} uses what is not public"


STANDARD = ("math", "os", "re", "sys", "collections", "itertools", "functools")


@pytest.mark.parametrize("path", files("graphlab"), ids=str)
def test_private_tensorflow_stays_in_one_module(path):
    private = [m for m in imports_of(path) if within(m, "tensorflow.python", "tensorflow.tsl")]
    assert not private or path.name == "_private.py"


@pytest.mark.parametrize("name", ["model", "errors", "course", "lesson", "cli", "devices"])
def test_what_starts_the_command_line_imports_no_tensorflow(name):
    assert not [
        m
        for m in imports_of(ROOT / "graphlab" / f"{name}.py", top_level_only=True)
        if within(m, *HEAVY, "matplotlib")
    ]


@pytest.mark.parametrize("path", files("graphlab") + files("visualize"), ids=str)
def test_only_the_command_line_prints_or_exits(path):
    if path.name in ("cli.py", "__main__.py") or path.parent.name == "commands":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in ("print", "sys.exit", "exit", "click.echo"), (
                f"{path}:{node.lineno}"
            )


def test_the_model_stands_alone():
    assert not [m for m in imports_of(ROOT / "graphlab" / "model.py") if within(m, "graphlab")]
