"""The stepper's screen: what ran, what is ready, what is live, and a line to type into.

A key is a command of `graphlab.walk.commands`; one that needs more text begins the line. All
that is done is done by `graphlab.walk.stepper`; here it is only shown.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, RichLog, Static

from graphlab.errors import GraphlabError
from graphlab.walk import lit
from graphlab.walk import panels as screen
from graphlab.walk.commands import COMMANDS
from graphlab.walk.completion import completed
from graphlab.walk.stepper import Reply, Stepper

WIDE = 100  # columns from which there is room for two panes side by side
TALL = 32  # rows from which there is room for the source below the op
KEYS = "s op  n line  B N back  c go on  i into  o over  r out  : type  h help  q quit"
KEYS_DO = ("press", "type")
LINE_DOES = ("leave_line",)
PATIENCE_S = 0.3  # what takes longer goes on beside the screen, and can be stopped
LOOK_S = 0.1  # how often its step is shown meanwhile
ALSO = {"forward": "right,space,f", "back": "left,backspace", "help": "question_mark"}
LEAST_LOG = 3  # lines of an answer that always stay below the panes


class _Work(threading.Thread):
    """A line that is being done. It can be asked to stop at the next step."""

    def __init__(self, stepper: Stepper, line: str) -> None:
        super().__init__(daemon=True)
        self.stepper = stepper
        self.line = line
        self.asked_to_stop = False
        self.reply = Reply()
        self.error: BaseException | None = None

    def run(self) -> None:
        self.stepper.heed = lambda number: self.asked_to_stop
        try:
            self.reply = self.stepper.do(self.line)
        except GraphlabError as error:
            said = (Text(str(error), "red"),)
            self.reply = Reply(said, question="again" if self.stepper.guesses.waiting else "")
        except BaseException as error:  # the screen's thread is the one to raise it
            self.error = error


class Page(ModalScreen[None]):
    """An answer that has no room below the panes: it can be scrolled, and goes by any other key."""

    CSS = """
    Page { background: $background; }
    #page { padding: 0 1; scrollbar-size-vertical: 1; }
    #how { height: 1; color: $text-muted; padding: 0 1; }
    """
    SCROLLS = ("up", "down", "pageup", "pagedown", "home", "end", "space")

    def __init__(self, said: list[RenderableType]) -> None:
        super().__init__()
        self.said = said

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page"):
            yield Static(Group(*self.said))
        yield Static("arrows and space scroll; any other key goes back", id="how", markup=False)

    def on_mount(self) -> None:
        self.query_one("#page").focus()

    def on_key(self, event: events.Key) -> None:
        """Scroll, or leave."""
        event.stop()
        if event.key == "space":
            self.query_one("#page", VerticalScroll).scroll_page_down(animate=False)
        elif event.key not in self.SCROLLS:
            self.dismiss()


class StepApp(App[None]):
    """A stepper in a terminal."""

    ENABLE_COMMAND_PALETTE = False
    # With priority: a key does its work before the next one is looked at, so that what is typed
    # quickly behind a colon is not taken for commands.
    BINDINGS: ClassVar = [
        *(
            Binding(
                f"{c.key},{ALSO[c.name]}" if c.name in ALSO else c.key,
                f"press('{c.name}')",
                priority=True,
            )
            for c in COMMANDS
        ),
        Binding("colon,slash", "type", priority=True),
        Binding("escape", "leave_line", priority=True),
        Binding("ctrl+c", "stop", priority=True),
        Binding("up", "remember(-1)", priority=True),
        Binding("down", "remember(1)", priority=True),
        Binding("tab,shift+tab", "complete", priority=True),
    ]
    CSS = """
    #title, #keys { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    #title { background: $primary-background; text-style: bold; }
    #panes { height: 2fr; }
    #op { width: 3fr; padding: 0 1; scrollbar-size-vertical: 1; }
    #side { width: 2fr; border-left: solid $primary-background; padding: 0 1; }
    #side VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; }
    #side #living { height: auto; max-height: 66%; margin-top: 1; }
    #log { height: 1fr; min-height: 6; border-top: solid $primary-background; padding: 0 1;
           scrollbar-size-vertical: 1; background: $background; }
    #line { border: none; height: 1; padding: 0 1; background: $surface; }
    #keys { color: $text-muted; padding: 0 1; }
    .narrow #side { display: none; }
    """

    def __init__(self, stepper: Stepper, title: str, notes: list[str]) -> None:
        super().__init__()
        self.stepper = stepper
        self.target = title
        self.notes = notes
        self.work: _Work | None = None  # what goes on beside the screen
        self.typed: list[str] = []  # the lines so far
        self.by_line = False  # whether a line of the program led here
        self.at = 0  # which of them is in the line; their number: a new one

    def compose(self) -> ComposeResult:
        yield Static(id="title")
        with Horizontal(id="panes"):
            with VerticalScroll(id="op"):
                yield Static(id="moment")
            with Vertical(id="side"):
                with VerticalScroll():
                    yield Static(id="ready")
                with VerticalScroll(id="living"):
                    yield Static(id="live")
        yield RichLog(id="log", wrap=True, min_width=0)
        yield Input(
            id="line",
            placeholder="a command, or its key; h: help; Tab completes",
            select_on_focus=False,
        )
        yield Static(KEYS, id="keys", markup=False)

    def on_mount(self) -> None:
        """The first moment, and what must be said beforehand."""
        self.query_one("#log").can_focus = False
        self._to_keys()
        self._say(*(Text(note, "dim") for note in self.notes))
        self._refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Two panes where there is room."""
        self.set_class(event.size.width < WIDE, "narrow")
        self._refresh()  # of what was revealed last, also while something goes on

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """While a line is typed, a letter is a letter; Escape ends the line."""
        if isinstance(self.screen, Page):  # it has keys of its own
            return False
        if self.work is not None or action == "stop":  # then nothing else can be done
            return self.work is not None and action in ("stop", "quit")
        typing = self.focused is not None and self.focused.id == "line"
        return action not in (KEYS_DO if typing else LINE_DOES)

    def action_press(self, name: str) -> None:
        """Do a command, or begin the line of one that needs more text."""
        command = next(command for command in COMMANDS if command.name == name)
        if command.asks:
            self._type(f"{name} ")
        else:
            self._do(name)

    def action_type(self) -> None:
        """Begin an empty line."""
        self._type("")

    def action_remember(self, way: int) -> None:
        """Put an earlier line, or a later one, into the line."""
        self.at = min(max(self.at + way, 0), len(self.typed))
        self._type(self.typed[self.at] if self.at < len(self.typed) else "")

    def action_complete(self) -> None:
        """Go on with a typed word where it can only go on in one way; keys stay where they are."""
        line, stepper = self.query_one(Input), self.stepper
        if self.focused is line:
            self._type(completed(line.value, stepper.walk.graph, stepper.guesses.waiting))

    def action_leave_line(self) -> None:
        """Back to the keys; what was asked is asked no more."""
        self.query_one(Input).clear()
        self.stepper.leave_question()
        self._to_keys()
        self._refresh()

    def action_stop(self) -> None:
        """End a long motion after the step that it is at."""
        if self.work is not None:
            self.work.asked_to_stop = True

    def on_unmount(self) -> None:
        """What goes on beside the screen ends with it."""
        self.action_stop()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do what was typed; an empty line goes back to the keys, or passes a question by."""
        line = event.value.strip()
        event.input.clear()
        if line and self.typed[-1:] != [line]:
            self.typed.append(line)
        self.at = len(self.typed)
        if line or self.stepper.guesses.waiting:
            self._do(line)
        else:
            self._to_keys()

    def _to_keys(self) -> None:
        self.screen.set_focus(self.query_one("#op"))

    def _type(self, text: str) -> None:
        line = self.query_one(Input)
        line.value = text
        line.cursor_position = len(text)
        self.screen.set_focus(line)  # at once: what is typed next belongs there

    def _do(self, line: str) -> None:
        work = _Work(self.stepper, line)
        work.start()
        work.join(PATIENCE_S)
        if work.is_alive():
            self.work = work
            self._to_keys()
            self._look_in()
        else:
            self._done(work)

    def _look_in(self) -> None:
        """Show how far the work is, until it is done."""
        work, keys = self.work, self.query_one("#keys", Static)
        assert work is not None
        if work.is_alive():
            asked = "stopping" if work.asked_to_stop else "Ctrl-C stops"
            keys.update(f"{work.line}: step {self.stepper.walk.number:,}  {asked}")
            self.set_timer(LOOK_S, self._look_in)
        else:
            self.work = None
            keys.update(KEYS)
            self._done(work)

    def _done(self, work: _Work) -> None:
        reply = work.reply
        if work.error is not None:
            raise work.error
        if reply.said:  # a motion alone is seen above
            self._say(Text(f"> {work.line or 'skip'}", "bold"), *reply.said)
        if reply.done:
            self.exit()
        if reply.moved:
            self.by_line = reply.by_line
            self._refresh()
        if reply.question:
            self._type("")
        else:
            self._to_keys()

    def _say(self, *said: RenderableType) -> None:
        log = self.query_one(RichLog)
        room = max(log.size.height, LEAST_LOG)
        tall = [each for each in said if not isinstance(each, Text)]
        if tall and self._height(said) > room:
            self.push_screen(Page(list(said)))
            return
        for each in said:
            log.write(each, expand=True)

    def _height(self, said: Sequence[RenderableType]) -> int:
        options = self.console.options.update(width=max(self.size.width - 3, 20))
        return len(self.console.render_lines(Group(*said), options))

    def _refresh(self) -> None:
        stepper, view = self.stepper, self.stepper.view
        about = f" {self.target}  {screen.call_text(stepper.run)}"
        narrow = self.has_class("narrow")
        self.query_one("#title", Static).update(Content(about))
        guessing = stepper.guessing
        shown = [screen.moment(view, guessing) if narrow else screen.op(view)]
        if view.source is not None:
            around = lit.AROUND if self.size.height >= TALL else 0
            line = stepper.lit(around)
            shown = [line, Text(), *shown] if self.by_line else [*shown, Text(), line]
        self.query_one("#moment", Static).update(Group(*shown))
        self.query_one("#op").scroll_home(animate=False)
        ready = Text(f"Ready next: {len(view.ready)}", "bold")
        listed = Text(screen.GUESS, "dim") if guessing else screen.ready(view, 30)
        self.query_one("#ready", Static).update(Group(ready, listed))
        live = Text(f"Live: {screen.live_line(view)}", "bold")
        self.query_one("#live", Static).update(Group(live, screen.live(view, 30)))
