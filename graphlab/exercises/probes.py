"""Nine probes of a port, each of which sees what those before it cannot.

for probe in PROBES:
    probe.ask(trial)      # what it saw, in words; or Wrong, or Skipped
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from graphlab.exercises.differences import SIGMAS, Wrong, equal, same_law
from graphlab.exercises.exercise import Arrays, Draws
from graphlab.exercises.moved import further
from graphlab.exercises.sides import Sides

BUILDS = 6  # at least, of which the fresh values are looked at


class Skipped(Exception):
    """The probe does not apply, and why."""


@dataclass
class Trial:
    """What the probes share: both programs, what is drawn for them, and what was seen until now."""

    sides: Sides
    draws: Draws
    random: np.random.RandomState
    folder: Path  # for what the port saves
    size: dict[str, int] = field(default_factory=dict)
    calls: int = 0  # of training, since the last build
    fresh: tuple[list[Arrays], list[Arrays]] = field(default_factory=lambda: ([], []))
    changed: list[tuple[set[str], set[str]]] = field(default_factory=list)
    drawn: dict[str, tuple[list, list]] = field(default_factory=dict)

    def begin(self, weights: Arrays | None = None) -> None:
        """Build both anew, with drawn weights, or with these."""
        self.sides.build()
        self.calls = 0
        fresh = self.sides.read()
        for seen, values in zip(self.fresh, fresh, strict=True):
            seen.append(values)
        self.sides.write(self.weights() if weights is None else weights)

    def weights(self) -> Arrays:
        """Values for the weights, of both sides."""
        if self.draws.weights is not None:
            return self.draws.weights(self.random, self.size)
        # No weight is known by name, so all that train may be moved, but never below what a slot
        # begins with: an accumulator of squares is not negative.
        return {
            name: (value + self.random.uniform(0, 0.5, value.shape)).astype(value.dtype)
            for name, value in self.fresh[0][-1].items()
            if value.dtype.kind == "f"
        }

    def feeds(self) -> Arrays:
        """Those of the next training call."""
        self.calls += 1
        return self.draws.feeds(self.random, self.size, self.calls - 1)

    def queries(self) -> Arrays:
        """Those of one prediction."""
        if self.draws.queries is None:
            return self.draws.feeds(self.random, self.size, self.calls)
        return self.draws.queries(self.random, self.size)

    def train(self, feeds: Arrays, what: str) -> None:
        """One training call of both; Wrong where the answers differ."""
        mine, theirs = self.sides.call("train_step", feeds)
        for name in self.draws.random:
            for kept, given in zip(
                self.drawn.setdefault(name, ([], [])), (mine, theirs), strict=True
            ):
                if name in given:
                    kept.append(given[name])
        self._equal(mine, theirs, what, 0)

    def predicted(self, queries: Arrays, what: str) -> Arrays:
        """One prediction of both, the original's answer; Wrong where they differ."""
        mine, theirs = self.sides.call("predict", queries)
        self._equal(mine, theirs, f"{what}, predict", 0)
        return mine

    def state(self, what: str) -> Arrays:
        """The variables of both, the original's values; Wrong where they differ."""
        mine, theirs = self.sides.read()
        self._equal(mine, theirs, what, 1)
        return mine

    def _equal(self, mine: Arrays, theirs: Arrays, what: str, kind: int) -> None:
        """Wrong where the two differ: of answers (0) or states (1). Where the original is steep it
        is asked how far they may be apart, and only where they are further apart than usual."""
        but = self.draws.random if kind == 0 else ()
        try:
            equal(mine, theirs, what, but)
        except Wrong:
            moved = further(self.sides.original, self.fresh[0][-1], self.sides.asked[0])[kind]
            equal(mine, theirs, what, but, moved)

    def trained(self, what: str) -> None:
        """One training call with drawn feeds, and which variables it changes."""
        before = self.sides.read()
        self.train(self.feeds(), what)
        after = self.sides.read()
        mine, theirs = (
            {name for name in old if not np.array_equal(old[name], new[name], equal_nan=True)}
            for old, new in zip(before, after, strict=True)
        )
        self.changed.append((mine, theirs))
        self._equal(*after, f"after {what}, the state", 1)


def forward(trial: Trial) -> str:
    """Predictions at given weights."""
    trial.begin()
    answers = []
    for what in ("at drawn weights", "at other weights"):
        queries = trial.queries()
        answers.append((queries, trial.predicted(queries, what)))
        trial.sides.write(trial.weights())
    queries, before = answers[0]
    after = trial.predicted(queries, "when the weights are moved")
    moved = any(not np.array_equal(before[name], after[name]) for name in after)
    return "three predictions" + (", and they move with the weights" if moved else "")


def first_call(trial: Trial) -> str:
    """Every fetch of the first training call."""
    trial.begin()
    trial.train(trial.feeds(), "train_step")
    return "every fetch of the first call"


def first_state(trial: Trial) -> str:
    """Weights and slots after it."""
    return f"{len(trial.state('after the first call, the state'))} variables after it"


def later_calls(trial: Trial) -> str:
    """More calls, each with another batch."""
    few, many = trial.draws.calls
    calls = trial.random.randint(few, many + 1)
    for number in range(2, calls + 1):
        trial.trained(f"in call {number}, train_step")
    return f"{calls} calls, each with another batch"


def inference(trial: Trial) -> str:
    """Predictions after training, twice."""
    queries = trial.queries()
    for what in ("after training", "asked a second time"):
        trial.predicted(queries, what)
    trial.state("after predict, the state")
    return "a prediction after training, the same twice, and the state after it"


