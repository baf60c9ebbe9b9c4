"""How a model is called, for the terminal: its signatures, and the functions of its objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from graphlab.screen import plain, prose
from visualize.words import middle, printable, shape_text

MOST_SIGNATURES = 30  # all of them are in --json
MOST_PORTS = 60  # inputs, and outputs
MOST_FUNCTIONS = 20  # rows; all of them are in --json
MOST_BESIDE = 6  # where there are signatures to call
MOST_PARTS = 8  # of one sparse or ragged tensor
NAME_WIDTH = 60


def signatures(facts: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """Every signature, as far as somebody will read."""
    found = facts["signatures"]
    for name, told in list(found.items())[:MOST_SIGNATURES]:
        yield from _signature(name, told, width)
    if len(found) > MOST_SIGNATURES:
        left = len(found) - MOST_SIGNATURES
        yield Text(f"and {left:,} signatures more; --json has all of them", "dim")


def _signature(name: str, told: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """A signature with its inputs and outputs; under a sparse or ragged one its parts."""
    about = [told["method"] or ""]
    if told["function"]:
        about.append(f"function {middle(told['function'], NAME_WIDTH)}")
    yield prose.heading(
        f"Signature {middle(name, NAME_WIDTH)}",
        "; ".join(printable(each, newlines=False) for each in about if each),
    )
    table = plain.table("", "name", "dtype", "shape", "tensor")
    room = max(width - 64, 20)
    for way, word in (("inputs", "in"), ("outputs", "out")):
        for key, port in list(told[way].items())[:MOST_PORTS]:
            table.add_row(word, *_port(key, port, room))
            parts = list(port.get("parts", {}).items())
            for role, part in parts[:MOST_PARTS]:
                table.add_row("", *_port(f"{key}/{role}", part, room))
            if len(parts) > MOST_PARTS:
                table.add_row("", f"and {len(parts) - MOST_PARTS:,} parts more")
        if len(told[way]) > MOST_PORTS:
            table.add_row(word, f"and {len(told[way]) - MOST_PORTS:,} more")
    yield table


def _port(key: str, port: Mapping[str, Any], room: int) -> tuple[str, str, str, str]:
    kind = f" {printable(port['kind'], newlines=False)}" if "kind" in port else ""
    shape = port["shape"]
    return (
        middle(key, 30),
        port["dtype"] + kind,
        shape_text(None if shape is None else tuple(shape)),
        middle(port["tensor"] or "", room),
    )


def functions(facts: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """The concrete functions of a model's objects, as they are called."""
    found = facts["concrete_functions"]
    yield prose.heading(
        "Functions of its objects", f"{len(found):,}; MODEL:NAME draws and traces one"
    )
    table = plain.table("call", "gives")
    room = max((width - 4) * 2 // 3, 20)
    most = MOST_BESIDE if facts["signatures"] else MOST_FUNCTIONS
    for name, told in list(found.items())[:most]:
        gives = ", ".join(_short(key, port) for key, port in told["outputs"].items())
        table.add_row(middle(name, 2 * room), middle(gives, 2 * max(width - room, 20)))
    yield table
    if len(found) > most:
        yield Text(f"and {len(found) - most:,} more; --json has all of them", "dim")


def _short(key: str, port: Mapping[str, Any]) -> str:
    kind, shape = port.get("kind", ""), port["shape"]
    text = shape_text(None if shape is None else tuple(shape))
    return " ".join(filter(None, (key, kind, port["dtype"], text)))
