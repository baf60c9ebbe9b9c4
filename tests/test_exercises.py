"""Every exercise: its right ports hold, its start does not, and each wrong port is refused.

Wrong ports are the solution with one text put in place of another, in tests/exercises/. Where the
roles are turned round, the start is a right port, and the solution fools the weak checker. Each
style of a right port is tried on one exercise here: `python -m tests.exercises` tries all on all.
"""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from asked import Forked, here
from exercises.styles import STYLES, right_ports

from graphlab.exercises import ladder, probes, sides, turned
from graphlab.exercises.exercise import exercises
from graphlab.exercises.ladder import check
from graphlab.exercises.moved import further
from graphlab.exercises.probes import PROBES

WRONG = Path(__file__).parent / "exercises"
NAMES = [probe.name for probe in PROBES]
EXERCISES = {each.number: each for each in exercises()}
STRAIGHT = {number: each for number, each in EXERCISES.items() if not each.turned}
NUMBERS = [pytest.param(number, id=f"{number:02}") for number in STRAIGHT]
TURNED = [
    pytest.param(number, id=f"{number:02}") for number, each in EXERCISES.items() if each.turned
]
MUTANTS = [
    pytest.param(number, name, id=f"{number:02}: {name}")
    for number in STRAIGHT
    for name in runpy.run_path(str(WRONG / f"exercise_{number:02}.py"))["WRONG"]
]
PORTS = {(each.number, name): text for each, name, text in right_ports()}
# Every style and every exercise once; compiled, and what only one exercise has, all of it.
RIGHT = dict.fromkeys(
    [
        *zip([3, *STRAIGHT], STYLES, strict=True),
        *((number, name) for number, name in PORTS if name not in STYLES or name == "compiled"),
    ]
)


# The first weight moves by a sign that is 0 at 1.0 itself; "drawn" is more than its variables.
STEEP = """
import itertools
import tensorflow as tf

class Port:
    def __init__(self):
        self.w = tf.Variable(tf.zeros([3]))
        self.variables = {"w": self.w}
        self.drawn = itertools.repeat(0.0)

    def train_step(self, x):
        move = tf.stack([tf.sign(x[0] - 1.0), x[1], x[2]]) + float(next(self.drawn))
        self.w.assign_add(move)
        return {"sum": tf.reduce_sum(x)}

    predict = save = restore = train_step

build = Port
"""


@pytest.fixture
def quick(monkeypatch):
    """No process is started, and nothing is told of where programs part."""
    monkeypatch.setattr(sides, "Process", here)
    monkeypatch.setattr(ladder, "parting", lambda *given: "")
    monkeypatch.setattr(sys, "path", list(sys.path))


def checked(number: int, port: Path, seed: int = 1):
    each = EXERCISES[number]
    return check(each.original, port, each.draws, seed)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_solution_holds_in_processes_of_its_own(number, monkeypatch):
    monkeypatch.setattr(sides, "Process", Forked)
    found = checked(number, EXERCISES[number].solution)
    assert [(r.name, r.detail) for r in found.rungs if r.outcome in ("breaks", "not tried")] == []
    assert found.holds


@pytest.mark.parametrize(
    ("number", "name"), [pytest.param(n, name, id=f"{n:02}: {name}") for n, name in RIGHT]
)
def test_a_right_port_of_another_style_holds(number, name, tmp_path, quick):
    port = tmp_path / "port.py"
    port.write_text(PORTS[number, name], encoding="utf-8")
    found = checked(number, port)
    assert [(r.name, r.detail) for r in found.rungs if r.outcome in ("breaks", "not tried")] == []
    assert found.holds


def test_a_right_port_may_be_as_far_away_as_the_original_is_from_itself(quick, monkeypatch):
    """With this seed a unit of the relu is just about to switch, and its slope is there or not."""
    steep = 2836241113
    found = checked(5, EXERCISES[5].solution, steep)
    assert found.holds, found.broken
    monkeypatch.setattr(probes, "further", lambda *asked: ({}, {}))
    found = checked(5, EXERCISES[5].solution, steep)
    assert found.broken.name == "saving" and "kernel is" in found.broken.detail


def test_where_the_original_is_steep_only_what_is_steep_may_be_further_away(tmp_path, monkeypatch):
    original = tmp_path / "steep.py"
    original.write_text(STEEP)
    side = here(original, [original], 0)
    side.build()
    begun = side.do("read")
    side.do("write", {"w": np.float32([1, 1, 1])})
    side.do("call", {"x": np.float32([1, 1e-20, 3])}, method="train_step")
    asked = [
        ("write", {"w": np.float32([1, 1, 1])}),
        ("train_step", {"x": np.float32([1, 1e-20, 3])}),
    ]
    before = side.do("read")
    answers, state = further(side, begun, asked)
    assert np.array_equal(side.do("read")["w"], before["w"])
    assert set(answers) == {"sum"} and set(state) == {"w"}
    assert np.max(state["w"][1:]) < 1e-5  # linear: four last bits of a number near 1
    assert 4 <= state["w"][0] < 4.001  # which side of zero it is on, is a matter of the last bits
    monkeypatch.setattr(side.worker.port, "drawn", iter(range(9, 99)))
    assert further(side, begun, asked) == ({}, {})  # it does not repeat itself


def test_a_style_is_another_text_wherever_it_can_be():
    solutions = {number: PORTS[number, "a class"] for number, _ in PORTS}
    same = [key for key, text in PORTS.items() if key[1] != "a class" and text == solutions[key[0]]]
    assert same == []


@pytest.mark.parametrize("number", NUMBERS)
def test_a_start_runs_and_is_wrong(number, quick):
    found = checked(number, EXERCISES[number].start)
    assert found.broken is not None and not found.holds


@pytest.mark.parametrize(("number", "name"), MUTANTS)
def test_a_wrong_port_is_refused_by_the_probe_that_is_named_or_an_earlier_one(
    number, name, tmp_path, quick
):
    probe, old, new = runpy.run_path(str(WRONG / f"exercise_{number:02}.py"))["WRONG"][name]
    text = EXERCISES[number].solution.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    port = tmp_path / "port.py"
    port.write_text(text.replace(old, new), encoding="utf-8")
    found = checked(number, port)
    assert found.broken is not None
    assert NAMES.index(found.broken.name) <= NAMES.index(probe), found.broken
    assert " raises " not in found.broken.detail


@pytest.mark.parametrize("number", TURNED)
def test_a_weak_checker_takes_the_start_which_is_right(number, quick):
    found = turned.fool(EXERCISES[number], EXERCISES[number].start, seed=1)
    assert (found.content, found.ladder.holds) == (True, True)


@pytest.mark.parametrize("number", TURNED)
def test_a_weak_checker_is_fooled(number, quick):
    each = EXERCISES[number]
    for port in (each.solution, *sorted(each.folder.glob("right_*.py"))):
        assert (port.stem, turned.fool(each, port, seed=1).won) == (port.stem, True)
