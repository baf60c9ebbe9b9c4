"""One offline page: a document of plain data and its viewer as a single HTML file.

page({"title": "x", "graphs": [graph_columns(graph)], "runs": []})

The file needs no network and no server. Its content policy lets only the scripts and the style
that are part of it run: each is named by its hash. The document is gzipped JSON in base64, a data
block that no browser executes; whatever text is in it, the viewer shows as text. Graphviz and the
viewer are packed likewise: a few lines that are not unpack them, and the policy knows their texts.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import html
import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from visualize.layout.viz import viz
from visualize.words import printable

STATIC = Path(__file__).parent / "static"
LOAD = "load.js"  # unpacks the others
ENTRY = "main.js"
COMPARE = "compare/start.js"  # in its place, of a comparison
LIVE = "live/start.js"  # besides, and run later, where the page executes what it draws
EXECUTED = ("live", "knobs")  # of a document: what that wants
PACKED = 'type="application/x-gzip-base64"'
LEVEL = 6  # of gzip: the 9th takes three times as long, for a file that is a few hundredths smaller
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.\.?/[a-z_/]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (async function|function|const|class) (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Link:
    """A way to another page of the same folder."""

    rel: str  # "prev", "next", "up", "glossary" or "related"
    href: str  # a file's name
    text: str


def page(document: Mapping[str, Any], links: Sequence[Link] = ()) -> str:
    """The text of an HTML file that shows the document, under a line of links to other pages.

    `title`; `graphs` of `graph_columns`; `runs` of `runs_columns`; where there are any, `stages`,
    `lesson`, and `live`, a call with all its numbers, which the page then executes itself, and
    `knobs`, panels beside the pictures of a lesson, each with such a call.
    Of a comparison: `title`; two `sides`, each a document of that form; `comparison`, as
    `graphlab.output.comparison` and `structure` make it. The same document gives the same text.
    ValueError: something in it is no JSON.
    """
    # What is drawn does not wait for what it is executed with: that is read afterwards.
    later = {key: value for key, value in document.items() if key in EXECUTED}
    drawn = {key: value for key, value in document.items() if key not in EXECUTED}
    style = (STATIC / "style.css").read_text(encoding="utf-8")
    entry = COMPARE if "comparison" in document else ENTRY
    scripts = [viz(), viewer(entry), *([viewer(LIVE)] if later else [])]
    load = viewer(LOAD)
    filled = {
        "policy": policy([*scripts, load], style),
        "title": html.escape(printable(str(document.get("title", "graph"))[:200], newlines=False)),
        "style": style,
        "links": navigation(links),
        "viz": _packed_script(scripts[0]),
        "viewer": _packed_script(scripts[1]),
        "live": _block("live", _packed_script(scripts[2])) if later else "",
        "load": load,
        "data": _packed(_json(drawn)),
        "later": _block("later", _packed(_json(later))) if later else "",
    }
    template = (STATIC / "template.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: filled[match[1]], template)


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _block(name: str, packed: str) -> str:
    """A data block of what a live page has more than another."""
    return f'<script id="{name}" {PACKED}>{packed}</script>\n'


def _packed(text: str) -> str:
    """A text as `unpack.js` reads it."""
    # Half a character, for which UTF-8 has no bytes, is written as JSON writes it.
    data = gzip.compress(text.encode("utf-8", "backslashreplace"), LEVEL, mtime=0)
    return base64.b64encode(data).decode()


_packed_script = functools.cache(_packed)  # the same ones for every page


def navigation(links: Sequence[Link]) -> str:
    """The links as HTML, in their order; "" where there are none."""
    told = (
        f'<a rel="{link.rel}" href="{html.escape(quote(link.href, safe="#"))}">'
        f"{html.escape(link.text)}</a>"
        for link in links
    )
    return f'<nav aria-label="Course">{"".join(told)}</nav>\n' if links else ""


def policy(scripts: list[str], style: str) -> str:
    """The content policy: nothing is loaded, only these texts run, no name becomes a script.

    Pictures are those that the document holds: as images no script in them would run.
    """
    allowed = " ".join(f"'{_hash(script)}'" for script in scripts)
    run = f"script-src {allowed} 'wasm-unsafe-eval'; " if scripts else ""
    return (
        f"default-src 'none'; {run}"
        f"style-src '{_hash(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@functools.cache
def viewer(*entries: str) -> str:
    """The modules of `static/` as one script: a page from disk cannot import files beside it.

    Each module becomes a function that gives what it exports; those it imports come first. Only
    what the entries want is in it.
    ValueError: modules that import one another in a circle, or a line break in an import.
    """
    done: dict[str, str] = {}
    underway: list[str] = []

    def add(name: str) -> None:
        if name in done:
            return
        if name in underway:
            raise ValueError(f"{name} imports itself, by way of {underway[-1]}")
        underway.append(name)
        text = (STATIC / name).read_text(encoding="utf-8")
        for _, imported in _IMPORT.findall(text):
            add(_beside(name, imported))
        done[name] = _wrapped(name, text)
        underway.remove(name)

    for entry in entries:
        add(entry)
    # In braces: a page has two such scripts or three, and names of theirs alike.
    return "\n".join(['"use strict"; {', *done.values(), "}"])


def _wrapped(name: str, text: str) -> str:
    exported = [match[2] for match in _EXPORT.finditer(text)]
    body = _IMPORT.sub(
        lambda m: f"const {{{m[1].replace(' as ', ': ')}}} = {_variable(_beside(name, m[2]))};\n",
        text,
    )
    body = _EXPORT.sub(r"\1 \2", body)
    if re.search(r"^(import|export)\b", body, re.MULTILINE):
        raise ValueError(f"{name}: an import or export that is not on one line, or has no name")
    return (
        f"const {_variable(name)} = (() => {{ // {name}\n{body}"
        f"return {{ {', '.join(exported)} }};\n}})();"
    )


def _beside(name: str, imported: str) -> str:
    """The module that another one means by a path: `"replay/facts.js"`, from `static/`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), imported))


def _variable(name: str) -> str:
    return "module_" + name.removesuffix(".js").replace("/", "_")
