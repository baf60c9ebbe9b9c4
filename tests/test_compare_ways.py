"""Each way of a part computes what each other way does, within the part's tolerance.

The parts of lessons 0 to 7 that are compared in seconds, and some whose variables are hard to tell
apart; `python -m tests.ways_compared` does all.
"""

import itertools

import pytest
from ways_compared import compared, differing

from graphlab.comparison.run import compare
from graphlab.course import outline

LONG = {"4.6", "4.7", "5.1", "6.2", "7.2", "7.3"}
HARD = {"22.3", "24.1", "27.2"}  # one slot against two, graphs of the same names, calls in a step
PARTS = [
    part
    for lesson in outline.lessons()
    for part in lesson.parts
    if (float(part.name) < 8 and part.name not in LONG) or part.name in HARD
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_no_two_ways_of_a_part_part(part):
    found = compared(part)
    assert len(found) == len(part.ways) * (len(part.ways) - 1) / 2
    assert [(each.a, each.b, differing(part, each)) for each in found] == [
        (each.a, each.b, []) for each in found
    ]


@pytest.mark.parametrize("name", ["2.3", "3.1"])
def test_no_two_ways_part_where_each_call_begins_with_the_variables_of_the_first(name):
    for a, b in itertools.combinations(outline.REQUIRED, 2):
        found = compare(f"{name}:{a}", f"{name}:{b}", state="a", calls=2)
        assert (found.same, found.results_only_b) == (True, ())
        assert any(result.moment for result in found.results)
