"""Colours, shapes and marks: what each thing looks like, in the drawing and in its legend."""

from __future__ import annotations

import html

import graphviz

from visualize.diagram.drawn import Icon
from visualize.kinds import CONSTANTS
from visualize.words import printable

FONT = "DejaVu Sans"  # by whose measures boxes are laid out
FONTS = f"{FONT},Verdana,sans-serif"  # in that order, where a reader has no DejaVu
INK, FAINT, LINE = "#1a1a1a", "#595959", "#4d4d4d"
PLAIN = "#f5f5f5"  # an op of which no device is known
DEVICES = ("#d6e6f7", "#d9efd2", "#fde3c4", "#e6dcf2", "#f9f1b8", "#cfecec", "#f5d9e5", "#e4e0d5")
MIXED = "#e0e0e0"  # a closed scope on several devices
GRADIENT, GRADIENT_LINE = "#fdf1ef", "#b3402e"
TAKEN = "#c77f74"  # a line to a gradient
SCOPE, SCOPE_LINE = "#fafafa", "#9a9a9a"
BACK = "#6a3d9a"
STUB = "#1f5f8b"

FILLS = {"placeholder": "#dff0d8", "variable": "#fde8cc", "constant": "#fbf6cf", "op": "#e4eef9"}

# Two stages in one drawing: what became of an op, its fill and what the legend says.
MARKS = {
    "kept": ("#f5f5f5", "in both, as it was"),
    "gone": ("#fbd5d0", "only in the first"),
    "new": ("#cfecd0", "only in the second"),
    "changed": ("#fdeab0", "in both, changed"),
}

# How a kind is drawn, and what the legend calls it.
KINDS = {
    "placeholder": ({"shape": "ellipse", "margin": "0.05,0.02"}, "placeholder"),
    "variable": ({"shape": "cylinder", "margin": "0.14,0.06"}, "variable"),
    "constant": ({"shape": "note"}, "constant"),
    "op": ({"shape": "box", "style": "filled,rounded"}, "op"),
    "scope": ({"shape": "folder", "style": "filled"}, "scope, closed"),
    "function": ({"shape": "component", "style": "filled"}, "function body, closed"),
    "series": ({"shape": "box3d", "style": "filled"}, "like ops or parts, folded"),
    "piece": ({"shape": "folder", "style": "filled,dashed"}, "part of a wide scope"),
    "link": ({"shape": "circle", "margin": "0.02,0.02"}, "goes on at the same number"),
}
CLOSED = {"scope", "function", "series", "piece"}
SHAPES = {"box": "rounded box", "box3d": "block"}  # where not by Graphviz's name
CONSTANT_ICON, READ_ICON = "\N{BLACK SMALL SQUARE}", "\N{BULLET}"
PASS_ICON = "\N{WHITE BULLET}"


def icon_of(icon: Icon) -> str:
    """The mark before an icon's name."""
    if icon.op in CONSTANTS:
        return CONSTANT_ICON
    return READ_ICON if icon.reads else PASS_ICON


def quoted(text: str) -> str:
    """Text for an attribute of DOT that is no HTML-like label: anything in it is shown as it is."""
    return graphviz.escape(printable(text))


def html_text(text: str, size: int = 0, colour: str = "", bold: bool = False) -> str:
    """Text for an HTML-like label: anything in it is shown as it is."""
    # A backslash begins an escape in such text too: after one, N would become the box's id.
    result = html.escape(printable(text)).replace("\\", "\\\\")
    if bold:
        result = f"<B>{result}</B>"
    if size:
        result = f'<FONT POINT-SIZE="{size}" COLOR="{colour}">{result}</FONT>'
    return result
