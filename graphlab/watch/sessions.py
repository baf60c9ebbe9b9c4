"""What a program asks of its sessions: `Session.run` and its kin, timed, and some recorded."""

from __future__ import annotations

import functools
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import is_
from threading import get_ident
from types import CodeType, FrameType
from typing import Any

import tensorflow as tf

from graphlab import _private
from graphlab.engine.start import session_state
from graphlab.watch import request
from graphlab.watch.calls import Calls, Growth
from graphlab.watch.control import Control
from graphlab.watch.recording import SessionCall
from graphlab.watch.replay import Start, allows_soft_placement
from graphlab.watch.taking import Taken, Taking

tf1 = tf.compat.v1
MOST_KINDS = 64  # of requests that one line makes; a line that makes more is one kind
MOST_STRANGE = 16  # of them are recorded
MOST_KNOWN = 256  # requests of one line that are known again by their objects
LISTS = (list, tuple)


class Place:
    """One line of the user's code that calls sessions, on one thread."""

    def __init__(self, code: CodeType, frame: FrameType, thread: str) -> None:
        self.code = code  # kept alive, so that no other gets its id
        self.source = request.user_line(frame)
        self.thread = thread
        self.latest: Sequence[Any] = ()  # what was asked for last
        self.calls: Calls | None = None  # of that
        self.known: dict[Any, Calls] = {}  # by the identity of what was asked for
        self.named: dict[tuple[str, ...], Calls] = {}  # by its names, in whatever graph
        self.growth = Growth(self.source)
        self._graph: Callable[[], Any] = lambda: None
        self._session: Callable[[], Any] = lambda: None

    def again(self, session: Any, fetches: Any) -> Calls | None:
        """The calls of a request that is the same as the last, as nearly all are: to know it by its
        ids takes three times as long. None for another."""
        items = fetches if type(fetches) in LISTS else (fetches,)  # request.items, without a call
        last = self.latest
        if len(items) != len(last) or self._session() is not session:
            return None
        if not all(map(is_, items, last)):
            return None
        self.growth.at(session)
        return self.calls

    def on(self, session: Any) -> None:
        """Note a run of a session: ids of another graph's tensors mean nothing in its own."""
        graph = session.graph
        if self._graph() is not graph:
            self._graph = weakref.ref(graph)
            self.latest, self.calls = (), None
            self.known.clear()
            self.growth = Growth(self.source)
        self._session = weakref.ref(session)
        self.growth.at(session)


