"""The README promises nothing that does not run."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_generated_parts_are_fresh():
    code = (
        "import make\nraise SystemExit(any(make.generated(p) != p.read_text() for p in make.PARTS))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "docs")
    assert done.returncode == 0, "a text is stale: make docs"


def test_the_example_runs_and_shows_the_matmul():
    (block,) = re.findall(r"^```python\n(.*?)^```$", README, flags=re.S | re.M)
    done = subprocess.run(
        [sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("model ['ReadVariableOp', ")
    assert "MatMul" in done.stdout


def test_every_picture_and_file_it_links_to_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert "docs/lesson.svg" in links
    assert [link for link in links if not (ROOT / link).exists()] == []
