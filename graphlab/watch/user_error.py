"""An error of the user's own code: where it came from, and what it says, in the user's terms."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from graphlab.errors import is_interrupt
from graphlab.sources import live

TF1 = "tensorflow.compat.v1"
MOST_SAID = 1000  # characters of a message

_FRAME = re.compile(r'( *)File "(.+?)", line \d+')
_MARKS = re.compile(
    r"\{\{function_node .*?\}\} *"
    r"| *\[Op:\w+\]( name:.*)?$"
    r"|\[_XlaMustCompile=[^\]]*\]"  # of the name of a function: fingerprints of 20 digits
    r"|(?<=\))\{\{node \S+\}\}(?= |$)"  # what the words before it have named
)
_NOT_TELLING = (
    "Graph execution error:",
    "Detected at ",
    "Node: ",
    'File "',
    "<stack traces",
    "[Previous line repeated",
    "Restoring from checkpoint failed.",
)


def told(script: Path, problem: BaseException) -> tuple[str, str]:
    """A script's error as one line, and its traceback cut to the user's own frames.

    Both are "" where it is none: Ctrl-C, or an exit with code 0.
    """
    if is_interrupt(problem):
        return "", ""
    if isinstance(problem, SystemExit):
        if problem.code in (None, 0):
            return "", ""
        code = problem.code
        how = f"exit code {code}" if isinstance(code, int) else text_of(problem)
        return f"{script} left with {how}", ""
    chain = traceback.TracebackException.from_exception(problem)
    _keep_own(chain, script)
    own = chain.stack
    place = f"{own[-1].filename}:{own[-1].lineno}" if own else str(script)
    line = f"{place} raised {type(problem).__name__}"
    what = said(problem)
    return line + (f": {what}" if what else "") + _hint(problem), _cut("".join(chain.format()))


def _keep_own(chain: traceback.TracebackException, script: Path) -> None:
    """Drop all frames of libraries, and each earlier error that only libraries saw."""
    chain.stack = traceback.StackSummary.from_list(
        [frame for frame in chain.stack if _is_own(frame.filename, script)]
    )
    for name in ("__cause__", "__context__"):
        earlier = getattr(chain, name)
        if earlier is not None:
            _keep_own(earlier, script)
            setattr(chain, name, earlier if earlier.stack else None)


def _is_own(file: str, script: Path) -> bool:
    return file == str(script) or not live.is_library(file)


def _cut(text: str) -> str:
    """The text without the frames of libraries that TensorFlow writes into its messages."""
    kept = []
    dropped: int | None = None  # how far the frame that is being dropped is indented
    for line in text.splitlines(keepends=True):
        frame = _FRAME.match(line)
        if frame:
            dropped = len(frame[1]) if live.is_library(frame[2]) else None
        elif dropped is not None and line.strip():
            indented = len(line) - len(line.lstrip(" "))
            dropped = dropped if indented > dropped else None  # deeper: the frame's own line
        if dropped is None:
            kept.append(line)
    return "".join(kept)


def said(problem: BaseException) -> str:
    """The line of a message that says what is wrong; of TensorFlow's it is often not the first.

    >>> said(ValueError("Graph execution error:\\n\\nDetected at x\\nNode: 'x'\\nYou must feed x"))
    'You must feed x'
    >>> said(ValueError("no cast of (<tf.Tensor: shape=(2,), numpy=\\narray([1., 2.])>,)"))
    'no cast of (<tf.Tensor: shape=(2,), numpy=…'
    >>> said(ValueError("graph __inference_f_4[_XlaMustCompile=true,config_proto=13561319589895]"))
    'graph __inference_f_4'
    """
    lines = [line.strip() for line in text_of(problem).splitlines() if line.strip()]
    if lines and lines[0] == "in user code:":  # a tf.function's: its frames, then the error
        lines = lines[-1:]
    telling = [line for line in lines if not line.startswith(_NOT_TELLING)] or lines or [""]
    what = telling[0].removeprefix(f"{type(problem).__name__}: ")
    what = _MARKS.sub("", what).rstrip(". ")
    goes_on = telling[1:] and what.count("(") > what.count(")")
    return f"{what[:MOST_SAID]}…" if goes_on or len(what) > MOST_SAID else what


def text_of(problem: object) -> str:
    """What an exception says; also of one that raises when it is asked."""
    try:
        return str(problem)
    except Exception as error:
        return f"its own text cannot be had, as that raises {type(error).__name__}"


def _hint(problem: BaseException) -> str:
    """What to do about TensorFlow 1 code that meets TensorFlow 2."""
    what = text_of(problem)
    if isinstance(problem, AttributeError) and "module 'tensorflow' has no attribute" in what:
        return f"; is it TensorFlow 1 code? then import {TF1} as tf"
    if isinstance(problem, RuntimeError) and "not compatible with eager execution" in what:
        return f"; build in `with tf.Graph().as_default()`, or import {TF1} as tf"
    return ""
