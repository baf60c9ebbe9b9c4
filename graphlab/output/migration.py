"""What a TensorFlow 1 script needs, as files: a page, and the rungs of its ladder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from rich._export_format import CONSOLE_HTML_FORMAT
from rich.console import Console

from graphlab.migration.edits import Edited
from graphlab.migration.found import Migration
from graphlab.output import files
from graphlab.screen import migration as screen

COMPAT = "1_compat_v1.py"
WIDTH = 100


def page(found: Migration) -> bytes:
    """One offline HTML page of all that the terminal shows."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True,
        color_system="truecolor", markup=False, emoji=False, highlight=False,
    )  # fmt: skip
    for each in screen.migration(found):
        console.print(each)
    head = '<meta charset="UTF-8">'
    template = CONSOLE_HTML_FORMAT.replace(head, f"{head}\n<title>graphlab migrate</title>")
    return console.export_html(inline_styles=True, code_format=template).encode()


def write_rungs(folder: Path, script: Path, texts: Mapping[str, Edited]) -> Path:
    """The compat.v1 rung in a folder, with the modules beside the script that were edited.

    Gives the file of the script. GraphlabError where it cannot be written.
    """
    with files.whole_folder(folder, "-o") as place:
        whole = texts.get(str(script.resolve()))
        data = script.read_bytes() if whole is None else whole.text.encode()
        files.put(place / COMPAT, data)
        for path, edited in texts.items():
            if Path(path) != script.resolve() and Path(path).parent == script.resolve().parent:
                files.put(place / Path(path).name, edited.text.encode())
    return folder / COMPAT
