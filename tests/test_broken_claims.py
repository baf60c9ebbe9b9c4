"""A claim that cannot fail teaches nothing: each is broken here, as tests/course/lesson_NN.py says.

Of each part of the course the unbroken text must hold, and the broken one go red. Claims about
whole trainings, which the tests cut short, are given results instead: some that must satisfy
them, and some that must not.
"""

from __future__ import annotations

import functools
import runpy

import pytest
from breaking import BadBreak, Subject
from treatment import FOLDER, treatment

from graphlab.course import outline

PARTS = {part.name: part for lesson in outline.lessons() for part in lesson.parts}
ENTRIES = [
    pytest.param(number, claim, entry, id=f"{number}-{claim[len('claim_') :]}")
    for number in PARTS
    for claim, entry in treatment(number).broken.items()
]
SPOILED = [
    pytest.param(number, claim, values, id=f"{number}-{claim[len('claim_') :]}")
    for number in PARTS
    for claim, values in treatment(number).spoiled.items()
]


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    """The part of a number; the last one is kept, with what its ways gave."""

    @functools.lru_cache(maxsize=1)
    def of(number):
        told = treatment(number)
        folder = tmp_path_factory.mktemp("part")
        return Subject(PARTS[number], folder, told.steps, told.shorter)

    return of


@pytest.mark.parametrize(("number", "claim", "entry"), ENTRIES)
def test_a_claim_holds_and_goes_red_when_its_subject_is_broken(subject, number, claim, entry):
    part = subject(number)
    assert part.red(claim, part.whole) == ""
    for broken in [entry] if isinstance(entry, tuple) else entry:
        assert part.red(claim, part.broken(*broken)) != "", broken


@pytest.mark.parametrize(("number", "claim", "values"), SPOILED)
def test_a_claim_about_a_whole_training_goes_red_with_each_bad_number(
    subject, number, claim, values
):
    part = subject(number)
    good = {name: pair[0] for name, pair in values.items()}
    assert part.red(claim, part.whole, good) == ""
    for name, (_, bad) in values.items():
        assert part.red(claim, part.whole, good | {name: bad}) != "", name


@pytest.mark.parametrize("number", PARTS)
def test_every_claim_of_a_part_is_broken_or_spoiled(subject, number):
    found = treatment(number)
    assert sorted({*found.broken, *found.spoiled}) == sorted(subject(number).claims)


def test_nothing_is_said_of_parts_that_are_not():
    told = [runpy.run_path(str(path)) for path in sorted(FOLDER.glob("lesson_*.py"))]
    named = {
        number
        for each in told
        for table in ("STEPS", "SHORTER", "BROKEN", "SPOILED")
        for number in each.get(table, {})
    }
    assert named - set(PARTS) == set()


def test_a_break_of_what_is_not_there_is_refused(subject):
    with pytest.raises(BadBreak, match="'no such line' is 0 times in part_1"):
        subject("2.1").broken("no such line", "")


def test_a_break_that_does_not_run_is_refused(subject):
    part = subject("2.1")
    broken = part.broken("tf.cast(z > 0, tf.float32, name=", "tf.cast(unknown, tf.float32, name=")
    with pytest.raises(BadBreak, match="the way graph does not run: NameError"):
        part.red("claim_xor_is_not", broken)


def test_only_the_ways_that_were_touched_run_anew(subject):
    part = subject("2.1")
    broken = part.broken("tf.subtract(target, answer,", "tf.subtract(answer, target,")
    assert broken.answers["eager"] is part.whole.answers["eager"]
    assert broken.answers["graph"] is not part.whole.answers["graph"]
