"""A headless Chromium without a network. Where CI=true it must be there; elsewhere its tests say
why they are skipped."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)


@pytest.fixture(scope="package")  # while it is open, its event loop is everybody's
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    lacks = "playwright" if sync_playwright is None else "" if CHROMIUM else "chromium"
    if lacks and os.environ.get("CI") == "true":
        pytest.fail(f"{lacks} is not installed, and CI must have it")
    if lacks:
        pytest.skip(f"{lacks} is not installed: pip install playwright, apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def opened(browser, tmp_path: Path):
    """Opens the text of a page from disk, with the network off. Whatever the page complains of,
    or asks the network for, fails the test at its end."""
    complaints: list[str] = []
    contexts = []

    def open_page(text: str, fragment: str = "", **options):
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(text, encoding="utf-8", errors="surrogatepass")
        context = browser.new_context(
            offline=True, **{"viewport": {"width": 1400, "height": 900}, **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.on(
            "request",
            lambda asked: asked.url.startswith("file:") or complaints.append(asked.url),
        )
        page.goto(file.as_uri() + fragment)
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
