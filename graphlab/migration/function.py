"""The rung `tf.function`: the script's main call as code of TensorFlow 2.

ported = function(Path("ported/1_compat_v1.py"), (), "2_function.npz")
held(ported, file)        # once it is written: a Rung that says how far it is proved
"""

from __future__ import annotations

import re
from pathlib import Path
from types import CodeType

from graphlab.errors import GraphlabError
from graphlab.migration.found import Rung
from graphlab.port import proof
from graphlab.port.run import CALLS, Ported, port
from graphlab.targets import run
from graphlab.targets.target import Target

NAME = "tf.function"
ASK = "not written; -o DIR writes the main call as a tf.Module, and proves it"
_OFF = re.compile(rb"\b([\w.]+)\.disable_v2_behavior\(\)")
LOOP = "; the Python around it is still to be ported"


def function(file: Path, arguments: tuple[str, ...], beside: str) -> Ported | Rung:
    """The call of the most ops of a script that runs, or a Rung that says why there is none.

    The script is run once more, as a program by itself, with TensorFlow 2's conditions and loops,
    which are functions; `beside` names the file of the arrays.
    """
    try:
        target = Target(str(file), script=file, arguments=arguments, compiled=_as_functions)
        watched = run.watch_alone(target, None, None, values=True, first=CALLS)
        if watched.interrupted:
            raise KeyboardInterrupt(f"in {file}")
        if watched.failure:
            return Rung(NAME, False, "", f"not written: {watched.failure}")
        return port(watched, beside)
    except GraphlabError as problem:
        return Rung(NAME, False, "", f"not written: {problem}")


def _as_functions(source: bytes, path: str) -> CodeType:
    """The code of a file, with TensorFlow 2's control flow on where it turned all of 2 off."""
    text = _OFF.sub(rb"\g<0>; \g<1>.enable_control_flow_v2()", source)
    return compile(text, path, "exec", dont_inherit=True)


def held(ported: Ported, file: Path) -> Rung:
    """The rung, with the file run in a process of its own and held against the recorded calls."""
    lost = ported.module.unported
    if lost:
        said = f"{ported.summary}; not ported: {lost[0].op}: {lost[0].reason}"
        return Rung(NAME, False, "", said, str(file))
    proved = proof.prove(file, ported.module, ported.calls)
    kind = "equal" if proved.ok else "" if proved.draws else "differs"
    said = f"{ported.name}: {ported.summary}; {proved.text()}{LOOP}"
    ran = not proved.failure and kind != "differs"
    return Rung(NAME, ran, kind, said, str(file))
