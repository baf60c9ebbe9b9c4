"""Make what the README shows from the real output of graphlab.

python docs/make.py           write the pictures and the README's generated parts
python docs/make.py --check   exit 1 where a generated part or a picture is stale

Nothing in them changes from run to run: all must be equal to the byte.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
NUMBERS = DOCS / "course.json"  # made by `make course`, which takes its time
ON_GPU = DOCS / "gpu.json"  # made by `python -m benchmarks gpu` where there is one
LESSON = DOCS / "lesson.svg"
GRAPHS = {"graph.svg": "1.4:graph", "training.svg": "2.3:graph"}
COMMANDS = (
    "",
    *"lessons lesson course render trace step info compare".split(),
    *"migrate port exercise check doctor".split(),
)
WIDTH = 100


def help_text(command: str) -> str:
    """`graphlab COMMAND --help`, as a terminal of 92 columns prints it."""
    from click import Context

    from graphlab.cli import graphlab

    parent = Context(graphlab, info_name="graphlab") if command else None
    shown = graphlab.get_command(parent, command) if parent else graphlab
    context = Context(shown, info_name=command or "graphlab", parent=parent, max_content_width=92)
    context.terminal_width = 92
    return "\n".join(line.rstrip() for line in shown.get_help(context).splitlines())


def commands() -> str:
    """The help of every command, one block each."""
    blocks = (f"```console\n$ graphlab {c} --help\n{help_text(c)}\n```" for c in COMMANDS)
    return "\n\n".join(blocks).replace("graphlab  --help", "graphlab --help")


def course() -> str:
    """A row for each part of each lesson, with what `make course` measured of it."""
    from graphlab.course.outline import lessons

    told = json.loads(NUMBERS.read_text(encoding="utf-8")) if NUMBERS.exists() else {"parts": []}
    measured = {part["part"]: part for part in told["parts"]}
    rows = [
        "| part | what it is about | measured | asked | seconds a way |",
        "|---|---|---|---|---|",
    ]
    for lesson in lessons():
        about = " ".join(lesson.about.split())
        rows.append(f"| **{lesson.number}** | **{lesson.title}**: {about} | | | |")
        for part in lesson.parts:
            numbers = measured.get(part.name)
            cells = _measured(numbers) if numbers else "| not yet | | |"
            rows.append(f"| {part.name} | {part.title} {cells}")
    if "versions" in told:
        of = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
        cut = f" The first {told['steps']} steps of each part." if told["steps"] else ""
        rows += ["", f"Measured on {told['device']} with {of}; the seconds include recording.{cut}"]
    return "\n".join(rows)


def _measured(part: dict) -> str:
    """The cells of a part: the number of every way, once where it is the same in all of them."""
    values: dict[str, list[str]] = {}
    for way, numbers in part["ways"].items():
        value = numbers["value"]
        if value is not None:
            values.setdefault(value if isinstance(value, str) else f"{value:.4g}", []).append(way)
    several = len(values) > 1
    told = "; ".join(f"{v} ({', '.join(ways)})" if several else v for v, ways in values.items())
    number = f"{part['measure']} {told}" if told else ""
    seconds = ", ".join(f"{way} {numbers['seconds']:.3g}" for way, numbers in part["ways"].items())
    return f"| {number} | {part['goal']} | {seconds} |"


def gpu() -> str:
    """A row for each part and way as a GPU ran it; where none has, that none has."""
    if not ON_GPU.exists():
        return (
            "No row is of a GPU: there was none to be had. `python -m benchmarks gpu` adds a table."
        )
    told = json.loads(ON_GPU.read_text(encoding="utf-8"))
    rows = [
        "| part | on the GPU | agreement | steady step | GPU computing |",
        "|---|---|---|---|---|",
    ]
    for part in told["parts"]:
        holds = "holds" if part["ok"] else "; ".join(part["complaints"]) or "does not hold"
        said = ". ".join(filter(None, [part.get("agreement"), part.get("drift")]))
        ways = part["ways"].items()
        steps = [f"{w} {n['steady_ms']:.3g} ms" for w, n in ways if n["steady_ms"] is not None]
        shares = [f"{w} {s:.1%}" for w, n in ways if (s := n["share_computing"]) is not None]
        cells = (part["part"], holds, said, ", ".join(steps), ", ".join(shares))
        rows.append(f"| {' | '.join(cell.replace('|', ' ') for cell in cells)} |")
    card, of = told["card"], told["versions"]
    facts = f"driver {card['driver']}, TensorFlow {of['tensorflow']}, {told['date']}"
    return "\n".join([*rows, "", f"Measured on {card['name']}: {facts}."])


def rooms() -> str:
    """The rooms of the house, from the table that tests/test_layers.py holds the code to."""
    sys.path.insert(0, str(ROOT / "tests"))
    import test_layers as layers

    rows = ["| room | what it does | what it may import of ours |", "|---|---|---|"]
    for name, row in layers.ROOMS.items():
        path = layers.MODULES[name]
        place = path.parent if path.name == "__init__.py" else path
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        about = " ".join(text.partition("\n\n")[0].split())
        end = "/" if place.is_dir() else ""
        rows.append(
            f"| `{place.relative_to(ROOT).as_posix()}{end}` | {about} | {row or 'nothing'} |"
        )
    return "\n".join(rows)


PARTS = {
    README: {"commands": commands, "course": course, "gpu": gpu},
    CONTRIBUTING: {"rooms": rooms},
}


def generated(path: Path) -> str:
    """A text with its generated parts made anew."""
    text = path.read_text(encoding="utf-8")
    for name, make in PARTS[path].items():
        pattern = rf"(<!-- {name}: made by make docs -->\n).*?(<!-- end of {name} -->)"
        fresh = make()
        text, count = re.subn(
            pattern,
            lambda found, fresh=fresh: f"{found[1]}\n{fresh}\n\n{found[2]}",
            text,
            flags=re.S,
        )
        if count != 1:
            raise SystemExit(f"{path.name} has {count} places for {name!r}; expected one")
    return text


def graph_picture(target: str) -> bytes:
    """A part's graph as `graphlab render PART --plain -o FILE.svg` draws it."""
    from graphlab.output import drawings
    from graphlab.targets import run
    from graphlab.targets.target import parse

    watched = run.watch(parse(target), "CPU:0", None)
    graph, seen = drawings.stage_of(watched, "built")
    return drawings.graph_file(graph, seen, "svg", drawings.View(plain=True))


