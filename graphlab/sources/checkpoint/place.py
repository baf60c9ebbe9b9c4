"""Where a checkpoint is: which files a prefix stands for, and which prefix a folder means.

A prefix is a path without an ending, `run/model.ckpt-100`; it may end in a slash, and then its
files are called `.index` and `.data-00000-of-00001`.
"""

from __future__ import annotations

import re
from pathlib import Path

from graphlab.errors import GraphlabError, shown
from graphlab.sources import messages, read
from graphlab.sources.checkpoint import bundle, leveldb, version1
from graphlab.sources.checkpoint.saved import Checkpoint

STATE = "checkpoint"  # the file in which a Saver says which checkpoint is the latest
_OF_ONE = (".index", ".meta")  # files of which a checkpoint has one
MOST_STATE = 4 << 20
_SHARD = re.compile(r"(.*)-(\d{5}|\?{5})-of-(\d{5})", re.DOTALL)
_DATA = re.compile(r"(.*)\.data-\d{5}-of-\d{5}", re.DOTALL)


def read_checkpoint(folder: Path, name: str) -> Checkpoint | None:
    """The checkpoint of that prefix, None where there is none. GraphlabError for a damaged one."""
    if read.is_file(folder / f"{name}.index"):
        return bundle.read_bundle(folder, name)
    prefix, files = _version1(folder, name)
    return version1.read_files(f"{folder}/{prefix}", files) if files else None


def _version1(folder: Path, name: str) -> tuple[str, list[Path]]:
    """The name by which a checkpoint of version 1 is restored, and its files.

    Of one in several files `name` is what they have in common, one of them, or their pattern.
    """
    shard = _SHARD.fullmatch(name)
    if name and not shard and is_version1(folder / name):
        return name, [folder / name]
    found = [
        (match, path)
        for path in sorted(folder.glob("*-of-*"))
        if (match := _SHARD.fullmatch(path.name)) and is_version1(path)
        if match[1] == (shard[1] if shard else name) and (not shard or match[3] == shard[3])
    ]
    if not found:
        return name, []
    match, _ = found[-1]
    return f"{match[1]}-?????-of-{match[3]}", [path for each, path in found if each[3] == match[3]]


def is_version1(path: Path) -> bool:
    """Whether it is a file that ends as a table does and has no ending that says what it is."""
    if path.suffix in (".index", ".py") or not read.is_file(path):
        return False
    size = read.size_of(path)
    return leveldb.is_table(read.part(path, max(size - leveldb.FOOTER, 0), leveldb.FOOTER))


def first_file(folder: Path, name: str) -> Path:
    """The first file of a checkpoint: its index, or of version 1 where its values begin."""
    files = _version1(folder, name)[1]
    return files[0] if files else folder / f"{name}.index"


def of_prefix(text: str) -> Path | None:
    """The first file of the checkpoint that a text means; None where there is none.

    A prefix without an ending, one of the files of data, or a file of version 1.
    """
    path = Path(text)
    data = _DATA.fullmatch(path.name)
    found = first_file(path.parent, data[1] if data else path.name)
    return found if read.is_file(found) else None


def latest(folder: Path) -> tuple[str, str] | None:
    """The name of the prefix that a folder's `checkpoint` file names; None where there is no such.

    With it a note, where there are others. GraphlabError where what it names is not in the folder.
    A file that was written elsewhere names an absolute path; only the name of that counts.
    """
    path = folder / STATE
    if not read.is_file(path):
        return None
    named = _state(path).model_checkpoint_path
    name = named.rpartition("/")[2]
    if name == ".":  # what TensorFlow writes for a prefix that ends in a slash
        name = ""
    there = [read.is_file(folder / f"{name}{ending}") for ending in (".index", ".meta")]
    if not any(there) and not _version1(folder, name)[1]:
        raise GraphlabError(f"{path} names {shown(named)}, which is not in {folder}")
    endings = {each: read.ending(each) for each in folder.iterdir()}
    others = {each.name.removesuffix(end) for each, end in endings.items() if end in _OF_ONE}
    note = f"the file {STATE} names {shown(name or '.')} as the latest of {len(others)}"
    return name, note if len(others) > 1 else ""


def _state(path: Path) -> messages.CheckpointState:
    from google.protobuf import text_format  # as much to import as all of ours

    data = read.whole(path, "the name of a checkpoint", MOST_STATE)
    try:
        return text_format.Parse(data, messages.CheckpointState(), allow_unknown_field=True)
    except (text_format.ParseError, UnicodeDecodeError, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        raise GraphlabError(f"{path} names no checkpoint: {said}") from error
