"""JSON as it stands in files of Keras, with texts that can be written."""

from __future__ import annotations

import json
import re
from typing import Any

_HALF = re.compile(r"[\ud800-\udfff]")


def loads(data: bytes | str) -> Any:
    r"""The value, as `json.loads` has it; half a surrogate pair becomes what JSON wrote for it.

    >>> loads('["a\\ud83db"]') == ["a\\ud83db"]
    True

    ValueError where it is no JSON, RecursionError where it is nested too deeply.
    """
    if isinstance(data, bytes):
        data = data.decode(json.detect_encoding(data), "surrogatepass")
    value = json.loads(data)
    return _whole(value) if "\\u" in data or _HALF.search(data) else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_whole(each) for each in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(each) for key, each in value.items()}
    return value
