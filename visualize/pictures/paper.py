"""What a picture is fitted to: a slide or a printed page, in points.

>>> paper("16:9")
Paper(name='a slide of 13.33 x 7.5 in', width=960.0, height=540.0, margin=14.0)
>>> paper("a4").name
'a page of 8.27 x 11.69 in'
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

POINTS = 72.0  # of an inch
SHORTER = 7.5  # inches: of a slide's two sides, as slides are made
WIDEST = 10  # times as wide as high, or as high as wide
PAGES = {"a4": (210 / 25.4, 297 / 25.4), "letter": (8.5, 11.0)}


@dataclass(frozen=True, slots=True)
class Paper:
    """A rectangle to draw in, in points."""

    name: str
    width: float
    height: float
    margin: float

    @property
    def turned(self) -> Paper:
        """The same on its side."""
        return replace(self, width=self.height, height=self.width)

    @property
    def turns(self) -> tuple[Paper, ...]:
        """How it may lie: a printed page either way, a slide as it is."""
        return (self, self.turned) if self.name.startswith("a page") else (self,)


def paper(text: str) -> Paper:
    """`"16:9"`, any other width to height, `"a4"` or `"letter"`.

    The shorter side of a slide has 7.5 inches. ValueError where the text is none of these.
    """
    if text.lower() in PAGES:
        width, height = PAGES[text.lower()]
        return _made("page", width, height, margin=36.0)
    sides = re.fullmatch(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)", text)
    if sides is None:
        raise ValueError(f"cannot fit a picture to {text!r}; expected 16:9 or so, a4 or letter")
    wide, high = float(sides[1]), float(sides[2])
    if not wide or not high or not 1 / WIDEST <= wide / high <= WIDEST:
        raise ValueError(f"cannot fit a picture to {text}: no side may be {WIDEST} times the other")
    shorter = min(wide, high)
    return _made("slide", SHORTER * wide / shorter, SHORTER * high / shorter, margin=14.0)


def _made(kind: str, width: float, height: float, margin: float) -> Paper:
    sides = f"{round(width, 2):g} x {round(height, 2):g} in"
    return Paper(
        f"a {kind} of {sides}", round(width * POINTS, 2), round(height * POINTS, 2), margin
    )
