"""Every exercise: its right ports hold, its start does not, and each wrong port is refused.

Wrong ports are the solution with one text put in place of another, in tests/exercises/.
"""

import runpy
from pathlib import Path

import pytest

from graphlab.exercises.exercise import exercises
from graphlab.exercises.ladder import check
from graphlab.exercises.probes import PROBES

WRONG = Path(__file__).parent / "exercises"
NAMES = [probe.name for probe in PROBES]
EXERCISES = {each.number: each for each in exercises()}
MUTANTS = [
    pytest.param(number, name, id=f"{number}: {name}")
    for number in EXERCISES
    for name in runpy.run_path(str(WRONG / f"exercise_{number:02}.py"))["WRONG"]
]
RIGHT = [
    pytest.param(number, path, id=f"{number}: {path.stem}")
    for number, each in EXERCISES.items()
    for path in (each.solution, *sorted(each.folder.glob("right_*.py")))
]


def checked(number: int, port: Path, seed: int = 1):
    each = EXERCISES[number]
    return check(each.original, port, each.draws, seed)


@pytest.mark.parametrize(("number", "port"), RIGHT)
def test_a_right_port_holds(number, port):
    found = checked(number, port)
    assert [(r.name, r.detail) for r in found.rungs if r.outcome in ("breaks", "not tried")] == []
    assert found.holds


@pytest.mark.parametrize("number", [n for n, each in EXERCISES.items() if not each.turned])
def test_a_start_runs_and_is_wrong(number):
    found = checked(number, EXERCISES[number].start)
    assert found.broken is not None and not found.holds


@pytest.mark.parametrize(("number", "name"), MUTANTS)
def test_a_wrong_port_is_refused_by_the_probe_that_is_named_or_an_earlier_one(
    number, name, tmp_path
):
    probe, old, new = runpy.run_path(str(WRONG / f"exercise_{number:02}.py"))["WRONG"][name]
    text = EXERCISES[number].solution.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    port = tmp_path / "port.py"
    port.write_text(text.replace(old, new), encoding="utf-8")
    found = checked(number, port)
    assert found.broken is not None
    assert NAMES.index(found.broken.name) <= NAMES.index(probe), found.broken
