"""`python -m tests.exercises --seeds 20`: every right port of every exercise, each with each seed.

Exit code 1 where a right port is refused: each false alarm is told, with its seed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own small files

from asked import here
from exercises.styles import right_ports

from graphlab.errors import GraphlabError
from graphlab.exercises import sides
from graphlab.exercises.exercise import Exercise
from graphlab.exercises.ladder import check
from graphlab.startup import start_tensorflow


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.exercises", description=__doc__)
    asked.add_argument("--seeds", type=int, default=20, help="so many, from --first on")
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--exercise", type=int, help="only this one")
    options = asked.parse_args()
    start_tensorflow()
    sides.Process = here
    held: dict[tuple[int, str], int] = {}
    alarms, began = 0, time.monotonic()
    for seed in range(options.first, options.first + options.seeds):
        for exercise, name, text in right_ports(options.exercise):
            held.setdefault((exercise.number, name), 0)
            said = alarm(exercise, text, seed)
            held[exercise.number, name] += not said
            alarms += bool(said)
            if said:
                print(f"exercise {exercise.number}, {name}, seed {seed}: {said}", flush=True)
        print(f"seed {seed}: {time.monotonic() - began:,.0f} s", flush=True)
    for (number, name), count in held.items():
        print(f"{number:2}  {name:32}  {count} of {options.seeds}")
    print(f"{len(held)} right ports, {options.seeds} seeds: {alarms} refused")
    return int(alarms > 0)


def alarm(exercise: Exercise, text: str, seed: int) -> str:
    """What a right port is refused with; "" where it is taken."""
    path = list(sys.path)
    with tempfile.TemporaryDirectory() as folder:
        port = Path(folder) / "port.py"
        port.write_text(text, encoding="utf-8")
        try:
            found = check(exercise.original, port, exercise.draws, seed, traced=False)
        except GraphlabError as error:
            return str(error)
        finally:
            sys.path[:] = path
    return "" if found.broken is None else f"{found.broken.name}: {found.broken.detail}"


sys.exit(main())
