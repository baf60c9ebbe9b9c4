"""From what was watched to a stepper: which call to step through, and what to say beforehand."""

from __future__ import annotations

from graphlab.errors import GraphlabError
from graphlab.stages import fusions
from graphlab.targets.target import Watched
from graphlab.walk.panels import call_text
from graphlab.walk.stepper import Stepper
from graphlab.watch.replay import Replay


def stepper_of(
    watched: Watched, call: int | None, predicting: bool, keep_bytes: int, every: bool = True
) -> tuple[Stepper, list[str]]:
    """A stepper at the start of a call, by default of the steady training step; and notes.

    Without `every` it stops at no constant and no shape. GraphlabError where nothing was recorded
    that can be executed again, or not so many calls.
    """
    replays = watched.replays
    if not replays:
        raise GraphlabError(
            f"{watched.target.text} made no call that can be stepped through; run a session, call"
            " a tf.function or an eager op"
        )
    if call is not None and call > len(replays):
        listed = "; ".join(f"{n}: {call_text(r.run)}" for n, r in enumerate(replays, 1))
        raise GraphlabError(f"there is no call {call}; recorded were {listed}")
    chosen = steady(watched) if call is None else call - 1
    checked, steps = _checked(replays[chosen])
    totals = {chosen: steps} if steps else {}
    stepper = Stepper(
        replays, chosen, predicting, keep_bytes, every=every, totals=totals, became=fusions
    )
    notes = [watched.note] if watched.note else []
    notes.append(f"Replayed from the state before the call: {checked}.")
    compiler = replays[chosen].run.compiled_by
    if compiler:
        notes.append(
            f"The call was compiled by {compiler}; here it is executed op by op, as it was before."
        )
    if len(replays) > 1:
        notes.append(f"Call {chosen + 1} of {len(replays)}; `calls` lists them.")
    return stepper, notes


def steady(watched: Watched) -> int:
    """The call to step through where none is asked for: the run that a drawing would show."""
    main, last = watched.main, len(watched.replays) - 1
    same = [i for i, replay in enumerate(watched.replays) if replay.run == main]
    return same[-1] if same else last


def _checked(replay: Replay) -> tuple[str, int]:
    """What the engine's check of a call says, and how many steps it has; 0 where it has no end."""
    try:
        check = replay.check()
    except GraphlabError as error:
        return f"it does not come to its end: {error}", 0
    return check.text(), check.steps
