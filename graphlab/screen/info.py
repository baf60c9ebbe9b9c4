"""What a model is, for the terminal: drawn from the facts that `graphlab.sources.facts` gathers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from graphlab.screen import plain, prose, signatures
from visualize.words import cleaned, counted, middle, printable, shape_text, size_text

MOST_VARIABLES = 60  # rows; all of them are in --json
MOST_LAYERS = 120  # rows
MOST_OPS = 24
MOST_REFUSED = 5  # nodes and ops
MOST_NOTES = 20
MOST_FUNCTIONS = 20
NAME_WIDTH = 60
UNNAMED = "Variable"  # what TensorFlow calls a variable to which nobody gave a name


def info(facts: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """From what it is to what it is made of; whatever the file does not hold is left out."""
    facts = cleaned(facts)
    layers = bool(facts.get("layers"))
    yield prose.heading(middle(facts["path"], max(width - 20, 20)), facts["kind"])
    yield _versions(facts, layers)
    for note in facts["notes"][:MOST_NOTES]:
        yield Text(f"! {printable(note, newlines=False)}", "yellow")
    if len(facts["notes"]) > MOST_NOTES:
        yield Text(f"! and {len(facts['notes']) - MOST_NOTES:,} more; --json has all of them")
    yield from signatures.signatures(facts, width)
    if facts["concrete_functions"]:
        yield from signatures.functions(facts, width)
    if facts.get("layers"):
        yield from _layers(facts, width)
    if facts["variables"]:
        yield from _variables(facts, width)
    if facts["nodes"]:
        title, what = ("Calls of layers", "call") if layers else ("Ops", "node")
        yield from _counts(title, facts["ops"], counted(facts["nodes"], what))
    if facts["functions"]:
        yield from _functions(facts, width)
    if facts["devices"]:
        yield prose.heading("Devices", "asked for in the file")
        yield Text(_some([f"{middle(n, 60)} by {c:,}" for n, c in facts["devices"].items()]))
    if facts["assets"]:
        yield prose.heading("Assets", "named in the file, not read")
        yield Text(_some([middle(name, NAME_WIDTH) for name in facts["assets"]]))


def _versions(facts: Mapping[str, Any], layers: bool) -> Text:
    said = []
    if facts.get("tensorflow"):
        said.append(f"written by TensorFlow {printable(facts['tensorflow'], newlines=False)}")
    if facts.get("keras"):
        said.append(f"written by Keras {printable(facts['keras'], newlines=False)}")
    if facts["producer"] is not None:
        least = facts["min_consumer"]
        said.append(
            f"graph version {facts['producer']}" + (f" (needs {least} at least)" if least else "")
        )
    said += _checkpoint(facts.get("checkpoint", {}))
    if facts["tags"]:
        said.append(f"tags {_some([middle(tag, 60) for tag in facts['tags']])}")
    if facts["nodes"]:
        inner = facts["nodes_in_functions"]
        functions = f" and {inner:,} in {counted(len(facts['functions']), 'function')}"
        count, what = (len(facts["layers"]), "layer") if layers else (facts["nodes"], "op")
        said.append(counted(count, what) + (functions if inner else ""))
    lines = ["; ".join(said)]
    known = facts["known"]
    if known["all"]:
        lines.append(f"TensorFlow {known['tensorflow']} knows every op")
    if known["without_kernel"]:
        names = ", ".join(middle(op, 40) for op in known["without_kernel"][:10])
        lines.append(f"TensorFlow {known['tensorflow']} has no kernel for {names}")
    if known["too_new"]:
        lines.append(f"TensorFlow {known['tensorflow']} cannot read it: {known['too_new']}")
    for op, reason in list(known["unknown"].items())[:MOST_REFUSED]:
        lines.append(f"TensorFlow {known['tensorflow']} cannot run {middle(op, 40)}: {reason}")
    if len(known["unknown"]) > MOST_REFUSED:
        lines.append(f"nor {len(known['unknown']) - MOST_REFUSED:,} more; --json has all of them")
    for each in known["refused"][:MOST_REFUSED]:
        where = f" in {middle(each['function'], 40)}" if each["function"] else ""
        lines.append(
            f"TensorFlow {known['tensorflow']} does not take {middle(each['node'], 40)}{where}"
            f" ({middle(each['op'], 40)}): {printable(each['reason'], newlines=False)}"
        )
    if len(known["refused"]) > MOST_REFUSED:
        lines.append(f"nor {len(known['refused']) - MOST_REFUSED:,} more; --json has all of them")
    return Text("\n".join(lines))


def _some(told: list[str]) -> str:
    """As many as somebody will read."""
    more = f", and {len(told) - MOST_OPS:,} more" if len(told) > MOST_OPS else ""
    return ", ".join(told[:MOST_OPS]) + more


def _checkpoint(told: Mapping[str, Any]) -> list[str]:
    """What is not as in most checkpoints."""
    said = ["values in the checkpoint format V1"] if told.get("format") == "V1" else []
    return said + ([f"values in {told['files']:,} files"] if told.get("files", 1) > 1 else [])


def _layers(facts: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """The layers as `model.summary()` lists them, and how many parameters they have in all."""
    yield prose.heading("Layers", f"{len(facts['layers']):,}")
    table = plain.table("name", "class", "gives", "parameters", "")
    table.columns[3].justify = "right"
    rows = [_layer(each) for each in facts["layers"][:MOST_LAYERS]]
    room = max(width - sum(max(len(row[i]) for row in rows) + 2 for i in (2, 4)) - 14, 32)
    kinds = min(max(len(row[1]) for row in rows), room // 2)
    for name, kind, *cells, marks in rows:
        table.add_row(middle(name, room - kinds), middle(kind, kinds), *cells, Text(marks, "dim"))
    yield table
    if len(facts["layers"]) > MOST_LAYERS:
        yield Text(
            f"and {len(facts['layers']) - MOST_LAYERS:,} more; --json has all of them", "dim"
        )
    if "trainable_parameters" in facts:
        yield Text(_in_all(facts))


def _layer(each: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    gives = ", ".join(_shape(output["shape"]) for output in each["outputs"][:4])
    gives += ", ..." if len(each["outputs"]) > 4 else ""
    count = "·" if each["parameters"] is None else f"{each['parameters']:,}"
    marks = [f"{each['calls']} calls"] if each["calls"] > 1 else []
    if each["parameters"] and each["trainable"] is not None:
        fixed = each["parameters"] - each["trainable"]
        marks += ["not trained" if not each["trainable"] else f"{fixed:,} not trained"] * bool(
            fixed
        )
    return each["name"], each["class"], middle(gives, 40), count, ", ".join(marks)


def _in_all(facts: Mapping[str, Any]) -> str:
    kinds = (
        ("trainable", "trained"),
        ("non_trainable", "not trained"),
        ("unknown", "of which the file does not say whether they are trained"),
        ("optimizer", "the optimizer's"),
    )
    told = [
        f"{facts[f'{key}_parameters']:,} {words}"
        for key, words in kinds
        if facts[f"{key}_parameters"] or (key == "trainable" and not facts["unknown_parameters"])
    ]
    return f"{facts['parameters']:,} parameters: {', '.join(told)}"


def _variables(facts: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    total = f", {size_text(facts['variable_bytes'])}" if facts["variable_bytes"] else ""
    with_elements = (
        "" if "trainable_parameters" in facts else f" with {facts['parameters']:,} elements"
    )
    copies = sum("copy_of" in each for each in facts["variables"])
    total += f"; {copies:,} of them stored twice" if copies else ""
    yield prose.heading("Variables", f"{facts['variable_count']:,}{with_elements}{total}")
    if not facts.get("layers") and "trainable_parameters" in facts:
        yield Text(_in_all(facts))
    table = plain.table("name", "dtype", "shape", "size", "")
    table.columns[3].justify = "right"
    rows = [_variable(each) for each in facts["variables"][:MOST_VARIABLES]]
    room = max(width - sum(max(len(row[i]) for row in rows) + 2 for i in range(1, 5)), 20)
    for name, *cells, marks in rows:
        table.add_row(middle(name, room), *cells, Text(marks, "dim"))
    yield table
    left = len(facts["variables"]) - MOST_VARIABLES
    if left > 0:
        yield Text(f"and {left:,} more; --json has all of them", "dim")


def _variable(each: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    marks = ["only in the checkpoint"] if each.get("only_in_checkpoint") else []
    marks += ["not trained"] if each["trainable"] is False else []
    marks += [each["note"]] if "note" in each else []
    marks += [f"in {each['pieces']:,} pieces"] if "pieces" in each else []
    marks += [f"a part of {middle(each['piece_of'], NAME_WIDTH)}"] if "piece_of" in each else []
    if "copy_of" in each:
        marks.append(f"a copy of {middle(each['copy_of'], NAME_WIDTH)}")
    elif each.get("called", UNNAMED) not in (UNNAMED, each["name"].rpartition("/")[2]):
        marks.append(f"called {middle(each['called'], NAME_WIDTH)}")
    saved = "·" if each["bytes"] is None else size_text(each["bytes"])
    return each["name"], each["dtype"], _shape(each["shape"]), saved, ", ".join(marks)


def _counts(title: str, counts: Mapping[str, int], among: str) -> Iterator[RenderableType]:
    yield prose.heading(title, f"{counted(len(counts), 'kind')} in {among}")
    told = [f"{middle(op, 40)} {count:,}" for op, count in counts.items()]
    more = f", and {len(told) - MOST_OPS} kinds more" if len(told) > MOST_OPS else ""
    yield Text(", ".join(told[:MOST_OPS]) + more)


def _functions(facts: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    functions = facts["functions"]
    yield prose.heading("Functions", f"{len(functions):,}, the largest first")
    table = plain.table("name", "nodes", "takes", "gives", "calls")
    for column in table.columns[1:]:
        column.justify = "right"
    largest = sorted(functions.items(), key=lambda item: -item[1]["nodes"])
    for name, each in largest[:MOST_FUNCTIONS]:
        numbers = (each["nodes"], each["arguments"], each["results"], len(each["calls"]))
        table.add_row(middle(name, max(width - 40, 20)), *(f"{number:,}" for number in numbers))
    yield table
    if len(functions) > MOST_FUNCTIONS:
        left = len(functions) - MOST_FUNCTIONS
        yield Text(f"and {left:,} more; --json has all of them", "dim")
    if facts["ops_in_functions"]:
        nodes = counted(facts["nodes_in_functions"], "node")
        yield from _counts("Ops in functions", facts["ops_in_functions"], nodes)


def _shape(shape: list[int | None] | None) -> str:
    return shape_text(None if shape is None else tuple(shape))