def accounting(trial: Trial) -> str:
    """Which variables change when; the same call twice; traces; sessions."""
    for number, (mine, theirs) in enumerate(trial.changed, 2):
        for name in sorted(mine ^ theirs):
            does = "changes" if name in theirs else "leaves alone"
            raise Wrong(f"call {number} {does} {name}, which the original {_other(does)}")
    feeds = trial.feeds()
    trial.train(feeds, "train_step")
    before, _ = trial.sides.port.counted()
    trial.train(feeds, "the same call once more, train_step")
    traces, sessions = trial.sides.port.counted()
    for name, (wanted, found) in trial.drawn.items():
        # Of this build only: what a trace has frozen is another number in the next one.
        same = [
            all(np.array_equal(seen[-1], each) for each in seen[-trial.calls :])
            for seen in (wanted, found)
            if seen
        ]
        if same == [False, True]:
            raise Wrong(f"{name} is drawn once, and is the same in every call")
    if traces > before:
        raise Wrong(f"the same call is traced again: {traces} traces, after {before}")
    if trial.draws.alone and sessions:
        raise Wrong(f"a Session ran, {sessions} times; port it without one")
    return f"the variables that change in each call; functions traced: {traces}"


def _other(does: str) -> str:
    return "leaves alone" if does == "changes" else "changes"


def saving(trial: Trial) -> str:
    """Save, a new process, restore, two more calls."""
    path = str(trial.folder / "saved")
    sides = trial.sides
    sides.port.do("save", path=path)
    sides.restored.build()
    sides.restored.do("restore", path=path)
    sides.go_on()
    trial.state("restored in a new process, the state")
    for number in ("first", "second"):
        trial.trained(f"in the {number} call after it was restored, train_step")
    return "two calls in a new process, after restore"


def special(trial: Trial) -> str:
    """Inputs in which mistakes show that ordinary numbers hide."""
    if trial.draws.special is None:
        raise Skipped("there are no special inputs")
    said = []
    for name, weights, feeds in trial.draws.special(trial.random, trial.size):
        trial.begin({**trial.weights(), **weights})
        several = feeds if isinstance(feeds, list) else [feeds]
        for each in several:
            trial.train(each, f"{name}: train_step")
        trial.state(f"{name}: the state")
        said.append(name)
    return ", ".join(said)


def fresh(trial: Trial) -> str:
    """The law of fresh initial values, and of what is drawn in a call."""
    while len(trial.fresh[0]) < BUILDS:
        trial.begin()
    mine, theirs = trial.fresh
    for name in mine[0]:
        same_law(
            np.stack([each[name] for each in mine]),
            np.stack([each[name] for each in theirs]),
            f"the fresh {name}",
        )
    for name, (wanted, found) in trial.drawn.items():
        if not found:
            continue
        zeros = [float(np.mean([np.mean(each == 0) for each in side])) for side in (wanted, found)]
        count = sum(each.size for each in wanted)
        spread = math.sqrt(max(zeros[0] * (1 - zeros[0]), 1 / count) / count)
        if abs(zeros[0] - zeros[1]) > 2 * SIGMAS * spread:
            raise Wrong(f"{name} has {zeros[1]:.0%} zeros, not {zeros[0]:.0%}")
        once = [all(np.array_equal(side[0], each) for each in side) for side in (wanted, found)]
        if once[1] and not once[0]:
            raise Wrong(f"{name} is drawn once, and is the same in every call")
    return f"{len(mine[0])} variables as they begin, in {len(mine)} builds"


@dataclass(frozen=True)
class Probe:
    """One rung of the ladder."""

    name: str
    ask: Callable[[Trial], str]
    means: str  # what it usually is when this is the first that breaks


PROBES = (
    Probe(
        "forward",
        forward,
        "The same weights give another answer. Look at the order of axes and of gates, at an"
        " activation that a layer had by itself, and at what inference switches off.",
    ),
    Probe(
        "first call",
        first_call,
        "The forward pass is right, and training tells another number. Look at what is read before"
        " an update and what after it, at mean against sum, and at terms of the loss (20.1, 27.1).",
    ),
    Probe(
        "first state",
        first_state,
        "The loss is right, and the step is not. Look at the gradient (stop_gradient, var_list),"
        " the optimizer's own numbers, and what its slots begin with (22.1, 22.3).",
    ),
    Probe(
        "later calls",
        later_calls,
        "One step is right, and several are not. Look at what is made anew in each call, at what"
        " Python read only once, and at rates that change (23.1, 23.2, 23.3).",
    ),
    Probe(
        "inference",
        inference,
        "Training is right, and what it leaves is not. Look at moving averages, their updates, and"
        " what predict reads (20.3, 27.3).",
    ),
    Probe(
        "accounting",
        accounting,
        "The numbers are right, and the way to them is not: a variable moves that should not, a"
        " function is traced at each call, a Session is still there (20.1, 23.1).",
    ),
    Probe(
        "saving",
        saving,
        "All is right in one process. Look at what save leaves out: slots, counters, whatever is"
        " not an attribute; and at a restore that finds nothing and says nothing (24.1).",
    ),
    Probe(
        "special inputs",
        special,
        "Ordinary numbers hide it. Look at epsilons, at ids that come twice, at weights of zero,"
        " at the ends of sequences (22.3, 6.2).",
    ),
    Probe(
        "fresh values",
        fresh,
        "Given weights are right, and drawn ones are not. Look at initializers, at keep against"
        " drop, and at numbers that Python drew once (22.2, 3.3).",
    ),
)
