"""Check that a wheel holds all that graphlab needs, and no other top-level name.

python docs/wheel.py build/wheel/graphlab-0.1.0-py3-none-any.whl
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("graphlab", "lessons", "visualize")


def complaints(wheel: Path) -> list[str]:
    """What is wrong with the wheel, one line each."""
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    told = [f"{top} is a top-level name that should not be there" for top in tops - set(PACKAGES)]
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*")):
            name = file.relative_to(ROOT).as_posix()
            if file.is_file() and "__pycache__" not in name and name not in names:
                told.append(f"{name} is missing")
    return told


if __name__ == "__main__":
    found = [line for path in sys.argv[1:] for line in complaints(Path(path))]
    if not sys.argv[1:]:
        found = ["name the wheel to check"]
    for line in found:
        print(f"wheel: {line}", file=sys.stderr)
    sys.exit(1 if found else 0)
