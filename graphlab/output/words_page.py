"""The words of the course as a page of its site: each with its sentence and the part it is from."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence

from graphlab.course import glossary, outline
from graphlab.output.index import INDEX, page_name
from graphlab.output.plain_page import inline, plain_page


def words_page(lessons: Sequence[outline.Lesson], there: Collection[str]) -> str:
    """Its text; `there` are the parts that have a page to link to."""
    titles = {part.name: part.title for lesson in lessons for part in lesson.parts}

    def row(word: glossary.Word, name: str, told: str) -> str:
        place = f"{word.part}  {inline(titles[word.part])}"
        if word.part in there:
            place = f'<a href="{page_name(word.part)}">{place}</a>'
        return (
            f'<tr id="{html.escape(word.name.replace(" ", "-"))}"><th scope="row">{name}</th>'
            f'<td class="told">{told}<small>{place}</small></td></tr>\n'
        )

    words = "".join(
        row(word, html.escape(word.name), f"{inline(word.sentence)}<br>")
        for word in glossary.words(lessons)
    )
    names = "".join(
        row(name, f"<code>{_breakable(name.name)}</code>", "") for name in glossary.names(lessons)
    )
    return plain_page(
        "The words of the course",
        f'<p><a rel="up" href="{INDEX}">The course</a></p>\n<h1>The words of the course</h1>\n'
        f"{_table(words)}<h2>Names of TensorFlow</h2>\n{_table(names)}",
    )


def _breakable(name: str) -> str:
    """A name that goes on below behind a sign, where it is too long for a phone."""
    return html.escape(name).replace("_", "_<wbr>").replace(".", ".<wbr>")


def _table(rows: str) -> str:
    return f'<div class="scrolled words"><table>\n<tbody>\n{rows}</tbody>\n</table></div>\n'
