"""Each way of each part computes what each other way does, within the part's tolerance."""

import pytest
from ways_compared import compared, differing

from graphlab.course import outline

PARTS = [part for lesson in outline.lessons() for part in lesson.parts]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_no_two_ways_of_a_part_part(part):
    found = compared(part)
    assert len(found) == len(part.ways) * (len(part.ways) - 1) / 2
    assert [(each.a, each.b, differing(part, each)) for each in found] == [
        (each.a, each.b, []) for each in found
    ]
