"""Graphviz without a program or a library of the system: its WebAssembly, run by V8.

    >>> laid_out('digraph { a -> b }', "dot").count("pos=")
    3

V8 is in the wheel of mini-racer. The same source gives the same bytes on every machine.
"""

from __future__ import annotations

import atexit
import functools
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from py_mini_racer import JSEvalException, JSPromise, MiniRacer

from visualize.layout.viz import viz

# What a browser has and V8 alone has not. Nothing here comes from outside: the text is decoded, and
# "random" bytes, which seed a table of Graphviz's, are the same in each run.
_BROWSER = """
globalThis.location = { href: "file:///" };
globalThis.document = { baseURI: "file:///", currentScript: null };
globalThis.URL = class { constructor(text) { this.href = String(text); } };
globalThis.console = { log() {}, error() {} };
globalThis.crypto = { getRandomValues: (bytes) => bytes.fill(7) };
globalThis.TextDecoder = class {
  decode(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192)
      text += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192));
    return decodeURIComponent(escape(text));
  }
};
"""
_RANKS = "trouble in init_rank"
_MOST_SAID = 300  # characters
_lock = threading.Lock()  # Graphviz keeps global state: one picture at a time


def laid_out(dot_source: str, format: str = "svg") -> str:
    """What Graphviz makes of DOT source: `"svg"`, `"dot"` or `"json"` with places.

    ValueError: source that Graphviz cannot read, in Graphviz's own words.
    """
    return laid_out_as(dot_source, format)[format]


def laid_out_as(dot_source: str, *formats: str) -> dict[str, str]:
    """One layout in several formats, by format; see `laid_out`."""
    output, wrong = _tried(dot_source, formats, {})
    if _RANKS in wrong:  # clusters that are in a circle of edges; this way ranks them all together
        again = {"graphAttributes": {"newrank": True}}
        output, wrong = _tried(dot_source, formats, again)
    if output is None:
        raise ValueError(f"Graphviz cannot draw this: {wrong[:_MOST_SAID]}")
    return output


def _tried(
    dot_source: str, formats: Sequence[str], options: Mapping[str, Any]
) -> tuple[dict[str, str] | None, str]:
    """What Graphviz makes of it, None where it says what is wrong."""
    asked = ", ".join(map(json.dumps, (dot_source, formats, options)))
    call = f"JSON.stringify(viz.renderFormats({asked}))"
    with _lock:
        try:
            told = json.loads(str(_engine().eval(call)))
        except BaseException as error:  # also Ctrl-C: what is under way must not go on
            close()
            if isinstance(error, JSEvalException):  # it ran out of memory, or into its own checks
                raise ValueError(f"Graphviz gave up: {str(error).splitlines()[0]}") from error
            raise
    # Warnings are of what is drawn a little off: a label's width that is guessed, a line too near.
    wrong = [error["message"] for error in told["errors"] if error["level"] == "error"]
    if wrong or told["status"] != "success":
        return None, " ".join(wrong) or "there is no graph"
    return told["output"], ""


@functools.cache
def _engine() -> MiniRacer:
    """V8 with Graphviz loaded: a tenth of a second, once."""
    engine = MiniRacer()
    atexit.register(close)  # left open, it keeps the process from ending
    engine.eval(_BROWSER)
    engine.eval(viz())
    ready = engine.eval("Viz.instance().then((made) => { globalThis.viz = made; })")
    assert isinstance(ready, JSPromise)
    ready.get()
    return engine


def close() -> None:
    """Let V8 go; the next layout starts it anew. A thread that is not the main one has to do so
    before it ends: closed by another one when Python leaves, V8 ends the process with a fault."""
    if _engine.cache_info().currsize:
        _engine().close()
        _engine.cache_clear()
        atexit.unregister(close)
