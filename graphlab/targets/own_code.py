"""A script whose files become code in another way than Python's own.

    with compiled_by(compiled, script):
        values = run_as_main(compiled, script)

`compiled` makes code of a file's bytes and its path. What it is asked about is the script, and
each module of the user's that is imported from the script's folder meanwhile.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from graphlab.sources import live

Compiled = Callable[[bytes, str], CodeType]


class _Loader(SourceFileLoader):
    """Neither reads nor writes what Python keeps of compiled files: it would be another's."""

    def __init__(self, name: str, path: str, compiled: Compiled) -> None:
        super().__init__(name, path)
        self._compiled = compiled

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self._compiled(self.get_data(path), path)


class _Finder(MetaPathFinder):
    def __init__(self, compiled: Compiled, folder: Path) -> None:
        self.compiled, self.folder = compiled, folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or not spec.origin:
            return None
        if not _is_own(spec.origin, self.folder):
            return None
        spec.loader = _Loader(fullname, spec.origin, self.compiled)
        return spec


def _is_own(file: str, folder: Path) -> bool:
    return Path(file).is_relative_to(folder) and not live.is_library(file)


@contextlib.contextmanager
def compiled_by(compiled: Compiled, script: Path) -> Iterator[None]:
    """Modules of the script's folder are made by `compiled`, and forgotten afterwards."""
    folder = script.resolve().parent
    finder = _Finder(compiled, folder)
    before = set(sys.modules)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if isinstance(file, str) and _is_own(file, folder):
                del sys.modules[name]


def run_as_main(compiled: Compiled, script: Path) -> list[Any]:
    """Run the script as `__main__`; the values of its globals. What it raises passes through."""
    module = ModuleType("__main__")
    module.__file__ = str(script)
    kept = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        exec(compiled(script.read_bytes(), str(script)), vars(module))
    finally:
        sys.modules["__main__"] = kept
    return list(vars(module).values())
