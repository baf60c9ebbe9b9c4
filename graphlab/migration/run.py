"""A TensorFlow 1 script run, as it is and edited, and what it did.

found = migrate(Path("train.py"))
found.rungs, found.wants, found.constructs
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType
from typing import Any

from graphlab.comparison.run import Options, back_to_v2, compare_targets
from graphlab.errors import GraphlabError
from graphlab.migration import calls, executed, order, symbols
from graphlab.migration.edits import Edited, as_it_is, edit
from graphlab.migration.found import Line, Migration, Rung
from graphlab.migration.names import V1, Text
from graphlab.migration.wants import lacking, wants
from graphlab.startup import start_tensorflow
from graphlab.targets import run
from graphlab.targets.target import Target, Watched
from visualize.words import counted

AS_IT_IS, COMPAT, FUNCTION = "as it is", "compat.v1", "tf.function"
NO_FUNCTION = "not written: graphlab does not write code from graphs yet"


@dataclass
class Editor:
    """Makes code of the script and of the modules beside it, and keeps what it made."""

    legacy: bool
    made: dict[str, Edited] = field(default_factory=dict)  # by path

    def __call__(self, source: bytes, path: str) -> CodeType:
        text = Text(source, path)
        if not text.imports:
            return as_it_is(source, path)
        self.made[path] = edited = edit(text, _has, self.legacy, path)
        return edited.code(path)


@dataclass(frozen=True)
class Tried:
    """One run of the script."""

    watched: Watched
    calls: Sequence[calls.Call]
    edited: dict[str, Edited]


def migrate(script: Path, arguments: tuple[str, ...] = ()) -> tuple[Migration, dict[str, Edited]]:
    """Run a script as it is; where that does not do, with the fewest edits. And what was run of
    each of its files: the edited texts by path, none where it ran as it is.

    GraphlabError where it is no Python 3, uses no TensorFlow or runs and builds nothing.
    """
    path = str(script.resolve())
    try:
        source = script.read_bytes()
    except OSError as error:
        raise GraphlabError(f"cannot read {script}: {error.strerror}") from error
    text = Text(source, str(script))
    start_tensorflow()
    import tensorflow as tf

    first = _try(Target(str(script), script=script, arguments=arguments, compiled=as_it_is))
    last = first
    if first.watched.failure and _is_of_tf1(text, first.watched.failure, tf):
        editor = Editor(symbols.is_legacy())
        whole = replace(first.watched.target, compiled=editor)
        edited = edit(text, _has, editor.legacy, path)
        if edited.edits:
            last = _try(whole, editor)
            last.edited.setdefault(path, edited)
    told = last.edited.get(path)
    run_text = Text(told.text.encode(), path) if told else text
    lines = told.lines if told else tuple(range(1, text.code.count("\n") + 2))
    watched = last.watched
    failed = (
        tuple(wants(watched.failure, run_text, lines, path, tf.compat.v1))
        if (watched.failure)
        else ()
    )
    found = Migration(
        path,
        tf.__version__,
        _keras(),
        tuple(_rungs(first, last)),
        tuple(e for text in last.edited.values() for e in text.edits),
        failed,
        tuple(_constructs(last, run_text, lines, path)),
        watched.failure,
        watched.interrupted,
        tuple(filter(None, [watched.note])),
    )
    return found, last.edited


def needs_legacy(found: Migration) -> bool:
    """Whether legacy Keras would take it further: it is installed, wanted and not yet asked for."""
    wanted = any(symbols.lookup(want.name).package == "tf_keras" for want in found.wants)
    return wanted and not symbols.is_legacy() and importlib.util.find_spec("tf_keras") is not None


def _try(target: Target, editor: Editor | None = None) -> Tried:
    """One run, after which TensorFlow is as before it."""
    try:
        with calls.recorded() as made:
            watched = run.watch(target, None, None, values=True)
    finally:
        back_to_v2()
    return Tried(watched, made, editor.made if editor else {})


def _is_of_tf1(text: Text, failure: str, tf: Any) -> bool:
    """Whether a script that failed is one of TensorFlow 1: it says what TensorFlow 2 has not."""
    if "eager execution" in failure or "eager mode" in failure:
        return True
    # A module of the user's may be what has the names.
    said = "module 'tensorflow' has no attribute" in failure
    said |= "No module named 'tensorflow." in failure or "from 'tensorflow'" in failure
    return said or any(lacking(name.name, tf) for name in text.names)


def _has(name: str) -> bool:
    """Whether a full name can be had: of compat.v1 or of tf_slim, where that is installed."""
    import tensorflow as tf

    if name.startswith(f"{V1}."):
        return symbols.found(tf.compat.v1, name.removeprefix(f"{V1}.")) is not symbols.NOTHING
    top, _, inner = name.partition(".")
    if importlib.util.find_spec(top) is None:
        return False
    try:
        module = importlib.import_module(top)
    except Exception:  # a package of somebody else's, which may not go with this TensorFlow
        return False
    return not inner or symbols.found(module, inner) is not symbols.NOTHING


def _keras() -> str:
    name = "tf_keras" if symbols.is_legacy() else "keras"
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {name}"


def _rungs(first: Tried, last: Tried) -> list[Rung]:
    """What became of the script on each rung."""
    rungs = [_rung(AS_IT_IS, first.watched, "it runs on TensorFlow 2 without an edit")]
    if last is not first:
        said = "it runs; nothing here runs the script as it is, to compare it with"
        rungs.append(_rung(COMPAT, last.watched, said))
    elif not first.watched.failure:
        rungs.append(Rung(COMPAT, True, "equal", "the script itself, without an edit"))
    rungs.append(Rung(FUNCTION, False, "", NO_FUNCTION))
    return rungs


def _rung(name: str, watched: Watched, ran: str) -> Rung:
    if watched.interrupted:
        return Rung(name, False, "", "stopped by Ctrl-C")
    if watched.failure:
        # What to do about it is told by the edits.
        said = watched.failure.partition("; is it TensorFlow 1 code?")[0]
        said = said.replace(f"{Path(watched.target.text).resolve()}:", "line ")
        return Rung(name, False, "", f"stopped: {said}")
    return Rung(name, True, "", ran)


def _constructs(tried: Tried, text: Text, lines: tuple[int, ...], path: str) -> list[Any]:
    slim: list[Line] = sorted(
        (path, lines[each.statement[0][0] - 1]) for each in text.imports if "slim" in each.full
    )
    if tried.edited:
        slim += [
            e.line
            for edited in tried.edited.values()
            for e in edited.edits
            if e.new.startswith("tf_slim")
        ]
    found = [
        *executed.constructs(tried.watched, tried.calls, sorted(set(slim))),
        *order.constructs(tried.watched, tried.calls),
    ]
    place = {kind: n for n, kind in enumerate(executed.KINDS)}
    return sorted(found, key=lambda each: place[each.kind])


def proved(
    found: Migration, script: Path, file: Path, arguments: tuple[str, ...]
) -> tuple[Rung, ...]:
    """The rungs again, once the compat.v1 one is written: it is run by itself and compared.

    Where the script runs as it is, with that; else with its edited text, as it ran in its folder.
    """
    compiled = as_it_is if found.rungs[0].ran else Editor(symbols.is_legacy())
    whole = Target(str(script), script=script, arguments=arguments, compiled=compiled)
    alone = Target(str(file), script=file, arguments=arguments, compiled=as_it_is)
    before = "the script as it is" if found.rungs[0].ran else "the same edits in the script's place"
    try:
        told = compare_targets(whole, alone, Options())[0]
    except GraphlabError as error:
        proof, said = "", f"it could not be compared: {error}"
    else:
        chance = next((note for note in told.notes if "does not repeat itself" in note), "")
        if told.same:
            off = f"up to {told.apart:.2g}" if told.apart else "to the last bit"
            proof, said = "equal", f"run by itself it computes what {before} does, {off}"
            said += f", in {counted(told.calls, 'call')} of each kind"
        elif chance:
            proof, said = "", f"it runs by itself; not compared: {chance}"
        else:
            first = told.first
            apart = f", {first.a} by {first.apart:.3g}" if first else ""
            proof, said = "differs", f"run by itself it differs from {before}{apart}"
    return tuple(
        replace(rung, proof=proof, said=said, file=str(file)) if rung.name == COMPAT else rung
        for rung in found.rungs
    )
