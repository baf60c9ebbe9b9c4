"""Measure the subjects that are named, with the files behind them, or all there are."""

import importlib
import sys
from pathlib import Path

from benchmarks import HEADING

there = [path.stem for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))]
named = [word for word in sys.argv[1:] if word in there]
files = [Path(word).resolve() for word in sys.argv[1:] if word not in there]
for file in files:
    if not file.is_file():
        sys.exit(f"benchmarks: {file.name} is no file and no subject; there are {', '.join(there)}")
print(HEADING)
for name in named or there:
    module = importlib.import_module(f"benchmarks.{name}")
    said = (module.__doc__ or "").splitlines()[0]
    if files and not hasattr(module, "measure_files"):
        sys.exit(f"benchmarks: {name} takes no files")
    if files:
        rows = module.measure_files(files)
    elif hasattr(module, "measure"):
        rows = module.measure()
    else:  # a script that a subject runs, or what needs files
        continue
    print(f"{name}: {said}")
    for each in rows:
        print(each, flush=True)
