"""Where the two programs part, op by op, once a probe has broken: what `graphlab compare` says.

parting(original, port, asked, folder, seconds)    # "They part at ..., with lines"
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from graphlab.exercises.exercise import PROGRAMS
from graphlab.exercises.sides import same_modules

# What was asked of a program in its process, once more as a script.
SCRIPT = '''"""What was asked of a program, once more."""

from pathlib import Path

import numpy as np

from graphlab.exercises.worker import Worker

worker = Worker(Path({file!r}), [])
worker.build()
values = np.load({values!r})
for number, (method, names) in enumerate({asked!r}):
    arrays = {{name: values[f"{{number}}/{{n}}"] for n, name in enumerate(names)}}
    worker.write(arrays) if method == "write" else worker.call(arrays, method)
'''

Asked = Sequence[tuple[str, Mapping[str, np.ndarray]]]


def parting(
    original: Path, port: Path, asked: tuple[Asked, Asked], folder: Path, seconds: float
) -> str:
    """The first ops that take the same and give another; "" where that cannot be told.

    What was asked of either program is asked of it once more, in a process of its own.
    """
    if PROGRAMS in original.parents:  # graphlab's own lines are shown to nobody; the reader's are
        readers = folder / f"exercise_{original.parent.name[:2]}_tf1.py"
        original = Path(shutil.copyfile(original, readers))
    scripts = []
    for side, file, questions in zip("ab", (original, port), asked, strict=True):
        values = folder / f"{side}.npz"
        arrays: dict[str, Any] = {
            f"{number}/{n}": array
            for number, (_, given) in enumerate(questions)
            for n, array in enumerate(given.values())
        }
        np.savez(values, **arrays)
        script = folder / f"{side}.py"
        names = [(method, list(given)) for method, given in questions]
        text = SCRIPT.format(file=str(file.resolve()), asked=names, values=str(values))
        script.write_text(text, encoding="utf-8")
        scripts.append(str(script))
    command = [sys.executable, "-m", "graphlab", "compare", *scripts, "--json"]
    try:
        ran = subprocess.run(
            command, capture_output=True, timeout=seconds, check=False, env=same_modules()
        )
        found = json.loads(ran.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return ""
    for part in found.get("frontier", ()):
        places = [_place(part.get(side), file) for side, file in (("a", original), ("b", port))]
        if all(places):
            return f"They part at {places[0]} and {places[1]}."
    return ""


def _place(place: dict[str, Any] | None, file: Path) -> str:
    """An op with its line in that file; "" where it has none there."""
    if place is None or not place.get("source"):
        return ""
    path, line = place["source"][:2]
    if Path(path).resolve() != file.resolve():
        return ""
    return f"`{place.get('node') or place['op']}` ({file.name}:{line})"