def lesson_picture(number: str) -> str:
    """What `graphlab lesson` prints for a part, as rich exports its console."""
    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console

    from graphlab.course import outline as reader
    from graphlab.course.run import run_part
    from graphlab.screen import brief, excerpt

    (part,) = reader.find(number)
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True,
        color_system="truecolor", markup=False, emoji=False, highlight=False,
    )  # fmt: skip
    report = run_part(part, reader.ways_of(part), "CPU:0", None, lambda *_: None)
    above = excerpt.before(part, WIDTH, reader.ways_of(part))
    for each in (*above, *brief.after(report, WIDTH)):
        console.print(each)
    # rich's template asks a font server for its font; the reader's own monospace will do.
    template = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.S)
    title = f"graphlab lesson {number}"
    return console.export_svg(title=title, unique_id="lesson", code_format=template)


def main() -> int:
    """Write everything, or with --check say what is stale; the exit code."""
    from graphlab.startup import start_tensorflow

    # With oneDNN the processor decides what is fused, and so of which tensors a run tells shapes.
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
    start_tensorflow()
    stale = []
    made = {path: generated(path).encode() for path in PARTS}
    made |= {DOCS / name: graph_picture(target) for name, target in GRAPHS.items()}
    made[LESSON] = lesson_picture("1.3").encode()
    for path, data in made.items():
        if not path.exists() or path.read_bytes() != data:
            stale.append(path)
            if "--check" not in sys.argv:
                path.write_bytes(data)
    for path in stale:
        print(f"{'stale' if '--check' in sys.argv else 'wrote'}: {path.relative_to(ROOT)}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
