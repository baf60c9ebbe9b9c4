"""A lesson as a notebook that has been executed: its prose, its ways in cells one can change.

    notebook = written(lesson, parts, Asked(seed=1))
    wrong = execute(notebook, lambda done, total: None)       # what cells raised

Needs nbformat, nbclient and ipykernel: pip install 'graphlab[notebook]'.
"""

from __future__ import annotations

import ast
import importlib.util
import itertools
import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphlab.course import outline, quiz, source
from graphlab.course.source import Piece
from graphlab.errors import GraphlabError

NEEDED = ("nbformat", "nbclient", "ipykernel")
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
LANGUAGE = {"name": "python"}
OPENING = """Run the cells from top to bottom. Then change a way, run its cell again and those below
it, and see whether the ways still agree. Parts use the same names: before you go back to an
earlier part, run that part's cells again."""

TOGETHER = """The results are those of the first way; of the others, the largest difference from it.
Where they disagree, the cell says which number is furthest off."""
DRAWN = "Of the first way that has built one: as written, before TensorFlow rewrites anything."
QUESTIONS = (
    "Predict first. The answers are folded: open the output under each cell, or run it anew."
)
CLAIMS = "Each is a sentence, and the code that proves it: where no error is shown, it holds."


@dataclass(frozen=True)
class Asked:
    """What of the lesson is to be run."""

    way: str | None = None  # only this one; None: all that a part has
    device: str = "CPU:0"
    seed: int | None = None
    steps: int | None = None  # only so many of each part; None: all
    tf32: bool = False  # of a GPU: whether it may round products of float32


def check_installed() -> None:
    """GraphlabError, with what to install, where a library for notebooks lacks."""
    lacking = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if lacking:
        raise GraphlabError(
            f"a notebook needs {', '.join(NEEDED)}, and there is no {' and no '.join(lacking)}; "
            "pip install 'graphlab[notebook]'"
        )


def written(lesson: outline.Lesson, parts: Sequence[outline.Part], asked: Asked) -> Any:
    """The notebook of some parts of a lesson, not executed.

    GraphlabError where the libraries for notebooks lack, or a part is not written in the way
    asked for.
    """
    check_installed()
    if asked.way == outline.XLA:
        raise GraphlabError(
            "a notebook has the ways as they are written, and xla is written nowhere; leave out"
            " --way xla, and in a cell of the notebook write tf.function(..., jit_compile=True)"
        )
    from nbformat import v4

    title = f"# Lesson {lesson.number}: {lesson.title}\n\n{lesson.about}\n\n{OPENING}"
    cells = [
        v4.new_markdown_cell(title, id="opening"),
        v4.new_code_cell("%load_ext graphlab", id="graphlab"),
    ]
    for part in parts:
        number = part.name.replace(".", "-")
        for name, kind, text in _part(part, asked):
            new = v4.new_markdown_cell if kind == "markdown" else v4.new_code_cell
            folded = {"jupyter": {"outputs_hidden": True}} if name.startswith(quiz.PREFIX) else {}
            cells.append(
                new(text, id=f"part-{number}-{name}"[:64].replace("_", "-"), metadata=folded)
            )
    return v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": LANGUAGE})


def execute(notebook: Any, on_cell: Callable[[int, int], None]) -> list[str]:
    """Execute the notebook in place, in a kernel of this Python.

    One line comes back for each cell that raised. `on_cell(done, of)` is called between cells.
    GraphlabError where the kernel dies.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import DeadKernelError

    client = NotebookClient(
        notebook,
        km=_kernel(),
        timeout=None,
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,  # a print arrives in one message or in two, as the kernel flushes
        extra_arguments=["--log-level=40"],  # it warns of its own sockets on this machine
    )
    try:
        with client.setup_kernel():
            for number, cell in enumerate(notebook.cells):
                on_cell(number, len(notebook.cells))
                client.execute_cell(cell, number)
    except DeadKernelError as error:
        raise GraphlabError(f"the notebook's kernel died: {error}; see: graphlab doctor") from error
    return [
        f"{cell.id}: {output.ename}: {output.evalue}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def text(notebook: Any) -> str:
    """The notebook as the text of its file."""
    import nbformat

    return nbformat.writes(notebook) + "\n"


def _kernel() -> Any:
    """A manager of kernels of this very Python, whatever kernels a user has registered."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(resource_dir="", **get_kernel_dict())

    return AsyncKernelManager(kernel_spec_manager=ThisPython())


