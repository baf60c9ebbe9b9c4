"""Whose kernel it was: what a GPU did, given to the ops that it was done for."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import replace

from graphlab.devices import is_gpu
from graphlab.model import Kernel, Step
from graphlab.watch.kernels import Found
from graphlab.watch.profile import Span

DEEPEST = 8  # spans of one thread, one inside of the other, in which a launch is looked for


def with_kernels(step: Step, kernels: Iterable[Kernel]) -> Step:
    """A step whose times are the host's, with what a GPU did for it.

    Then its times are the GPU's, and the host's are those of the launch. Without kernels an op of
    a GPU has no times of its own, but where it ran on the host.
    """
    ran = tuple(sorted(kernels, key=lambda kernel: kernel.start_us))
    launch = step.launch
    if step.start_us is not None and step.end_us is not None:
        launch = (step.start_us, step.end_us)
    if ran:
        end = max(kernel.end_us for kernel in ran)
        return replace(
            step, start_us=ran[0].start_us, end_us=end, launch=launch, kernels=ran, on_host=False
        )
    if is_gpu(step.device) and not step.on_host:
        return replace(step, start_us=None, end_us=None, launch=launch)
    return step


def joined(
    steps: Sequence[Step], found: Sequence[Found]
) -> tuple[tuple[Step, ...], tuple[Kernel, ...]]:
    """A session's steps with what the GPU did for each, and what it did for none of them.

    A node that ran n times (a loop) has its kernels in n equal parts, in the order of its
    launches; where that does not come out even, each belongs to the last launch before it.
    """
    mine: dict[str, list[int]] = {}
    for index, step in enumerate(steps):
        mine.setdefault(step.node, []).append(index)
    given: dict[str, list[Kernel]] = {}
    unclaimed = []
    for each in found:
        if each.node in mine:
            given.setdefault(each.node, []).append(each.kernel)
        else:
            unclaimed.append(each.kernel)
    ran: dict[int, list[Kernel]] = {}
    for node, kernels in given.items():
        places = mine[node]
        share, rest = divmod(len(kernels), len(places))
        starts = [steps[place].start_us or 0.0 for place in places]
        for number, kernel in enumerate(kernels):
            last = max(bisect.bisect_right(starts, kernel.start_us) - 1, 0)
            ran.setdefault(places[last if rest else number // share], []).append(kernel)
    return tuple(with_kernels(s, ran.get(i, ())) for i, s in enumerate(steps)), tuple(unclaimed)


def by_span(
    spans: Iterable[Span], found: Sequence[Found]
) -> tuple[list[tuple[Span, list[Kernel]]], list[Kernel]]:
    """The ops inside a call with what a GPU did for each, as they started on the host; and the
    rest.

    A kernel belongs to the span of its thread in which it was launched. Most ops of a GPU have
    none, for they only launch: then its node is known, and its launches are the span.
    """
    ran: list[tuple[Span, list[Kernel]]] = [(span, []) for span in spans]
    threads: dict[str, list[tuple[Span, list[Kernel]]]] = {}
    for one in sorted(ran, key=lambda one: one[0].start_us):
        threads.setdefault(one[0].thread, []).append(one)
    starts = {thread: [one[0].start_us for one in own] for thread, own in threads.items()}
    launched: dict[tuple[str, str], tuple[Span, list[Kernel]]] = {}
    unclaimed = []
    for each in found:
        own = threads.get(each.thread, [])
        at = bisect.bisect_right(starts.get(each.thread, []), _asked_at(each))
        nearest = reversed(own[max(at - DEEPEST, 0) : at])  # the innermost began last
        around = next((one for one in nearest if _launched_in(each, one[0])), None)
        if around is not None:
            around[1].append(each.kernel)
        elif each.node:
            start, end = each.kernel.launch or (each.kernel.start_us, each.kernel.start_us)
            span, mine = launched.get(
                (each.node, each.execution), (Span(each.node, start, end, each.thread, each.op), [])
            )
            span = replace(span, start_us=min(span.start_us, start), end_us=max(span.end_us, end))
            launched[each.node, each.execution] = span, [*mine, each.kernel]
        else:
            unclaimed.append(each.kernel)
    return sorted([*ran, *launched.values()], key=lambda one: one[0].start_us), unclaimed


def _launched_in(each: Found, span: Span) -> bool:
    launch = each.kernel.launch
    named = each.node in ("", span.name)
    return named and launch is not None and span.start_us <= launch[0] <= span.end_us


def in_call(found: Iterable[Found], call: Span) -> list[Found]:
    """What was launched while a call lasted; without a launch, what began then."""
    return [each for each in found if call.start_us <= _asked_at(each) <= call.end_us]


def zero_of(spans: Iterable[Span], found: Iterable[Found]) -> float:
    """When the first thing began, on the host or on a GPU, in µs of the profile's clock.

    What an op is given may be copied to the GPU before the op itself starts.
    """
    gpu = [min(_asked_at(each), each.kernel.start_us) for each in found]
    return min([*(span.start_us for span in spans), *gpu], default=0.0)


def _asked_at(each: Found) -> float:
    return each.kernel.launch[0] if each.kernel.launch else each.kernel.start_us


def by_dispatch(
    spans: Sequence[Span], found: Sequence[Found]
) -> tuple[list[list[Kernel]], list[Kernel]]:
    """What a GPU did for each of the ops that Python dispatched one by one, and the rest.

    Of an op it is what was launched on its thread, copies to the GPU from the dispatch on; of the
    call of a function, what was launched on any.
    """
    mine: list[list[Kernel]] = [[] for _ in spans]
    order = sorted(range(len(spans)), key=lambda i: _begun(spans[i]))
    starts = [_begun(spans[i]) for i in order]
    unclaimed: list[Kernel] = []
    for each in found:
        asked = _asked_at(each)
        at = bisect.bisect_right(starts, asked)
        nearest = reversed(order[max(at - DEEPEST, 0) : at])
        of = next(
            (i for i in nearest if asked <= spans[i].end_us and _may_have(spans[i], each)), None
        )
        (unclaimed if of is None else mine[of]).append(each.kernel)
    return mine, unclaimed


def _begun(span: Span) -> float:
    return span.start_us if span.asked_us is None else span.asked_us


def _may_have(span: Span, each: Found) -> bool:
    return span.asked_us is None or not each.thread or each.thread == span.thread
