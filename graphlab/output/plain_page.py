"""Pages of plain HTML that run and load nothing: the index of the course, and its words."""

from __future__ import annotations

import html

from graphlab.screen.prose import MARKED
from visualize.page.html import STATIC, policy


def plain_page(title: str, body: str) -> str:
    """The text of a page; the body is HTML."""
    style = (STATIC / "index.css").read_text(encoding="utf-8")
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy([], style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="graphlab">
<meta name="color-scheme" content="light dark">
<title>{html.escape(title)}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}</main>
</body>
</html>
"""


def paragraphs(text: str) -> str:
    """The paragraphs of a text as HTML."""
    blocks = (" ".join(block.split()) for block in text.strip().split("\n\n"))
    return "\n".join(f"<p>{inline(block)}</p>" for block in blocks)


def inline(text: str) -> str:
    """A text as HTML, with its `code` and *titles*, by the rules of the terminal."""
    told = []
    for piece in MARKED.split(text):
        tag = "code" if piece[:1] == "`" else "strong" if piece[:2] == "**" else "em"
        marks = 2 if tag == "strong" else 1
        if MARKED.fullmatch(piece):
            told.append(f"<{tag}>{html.escape(piece[marks:-marks])}</{tag}>")
        else:
            told.append(html.escape(piece))
    return "".join(told)
