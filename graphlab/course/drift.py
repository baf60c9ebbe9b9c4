"""What is held of a part on a GPU where it states a `Drift`: there each way runs other kernels.

drift = drift_of(module, "GPU:0")                # None on a CPU: all is held
held(results, 1e-4, 1e-3, drift), repeats(module, done, "GPU:0", seed)
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from types import ModuleType

from graphlab import devices
from graphlab.agreement import Agreement, Results, agree
from graphlab.course import ways
from graphlab.lesson import Drift


def drift_of(module: ModuleType, device: str, way: str = "") -> Drift | None:
    """What a part promises on a device in the place of its tolerance; None: that.

    `way` is `"keras"` for the promise of Keras, where the part has one for it alone.
    """
    if not devices.is_gpu(device):
        return None
    own: Drift | None = getattr(module, "ON_GPU", None)
    return getattr(module, "KERAS_ON_GPU", own) if way == "keras" else own


def told(module: ModuleType, device: str, chosen: Container[str]) -> str:
    """What is held, for a reader; "" where all is."""
    own = drift_of(module, device)
    if own is not None:
        return own.text()
    keras = drift_of(module, device, "keras") if "keras" in chosen else None
    return keras.text("Keras drifts away") if keras is not None else ""


def held(
    results: Mapping[str, Results], rtol: float, atol: float, drift: Drift | None
) -> Agreement:
    """Whether the ways agree in all that is held: everything, where nothing drifts."""
    if drift is None:
        return agree(results, rtol, atol)
    first = {way: {"loss": r["loss"][: drift.steps]} for way, r in results.items() if "loss" in r}
    found = [agree(first, rtol, atol)]
    for name, band in drift.bands.items():
        ends = {way: {name: r[name]} for way, r in results.items() if name in r}
        found.append(agree(ends, 0.0, band))
    return max(found, key=lambda each: each.worst.excess if each.worst else 0.0)


def repeats(
    module: ModuleType,
    done: Iterable[ways.WayResult],
    device: str,
    seed: int | None,
) -> dict[str, Agreement]:
    """By way, whether its first losses are the same a second time, to the part's tolerance.

    Nothing where nothing drifts: then the ways hold one another.
    """
    drift = drift_of(module, device)
    if drift is None:
        return {}
    found = {}
    for result in done:
        steps = min(drift.steps, result.steps)
        again = ways.run_way(module, result.way, device, seed, None, steps)
        both = {result.way: result.results, "its repetition": again.results}
        few = Drift(steps)
        found[result.way] = held(both, module.RTOL, module.ATOL, few)
    return found
