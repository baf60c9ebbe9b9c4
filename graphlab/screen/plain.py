"""The one look that tables have in the terminal."""

from __future__ import annotations

from rich import box
from rich.table import Table


def table(*columns: str) -> Table:
    """A table without a frame, its header faint; long cells are folded, not cut."""
    made = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        header_style="dim",
    )
    for column in columns:
        made.add_column(column, overflow="fold")
    return made