def _part(part: outline.Part, asked: Asked) -> Iterator[tuple[str, str, str]]:
    """The cells of a part: a name, "markdown" or "code", and the text."""
    ways = outline.ways_of(part, asked.way)
    absent = set(part.ways) - set(ways)
    pieces = [piece for piece in _pieces(part) if piece.name not in part.ways or piece.name in ways]
    claims = [piece for piece in pieces if piece.name.startswith("claim_")]
    asked_at_the_end = [piece for piece in pieces if piece.name.startswith(quiz.PREFIX)]
    yield "prose", "markdown", f"## {part.name} {part.title}\n\n{part.prose}"
    yield "shared", "code", part.shared
    for number, piece in enumerate(pieces):
        if piece.name in ways:
            prose = part.ways[piece.name].prose
            yield f"{piece.name}-prose", "markdown", f"### {piece.name}\n\n{prose}"
            yield piece.name, "code", piece.code
        elif piece not in [*claims, *asked_at_the_end] and piece.name != "figures":
            yield f"code-{number}", "code", piece.code
    yield "run-prose", "markdown", f"### The ways together\n\n{TOGETHER}"
    yield "run", "code", _run(part, ways, asked)
    if ways != ("eager",):
        yield "drawn-prose", "markdown", f"### The graph\n\n{DRAWN}"
        yield "drawn", "code", "tried.picture"
    for piece in pieces:
        if piece.name == "figures" and ways != ("keras",):  # it may leave results out
            yield "figures-prose", "markdown", "### Figures"
            yield "figures", "code", f"{piece.code}\n\n\n{_figures(ways[0], asked)}"
    if claims:
        yield "claims", "markdown", f"### Claims\n\n{CLAIMS}"
    data = _data(part, asked)
    for number, claim in enumerate(claims, start=1):
        assert isinstance(claim.node, ast.FunctionDef)
        yield f"claim-{number}-prose", "markdown", ast.get_docstring(claim.node) or claim.name
        yield f"claim-{number}", "code", _claim(claim.code, claim.node, asked, data, absent)
    if asked_at_the_end:
        yield "quiz", "markdown", f"### Questions\n\n{QUESTIONS}"
    for number, piece in enumerate(asked_at_the_end, start=1):
        assert isinstance(piece.node, ast.FunctionDef)
        question = quiz.read(piece.node)
        choices = "".join(f"\n- {choice}" for choice in question.choices)
        yield f"quiz-{number}-prose", "markdown", f"{question.text}\n{choices}".strip()
        yield f"{quiz.PREFIX}{number}", "code", _question(piece.code, piece.node, absent)
        why = f"<details><summary>Why</summary>\n\n{question.why}\n\n</details>"
        yield f"quiz-{number}-why", "markdown", why


def _pieces(part: outline.Part) -> Iterator[Piece]:
    """What stands in the file below the shared code; without the comment blocks of the ways."""
    below = itertools.dropwhile(lambda piece: piece.name not in part.ways, source.pieces(part))
    for piece in below:
        lines = piece.code.splitlines()
        if piece.name in part.ways:
            lines = list(itertools.dropwhile(lambda line: line.startswith("#"), lines))
        yield replace(piece, code="\n".join(lines))


def _run(part: outline.Part, ways: Sequence[str], asked: Asked) -> str:
    """The cell that runs the ways and says whether they agree."""
    names = {getattr(node, "name", "") for node in outline.parse(part.path).body}
    options = [f"cases={_data(part, asked)}"]
    if "expected" in names:
        options.append("expected=expected")
    options += ["rtol=RTOL", "atol=ATOL"]
    if "keras" in ways and len(ways) > 1:
        options += ["keras_rtol=KERAS_RTOL", "keras_atol=KERAS_ATOL"]
    if not asked.device.startswith("CPU"):
        drifts = [name for name in ("ON_GPU", "KERAS_ON_GPU") if f"{name} = " in part.shared]
        options += [f"{name.lower()}={name}" for name in drifts]
    if asked.steps is not None:
        options.append(f"steps={asked.steps}")
    if asked.device != "CPU:0":
        options.append(f"device={asked.device!r}")
    if asked.tf32:
        options.append("tf32=True")
    arguments = textwrap.fill(
        ", ".join([*ways, *options]), 76, initial_indent="    ", subsequent_indent="    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return (
        f"from graphlab import run_ways\n\ntried = run_ways(\n{arguments},\n)\n"
        "print(tried)\nassert tried.ok, tried.complaint"
    )


def _data(part: outline.Part, asked: Asked) -> str:
    """What gives the part's cases."""
    names = {getattr(node, "name", "") for node in outline.parse(part.path).body}
    seed = "" if asked.seed is None else str(asked.seed)
    return f"cases({seed})" if "cases" in names else "CASES"


def _figures(way: str, asked: Asked) -> str:
    """The code that shows the figures; of some of the steps, those that can be drawn of so few."""
    code = (
        f'for figure in figures(tried.results["{way}"]).values():\n'
        "    display(figure)\n    print(figure.caption)"
    )
    if asked.steps is None:
        return code
    return (
        f"try:\n{textwrap.indent(code, '    ')}\n"
        "except (IndexError, KeyError, ValueError) as error:\n"
        f'    print("they show all steps, and {asked.steps} were run:", error)'
    )


def _claim(
    code: str, claim: ast.FunctionDef, asked: Asked, data: str, absent: Collection[str]
) -> str:
    """The code of a claim without its docstring, and the call.

    The call is only a comment where the claim speaks of all ways, and not all are run, or calls a
    way that is absent; where it speaks of all steps, it is made if there are no more than are run.
    """
    argument = ast.unparse(claim.args)
    call = f"{claim.name}({f'tried.{argument}' if argument else ''})"
    if argument and asked.way is not None:
        call = f"# It speaks of all ways and all their steps, so it is not checked here:\n# {call}"
    elif argument and asked.steps is not None:
        said = f"it speaks of all steps, and {asked.steps} were run, so it is not checked"
        call = f'if len({data}) <= {asked.steps}:\n    {call}\nelse:\n    print("{said}")'
    return _called(code, claim, call, absent)


def _question(code: str, question: ast.FunctionDef, absent: Collection[str]) -> str:
    """The code of a question without its docstring, and what prints the answer, as for a claim."""
    return _called(code, question, f"print({question.name}())", absent)


def _called(code: str, function: ast.FunctionDef, call: str, absent: Collection[str]) -> str:
    calls = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} & set(absent)
    if calls:
        call = f"# It calls {', '.join(sorted(calls))}, which was left out:\n# {call}"
    return f"{source.without_docstring(code, function)}\n\n\n{call}"
