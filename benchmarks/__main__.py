"""Measure the subjects that are named, or all there are."""

import importlib
import sys
from pathlib import Path

from benchmarks import HEADING

there = [path.stem for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))]
unknown = [name for name in sys.argv[1:] if name not in there]
if unknown:
    sys.exit(f"benchmarks: there is no {unknown[0]}; there are {', '.join(there)}")
print(HEADING)
for name in sys.argv[1:] or there:
    module = importlib.import_module(f"benchmarks.{name}")
    if hasattr(module, "measure"):  # others are scripts that a subject runs
        print(f"{name}: {(module.__doc__ or '').splitlines()[0]}")
        for each in module.measure():
            print(each, flush=True)
