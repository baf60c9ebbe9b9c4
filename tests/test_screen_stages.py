"""What the terminal says of stages, verdicts, transfers and bad numbers."""

import io

from rich.console import Console

from graphlab.model import Graph, Node
from graphlab.screen import stages as screen
from graphlab.stages import Stage, Transfer, Verdict
from graphlab.watch.nonfinite import Bad, Summary

GRAPH = Graph((Node("mm", "MatMul"), Node("y", "Relu"), Node("idle", "NoOp")))
TOLD = {
    "mm": Verdict("fused into", "y", "structure: with y"),
    "y": Verdict("rewritten as", "y", "exact name", "_FusedMatMul"),
    "idle": Verdict("not needed", "", "no path to what was fetched"),
}


def shown(*renderables):
    console = Console(file=io.StringIO(), width=110)
    for one in renderables:
        console.print(one)
    return [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]


def test_every_op_that_changed_is_told_with_the_evidence_and_the_others_are_counted():
    lines = shown(*screen.verdicts(GRAPH, TOLD, 110))
    assert lines[0] == "3 ops built: 1 not needed, 1 fused into, 1 rewritten as"
    rows = [[cell for cell in line.split("  ") if cell] for line in lines[-2:]]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["mm", "MatMul", "fused into y", "structure: with y"],
        ["y", "Relu", "rewritten as _FusedMatMul", "exact name"],
    ]
    assert "idle" not in " ".join(lines)


def test_a_stage_is_told_by_what_it_did_and_passes_that_did_nothing_share_a_line():
    same = {name: Verdict("stays", name, "exact name") for name in TOLD}
    names = ["built", "remap", "shape", "loop"]
    found = [Stage(name, GRAPH, TOLD if name == "built" else same) for name in names]
    lines = shown(screen.stages(found))
    assert lines[-3].split() == ["built", "3", "·"]
    assert lines[-2].split(maxsplit=2) == [
        "remap",
        "3",
        "1 not needed, 1 fused into, 1 rewritten as",
    ]
    assert lines[-1].split() == "2 passes changed nothing shape, loop".split()


def test_a_transfer_of_unknown_size_says_so():
    sent = [
        Transfer("W:0", "CPU:0", "CPU:1", None, "s", "r"),
        Transfer("b:0", "CPU:1", "CPU:0", 4096, "s", "r", 3),
    ]
    lines = shown(screen.transfers(sent))
    assert lines[-2].split() == ["W:0", "CPU:0", "CPU:1", "not", "known", "1"]
    assert lines[-1].split() == ["b:0", "CPU:1", "CPU:0", "4,096", "3"]
    assert shown(screen.transfers([])) == ["nothing went from one device to another"]


def test_the_first_bad_number_is_told_with_its_line_and_its_inputs():
    taken = Summary("x:0", "float32", (2,), -1.0, 2.0, 0.5)
    output = Summary("log:0", "float32", (2,), 0.7, 0.7, 0.7, 1)
    found = Bad("log", "Log", ("m.py", 7), "log:0", "NaN", (taken,), output, ("sum", "y"), 2)
    assert shown(*screen.bad(found)) == [
        "the first NaN came out of log (Log), step 3",
        "made at m.py:7",
        "  gave log:0 [2] float32, all 0.7, 1 NaN",
        "  took x:0 [2] float32, from -1 to 2, mean 0.5",
        "  2 ops depend on it: sum, y",
    ]
    assert shown(*screen.bad(None)) == ["no NaN and no Inf: every recorded number is finite"]
