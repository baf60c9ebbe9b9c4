"""What the real TensorFlow 1.15.5 gives for a script: the rung below all others.

    told = original(Path("train.py"), (), "/tmp/tf1/bin/python")

The script is run there as it is, in a process of its own, and the first calls of each kind that
it makes of sessions are taken down. All that is random is seeded, op by op: what TensorFlow makes
of the seed of a graph is not the same in both.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphlab import _private
from graphlab.agreement import agree
from graphlab.errors import GraphlabError
from graphlab.targets.target import Watched
from visualize.words import counted

SEED = 7  # of all random numbers, as far as a program does not choose NumPy's itself
MOST_CALLS = 8  # of each kind: as far as recorded calls go
EARLY = 24  # calls of any kind: long free runs drift apart by their last bits, and prove nothing
RTOL, ATOL = 1e-5, 1e-6
# Runs under Python 3.7, as `python -c TRACER out script arguments`.
TRACER = """
import itertools, json, os, random, runpy, sys
out, script = sys.argv[1], sys.argv[2]
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from tensorflow.python.client import session

from tensorflow.python.framework import random_seed

random.seed(SEED)
np.random.seed(SEED)
numbers = itertools.count()
random_seed.get_seed = lambda op_seed: (SEED, next(numbers))
calls, kinds, told, arrays = [0], {}, [], {}
do_run = session.BaseSession._do_run

def traced(self, handle, targets, fetches, feeds, *rest):
    results = do_run(self, handle, targets, fetches, feeds, *rest)
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename != script:
        frame = frame.f_back
    if frame is not None:
        names = tuple([t.name for t in fetches] + [t.name for t in targets])
        key = (id(frame.f_code), frame.f_lasti, names)
        kind = kinds.setdefault(key, [len(kinds), 0])
        kind[1] += 1
        calls[0] += 1
        if kind[1] <= MOST and calls[0] <= EARLY:
            for tensor, value in zip(fetches, map(np.asarray, results)):
                if value.dtype.kind in "biufc":
                    arrays["%d/%s" % (len(told), tensor.name)] = value
            told.append((kind[0], kind[1], [tensor.name for tensor in fetches]))
    return results

session.BaseSession._do_run = traced
sys.argv = sys.argv[2:]
sys.path[0] = os.path.dirname(script)
problem = ""
try:
    runpy.run_path(script, run_name="__main__")
except SystemExit as error:
    problem = "exit code %s" % error.code if error.code else ""
except BaseException as error:
    problem = "%s: %s" % (type(error).__name__, (str(error).splitlines() or [""])[0])
np.savez(out + ".npz", **arrays)
with open(out, "w") as file:
    json.dump({"version": tf.__version__, "calls": told, "problem": problem}, file)
"""


@dataclass(frozen=True)
class Original:
    """What was taken down."""

    version: str
    calls: Mapping[tuple[int, int], Mapping[str, np.ndarray | None]]  # by kind and number: fetched
    problem: str  # what the script raised there; "" where it came to its end


@contextlib.contextmanager
def same_draws() -> Iterator[None]:
    """A run in the block draws the random numbers that `original` drew."""
    random.seed(SEED)
    np.random.seed(SEED)
    with _private.numbered_seeds(SEED):
        yield


def original(script: Path, arguments: Sequence[str], python: str) -> Original:
    """Run the script in that Python, which has TensorFlow 1; what it prints is not shown.

    GraphlabError where that Python cannot be run or has no TensorFlow 1.
    """
    told = traced(script, arguments, python)
    if not told.version.startswith("1."):
        raise GraphlabError(
            f"{python} has TensorFlow {told.version}; name a Python that has 1.15.5"
        )
    return told


def traced(script: Path, arguments: Sequence[str], python: str) -> Original:
    """The same of whatever TensorFlow that Python has."""
    # TensorFlow 2 leaves word for other processes that they are to be of version 2, too.
    environment = {k: v for k, v in os.environ.items() if k != "TF2_BEHAVIOR"}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "calls"
        code = f"MOST, EARLY, SEED = {MOST_CALLS}, {EARLY}, {SEED}\n{TRACER}"
        command = [python, "-c", code, str(out), str(script.resolve()), *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
        except OSError as error:
            raise GraphlabError(f"cannot run {python}: {error.strerror}") from error
        if not out.is_file():
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise GraphlabError(f"{python} cannot run {script} with TensorFlow: {last}")
        told = json.loads(out.read_text())
        with np.load(f"{out}.npz") as arrays:
            values = dict(arrays)
    calls = {
        (kind, number): {name: values.get(f"{n}/{name}") for name in names}
        for n, (kind, number, names) in enumerate(told["calls"])
    }
    return Original(told["version"], calls, told["problem"])


def compared(told: Original, watched: Watched) -> tuple[str, str]:
    """Whether a run gives what the original gave: "equal", "differs" or "", and a sentence.

    The calls of sessions are paired by their kinds in the order in which those come first, and by
    their numbers.
    """
    on = f"TensorFlow {told.version}"
    kinds = [calls for calls in watched.calls if calls.way == "graph" and not calls.thread]
    pairs = 0
    furthest = 0.0
    for replay in watched.replays:
        run = replay.run
        kind = next(
            (n for n, c in enumerate(kinds) if (c.source, c.asked) == (run.source, run.fetches)),
            None,
        )
        if kind is None or (kind, run.call) not in told.calls:
            continue
        values = told.calls[kind, run.call].values()
        given = replay.start.results
        fetched = [n for n in run.fetches if n in given and n not in replay.start.feeds]
        if len(fetched) != len(values):
            return "", f"not compared with {on}: other things are fetched there"
        theirs = {n: v for n, v in zip(fetched, values, strict=True) if v is not None}
        mine = {name: np.asarray(given[name]) for name in theirs}
        found = agree({"theirs": theirs, "mine": mine}, RTOL, ATOL)
        pairs += len(theirs)
        if found.worst is not None:
            furthest = max(furthest, found.worst.absolute or 0.0)
        if not found.ok and found.worst is not None:
            line = run.source[1] if run.source else 0
            return "differs", (
                f"differs from {on} in call {run.call} of line {line}: {found.worst.result} is"
                f" {found.worst.value} against {found.worst.other_value} there"
            )
    if not pairs:
        return "", f"nothing of it could be compared with {on}"
    off = f"up to {furthest:.2g}" if furthest else "to the last bit"
    until = f", where {on} stopped: {told.problem}" if told.problem else ""
    what = f"in {counted(pairs, 'value')} that its first {EARLY} calls fetch"
    return "equal", f"gives what {on} gives, {off}, {what}{until}"
