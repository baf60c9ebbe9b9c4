"""Where two programs part, for the terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from graphlab.comparison.found import ANOTHER, EQUAL, Comparison, Part, Place, VariablePair
from graphlab.comparison.structure import Body, Change, Structure
from graphlab.screen import prose
from graphlab.screen.plain import table
from visualize.words import counted, middle, printable

BARS = " ▁▂▃▄▅▆▇█"
MOST_PARTS = 5  # of the frontier, told in full
MOST_ROWS = 24  # of a table
MOST_NAMES = 6
NAME_WIDTH = 48


def comparison(found: Comparison) -> Iterator[RenderableType]:
    """The answer in a sentence, then the frontier, the results that differ and what matches how."""
    yield Text(said(found), "bold green" if found.same else "bold red")
    if found.first_call is not None and found.first_call.number > 1:
        yield Text(f"the first call that differs is {found.first_call.number} of {found.calls}")
    for note in found.notes:
        yield Text(printable(note, newlines=False), "dim")
    for number, part in enumerate(found.frontier[:MOST_PARTS], 1):
        yield prose.heading(f"they part, {number} of {len(found.frontier)}", part.detail)
        yield from _part(part)
    if len(found.frontier) > MOST_PARTS:
        yield Text(f"and {len(found.frontier) - MOST_PARTS} more places: --json has them all")
    yield from _results(found)
    yield from _variables(found)
    yield prose.heading("what matches how", "in the first call")
    yield _matches(found)


def said(found: Comparison) -> str:
    """The answer in one sentence."""
    calls = counted(found.calls, "call")
    if found.same:
        only = [
            f"; only {side} gives {_some(names)}"
            for side, names in (("A", found.results_only_a), ("B", found.results_only_b))
            if names
        ]
        apart = f"up to {found.apart:.2g}" if found.apart else "to the last bit"
        return f"they compute the same, {apart}, in {calls}{''.join(only)}"
    if not found.results and not found.frontier:
        return "they give nothing that could be compared with one another"
    if not found.frontier:
        return (
            "their results differ, and no op that was compared does: what differs was made by"
            f" Python, or behind the first {calls}"
        )
    part = found.frontier[0]
    return f"they part at {' and '.join(_where(p) for p in (part.a, part.b) if p)}: {how_of(part)}"


def how_of(part: Part) -> str:
    """How two programs part at an op, in a few words."""
    if part.a is None or part.b is None:
        return f"only {'A' if part.b is None else 'B'} has it, and the results differ"
    if part.how == ANOTHER:
        return f"no op differs, but what is given is another tensor, {_apart(part)}"
    if part.a.op in ("feed", "variable", "Const"):
        return f"what they begin with differs, {_apart(part)}"
    rearranged = [pair for pair in part.inputs if pair.how not in EQUAL]
    unlike = next((pair for pair in rearranged if pair.how == "different"), None)
    if unlike is not None:
        given = f"{_name(unlike.a.tensor)} and {_name(unlike.b.tensor)}"
        return f"given {given}, which are not the same, {_apart(part)}"
    if rearranged:
        pair = rearranged[0]
        return f"{_name(pair.a.tensor)} is {pair.how} ({pair.detail}), {_apart(part)}"
    if part.a.op != part.b.op:
        return f"the same input, {part.a.op} and {part.b.op}, {_apart(part)}"
    return f"the same input, different output, {_apart(part)}"


def _apart(part: Part) -> str:
    if part.how == "scaled":
        return part.detail
    if part.how not in ("different", ANOTHER, *EQUAL):
        return f"the same numbers {part.how} ({part.detail})"
    return part.detail or f"{part.apart:.3g} apart"


def _where(place: Place) -> str:
    at = f" ({place.source[0]}:{place.source[1]})" if place.source else ""
    return f"{printable(place.node or place.tensor, newlines=False)}{at}"


def _part(part: Part) -> Iterator[RenderableType]:
    for pair in part.inputs[:MOST_NAMES]:
        how = "equal" if pair.how in EQUAL else f"{pair.how} {pair.detail}".strip()
        yield Text(f"  given {_name(pair.a.tensor)} and {_name(pair.b.tensor)}: {how}")
    bars = iter(part.histograms)
    for side, place, value in zip("AB", (part.a, part.b), part.values, strict=True):
        if place is None:
            yield Text(f"  {side} has no such op")
            continue
        yield Text(f"  {side} {place.op} {_where(place)}, {place.call}")
        yield Text(f"    {value.text() if value else 'no number'}")
        if counts := next(bars, ()):  # one under the other, of both sides
            yield Text(f"    |{_bars(counts)}|")


def _bars(counts: Sequence[int]) -> str:
    most = max(counts) or 1
    return "".join(BARS[-(-count * (len(BARS) - 1) // most)] for count in counts)


def _results(found: Comparison) -> Iterator[RenderableType]:
    wrong = [each for each in found.results if each.how not in EQUAL]
    if not wrong and not found.results_only_a and not found.results_only_b:
        return
    yield prose.heading("results that differ", f"{len(wrong)} of {len(found.results)}")
    rows = table("A", "B", "call", "how", "apart")
    for each in wrong[:MOST_ROWS]:
        how = f"{each.how} {each.detail}".strip()
        call = str(each.moment) if each.moment else ""
        rows.add_row(_name(each.a), _name(each.b), call, how, f"{each.apart:.3g}")
    yield rows
    for side, names in (("A", found.results_only_a), ("B", found.results_only_b)):
        if names:
            yield Text(f"only {side} gives {_some(names)}")


def _variables(found: Comparison) -> Iterator[RenderableType]:
    pairs = found.variables
    if not pairs and not found.variables_only_a and not found.variables_only_b:
        return
    yield prose.heading("variables", "before the first call")
    rows = table("A", "B", "told by", "how", "apart")
    telling = [pair for pair in pairs if not _plain(pair)]
    for pair in telling[:MOST_ROWS]:
        how = f"{pair.how} {pair.detail}".strip()
        rows.add_row(_name(pair.a), _name(pair.b), pair.by, how, f"{pair.apart:.3g}")
    if telling:
        yield rows
    if len(telling) > MOST_ROWS:
        yield Text(f"and {len(telling) - MOST_ROWS} more")
    if len(telling) < len(pairs):
        yield Text(f"{len(pairs) - len(telling)} of {len(pairs)} have one name and one value")
    for side, names in (("A", found.variables_only_a), ("B", found.variables_only_b)):
        if names:
            yield Text(f"only {side} has {_some(names)}")


def _plain(pair: VariablePair) -> bool:
    return pair.a == pair.b and pair.how in EQUAL and not pair.detail


def _matches(found: Comparison) -> RenderableType:
    rows = table("how", "tensors", "for example")
    ordered = sorted(found.pairs, key=lambda pair: pair.how)
    for how, group in itertools.groupby(ordered, key=lambda pair: pair.how):
        pairs = list(group)
        first = next((p for p in pairs if p.a.op not in ("feed", "variable")), pairs[0])
        example = f"{_name(first.a.tensor)} and {_name(first.b.tensor)}"
        rows.add_row(how, str(len(pairs)), example)
    for side, places in (("A", found.only_a), ("B", found.only_b)):
        if places:
            names = _some([place.tensor for place in places])
            rows.add_row(f"only {side}", str(len(places)), names)
    return rows


def structure(found: Structure) -> Iterator[RenderableType]:
    """What was added, removed and changed, body by body."""
    yield Text(said_of_structure(found), "bold green" if found.same else "bold red")
    for note in found.notes:
        yield Text(note, "dim")
    for body in found.bodies:
        yield from _body(body)
    for what, names in (("functions removed", found.removed), ("functions added", found.added)):
        if names:
            yield Text(f"{what}: {_some(names)}")
    if found.variables or found.variables_removed or found.variables_added:
        yield prose.heading("variables", "")
        yield from _changes(found.variables)
        for side, names in (("A", found.variables_removed), ("B", found.variables_added)):
            if names:
                yield Text(f"only {side} has {_some(names)}")


def said_of_structure(found: Structure) -> str:
    """The answer in one sentence."""
    alike = sum(len(body.matched) for body in found.bodies)
    if found.same:
        who = "their graphs" if found.notes else "they"  # the notes say what could not be compared
        return f"{who} are the same: {alike:,} ops, but for their names"
    added = sum(len(body.added) for body in found.bodies)
    removed = sum(len(body.removed) for body in found.bodies)
    changed = sum(len(body.changed) for body in found.bodies)
    return (
        f"they differ: {added:,} ops added, {removed:,} removed, {changed:,} changed, of"
        f" {alike:,} that are in both"
    )


def _body(body: Body) -> Iterator[RenderableType]:
    if not (body.added or body.removed or body.changed):
        return
    title = f"function {_name(body.a)}" if body.a else "the graph"
    yield prose.heading(title, f"{len(body.matched):,} ops in both")
    if body.removed:
        yield Text(f"removed: {_some(body.removed)}")
    if body.added:
        yield Text(f"added: {_some(body.added)}")
    yield from _changes(body.changed)


def _changes(changes: Sequence[Change]) -> Iterator[RenderableType]:
    if not changes:
        return
    rows = table("A", "B", "what", "was", "is")
    for change in changes[:MOST_ROWS]:
        each = zip(change.what, change.before, change.after, strict=True)
        for n, (what, before, after) in enumerate(each):
            names = (_name(change.a), _name(change.b)) if n == 0 else ("", "")
            rows.add_row(*names, what, _name(before), _name(after))
    yield rows
    if len(changes) > MOST_ROWS:
        yield Text(f"and {len(changes) - MOST_ROWS:,} more changes: --json has them all")


def _name(name: str) -> str:
    return printable(middle(name, NAME_WIDTH), newlines=False)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return ", ".join(_name(name) for name in names[:MOST_NAMES]) + more
