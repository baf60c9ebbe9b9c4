"""A TensorFlow 1 script run, as it is and edited, and what it did.

found = migrate(Path("train.py"))
found.rungs, found.wants, found.constructs
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType
from typing import Any

from graphlab.comparison.run import Options, compare_targets
from graphlab.errors import GraphlabError
from graphlab.migration import calls, executed, function, oracle, order, symbols
from graphlab.migration.edits import Edited, edit
from graphlab.migration.found import Line, Migration, Rung
from graphlab.migration.names import V1, Text
from graphlab.migration.wants import lacking, wants
from graphlab.startup import start_tensorflow
from graphlab.targets import run
from graphlab.targets.target import Target, Watched
from visualize.words import counted

AS_IT_IS, COMPAT = "as it is", "compat.v1"


@dataclass
class Files:
    """Makes code of the script and of the modules beside it, and keeps what it was made of."""

    edits: bool = False
    legacy: bool = False
    texts: dict[str, bytes] = field(default_factory=dict)  # by path, as they were run
    edited: dict[str, Edited] = field(default_factory=dict)  # those that use TensorFlow

    def __call__(self, source: bytes, path: str) -> CodeType:
        """The code of one file."""
        self.texts[path] = source
        text = Text(source, path) if self.edits else None
        if text is None or not text.imports:
            return compile(source, path, "exec", dont_inherit=True)
        self.edited[path] = edited = edit(text, _has, self.legacy, path)
        self.texts[path] = edited.text.encode(text.encoding)
        return edited.code(path)


@dataclass(frozen=True)
class Tried:
    """One run of the script."""

    watched: Watched
    calls: Sequence[calls.Call]
    files: Files


def migrate(
    script: Path, arguments: tuple[str, ...] = (), tf1: str = ""
) -> tuple[Migration, Mapping[str, bytes]]:
    """Run a script as it is; where that does not do, with the fewest edits. And what was run: the
    texts of the script and of the modules beside it, by path.

    `tf1` is a Python that has TensorFlow 1.15.5, with which the numbers are compared. GraphlabError
    where the script is no Python 3, or runs and builds nothing; or that Python has it not.
    """
    path = str(script.resolve())
    try:
        source = script.read_bytes()
    except OSError as error:
        raise GraphlabError(f"cannot read {script}: {error.strerror}") from error
    text = Text(source, str(script))
    told_by_tf1 = oracle.original(script, arguments, tf1) if tf1 else None
    start_tensorflow()
    import tensorflow as tf

    plain = Files()
    target = Target(str(script), script=script, arguments=arguments, compiled=plain)
    last = first = _try(target, plain)
    if first.watched.failure and _is_of_tf1(text, first.watched.failure, tf):
        edited = Files(edits=True, legacy=symbols.is_legacy())
        if edit(text, _has, edited.legacy).edits:
            last = _try(replace(target, compiled=edited), edited)
    told = last.files.edited.get(path)
    run_text = Text(told.text.encode(), path) if told else text
    lines = told.lines if told else tuple(range(1, text.code.count("\n") + 2))
    watched = last.watched
    found = Migration(
        path,
        tf.__version__,
        _keras(),
        tuple(_rungs(first, last, told_by_tf1)),
        tuple(e for text in last.files.edited.values() for e in text.edits),
        tuple(wants(watched.failure, run_text, lines, path, tf.compat.v1)),
        tuple(_constructs(last, run_text, lines, path)),
        watched.failure,
        watched.interrupted,
        tuple(filter(None, [watched.note])),
    )
    return found, last.files.texts


def needs_legacy(found: Migration) -> bool:
    """Whether legacy Keras would take it further: it is installed, wanted and not yet asked for."""
    wanted = any(symbols.lookup(want.name).package == "tf_keras" for want in found.wants)
    return wanted and not symbols.is_legacy() and importlib.util.find_spec("tf_keras") is not None


def _try(target: Target, files: Files) -> Tried:
    """One run, after which TensorFlow is as before it."""
    with calls.recorded() as made:
        watched = run.watch_alone(target, None, None, values=True)
    return Tried(watched, made, files)


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


def _rungs(first: Tried, last: Tried, tf1: oracle.Original | None) -> list[Rung]:
    """What became of the script on each rung."""
    rungs = [] if tf1 is None else [_on_tf1(tf1)]
    rungs += [_rung(AS_IT_IS, first.watched, "it runs on TensorFlow 2 without an edit")]
    if last is not first:
        said = "it runs; compared with nothing, as it does not run unedited (see --tf1 PYTHON)"
        rungs.append(_rung(COMPAT, last.watched, said))
    elif not first.watched.failure:
        rungs.append(Rung(COMPAT, True, "equal", "the script itself, without an edit"))
    if tf1 is not None and rungs[-1].ran:
        proof, said = _proof_by_tf1(tf1, last)
        rungs[-1] = replace(rungs[-1], proof=proof, said=f"it {said}" if proof else said)
    runs = rungs[-1].ran
    rungs.append(Rung(function.NAME, False, "", function.ASK if runs else "not written"))
    return rungs


def _proof_by_tf1(tf1: oracle.Original, last: Tried) -> tuple[str, str]:
    """Whether TensorFlow 1 gives the same, if need be once all random numbers are the same."""
    proof, said = oracle.compared(tf1, last.watched)
    if proof != "differs":
        return proof, said
    with oracle.same_draws():
        again = _try(last.watched.target, last.files)
    proof, said = oracle.compared(tf1, again.watched)
    return proof, f"{said}, once both draw the same random numbers"


def _on_tf1(tf1: oracle.Original) -> Rung:
    said = f"stopped: {tf1.problem}" if tf1.problem else "it runs as it is"
    return Rung(tf1.version, not tf1.problem, "", said)


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
    edits = [e for edited in tried.files.edited.values() for e in edited.edits]
    slim += [e.line for e in edits if e.new.startswith("tf_slim")]
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
    as_it_is = any(rung.name == AS_IT_IS and rung.ran for rung in found.rungs)
    compiled = Files(edits=not as_it_is, legacy=symbols.is_legacy())
    whole = Target(str(script), script=script, arguments=arguments, compiled=compiled)
    alone = Target(str(file), script=file, arguments=arguments, compiled=Files())
    before = "the script as it is" if as_it_is else "the edited script in its own place"
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
        _with(rung, proof, said, file) if rung.name == COMPAT else rung for rung in found.rungs
    )


def _with(rung: Rung, proof: str, said: str, file: Path) -> Rung:
    """A rung with what was found of its file, beside what TensorFlow 1 said of it."""
    if rung.proof == "differs" or proof == "":
        proof = rung.proof
    known = rung.said if rung.said.startswith(("it gives", "it differs", "not compared")) else ""
    return replace(rung, proof=proof, said="; ".join(filter(None, (known, said))), file=str(file))
