"""Weights in several HDF5 files, with the `.weights.json` that says which file holds what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from graphlab.errors import GraphlabError, shown
from graphlab.sources.keras import hdf5

MOST_SHARDS = 200  # files; each is read in a process of its own


def is_index(value: Any) -> bool:
    """Whether JSON is the index of a model's shards."""
    return isinstance(value, dict) and isinstance(value.get("weight_map"), dict)


def contents(path: Path, index: Any) -> hdf5.Contents:
    """What is in all shards beside the index. GraphlabError where one is missing or elsewhere."""
    listed = [each if isinstance(each, list) else [each] for each in index["weight_map"].values()]
    names = dict.fromkeys(str(name) for each in listed for name in each)
    if len(names) > MOST_SHARDS:
        raise GraphlabError(f"{path} lists {len(names):,} shards; {MOST_SHARDS} are the most")
    whole = hdf5.Contents(None, None, (), {}, None, False)
    for name in names:
        shard = path.with_name(name) if name and "/" not in name and "\\" not in name else path
        if shard == path or not shard.is_file():
            raise GraphlabError(f"{path} lists the shard {shown(name)}, which is not beside it")
        found = hdf5.contents(shard)
        whole = replace(
            whole,
            arrays=whole.arrays + found.arrays,
            names={**whole.names, **found.names},
            more=whole.more or found.more,
        )
    return whole
