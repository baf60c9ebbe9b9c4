"""What porting makes of the lessons' graphs: `python -m tests.port_measured [TARGET ...]`.

A row each: ops, lines an op, the share of ops that have a public name, how far off the file is.
Without arguments it is every part of the lessons 1 to 7 that has a graph.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from graphlab import devices
from graphlab.course import outline
from graphlab.errors import GraphlabError
from graphlab.port import run
from graphlab.targets import inputs
from graphlab.targets.run import watch_alone
from graphlab.targets.target import Ask, parse
from tests.port_proof import differences

LESSONS = range(1, 8)


def main(targets: list[str]) -> None:
    """Print the table."""
    ops = lines = 0
    for target in targets or _parts():
        try:
            done = _ported(target)
            module = done.module
            with tempfile.TemporaryDirectory() as folder:
                apart = differences(done.calls[0], Path(folder))
        except GraphlabError as error:
            print(f"{target:30} {error}", flush=True)
            continue
        ops, lines = ops + module.ops, lines + module.lines
        public = 1 - len(module.raw) / max(1, module.ops)
        classes = len(module.classes) - 1 + len(module.functions)
        print(
            f"{target[-30:]:30} {module.ops:5} ops {module.lines:4} lines"
            f" {module.lines / max(1, module.ops):5.2f} an op {public:6.1%} public"
            f" {classes} scopes  {', '.join(apart) or 'bit-equal'}",
            flush=True,
        )
    print(f"{'all':30} {ops:5} ops {lines:4} lines {lines / max(1, ops):5.2f} an op")


def _parts() -> list[str]:
    return [
        f"{part.name}:graph"
        for lesson in outline.lessons()
        if lesson.number in LESSONS
        for part in lesson.parts
        if "graph" in part.ways
    ]


def _ported(target: str) -> run.Ported:
    asked = parse(target, None, Ask(), ())
    place = devices.prepare("CPU:0") if asked.script is None else None
    with devices.float32():
        watched = watch_alone(inputs.with_random(asked), place, None, values=True, first=run.CALLS)
    return run.port(watched, "ported.npz")


if __name__ == "__main__":
    main(sys.argv[1:])
