"""Break what a claim of a lesson speaks of, and see whether it notices.

    part = Subject(find("2.1")[0])
    part.red("claim_xor_is_not", part.whole)                        # "": it holds
    part.red("claim_xor_is_not", part.broken("[1, 1, 0]]", "[1, 1, 1]]"))   # why it does not

A broken part is a file of its own, as inspect, AutoGraph and tracebacks read files. Ways run when
a claim asks for what they gave, and only those that the break can have changed.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from graphlab.course import outline, ways
from graphlab.model import Run


class Lazy(Mapping):
    """A mapping whose values are made when they are first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self.makers, self.made = makers, {}

    def __getitem__(self, key: str) -> Any:
        if key not in self.made:
            self.made[key] = self.makers[key]()
        return self.made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.makers)

    def __len__(self) -> int:
        return len(self.makers)


class BadBreak(Exception):
    """The break is none: the text is not there, or what comes of it does not run."""


@dataclass(frozen=True)
class Version:
    """A part as a module, and what its ways gave (lazily)."""

    module: ModuleType
    answers: Mapping[str, ways.WayResult]


class Subject:
    """One part of the course under trial; broken copies are written to `folder`."""

    def __init__(
        self,
        part: outline.Part,
        folder: Path,
        steps: int | None = None,
        shorter: tuple[str, str] = ("", ""),
    ) -> None:
        """`shorter` is what of the text makes the part long, and what is to stand there."""
        self.part, self.folder, self.steps = part, folder, steps
        # Its questions stand behind its claims, and may run the same lines.
        self.text = re.split(r"\n\n\ndef quiz_", part.path.read_text(encoding="utf-8"))[0] + "\n"
        old, new = shorter
        if old and self.text.count(old) != 1:
            raise BadBreak(f"{old!r} is not once in {part.path.name}")
        self.text = self.text.replace(old, new) if old else self.text
        self.whole = self._version(self.text, {})

    @property
    def claims(self) -> list[str]:
        """The names of its claims."""
        return [name for name in vars(self.whole.module) if name.startswith("claim_")]

    def broken(self, old: str, new: str, count: int = 1) -> Version:
        """The part with `old` become `new`. BadBreak unless `old` is there `count` times."""
        found = self.text.count(old)
        if found != count:
            raise BadBreak(f"{old!r} is {found} times in {self.part.path.name}, not {count}")
        known = self.whole.answers
        spared = {way: known for way in known if not self.may_change(way, old)}
        return self._version(self.text.replace(old, new), spared)

    def red(self, claim: str, version: Version, instead: Mapping[str, Any] | None = None) -> str:
        """Why the claim does not hold; "" where it does.

        `instead` gives results by name, which every way is said to have given. BadBreak where
        the claim or a way that it needs cannot even be run.
        """
        given = {
            "results": Lazy(
                {way: partial(_results, version, way, instead or {}) for way in version.answers}
            ),
            "runs": Lazy({way: partial(_runs, version, way) for way in version.answers}),
        }
        check = getattr(version.module, claim)
        try:
            check(*(given[name] for name in inspect.signature(check).parameters))
        except (BadBreak, NameError) as error:
            raise BadBreak(f"{claim}: {error}") from error
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return ""

    def may_change(self, way: str, old: str) -> bool:
        """Whether some place of `old` is neither in a claim nor in another way."""
        lines = [self.text[:at].count("\n") + 1 for at in _places(self.text, old)]
        others = [
            function
            for function in ast.parse(self.text).body
            if isinstance(function, ast.FunctionDef)
            and (function.name in outline.WAYS or function.name.startswith("claim_"))
            and function.name != way
        ]
        return not all(any(f.lineno <= n <= (f.end_lineno or 0) for f in others) for n in lines)

    def _version(self, text: str, spared: Mapping[str, Mapping[str, Any]]) -> Version:
        module = _load(text, self.folder / self.part.path.name)
        makers = {}
        for way in outline.WAYS:
            if way in spared:
                makers[way] = partial(spared[way].__getitem__, way)
            elif hasattr(module, way):
                makers[way] = partial(self._run, module, way)
        return Version(module, Lazy(makers))

    def _run(self, module: ModuleType, way: str) -> ways.WayResult:
        """One way of the module, with as many steps as the tests take."""
        try:
            return ways.run_way(module, way, "CPU:0", steps=self.steps)
        except Exception as error:
            raise BadBreak(
                f"the way {way} does not run: {type(error).__name__}: {error}"
            ) from error


class Results(Mapping):
    """What a way gave; by some names it is said to have given something else."""

    def __init__(self, instead: Mapping[str, Any], way: Callable[[], Mapping[str, Any]]) -> None:
        self.instead, self.way = instead, way

    def __getitem__(self, name: str) -> Any:
        return self.instead[name] if name in self.instead else self.way()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.way())

    def __len__(self) -> int:
        return len(self.way())


def _results(version: Version, way: str, instead: Mapping[str, Any]) -> Results:
    return Results(instead, lambda: version.answers[way].results)


def _runs(version: Version, way: str) -> list[Run]:
    return list(version.answers[way].runs)


def _places(text: str, old: str) -> Iterator[int]:
    at = text.find(old)
    while at >= 0:
        yield at
        at = text.find(old, at + 1)


def _load(text: str, like: Path) -> ModuleType:
    """The text as a module, in a new file of the folder of `like`."""
    number = len(list(like.parent.iterdir()))
    path = like.with_name(f"{like.stem}_{number}.py")
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # where dataclasses look for their module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadBreak(f"it cannot be imported: {type(error).__name__}: {error}") from error
    finally:
        del sys.modules[path.stem]
    return module
