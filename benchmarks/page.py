"""From a GraphDef's file to the first drawing in Chromium, against TensorBoard on the same file.

    python -m benchmarks.page LARGE.pb [ROUNDS]

Ours is all of `graphlab render --html` and the page until its first boxes; TensorBoard's is its
server, started on an event file of the same graph, and its page until its first boxes. Wants
playwright's Python client and a Chromium.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import HEADING, Cost, in_turns, process, row

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
PATIENCE = 180  # seconds
OURS = ".box:not(.frame)"
THEIRS = "g.nodeshape"


@dataclass(frozen=True)
class Seen(Cost):
    """What one side took: `wall` in all, of it the page, and until there is a page to open.

    TensorBoard has no page but the drawn one, so its `file` is all that it took.
    """

    page: float = 0.0
    file: float = 0.0


def ours(browser: Any, model: Path, folder: Path) -> Seen:
    """Our command, then our page."""
    file = folder / "page.html"
    made = process("-m", "graphlab", "render", str(model), "--html", str(file))
    page = drawn(browser, f"file://{file}", OURS)
    return Seen(made.wall + page, 0.0, 0.0, page, made.wall)


def theirs(browser: Any, logs: Path) -> Seen:
    """TensorBoard's server until it tells of the graph, then its page."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "tensorboard.main", "--logdir", str(logs), "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://localhost:{port}/data/plugin/graphs/info")
        up = time.perf_counter() - started
        page = drawn(browser, f"http://localhost:{port}/#graphs", THEIRS)
    finally:
        server.terminate()
        server.wait()
    return Seen(up + page, 0.0, 0.0, page, up + page)


def _wait_for(address: str) -> None:
    """Until the server knows of a graph. TimeoutError where it never does."""
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        try:
            with urllib.request.urlopen(address) as answer:
                if b"true" in answer.read():
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{address} tells of no graph after {PATIENCE} s")


def drawn(browser: Any, address: str, boxes: str) -> float:
    """Seconds from opening a page until the first box of a graph is visible in it."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(boxes).first.wait_for(state="visible", timeout=PATIENCE * 1000)
    took = time.perf_counter() - started
    context.close()
    return took


def event_file(model: Path, folder: Path) -> Path:
    """A folder of logs with the model's GraphDef in it."""
    from graphlab import events
    from graphlab.sources import messages

    logs = folder / "logs"
    logs.mkdir()
    graph_def = messages.parse(messages.GraphDef, model.read_bytes())
    (logs / events.FILE).write_bytes(events.event_file(graph_def, {}))
    return logs


def main(arguments: list[str]) -> int:
    """Measure both by turns and print the ratios; 2 where there is nothing to measure with."""
    from playwright.sync_api import sync_playwright

    if not arguments or CHROMIUM is None:
        print(__doc__ if CHROMIUM else "benchmarks.page: no chromium is installed", file=sys.stderr)
        return 2
    model = Path(arguments[0]).resolve()
    rounds = int(arguments[1]) if len(arguments) > 1 else 3
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        logs = event_file(model, folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        pairs = in_turns(
            lambda: ours(browser, model, folder), lambda: theirs(browser, logs), rounds
        )
        browser.close()
    print(HEADING)
    print(row(f"{model.name}: to our file, to their drawing", pairs, "file", 0.333))
    print(row(f"{model.name}: opened to first drawing", pairs, "page", 0.333))
    print(row(f"{model.name}: all, file to first drawing", pairs, "wall", None))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
