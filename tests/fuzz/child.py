"""The process in which cases are tried: a number comes in on stdin, a verdict goes out."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from .making import make, random_of
from .trying import verdict


def main(seed: int) -> None:
    """Try each case that is asked for, in a folder of its own."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever else is printed is no answer
    place = Path(tempfile.mkdtemp(prefix="fuzz-"))
    print(json.dumps(str(place)), file=answers)
    try:
        for asked in sys.stdin:
            case = int(asked)
            folder = place / str(case)
            folder.mkdir()
            random = random_of(seed, case)
            path, what = folder, ""
            try:
                path = make(folder, random)
                print(json.dumps([case, "", path.name]), file=answers)
                what = verdict(path, random)
            except Exception as error:
                what = f"WRONG the case could not be made: {error!r:.300}"
                print(json.dumps([case, "", "?"]), file=answers)
            finally:
                print(json.dumps([case, what, path.name]), file=answers)
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
