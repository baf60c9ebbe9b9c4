"""A text on a terminal, a screen at a time."""

from __future__ import annotations

import io

import pytest
from rich.text import Text

from graphlab.commands.paging import Left, Paged
from graphlab.screen.console import Plain


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def shown(monkeypatch):
    """Eight lines of a screen, and what is pressed: a text of keys, taken one by one."""
    told, asked = Terminal(), Terminal()
    paged = Paged(Plain(told), Plain(asked), pause=True)
    paged.room = 8
    keys = []
    monkeypatch.setattr("click.getchar", lambda: keys.pop(0))
    return paged, keys, told, asked


def sections(*heights):
    return [Text("\n".join(f"{i}.{k}" for k in range(h))) for i, h in enumerate(heights)]


def test_sections_that_fit_are_shown_without_a_question(shown):
    paged, _, told, asked = shown
    paged.show(sections(3, 5))
    assert told.getvalue().count("\n") == 8
    assert asked.getvalue() == ""


def test_a_section_that_does_not_fit_waits_whole(shown):
    paged, keys, told, asked = shown
    keys += ["x", "\r"]
    paged.show(sections(5, 4))
    assert asked.getvalue().count("Enter: more.  q: leave.") == 1
    assert told.getvalue().endswith("1.0\n1.1\n1.2\n1.3\n")


def test_a_section_larger_than_the_screen_is_shown_in_pieces(shown):
    paged, keys, told, asked = shown
    keys += ["\r", " "]
    paged.show(sections(20))
    assert asked.getvalue().count("Enter") == 2
    assert told.getvalue().split() == [f"0.{k}" for k in range(20)]


@pytest.mark.parametrize(
    ("kind", "behind"), [("xterm", "\r\x1b[2K\x1b[1A"), ("dumb", "\n")], ids=["xterm", "dumb"]
)
def test_a_question_that_is_answered_does_not_stay_in_the_text(monkeypatch, kind, behind):
    """Enter that was pressed before it was asked left it standing between two lines of code."""
    monkeypatch.setenv("TERM", kind)
    asked = Terminal()
    paged = Paged(Plain(Terminal()), Plain(asked), pause=True)
    monkeypatch.setattr("click.getchar", lambda: "\r")
    paged.ask("more")
    assert "Enter: more.  q: leave." in asked.getvalue()
    assert asked.getvalue().endswith(behind)


@pytest.mark.parametrize("key", ["q", ""], ids=["q", "no terminal any more"])
def test_who_leaves_is_shown_nothing_more(shown, key):
    paged, keys, told, _ = shown
    keys += [key]
    with pytest.raises(Left):
        paged.show(sections(5, 4, 4))
    assert told.getvalue().split() == [f"0.{k}" for k in range(5)]


def test_what_is_begun_fills_the_screen_and_asks_only_when_it_goes_on(shown):
    paged, keys, told, asked = shown
    paged.begin(sections(5, 10, 2))
    assert (told.getvalue().count("\n"), asked.getvalue()) == (8, "")
    keys += ["\r", "\r"]
    paged.resume()
    whole = [f"{i}.{k}" for i, h in enumerate((5, 10, 2)) for k in range(h)]
    assert told.getvalue().split() == whole
    assert asked.getvalue().count("Enter") == 2


def test_without_a_pause_nothing_is_asked(shown):
    paged, _, told, asked = shown
    paged.pause = False
    paged.begin(sections(20))
    paged.show(sections(20))
    assert (told.getvalue().count("\n"), asked.getvalue()) == (40, "")
