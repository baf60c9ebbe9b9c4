"""Would a reader's own tests have seen it? Known mistakes planted into their port, one at a time.

for tried in mutation(port, draws, "pytest -q", seed=1):
    tried.mistake, tried.seen          # True: the tests fail, as they should
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graphlab.errors import GraphlabError
from graphlab.exercises.exercise import Draws
from graphlab.exercises.ladder import check
from graphlab.exercises.mutants import Mutant, mutants
from graphlab.exercises.sides import same_modules

MOST = 200 << 20  # bytes of a folder that is copied
LEFT_BEHIND = (".git", "__pycache__", "*.pyc", ".venv", "venv", "node_modules")


@dataclass(frozen=True, slots=True)
class Tried:
    """A mistake, and who saw it."""

    mistake: str
    line: int
    probe: str  # the first of the nine that breaks; "" where none does, so nothing was mistaken
    seen: bool | None  # by the reader's tests; None where no probe breaks, and they were not run


def mutation(
    port: Path,
    draws: Draws,
    tests: str,
    seed: int,
    seconds: float,
    tell: Callable[[str], None] = lambda name: None,
) -> Iterator[Tried]:
    """Plant each known mistake into a copy of the port's folder, and run the tests there.

    Only a mistake that changes what the port computes counts: the nine probes say so, with the port
    itself as the original. GraphlabError where the tests fail before anything is planted, or cannot
    be run, or the port is no Python.
    """
    text = port.read_text(encoding="utf-8")
    try:
        planted = list(mutants(text))
    except SyntaxError as error:
        raise GraphlabError(f"{port} is no Python: {error}") from None
    _check_size(port.resolve().parent)
    with tempfile.TemporaryDirectory(prefix="graphlab-") as place:
        folder = Path(place) / port.resolve().parent.name
        shutil.copytree(
            port.resolve().parent,
            folder,
            ignore=shutil.ignore_patterns(*LEFT_BEHIND),
            symlinks=True,
        )
        copy = folder / port.name
        tell("the tests as they are")
        if not _pass(tests, folder, seconds):
            raise GraphlabError(
                f"{tests!r} fails in a copy of {port.resolve().parent}, with the port as it is; let"
                " it pass first"
            )
        for mutant in planted:
            tell(f"{mutant.mistake}, line {mutant.line}")
            yield _tried(port, mutant, copy, draws, tests, seed, seconds)


def _check_size(folder: Path) -> None:
    """GraphlabError where there is too much beside the port to be copied."""
    size = 0
    for each in folder.rglob("*"):
        size += each.lstat().st_size
        if size > MOST:
            raise GraphlabError(
                f"{folder} holds more than {MOST >> 20} MiB, and is copied; put the port and its"
                " tests in a folder of their own"
            )


def _tried(
    port: Path, mutant: Mutant, copy: Path, draws: Draws, tests: str, seed: int, seconds: float
) -> Tried:
    copy.write_text(mutant.text, encoding="utf-8")
    try:
        broken = check(port, copy, draws, seed, seconds, traced=False).broken
        probe = broken.name if broken is not None else ""
    except GraphlabError:  # it cannot even be built
        probe = "build"
    seen = not _pass(tests, copy.parent, seconds) if probe else None
    return Tried(mutant.mistake, mutant.line, probe, seen)


def _pass(tests: str, folder: Path, seconds: float) -> bool:
    """Whether the reader's tests pass in that folder. GraphlabError where they cannot be run."""
    env = {**same_modules(), "PYTHONDONTWRITEBYTECODE": "1"}
    env["PYTHONPATH"] = os.pathsep.join([str(folder), env["PYTHONPATH"]])
    try:
        ran = subprocess.run(
            shlex.split(tests),
            cwd=folder,
            env=env,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    except (OSError, ValueError) as error:
        raise GraphlabError(f"cannot run {tests!r}: {error}; give a command as --tests") from None
    return ran.returncode == 0
