"""What a run of a session comes down to, taken down while a recorded call waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from graphlab import _private
from graphlab.watch.control import Control
from graphlab.watch.elements import elements


@dataclass
class Taken:
    """However it was written: tensors, operations and arrays."""

    ran: bool = False  # else all that was asked for was fed
    feeds: dict[str, np.ndarray] = field(default_factory=dict)
    drawn: dict[str, np.ndarray] = field(default_factory=dict)  # from queues, iterators; see KEPT
    results: dict[str, Any] = field(default_factory=dict)  # of the tensors fetched
    besides: tuple[str, ...] = ()  # tensors that only we fetched


class _Waiting(threading.local):
    """Where the next run of a thread is noted."""

    note: Taken | None = None


class Taking:
    """The wrapper around what all runs go through, there while a recorded call is made: the others
    would pass through it for nothing."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self._waiting = _Waiting()
        self._calls = 0  # that wait, on all threads
        self._method = ExitStack()  # open while any do

    @contextmanager
    def noted(self, note: Taken) -> Iterator[None]:
        """Note what a run of this thread comes down to."""
        with self.control.lock:
            if not self._calls:
                self._method.enter_context(_private.session_methods(_do_run=self._do_run))
            self._calls += 1
        self._waiting.note = note
        try:
            yield
        finally:
            self._waiting.note = None
            with self.control.lock:
                self._calls -= 1
                if not self._calls:
                    self._method.close()

    def _do_run(self, original: Callable) -> Callable:
        control, waiting = self.control, self._waiting

        def do_run(
            session: Any, handle: Any, targets: Any, fetches: Any, feeds: Any, *rest: Any
        ) -> Any:
            note = waiting.note
            if note is None:
                return original(session, handle, targets, fetches, feeds, *rest)
            waiting.note = None
            drawn: list[tf.Tensor] = []
            with control.guard():
                note.feeds = {key.deref().name: value for key, value in feeds.items()}
                if control.values:  # the program may change its arrays later
                    note.feeds = {name: np.array(value) for name, value in note.feeds.items()}
                    drawn = elements(session.graph, [*fetches, *targets], note.feeds)
            own = {tensor.name for tensor in fetches}
            besides = [tensor for tensor in drawn if tensor.name not in own]
            asked = [*fetches, *besides]
            results = original(session, handle, targets, asked, feeds, *rest)
            note.ran = True
            found = {each.name: value for each, value in zip(asked, results, strict=True)}
            note.results = {name: found[name] for name in own}
            note.drawn = {tensor.name: found[tensor.name] for tensor in drawn}
            note.besides = tuple(tensor.name for tensor in besides)
            return results[: len(fetches)]

        return do_run
