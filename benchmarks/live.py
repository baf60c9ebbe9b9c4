"""A number that is changed in the live page of lesson 2.4, until its values are redrawn.

Ours is the median of the changes of one variable, theirs the time within which it is to be done.
Wants playwright's Python client and a Chromium.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import Row, process

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WANTED_MS = 50.0
# Milliseconds from each of 21 inputs to the frame after which it is on the screen.
CHANGES = """what => new Promise((done) => {
    const [choice, input] = ["select", ".number"].map((name) =>
        document.querySelector(`.live-row ${name}`));
    choice.value = [...choice.options].findIndex((each) => each.textContent === what);
    choice.dispatchEvent(new Event("change"));
    const took = [];
    function change() {
        if (took.length === 21) return done(took);
        const began = performance.now();
        input.value = String(took.length / 100 + 0.1);
        input.dispatchEvent(new Event("input"));
        requestAnimationFrame(() => setTimeout(() => {
            took.push(performance.now() - began);
            change();
        }));
    }
    change();
})"""


def measure() -> Iterator[Row]:
    """A row for each variable; a line on stderr where there is no Chromium."""
    if CHROMIUM is None:
        print("benchmarks.live: no Chromium is installed", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "live.html"
        process("-m", "graphlab", "step", "2.4", "--html", str(file), "--live")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready]")
        for name in ("W", "b"):
            took = statistics.median(page.evaluate(CHANGES, f"variable {name}"))
            what = f"2.4: a number of {name} changed, to the redrawn values"
            yield Row(what, f"{took:.1f} ms", f"{WANTED_MS:.0f} ms", took / WANTED_MS, 1.0)
        browser.close()
