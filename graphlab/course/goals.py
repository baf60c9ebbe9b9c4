"""What the parts of the course that train on real data must reach: `GOALS["3.4"].met(0.86)`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What a part must reach, in every way."""

    result: str
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


GOALS = {
    "3.4": Goal("accuracy", least=0.84),
    "4.6": Goal("accuracy", least=0.87),
    "5.1": Goal("mse", most=0.015),
    "6.2": Goal("accuracy", least=0.75),
    "7.2": Goal("accuracy", least=0.92),
    "7.3": Goal("f1", least=0.95),
    "9.3": Goal("mean", most=2.15),
    "12.3": Goal("accuracy", least=0.86),
}