class Sessions:
    """The wrappers around a session's methods."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.places: dict[tuple[int, int, Any], Place] = {}
        self._taking = Taking(control)
        self._thread = control.thread

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Route every session's calls through here."""
        with _private.session_methods(
            run=self.run,
            make_callable=self.make_callable,
            partial_run=self.partial_run,
        ):
            yield

    def growing(self) -> list[str]:
        """A line for each place whose graph grows with the calls."""
        growths = [place.growth for place in self.places.values()]
        return [growth.text() for growth in growths if growth.steady]

    # The wrappers. Each makes the program's own call exactly once, outside of all guards.

    def run(self, original: Callable) -> Callable:
        """Around `Session.run`."""
        control, asked, now = self.control, self._asked, time.perf_counter
        ours = control.ours

        def run(
            session: Any,
            fetches: Any,
            feed_dict: Any = None,
            options: Any = None,
            run_metadata: Any = None,
        ) -> Any:
            calls, wanted = None, False
            if not (control.stopped or ours.reading):  # as `hears`, which takes as long again
                try:  # a guard of its own would take as long as all the rest
                    calls = asked(session, fetches, sys._getframe(1))
                    wanted = calls is not None and control.wanted(calls)
                    if options is not None:
                        self._make_way(options)
                except Exception as error:
                    control.fail(error)
            if calls is None or control.stopped:
                return original(session, fetches, feed_dict, options, run_metadata)
            if wanted:
                call = functools.partial(original, session, fetches, feed_dict)
                return self._recorded(session, call, calls, options, run_metadata)
            started = now()
            result = original(session, fetches, feed_dict, options, run_metadata)
            calls.took((now() - started) * 1e6)
            return result

        return run

    def make_callable(self, original: Callable) -> Callable:
        """Around `Session.make_callable`: its callable is watched, too."""
        control = self.control

        def make_callable(
            session: Any, fetches: Any, feed_list: Any = None, accept_options: bool = False
        ) -> Any:
            plain = original(session, fetches, feed_list, accept_options)
            if feed_list is not None or not control.hears():
                return plain  # with feeds it calls `run`
            traced = plain if accept_options else None
            with control.guard():
                traced = traced or original(session, fetches, None, True)

            def recorded(options: Any, run_metadata: Any) -> Any:
                return traced(options=options, run_metadata=run_metadata)

            def call(options: Any = None, run_metadata: Any = None) -> Any:
                calls, wanted = None, False
                if control.hears():
                    with control.guard():
                        calls = self._asked(session, fetches, sys._getframe(1), "make_callable")
                        wanted = calls is not None and control.wanted(calls)
                        self._make_way(options)
                given = {"options": options, "run_metadata": run_metadata} if accept_options else {}
                if calls is None or control.stopped:
                    return plain(**given)
                if wanted:
                    return self._recorded(session, recorded, calls, options, run_metadata)
                started = time.perf_counter()
                result = plain(**given)
                calls.took((time.perf_counter() - started) * 1e6)
                return result

            return call

        return make_callable

    def partial_run(self, original: Callable) -> Callable:
        """Around `Session.partial_run`, which takes no options: it can only be timed."""
        control = self.control

        def partial_run(session: Any, handle: Any, *args: Any, **kwargs: Any) -> Any:
            if not control.hears():
                return original(session, handle, *args, **kwargs)
            started = time.perf_counter()
            result = original(session, handle, *args, **kwargs)
            wall_us = (time.perf_counter() - started) * 1e6
            with control.guard():
                calls = self._kind(self._place(sys._getframe(1)), "Session.partial_run", ())
                calls.unrecorded = (
                    "a partial run takes no options, so the runtime tells nothing of it"
                )
                calls.took(wall_us)
            return result

        return partial_run

    # What they share

    def _asked(
        self, session: Any, fetches: Any, frame: FrameType, name: str = "Session.run"
    ) -> Calls | None:
        """The calls that this one is of; None where TensorFlow will refuse what it asks for."""
        # The number of a thread that has ended is given to another.
        thread = None if get_ident() == self._thread else threading.current_thread()
        # A code's hash takes longer to find.
        place = self.places.get((id(frame.f_code), frame.f_lasti, thread))
        if place is None:
            place = self._place(frame)
        calls = place.again(session, fetches)
        if calls is not None:
            return calls
        place.on(session)
        key = request.identity(fetches)
        calls = place.known.get(key)
        if calls is None:
            try:
                names = _private.asked_of_session(fetches, session.graph)
            except Exception:  # the program's own call will say what is wrong
                return None
            calls = self._kind(place, name, names)
            if len(place.known) >= MOST_KNOWN:
                place.known.clear()
            place.known[key] = calls
        items = request.items(fetches)
        if request.holds_none(items):
            place.latest, place.calls = tuple(items), calls
        return calls

    def _place(self, frame: FrameType) -> Place:
        """The user's line that a call comes from; where none is the user's, the caller."""
        own = request.user_frame(frame) or frame
        thread = None if self.control.here else threading.current_thread()
        key = (id(own.f_code), own.f_lasti, thread)
        place = self.places.get(key)
        if place is None:
            place = self.places[key] = Place(own.f_code, own, thread.name if thread else "")
        return place

    def _kind(self, place: Place, name: str, names: tuple[str, ...]) -> Calls:
        """The calls of a line that ask for this; those beyond MOST_KINDS are one kind."""
        if names not in place.named and len(place.named) >= MOST_KINDS:
            names = ()
        calls = place.named.get(names)
        if calls is None:
            calls = Calls("graph", name, place.source, place.thread, names)
            if len(place.named) >= MOST_STRANGE:
                calls.unrecorded = f"its line asked for {MOST_STRANGE} other things before"
            place.named[names] = calls
            with self.control.lock:
                self.control.seen.add(calls)
        return calls

    def _recorded(
        self, session: Any, call: Callable, calls: Calls, options: Any, run_metadata: Any
    ) -> Any:
        """The program's call, with a trace of it and what a replay needs."""
        control, metadata, taken = self.control, tf1.RunMetadata(), Taken()
        state: Any = {}
        with control.guard():
            if control.values:
                state = control.read(lambda: session_state(session))
            traced = _traced(options)
        if control.stopped:
            return call(options, run_metadata)
        with self._level(traced) as level:
            traced.trace_level = level
            with self._taking.noted(taken):
                started = time.perf_counter()
                result = call(traced, metadata)
                wall_us = (time.perf_counter() - started) * 1e6
        with control.guard():
            request.forget(metadata, taken.besides)
            number = calls.took(wall_us, recorded=True)
            recording = SessionCall(
                calls,
                number,
                control.step if control.here else 0,
                started,
                wall_us,
                session.graph,
                len(session.graph.get_operations()),
                request.specs(taken.feeds),
                calls.asked,
                metadata,
                _private.session_config(session),
            )
            if control.values and taken.ran:
                given = taken.feeds | taken.drawn
                found = given | taken.results  # what is fed and fetched never ran
                results = {name: found[name] for name in recording.fetches if name in found}
                soft = allows_soft_placement(session)
                recording.start = Start(
                    given, state, results, recording.fetches, soft_placement=soft
                )
            control.keep(calls, recording)
        if run_metadata is not None:
            run_metadata.CopyFrom(request.as_asked(metadata, options))
        return result

    def _make_way(self, options: Any) -> None:
        """Where the program itself asks for a full trace, that wants the one profiler."""
        if options is not None and options.trace_level > tf1.RunOptions.SOFTWARE_TRACE:
            self.control.windows.lend()

    @contextmanager
    def _level(self, options: Any) -> Iterator[int]:
        """The level of tracing that a call may have now.

        On a CPU a trace in software tells all there is to tell, and disturbs nobody. What a GPU
        did only a full one tells, of which TensorFlow allows one at a time, beside no profiler.
        """
        level = max(options.trace_level, tf1.RunOptions.SOFTWARE_TRACE)
        if level > tf1.RunOptions.SOFTWARE_TRACE or not _has_gpu():
            yield level
        elif _full_trace.acquire(blocking=False):
            try:
                self.control.windows.lend()
                yield tf1.RunOptions.FULL_TRACE if _private.profiler_is_free() else level
            finally:
                _full_trace.release()
        else:
            yield level


def _has_gpu() -> bool:
    return bool(tf.config.list_physical_devices("GPU"))


def _traced(options: Any) -> Any:
    """The options of a call that is recorded: the program's own, and what we want besides."""
    traced = tf1.RunOptions()
    if options is not None:
        traced.CopyFrom(options)
    traced.output_partition_graphs = True
    return traced


_full_trace = threading.Lock()
