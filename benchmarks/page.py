"""From a page that is opened to its first drawing, and from a model's file, in Chromium.

    python -m benchmarks page               a live page against one that is not
    python -m benchmarks page LARGE.pb...   against TensorBoard and Netron

Ours is all of `graphlab render --html` and the page until its first boxes. TensorBoard's is its
server, started on an event file of the same graph, and its page until its first boxes; Netron's
is its server on the same file, and its page until its first nodes. Wants playwright's Python
client, a Chromium, and for Netron `pip install netron`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import Cost, Row, in_turns, process, row

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATH = os.environ.get("PATH", "")
PATIENCE = 180  # seconds
ROUNDS = 3
OPENED = 15  # times that each of two pages is opened
# In the page, by its own clock: milliseconds from the navigation to the frame with the first box.
FIRST = """new MutationObserver((_, seen) => {
    if (!document.querySelector(".box:not(.frame)")) return;
    seen.disconnect();
    requestAnimationFrame((now) => (globalThis.firstDrawn = now));
}).observe(document, { childList: true, subtree: true })"""
FRAME = "new Promise((done) => requestAnimationFrame(done))"
OURS = ".box:not(.frame)"
TENSORBOARD = "g.nodeshape"
NETRON = "g.node"


@dataclass(frozen=True)
class Seen(Cost):
    """What one side took: `wall` in all, of it the page, and until there is a page to open.

    A viewer that is a server has no page but the drawn one: its `file` is all that it took.
    """

    page: float = 0.0
    file: float = 0.0


def measure() -> Iterator[Row]:
    """Lesson 2.4's page that executes what it draws, by turns with the page that does not."""
    if CHROMIUM is None:
        print("benchmarks.page: no Chromium is installed", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        live, still = (Path(folder) / name for name in ("live.html", "still.html"))
        process("-m", "graphlab", "step", "2.4", "--html", str(live), "--live")
        process("-m", "graphlab", "step", "2.4", "--html", str(still))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def opened(file: Path) -> Seen:
            context = browser.new_context(viewport={"width": 1400, "height": 900})
            page = context.new_page()
            page.add_init_script(FIRST)
            page.goto(file.as_uri(), wait_until="commit")
            page.wait_for_selector("html[data-ready]", timeout=PATIENCE * 1000)
            took = page.evaluate(f"async () => {{ await {FRAME}; return firstDrawn; }}") / 1000
            context.close()
            return Seen(took, 0.0, 0.0, took)

        opened(live), opened(still)  # the browser's own start is nobody's
        pairs = in_turns(lambda: opened(live), lambda: opened(still), OPENED)
        yield row("2.4: opened to first drawing, live : not live", pairs, "page", 1.05)
        browser.close()


def measure_files(paths: Sequence[Path]) -> Iterator[Row]:
    """Both others by turns with ours, for each file; a line on stderr for what cannot be had."""
    if CHROMIUM is None:
        print("benchmarks.page: no Chromium is installed", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for path in paths:
            with tempfile.TemporaryDirectory() as folder:
                yield from _beside_tensorboard(browser, path, Path(folder))
                yield from _beside_netron(browser, path, Path(folder))
        browser.close()


def _beside_tensorboard(browser: Any, model: Path, folder: Path) -> Iterator[Row]:
    logs = event_file(model, folder)
    if logs is None:
        print(f"benchmarks.page: {model.name} is no GraphDef for TensorBoard", file=sys.stderr)
        return
    pairs = in_turns(lambda: ours(browser, model, folder), lambda: theirs(browser, logs), ROUNDS)
    yield row(f"{model.name}: to our file, to TensorBoard's drawing", pairs, "file", 0.333)
    yield row(f"{model.name}: opened to first drawing", pairs, "page", 0.333)
    yield row(f"{model.name}: all, file to first drawing", pairs, "wall", None)


def _beside_netron(browser: Any, model: Path, folder: Path) -> Iterator[Row]:
    """One round where Netron is not done in time: the ratio is at most what is told."""
    program = shutil.which("netron", path=f"{Path(sys.executable).parent}{os.pathsep}{PATH}")
    if program is None:
        print("benchmarks.page: no Netron beside it; pip install netron", file=sys.stderr)
        return
    what = f"{model.name}: all, Netron's server and page"
    first = netron(browser, program, model)
    if first is None:
        took = ours(browser, model, folder).wall
        yield Row(what, f"{took:.2f} s", f"> {PATIENCE} s", took / PATIENCE)
        return
    pairs = [(ours(browser, model, folder), first)]
    for _ in range(ROUNDS - 1):
        again = netron(browser, program, model)
        pairs += [(ours(browser, model, folder), again)] if again else []
    yield row(what, pairs, "wall", None)


def ours(browser: Any, model: Path, folder: Path) -> Seen:
    """Our command, then our page."""
    file = folder / "page.html"
    made = process("-m", "graphlab", "render", str(model), "--html", str(file))
    page = drawn(browser, f"file://{file}", OURS)
    return Seen(made.wall + page, 0.0, 0.0, page, made.wall)


def theirs(browser: Any, logs: Path) -> Seen:
    """TensorBoard's server until it tells of the graph, then its page."""
    command = (sys.executable, "-m", "tensorboard.main", "--logdir", str(logs))
    with _serving(*command, "--port") as (port, started):
        _wait_for(f"http://localhost:{port}/data/plugin/graphs/info", b"true")
        up = time.perf_counter() - started
        page = drawn(browser, f"http://localhost:{port}/#graphs", TENSORBOARD)
    return Seen(up + page, 0.0, 0.0, page, up + page)


def netron(browser: Any, program: str, model: Path) -> Seen | None:
    """Netron's server until it answers, then its page; None where nothing is drawn in time."""
    from playwright.sync_api import TimeoutError

    with _serving(program, str(model), "--port") as (port, started):
        _wait_for(f"http://localhost:{port}/", b"")
        up = time.perf_counter() - started
        try:
            page = drawn(browser, f"http://localhost:{port}/", NETRON)
        except TimeoutError:
            return None
    return Seen(up + page, 0.0, 0.0, page, up + page)


@contextlib.contextmanager
def _serving(*command: str) -> Iterator[tuple[int, float]]:
    """A server on a free port, which is added to its command, and when it was started."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    server = subprocess.Popen(
        [*command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield port, started
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, word: bytes) -> None:
    """Until the server says a word. TimeoutError where it never does."""
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        try:
            with urllib.request.urlopen(address) as answer:
                if word in answer.read():
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{address} does not answer as expected after {PATIENCE} s")


def drawn(browser: Any, address: str, boxes: str) -> float:
    """Seconds from opening a page until the first box of a graph is visible in it."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    if address.startswith("http"):  # Netron asks once, and waits for the answer
        context.add_cookies([{"name": "consent", "value": "1", "url": address}])
    page = context.new_page()
    started = time.perf_counter()
    try:
        page.goto(address, wait_until="commit")
        page.locator(boxes).first.wait_for(state="visible", timeout=PATIENCE * 1000)
        return time.perf_counter() - started
    finally:
        context.close()


def event_file(model: Path, folder: Path) -> Path | None:
    """A folder of logs with the model's GraphDef in it; None where the file is none."""
    from graphlab.output import events
    from graphlab.sources import messages

    try:
        graph_def = messages.parse(messages.GraphDef, model.read_bytes())
    except messages.DecodeError:
        return None
    logs = folder / "logs"
    logs.mkdir()
    (logs / events.FILE).write_bytes(events.event_file(graph_def, {}))
    return logs
