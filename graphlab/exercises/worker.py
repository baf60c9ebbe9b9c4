"""The process that a port runs in: it is built, and does what the checker asks, step by step.

    python -m graphlab.exercises.worker < questions > answers

The first question says which file it is. The checker's numbers come in as arrays, and answers go
out as arrays; neither the other program nor its numbers are ever here. What the port prints goes to
stderr.
"""

from __future__ import annotations

import gc
import os
import re
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from graphlab.devices import share_gpus
from graphlab.exercises import wire
from graphlab.startup import start_tensorflow

# By which a port could have another process read what it may not.
PROCESSES = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "pty.spawn")
DRAWS = ("sizes", "feeds", "weights", "queries", "special")
IN_USER_CODE = "in user code:"  # how AutoGraph begins a message


def main() -> None:
    """Answer until the checker closes its end."""
    questions, answers = _own_streams()
    start_tensorflow()
    share_gpus()  # the original runs in a process beside this one
    worker: Worker | None = None
    wire.send(answers, {"ready": True})
    while True:
        try:
            words, arrays = wire.receive(questions)
        except EOFError:
            os._exit(0)  # no exit handler of the port's keeps the checker waiting
        try:
            if "file" in words:
                if worker is None:
                    worker = Worker(Path(words["file"]), words["hidden"])
                    worker.count_sessions()
                told, given = (worker.load() if words["draws"] else worker.build()), {}
            else:
                told, given = getattr(worker, words["do"])(arrays, **words["how"])
            wire.send(answers, told, given)
        except Exception as error:  # whatever a port raises is its answer
            wire.send(
                answers, {"error": told_error(error, worker.file if worker else words["file"])}
            )


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """What the checker reads and writes, for it alone: the port's own stdout is stderr."""
    sys.stdout.flush()
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return questions, answers


