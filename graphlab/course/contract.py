"""The contract of a lesson part, kept like a kind editor: what is lacking, and what to do.

    for complaint in complaints(part):
        print(complaint)

The part is read, never imported; whether the ways agree is for `graphlab.course.ways` to say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from graphlab.course import constructs, quiz
from graphlab.course.outline import REQUIRED, WAYS, Part, parse

STANDARD = ("collections", "functools", "itertools", "math", "re", "tempfile")
IMPORTS = ("tensorflow", "numpy", "graphlab.lesson", *STANDARD)
DATA = ("fashion-mnist", "iob")  # the kinds of data that a reader may give
MOST_LINES = 150
MORE_LINES = 50  # for a fourth way, for figures, and for questions
MOST_COLUMNS = 76
PROSE_WORDS = (60, 250)


def complaints(part: Part) -> list[str]:
    """What the part lacks of the contract, in the order of its file; empty: nothing.

    GraphlabError where the file is no Python.
    """
    text = part.path.read_text(encoding="utf-8")
    tree = parse(part.path)
    where = f"{part.path.parent.name}/{part.path.name}"
    checks = (
        _docstring(part),
        _length(text, part),
        _imports(tree),
        _data(tree, text),
        _ways(part),
        _loops(tree),
        _columns(tree, text),
        _claims(tree),
        _questions(tree),
        _figures(tree),
        constructs.too_early(part.name, tree),
    )
    return [f"{where}: {complaint}" for check in checks for complaint in check]


def _docstring(part: Part) -> Iterator[str]:
    if not part.title:
        yield (
            f'the docstring must begin with "Lesson {part.name}: " and the title as a phrase; '
            "the prose follows after an empty line"
        )
    few, many = PROSE_WORDS
    words = len(part.prose.split())
    if words < few:
        yield (
            f"the prose has {words} words; tell the idea, the shapes and what to look for "
            f"in {few} to {many}"
        )
    if words > many:
        yield f"the prose has {words} words; keep one idea, in at most {many}"


def _length(text: str, part: Part) -> Iterator[str]:
    lines = len(text.splitlines())
    has = [bool(re.search(rf"^def {name}", text, re.MULTILINE)) for name in (r"figures\(", "quiz_")]
    most = MOST_LINES + MORE_LINES * (("keras" in part.ways) + sum(has))
    if lines >= most:
        yield f"it has {lines} lines; stay under {most}, or make two parts of it"


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        else:
            continue
        for name in names:
            if name not in IMPORTS:
                yield (
                    f"line {node.lineno} imports {name}; a part is plain TensorFlow to copy out, "
                    f"so use only {', '.join(IMPORTS)}"
                )


def _data(tree: ast.Module, text: str) -> Iterator[str]:
    lines = text.splitlines()
    assigned = {
        target.id: node
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if "CASES" not in assigned and "cases" not in functions:
        yield "give the steps to run: CASES, a list, or cases(seed=0) where anything is drawn"
    if "cases" in functions and ast.unparse(functions["cases"].args) != "seed=0":
        yield "write cases as `def cases(seed=0)`, so that --seed changes all that is drawn"
    for prefix in ("", "KERAS_") if "keras" in functions else ("",):
        names = [f"{prefix}RTOL", f"{prefix}ATOL"]
        for name in names:
            if name not in assigned:
                yield f"state {name}, and in a comment why; 0.0 where the ways are bit-equal"
        tolerances = [assigned[name] for name in names if name in assigned]
        if tolerances and not any(_has_comment(lines, node.lineno - 1) for node in tolerances):
            yield f"say in a comment at {' or '.join(names)} why the tolerance is what it is"
    for name in ("ON_GPU", "KERAS_ON_GPU"):
        if name in assigned and not _has_comment(lines, assigned[name].lineno - 1):
            yield f"say in a comment at {name} why the part promises less on a GPU"
    if "DATA" in assigned and ast.unparse(assigned["DATA"].value).strip("'") not in DATA:
        yield f"DATA names what --data may replace: one of {', '.join(DATA)}"
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) and _calls_tensorflow(node):
            yield (
                f"line {node.lineno} calls TensorFlow while the part is imported, which puts an "
                "op in TF1's default graph; use NumPy there, or move it into the ways"
            )


def _has_comment(lines: list[str], row: int) -> bool:
    return "#" in lines[row] or (row > 0 and lines[row - 1].startswith("#"))


def _calls_tensorflow(node: ast.AST) -> bool:
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            root = call.func
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in ("tf", "tf1", "tensorflow"):
                return True
    return False


def _ways(part: Part) -> Iterator[str]:
    for way in REQUIRED:
        if way not in part.ways:
            yield f"write the way {way}(cases, device); a part shows all of {', '.join(REQUIRED)}"
    for way, text in part.ways.items():
        if text.signature != "(cases, device)":
            yield f"{way}{text.signature}: give all ways one signature, (cases, device)"
        lines = len(text.prose.splitlines())
        if not 2 <= lines <= 6:
            yield (
                f"the comment above {way} has {lines} lines; in 2 to 6 say what differs here, "
                "and what it means when TF1 code is ported"
            )
    titles = {
        way: [section.title for section in text.sections if section.title]
        for way, text in part.ways.items()
    }
    first = next(iter(titles), "")
    for way, sections in titles.items():
        if not sections:
            yield f"{way} has no sections; put a line such as `# inputs` above each"
        elif way == "keras":
            lacking = [title for title in titles[first] if title in sections]
            if sections != lacking:
                yield (
                    f"keras has the sections {', '.join(sections)}; give it some of those "
                    f"of {first} ({', '.join(titles[first])}) in their order, so that the columns "
                    "align"
                )
        elif sections != titles[first]:
            yield (
                f"{way} has the sections {', '.join(sections)}, and {first} has "
                f"{', '.join(titles[first])}; give both the same in the same order, so that "
                "the columns align"
            )


def _loops(tree: ast.Module) -> Iterator[str]:
    for way in _functions(tree):
        if way.name not in WAYS:
            continue
        loops = sum(
            isinstance(node, ast.For | ast.comprehension)
            and any(isinstance(n, ast.Name) and n.id == "cases" for n in ast.walk(node.iter))
            for node in ast.walk(way)
        )
        if loops != 1:
            yield (
                f"{way.name} goes over cases {loops} times; go once, `for case in cases:`, as "
                "each case is one step that is counted and timed"
            )


def _columns(tree: ast.Module, text: str) -> Iterator[str]:
    lines = text.splitlines()
    for way in _functions(tree):
        if way.name not in WAYS:
            continue
        for row in range(way.lineno - 1, way.end_lineno or way.lineno):
            if len(lines[row]) > MOST_COLUMNS:
                yield (
                    f"line {row + 1} is {len(lines[row])} columns wide; break it at "
                    f"{MOST_COLUMNS}, so that the ways fit side by side"
                )
            if re.match(r"\s*# [a-z]+( [a-z]+){2,}\.?$", lines[row]):
                yield (
                    f"line {row + 1}: begin the comment with a capital letter, or make it a "
                    "section of one or two words"
                )


def _claims(tree: ast.Module) -> Iterator[str]:
    claims = [f for f in _functions(tree) if f.name.startswith("claim_")]
    if not claims:
        yield "claim something: a function claim_... whose docstring is printed once it holds"
    elif not any(_uses(claim, "raises") for claim in claims):
        yield ("show one failure: a claim with `with raises(kind, match=...)` from graphlab.lesson")
    for claim in claims:
        if not ast.get_docstring(claim):
            yield f"{claim.name}: give it a docstring, one or two sentences for the reader"
        if ast.unparse(claim.args) not in ("", "results", "runs"):
            yield f"{claim.name}: a claim takes nothing, or exactly one of `results` and `runs`"
        if not _uses(claim, "raises") and not any(
            isinstance(node, ast.Assert) for node in ast.walk(claim)
        ):
            yield f"{claim.name}: assert something, as it cannot fail now"


def _questions(tree: ast.Module) -> Iterator[str]:
    for function in _functions(tree):
        if not function.name.startswith(quiz.PREFIX):
            continue
        asked = quiz.read(function)
        if not asked.text.endswith("?"):
            yield f"{function.name}: let its docstring begin with a paragraph that asks, to a `?`"
        if not asked.why.endswith("."):
            yield f"{function.name}: say in the last paragraph of its docstring why, in a sentence"
        if len(asked.choices) == 1:
            yield f"{function.name}: give two choices or more, each a line `- ...`, or none"
        if ast.unparse(function.args):
            yield f"{function.name}: a question takes nothing; use CASES, cases() and the ways"
        found = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
        runs = any(isinstance(node, ast.Call) for node in ast.walk(function))
        if not found or not runs or (len(found) == 1 and isinstance(found[0], ast.Constant)):
            yield f"{function.name}: return what running something gives, never a typed answer"


def _figures(tree: ast.Module) -> Iterator[str]:
    for function in _functions(tree):
        if function.name == "figures" and ast.unparse(function.args) != "results":
            yield "write figures as `def figures(results)`: it gets the results of one way"


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in tree.body if isinstance(node, ast.FunctionDef))


def _uses(node: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))
