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
from types import ModuleType, TracebackType
from typing import Any

import tensorflow as tf

from graphlab.errors import GraphlabError, is_interrupt, nearest
from graphlab.model import Graph
from graphlab.sources import live
from graphlab.targets import own_code, process
from graphlab.targets.cluster import reachable_targets
from graphlab.targets.target import Target, Watched
from graphlab.watch import KEEP, user_error
from graphlab.watch.control import MOST_EAGER_OPS
from graphlab.watch.observer import observe

tf1 = tf.compat.v1
TF1 = user_error.TF1
SWITCHES = (
    "disable_eager_execution",
    "enable_eager_execution",
    "disable_v2_behavior",
    "enable_v2_behavior",
)


def watch_script(
    target: Target,
    device: str | None,
    values: bool = False,
    until_bad: bool = False,
    keep_bytes: int = KEEP,
    first: int = 0,
) -> Watched:
    """Run the target's script under observation. See `targets.run.watch`.

    What the script prints goes to stderr: stdout is for what graphlab has to say. A script that
    imports TensorFlow as `tensorflow.compat.v1` and leaves eager execution on is given a graph
    to build in, as TensorFlow 1 would have; not so one that the target says how to compile, which
    is run as plain Python would run that. GraphlabError where it cannot be read, or runs and
    builds nothing that TensorFlow sees.
    """
    assert target.script is not None
    script = target.script.resolve()
    in_graph = target.compiled is None and _is_tf1(_parsed(script))
    problem: BaseException | None = None
    left: list[Any] = []  # behind by the script
    with ExitStack() as stack:
        stack.enter_context(process.own_output())
        stack.enter_context(process.as_main(script, target.arguments))
        if target.compiled is not None:
            stack.enter_context(own_code.compiled_by(target.compiled, script))
        if in_graph:
            stack.enter_context(tf.Graph().as_default())
        graph = tf1.get_default_graph()
        if device is not None:
            stack.enter_context(_on(device))
        stack.enter_context(reachable_targets())
        seen = stack.enter_context(observe(values, until_bad, keep_bytes, first))
        try:
            with process.own_exit(script):
                left = _run(target, script)
        except (GraphlabError, process.Forked):
            raise
        except BaseException as error:  # also SystemExit and Ctrl-C: what was seen is kept
            problem = error
            left = _values_in(error.__traceback__)
    built = _largest([graph, *left])
    interrupted = is_interrupt(problem)
    failure, trace = ("", "") if problem is None else user_error.told(script, problem)
    runs = seen.runs
    if not runs and built is None and not failure and not interrupted:
        raise GraphlabError(
            f"{target.text} ran to its end, and there was no Session.run, tf.function call or"
            " eager op to see; call what you want to look at"
        )
    notes = [f"{script.name} imports {TF1}: it builds in a graph, as in TensorFlow 1"] * in_graph
    if seen.eager_cut:
        notes.append(f"of its eager ops the first {MOST_EAGER_OPS:,} were recorded")
    said = "; ".join([*notes, *seen.notes])
    kept = (seen.replays, seen.live, seen.metadata, seen.config, seen.traced)
    return Watched(target, runs, seen.calls, built, said, failure, trace, interrupted, *kept)


@contextlib.contextmanager
def _on(device: str) -> Iterator[None]:
    """Ask for a device wherever the script does not: eagerly, and in every graph it makes.

    `tf.device` alone speaks of the graph that is being built, and so of no other one.
    """
    as_default = tf.Graph.as_default
    entered = {tf1.get_default_graph()}

    @contextlib.contextmanager
    def on_device(self: tf.Graph) -> Iterator[tf.Graph]:
        entered.add(self)
        try:
            with as_default(self) as graph, graph.device(device):
                yield graph
        finally:
            entered.discard(self)

    def enter(self: tf.Graph) -> Any:
        # The graph of a tf.function takes the device over from where it is traced. A graph is
        # entered again for each op that is put into it: there what the script asks for counts.
        new = type(self) is tf.Graph and self not in entered
        return on_device(self) if new else as_default(self)

    with tf1.get_default_graph().device(device), tf.device(device):
        tf.Graph.as_default = enter
        try:
            yield
        finally:
            tf.Graph.as_default = as_default


def _values_in(trace: TracebackType | None) -> list[Any]:
    """What a script that raised leaves behind: the variables of the user's own frames."""
    frames = [frame for frame, _ in traceback.walk_tb(trace)]
    own = [frame for frame in frames if not live.is_library(frame.f_code.co_filename)]
    return [value for f in own for value in (*f.f_globals.values(), *f.f_locals.values())]


def _largest(values: list[Any]) -> Graph | None:
    """The largest graph that is, or is part of, one of the values; None where all are empty."""
    graphs = [v if isinstance(v, tf.Graph) else v.graph for v in values if _is_built(v)]
    graph = max(graphs, key=lambda graph: len(graph.get_operations()), default=None)
    return live.from_graph(graph) if graph is not None and graph.get_operations() else None


def _is_built(value: Any) -> bool:
    return isinstance(value, tf.Graph | tf.Operation) or tf.is_symbolic_tensor(value)


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


def _run(target: Target, script: Path) -> list[Any]:
    """Run the target; what it left behind: a script's globals, what a function returned."""
    if target.compiled is not None:
        return own_code.run_as_main(target.compiled, script)
    if not target.function:
        return list(runpy.run_path(str(script), run_name="__main__").values())
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
    return tf.nest.flatten(function())


def _imported(script: Path) -> ModuleType:
    # Its own name may be taken: a script that is called types.py must not replace Python's.
    name = script.stem if script.stem not in sys.modules else f"{script.stem} (script)"
    spec = importlib.util.spec_from_file_location(name, script)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
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