class Worker:
    """A port, built."""

    def __init__(self, file: Path, hidden: list[str]) -> None:
        self.file = file
        self.sessions = 0
        sys.path.insert(0, str(file.parent))
        if hidden:
            _keep_out(os.path.realpath(file), [os.path.realpath(each) for each in hidden])

    def load(self) -> dict[str, Any]:
        """Run the file for what it draws. What comes back says what that is."""
        self.made = runpy.run_path(str(self.file), run_name="port")
        return {
            "draws": [name for name in DRAWS if callable(self.made.get(name))],
            "calls": list(self.made.get("CALLS", ())),
            "random": list(self.made.get("RANDOM", ())),
            "alone": bool(self.made.get("ALONE", False)),
        }

    def draw(self, arrays: Mapping[str, np.ndarray], what: str, how: list) -> tuple[dict, dict]:
        """What one of the file's functions draws from a seed."""
        seed, *given = how
        drawn = self.made[what](np.random.RandomState(seed), *given)
        if what == "sizes":
            return {"size": {name: int(size) for name, size in drawn.items()}}, {}
        if what != "special":
            return {}, {name: _array(value) for name, value in drawn.items()}
        told: list = []
        found: dict[str, np.ndarray] = {}
        for n, (name, weights, feeds) in enumerate(drawn):
            calls = feeds if isinstance(feeds, list) else [feeds]
            told.append([name, list(weights), [list(each) for each in calls]])
            found |= {f"{n}/w/{each}": _array(value) for each, value in weights.items()}
            for m, call in enumerate(calls):
                found |= {f"{n}/{m}/{each}": _array(value) for each, value in call.items()}
        return {"special": told}, found

    def build(self) -> dict[str, Any]:
        """Run the file and its `build()`. What comes back says what there is."""
        made = runpy.run_path(str(self.file), run_name="port")
        if not callable(made.get("build")):
            raise Refused("has no build(): write one that returns an object with train_step")
        self.port = made["build"]()
        for name in ("train_step", "predict", "save", "restore"):
            if not callable(getattr(self.port, name, None)):
                raise Refused(f"build() gives a {type(self.port).__name__} without {name}()")
        if not hasattr(self.port, "variables"):
            raise Refused(f"build() gives a {type(self.port).__name__} without variables")
        return {"variables": [[name, *_seen(v)] for name, v in self._variables()]}

    def read(self, arrays: Mapping[str, np.ndarray]) -> tuple[dict, dict]:
        """The value of each variable."""
        session = getattr(self.port, "session", None)
        if session is not None:
            return {}, session.run(dict(self._variables()))
        return {}, {name: _array(variable) for name, variable in self._variables()}

    def write(self, arrays: Mapping[str, np.ndarray]) -> tuple[dict, dict]:
        """Give variables these values."""
        session = getattr(self.port, "session", None)
        variables = dict(self._variables())
        for name, value in arrays.items():
            if session is not None:
                start = variables[name].initializer  # load() fails for reference variables
                session.run(start, {start.inputs[1]: value})
            else:
                variables[name].assign(value)
        return {}, {}

    def call(self, arrays: Mapping[str, np.ndarray], method: str) -> tuple[dict, dict]:
        """`train_step` or `predict` with these feeds; what it gives, by name."""
        given = getattr(self.port, method)(**arrays)
        if not isinstance(given, Mapping):
            given = {"": given}
        told = {str(name): _array(value) for name, value in given.items()}
        return {}, told

    def counted(self, arrays: Mapping[str, np.ndarray]) -> tuple[dict, dict]:
        """How often functions were traced, and sessions run, until now."""
        return {"traces": _traces(), "sessions": self.sessions}, {}

    def save(self, arrays: Mapping[str, np.ndarray], path: str) -> tuple[dict, dict]:
        """Have the port save itself."""
        self.port.save(path)
        return {}, {}

    def restore(self, arrays: Mapping[str, np.ndarray], path: str) -> tuple[dict, dict]:
        """Have the port restore itself."""
        self.port.restore(path)
        return {}, {}

    def _variables(self) -> Iterator[tuple[str, Any]]:
        """Names and variables, as the port gives them."""
        given = self.port.variables
        given = given() if callable(given) else given
        if isinstance(given, Mapping):
            yield from ((str(name), variable) for name, variable in given.items())
            return
        for variable in given:
            name = getattr(variable, "path", None) or getattr(variable, "name", "")
            yield str(name).removesuffix(":0"), variable

    def count_sessions(self) -> None:
        """Count the runs of sessions, of any kind: an exercise may want none."""
        import tensorflow as tf

        kinds: tuple[Any, ...] = tf.compat.v1.Session.__mro__
        for kind in kinds:
            if "run" in vars(kind):
                kind.run = self._counted(vars(kind)["run"])

    def _counted(self, run: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.sessions += 1
            return run(*args, **kwargs)

        return counted


class Refused(Exception):
    """The port is none, by what the contract says."""


def _keep_out(own: str, hidden: list[str]) -> None:
    """From here on Python opens no file that is hidden or lies in a hidden folder, but its own, nor
    what Python compiled of one, and starts no process.

    It keeps a port from leaning on the original, knowingly or not. It is no wall: TensorFlow reads
    files past Python. Whoever runs the original that way runs a Session, and those are counted.
    """
    realpath, decoded = os.path.realpath, os.fsdecode  # as they are before the port is run
    files = [Path(h) for h in hidden if h.endswith(".py")]
    compiled = tuple(f"{file.parent / '__pycache__' / file.stem}." for file in files)

    def watch(event: str, args: tuple) -> None:
        if event in PROCESSES:
            raise PermissionError("a port runs alone: it starts no process")
        if event == "ctypes.dlopen" and args[0] is None:
            raise PermissionError("a port runs alone: it calls nothing by ctypes")
        if event == "open" and isinstance(args[0], str | bytes | os.PathLike):
            path = realpath(decoded(args[0]))
            kept = any(path == h or path.startswith(h + os.sep) for h in hidden)
            if path != own and (kept or path.startswith(compiled)):
                raise PermissionError("a port may not read the program that it is a port of")

    sys.addaudithook(watch)


def _traces() -> int:
    """How often a `tf.function` was traced in this process until now."""
    import tensorflow as tf

    kind = type(tf.function(lambda: None))
    return sum(
        each.experimental_get_tracing_count() for each in gc.get_objects() if type(each) is kind
    )


def _seen(variable: Any) -> tuple[list[int], str]:
    """Shape and dtype of a variable."""
    dtype = variable.dtype
    return [int(size) for size in variable.shape], getattr(dtype, "name", str(dtype))


def _array(value: Any) -> np.ndarray:
    """What a port gives, as NumPy has it. TypeError where that is no numbers, texts or truths."""
    array = np.array(value.numpy() if hasattr(value, "numpy") else value)
    if array.dtype == object:
        raise TypeError(f"gives a {type(value).__name__}, where numbers are wanted")
    return array


def told_error(error: Exception, file: Any) -> str:
    """An error in one line, with the port's own line where it came from."""
    if isinstance(error, Refused):
        return str(error)
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(file)
    ]
    if isinstance(error, SyntaxError) and error.filename == str(file):
        lines = [error.lineno]
    at = 0
    if IN_USER_CODE in str(error):  # AutoGraph tells the lines in its message, the reason at last
        lines += [
            int(line) for line in re.findall(rf'"{re.escape(str(file))}", line (\d+)', str(error))
        ]
        at = -1
    where = f" at line {lines[-1]}" if lines else ""
    text = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"raises {type(error).__name__}{where}: {text[at] if text else 'without a word'}"


if __name__ == "__main__":
    main()
