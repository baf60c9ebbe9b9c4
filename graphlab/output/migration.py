"""What a TensorFlow 1 script needs, as files: a page, and the rungs of its ladder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from rich._export_format import CONSOLE_HTML_FORMAT
from rich.console import Console

from graphlab.errors import GraphlabError
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


def write_rungs(folder: Path, script: Path, texts: Mapping[str, bytes]) -> Path:
    """The compat.v1 rung in a folder, with the modules that the script imports from beside it.

    Gives the file of the script. GraphlabError where one cannot be written.
    """
    root = script.resolve().parent
    places = {path: folder / Path(path).relative_to(root) for path in texts}
    places[str(script.resolve())] = folder / COMPAT
    for path, place in places.items():
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GraphlabError(f"cannot write {place.parent}: {error.strerror}") from error
        files.check(place, ("py",), (script,))
        files.write_whole(place, texts[path])
    return folder / COMPAT
