"""`python -m benchmarks gpu` and the README's table of it. There is no GPU here: that there is one
is pretended, and what should run on it runs on the CPU."""

import importlib.util
import json
from pathlib import Path

import pytest
from recorded_gpu import session_run

from benchmarks import Row, gpu, observed, recorded
from graphlab import devices, observe
from graphlab.course import doctor, outline, run, ways

ROOT = Path(__file__).parents[1]
CARD = {"device": "GPU:0", "name": "a card", "driver": "580", "TF32": "off"}


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """What `measure` gives of two parts, one of which fails, and the file that it writes."""
    here = {"GPU:0": "CPU:0", "CPU:0": "CPU:0"}
    run_part, run_way, calls = run.run_part, ways.run_way, []

    def on_cpu(part, chosen, device, *rest):
        calls.append((part.name, device))
        if part.name == "1.2":
            raise ValueError("no such kernel\nand more")
        return run_part(part, chosen, here[device], *rest)

    def way_on_cpu(module, way, device, *rest, **named):
        return run_way(module, way, here[device], *rest, **named)

    loaded = []
    load = outline.load
    monkeypatch.setattr(outline, "load", lambda part: loaded.append(part.name) or load(part))
    few = [part for part in outline.lessons()[1].parts if part.name in ("1.1", "1.2")]
    lesson = type("Lesson", (), {"parts": few})
    monkeypatch.setattr(outline, "lessons", lambda: [lesson])
    monkeypatch.setattr(outline, "find", lambda name, find=outline.find: FOUND[name])
    monkeypatch.setattr(devices, "available", lambda: ["CPU:0", "GPU:0"])
    monkeypatch.setattr(devices, "gpu_facts", lambda: [CARD])
    monkeypatch.setattr(devices, "is_gpu", lambda device: False)  # nothing is asked of it
    monkeypatch.setattr(run, "run_part", on_cpu)
    monkeypatch.setattr(ways, "run_way", way_on_cpu)
    monkeypatch.setattr(gpu, "_bare", lambda m, s, d, bare=gpu._bare: bare(m, s, here[d]))
    monkeypatch.setattr(gpu, "TOLD", tmp_path / "gpu.json")
    monkeypatch.setattr(gpu, "STEPS", 9)
    monkeypatch.setattr(gpu, "ROUNDS", 1)
    monkeypatch.setattr(recorded, "measure", lambda: [Row("recorded", "9 µs", "8 µs", 1.1, 1.3)])
    steps = [Row("small", "9 µs", "8 µs", 1.1, 1.05), Row("medium", "2 ms", "1 ms", 1.1, 1.05)]
    monkeypatch.setattr(observed, "measure", lambda: steps)
    return list(gpu.measure()), json.loads(gpu.TOLD.read_text()), calls, loaded


FOUND = {"4.6": outline.find("4.6")}


def test_what_a_gpu_did_is_measured_and_written_also_where_a_part_fails(measured, capsys):
    rows, told, calls, loaded = measured
    assert calls == [("1.1", "GPU:0"), ("1.1", "CPU:0"), ("1.2", "GPU:0")]
    assert loaded[:2] == ["1.1", "1.2"]  # one may ask for devices, before anything runs
    assert [(each.what, each.wanted) for each in rows[-4:]] == [
        ("4.6:graph, steady step on GPU:0, by itself, wall", 1.05),
        ("recorded, GPU:0", 1.3),
        ("small, GPU:0", None),
        ("medium, GPU:0", 1.03),
    ]
    assert told["card"] == CARD
    first, second = told["parts"]
    assert (first["part"], first["ok"], list(first["ways"])) == (
        "1.1",
        True,
        ["graph", "eager", "function"],
    )
    assert second["complaints"] == ["1.2: ValueError: no such kernel"]


def test_without_a_gpu_nothing_is_measured(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(devices, "available", lambda: ["CPU:0"])
    monkeypatch.setattr(devices, "no_gpu", lambda: "no driver")
    monkeypatch.setattr(gpu, "TOLD", tmp_path / "gpu.json")
    assert list(gpu.measure()) == []
    assert "no GPU here (no driver): nothing is measured" in capsys.readouterr().out
    assert not gpu.TOLD.exists()


def test_the_share_of_computing_is_that_of_the_main_run(monkeypatch):
    from graphlab.course import report

    part = outline.find("1.1")[0]
    done = run.run_part(part, ("eager",), "CPU:0", None, lambda *_: None)
    recording = session_run("session_train_5")
    monkeypatch.setattr(report, "main_run", lambda result: recording)
    assert gpu.told(done)["ways"]["eager"]["share_computing"] == 0.0258


def make():
    spec = importlib.util.spec_from_file_location("make", ROOT / "docs" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_shows_the_table_of_a_gpu_or_says_that_there_is_none(monkeypatch, tmp_path):
    docs = make()
    monkeypatch.setattr(docs, "ON_GPU", tmp_path / "gpu.json")
    assert docs.gpu().startswith("No row is of a GPU: there was none to be had.")
    ways_told = {
        "graph": {"steady_ms": 1.234, "share_computing": 0.0258},
        "eager": {"steady_ms": None, "share_computing": None},
    }
    parts = [
        {"part": "1.1", "ok": True, "agreement": "bit-equal", "drift": "", "ways": ways_told},
        {"part": "1.2", "ok": False, "complaints": ["1.2: broken"], "ways": {}},
    ]
    told = {"card": CARD, "date": "2026-12-01", "versions": {"tensorflow": "2.21"}}
    docs.ON_GPU.write_text(json.dumps(told | {"parts": parts}))
    assert docs.gpu().splitlines()[2:] == [
        "| 1.1 | holds | bit-equal | graph 1.23 ms | graph 2.6% |",
        "| 1.2 | 1.2: broken |  |  |  |",
        "",
        "Measured on a card: driver 580, TensorFlow 2.21, 2026-12-01.",
    ]


def test_the_doctor_tries_what_it_tries_on_the_first_gpu(monkeypatch):
    """CPU:1 is taken for it: what ran, ran there, and each line says so."""
    monkeypatch.setattr(doctor.devices, "is_gpu", lambda device: device == "CPU:1")
    tried = [check for name, check in doctor.CHECKS.items() if "drawing" not in name]
    with observe() as seen:
        said = [check() for check in tried]
    assert [text.rpartition(" on ")[2] for text in said] == ["CPU:1"] * 6
    ran: dict[str, set[str]] = {}
    for step in (step for each in seen.runs for step in each.steps):
        ran.setdefault(step.op, set()).add(step.device)
    assert (ran["MatMul"], ran["Conv2D"]) == ({"CPU:1"}, {"CPU:1"})
