"""The page says of an op that it ran in a fused kernel: where it is looked at, and in the text."""

from __future__ import annotations

import pytest

from graphlab import devices, stages
from graphlab.output import drawings, pages
from graphlab.targets.run import watch
from graphlab.targets.target import parse
from tests.browser.test_accessible import violations
from tests.test_fusions_said import PROGRAM, SAID


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    path = tmp_path_factory.mktemp("fused") / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return watch(parse(str(path)), devices.prepare("CPU:0"), None, values=True)


BECAME = """name => {
    const { bench } = graphlab;
    const box = bench.scene.boxes.find((each) => each.item.body.name[each.item.id] === name);
    bench.go(box.item);
    const terms = [...document.querySelectorAll(".details dt")];
    const term = terms.find((dt) => dt.textContent === "became");
    return term ? term.nextElementSibling.textContent : "";
}"""


@pytest.mark.parametrize("values_first", [True, False], ids=["with values", "as it ran"])
@pytest.mark.parametrize("whole", [True, False], ids=["all stages", "two stages"])
def test_the_panel_has_the_words_of_the_picture(opened, watched, values_first, whole):
    found = drawings.stages_of(watched) if whole else ()
    view = opened(pages.page_of_watched(watched, found, values_first))
    assert stages.fusions(watched.main) == SAID
    for name, words in SAID.items():
        assert view.evaluate(BECAME, name).startswith(words)
    assert "remapper" not in view.evaluate(BECAME, "x")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_the_text_view_has_them_too(opened, watched, width):
    view = opened(pages.page_of_watched(watched), viewport={"width": width, "height": 900})
    view.keyboard.press("t")
    view.wait_for_selector(".textview tbody tr")
    rows = view.locator(".textview tbody tr").all()
    said = {row.locator("th").inner_text(): row.locator("td").last.inner_text() for row in rows}
    assert {name: words for name, words in said.items() if words} == SAID
    assert violations(view) == []
