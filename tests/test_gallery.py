"""make gallery: what can be drawn is drawn, and what cannot is listed with what is wrong."""

import importlib
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from graphlab.course import outline

ROOT = Path(__file__).parents[1]
NODE = 'node { name: "%s" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }'


@pytest.fixture
def gallery(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    return importlib.import_module("gallery")


@pytest.fixture
def models(tmp_path):
    folder = tmp_path / "models"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "b c.pbtxt").write_text(NODE % "first")
    (folder / "a_b_c.pbtxt").write_text(NODE % "second")
    (folder / "broken.pb").write_bytes(b"\x0a\x7f\x00\x00")
    return folder


def test_models_that_can_be_read_are_drawn_and_a_broken_one_is_listed(gallery, models, tmp_path):
    entries = gallery.gallery((), models, tmp_path / "out")
    assert [(e.title, e.ops) for e in entries] == [
        ("a/b c.pbtxt", 1),
        ("a_b_c.pbtxt", 1),
        ("broken.pb", 0),
    ]
    assert ["broken.pb is no GraphDef" in entry.error for entry in entries] == [False, False, True]
    assert "first" in (tmp_path / "out" / entries[0].picture).read_text()
    assert "second" in (tmp_path / "out" / entries[1].picture).read_text()
    index = (tmp_path / "out" / "index.html").read_text()
    linked = {unquote(link) for link in re.findall(r'(?:href|src)="([^"]*)"', index)}
    assert linked == {path.name for path in (tmp_path / "out").iterdir()} - {"index.html"}
    assert "broken.pb is no GraphDef" in index


def test_what_is_in_a_saved_model_is_no_model_of_its_own(gallery, tmp_path):
    for name in ("m/saved_model.pb", "m/fingerprint.pb", "m/variables/variables.index", "n.h5"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert gallery.models(tmp_path) == [tmp_path / "m", tmp_path / "n.h5"]


def test_every_way_of_a_lesson_has_its_graph(gallery, tmp_path):
    (first,) = (lesson for lesson in outline.lessons() if lesson.number == 1)
    lesson = type(first)(1, first.title, first.about, first.parts[:1])
    page, *ways = gallery.gallery((lesson,), None, tmp_path)
    assert (tmp_path / page.page).read_text().startswith("<!DOCTYPE html>")
    assert [way.picture for way in ways] == [
        f"lesson-1.1-{way}.svg" for way in ("graph", "eager", "function")
    ]
    assert all("<svg" in (tmp_path / way.picture).read_text() for way in ways)


def test_a_name_is_text_in_the_index(gallery):
    text = gallery.index({"Models": [gallery.Entry('<script>"', "a#b.html", "a&b.svg")]})
    assert "<script" not in text
    assert 'href="a%23b.html"' in text
