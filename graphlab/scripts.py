"""Run a user's script, or one function of it, as it is, and keep what was seen."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import inspect
import runpy
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import tensorflow as tf

from graphlab.errors import GraphlabError, nearest
from graphlab.observer import observe
from graphlab.sources import live
from graphlab.targets import Target, Watched

TF1 = "tensorflow.compat.v1"
SWITCHES = (
    "disable_eager_execution",
    "enable_eager_execution",
    "disable_v2_behavior",
    "enable_v2_behavior",
)


def watch_script(target: Target, device: str | None) -> Watched:
    """Run the target's script under observation. See `targets.watch`.

    What the script prints goes to stderr: stdout is for what graphlab has to say. A script that
    imports TensorFlow as `tensorflow.compat.v1` and leaves eager execution on is given a graph
    to build in, as TensorFlow 1 would have. GraphlabError where it cannot be read, or runs and
    builds nothing that TensorFlow sees.
    """
    assert target.script is not None
    script = target.script.resolve()
    in_graph = _is_tf1(_parsed(script))
    graph = tf.Graph()
    problem: BaseException | None = None
    with ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        stack.enter_context(_as_main(script))
        if in_graph:
            stack.enter_context(graph.as_default())
        if device is not None:
            stack.enter_context(tf.device(device))
        seen = stack.enter_context(observe())
        try:
            _run(target, script)
        except GraphlabError:
            raise
        except BaseException as error:  # also SystemExit and Ctrl-C: what was seen is kept
            problem = error
    if not in_graph:
        graph = tf.compat.v1.get_default_graph()
    built = live.from_graph(graph) if graph.get_operations() else None
    interrupted = isinstance(problem, KeyboardInterrupt)
    failure, trace = ("", "") if problem is None else _told(script, problem)
    runs = seen.runs
    if not runs and built is None and not failure and not interrupted:
        raise GraphlabError(
            f"{target.text} ran to its end, and there was no Session.run, tf.function call or"
            " eager op to see; call what you want to look at"
        )
    note = f"{script.name} imports {TF1}: it builds in a graph, as in TensorFlow 1"
    return Watched(
        target, runs, seen.calls, built, note if in_graph else "", failure, trace, interrupted
    )


def _parsed(script: Path) -> ast.Module:
    try:
        return ast.parse(script.read_bytes(), filename=str(script))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f"{script}:{line}" if line else str(script)
        raise GraphlabError(f"{where} is not Python: {getattr(error, 'msg', error)}") from error
    except OSError as error:
        raise GraphlabError(f"cannot read {script}: {error.strerror}") from error


def _is_tf1(tree: ast.Module) -> bool:
    """Whether the script's TensorFlow is `tensorflow.compat.v1` and it switches nothing itself."""
    imported = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= any(alias.name == TF1 for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported |= f"{node.module}." in f"{TF1}." and any(
                f"{node.module}.{alias.name}" == TF1 for alias in node.names
            )
        elif isinstance(node, ast.Attribute) and node.attr in SWITCHES:
            return False
    return imported


@contextlib.contextmanager
def _as_main(script: Path) -> Iterator[None]:
    """What `python script.py` would set: the arguments, and its folder first on the path."""
    argv, path = sys.argv, list(sys.path)
    sys.argv = [str(script)]
    sys.path.insert(0, str(script.resolve().parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:] = argv, path


def _run(target: Target, script: Path) -> None:
    if not target.function:
        runpy.run_path(str(script), run_name="__main__")
        return
    module = _imported(script)
    function = getattr(module, target.function, None)
    if not callable(function):
        own = [name for name, value in vars(module).items() if callable(value) and name[0] != "_"]
        raise GraphlabError(
            f"{script} has no function {target.function!r}; did you mean"
            f" {nearest(target.function, own) or 'the whole script'}?"
        )
    needed = _needed(function)
    if needed:
        raise GraphlabError(
            f"{target.text} needs {', '.join(needed)}; give every argument a default, or name a"
            " function that takes none and calls it"
        )
    function()


def _imported(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[script.stem] = module
    spec.loader.exec_module(module)
    return module


def _needed(function: Any) -> list[str]:
    """The arguments without which a function cannot be called."""
    function = getattr(function, "python_function", function)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is p.empty and p.kind not in variable]


def _told(script: Path, problem: BaseException) -> tuple[str, str]:
    """A script's error as one line, and its traceback cut to the user's own frames."""
    if isinstance(problem, KeyboardInterrupt):
        return "", ""
    if isinstance(problem, SystemExit):
        if problem.code in (None, 0):
            return "", ""
        return f"{script} left with exit code {problem.code}", ""
    told = traceback.TracebackException.from_exception(problem)
    own = [
        frame for frame in told.stack if not live.is_library(str(Path(frame.filename).absolute()))
    ]
    told.stack = traceback.StackSummary.from_list(own)
    told.__cause__ = told.__context__ = None  # TensorFlow's own retelling of the same error
    line = f"line {own[-1].lineno} of {own[-1].filename}" if own else str(script)
    text = (str(problem).strip().splitlines() or [""])[0]
    hint = ""
    if isinstance(problem, AttributeError) and "module 'tensorflow' has no attribute" in text:
        hint = f"; is it TensorFlow 1 code? then import {TF1} as tf"
    return f"{line} raised {type(problem).__name__}: {text}{hint}", "".join(told.format())
