"""Ops that reach out of a graph when they run: to files, networks, Python, the process itself.

The list was made by going through all 1,910 ops of TensorFlow 2.21. What an op does to a variable,
a queue or a table of its own process is not on it, nor what it prints to the terminal.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphlab.errors import shown
from graphlab.model import Graph, Node, node_of

_LISTED = {
    "reads files": (
        "CSVDataset CSVDatasetV2 DTensorRestoreV2 DecodeProtoV2 EncodeProto"
        " ExperimentalCSVDataset ExperimentalLMDBDataset ExperimentalMatchingFilesDataset"
        " ExperimentalSqlDataset FixedLengthRecordDataset FixedLengthRecordDatasetV2"
        " FixedLengthRecordReader FixedLengthRecordReaderV2 FixedUnigramCandidateSampler"
        " GenerateVocabRemapping ImmutableConst InitializeTableFromTextFile"
        " InitializeTableFromTextFileV2 LMDBDataset LMDBReader ListSnapshotChunksDataset"
        " LoadAndRemapMatrix LoadDataset MatchingFiles MatchingFilesDataset ReadFile ReaderRead"
        " ReaderReadUpTo ReaderReadUpToV2 ReaderReadV2 RecordInput Restore RestoreSlice RestoreV2"
        " Skipgram SnapshotChunkDataset SnapshotDatasetReader SnapshotNestedDatasetReader"
        " SqlDataset TFRecordDataset TFRecordDatasetV2 TFRecordReader TFRecordReaderV2"
        " TextLineDataset TextLineReader TextLineReaderV2 WholeFileReader WholeFileReaderV2"
    ),
    "writes files": (
        "CacheDataset CacheDatasetV2 CalibrationStatisticsSaver CloseSummaryWriter"
        " CreateSummaryDbWriter CreateSummaryFileWriter DatasetToTFRecord DumpTensor"
        " ExperimentalDatasetToTFRecord FlushSummaryWriter ImportEvent MergeV2Checkpoints PrintV2"
        " Save SaveDataset SaveDatasetV2 SaveSlices SaveV2 SnapshotDataset SnapshotDatasetV2"
        " StatsAggregatorSetSummaryWriter WriteAudioSummary WriteFile WriteGraphSummary"
        " WriteHistogramSummary WriteImageSummary WriteRawProtoSummary WriteScalarSummary"
        " WriteSummary"
    ),
    "writes files or sends to a server": (
        "DebugIdentity DebugIdentityV2 DebugIdentityV3 DebugNanCount DebugNumericSummary"
    ),
    "connects to other machines": (
        "ConnectTPUEmbeddingHosts DataServiceDataset DataServiceDatasetV2 DataServiceDatasetV3"
        " DataServiceDatasetV4 DistributedSave RegisterDataset RegisterDatasetV2 RpcCall"
        " RpcCheckStatus RpcClient RpcGetValue"
    ),
    "opens a server": "RpcServer RpcServerRegister RpcServerStart",
    "exchanges tensors with other devices or machines": (
        "CollectiveAllToAllV2 CollectiveAllToAllV3 CollectiveAssignGroupV2 CollectiveBcastRecv"
        " CollectiveBcastRecvV2 CollectiveBcastSend CollectiveBcastSendV2 CollectiveGather"
        " CollectiveGatherV2 CollectiveInitializeCommunicator CollectivePermute CollectiveReduce"
        " CollectiveReduceScatterV2 CollectiveReduceV2 CollectiveReduceV3 Recv Send XlaHostCompute"
        " XlaRecv XlaRecvFromHost XlaSend XlaSendToHost _HostRecv _HostSend _Recv _Send"
        " _XlaHostComputeMlir _XlaRecvAtHost _XlaRecvAtHostV2 _XlaSendFromHost _XlaSendFromHostV2"
    ),
    "runs on other machines": (
        "ConfigureAndInitializeGlobalTPU ConfigureDistributedTPU RemoteCall"
        " ShutdownDistributedTPU ShutdownTPUSystem WorkerHeartbeat _ConfigureDistributedTPU"
        " _DisconnectHostFromDistributedTPUSystem _InitializeHostForDistributedTPU"
        " _ShutdownDistributedTPU _WaitForDistributedTPU"
    ),
    "calls Python functions": "EagerPyFunc PyFunc PyFuncStateless",
    "runs a program that it is handed as data": (
        "DatasetFromGraph MlirPassthroughOp XlaCallModule XlaCustomCall XlaCustomCallV2"
    ),
    "changes how files are reached": "FileSystemSetConfiguration",
    "ends the process": "Abort",
}
DOES: Mapping[str, str] = {op: does for does, ops in _LISTED.items() for op in ops.split()}

MOST_TIMES = 8  # that a function is looked at with different arguments; then with none that is own

# What a saver does: told apart, since every model brings one along.
OF_SAVERS = frozenset(
    "DTensorRestoreV2 DistributedSave MergeV2Checkpoints Restore RestoreSlice RestoreV2 Save"
    " SaveSlices SaveV2".split()
)
# Which input of an op is the file that it reads: one of the model's own is no reach outside.
_FILE_READ = {
    "FixedLengthRecordDataset": 0,
    "FixedLengthRecordDatasetV2": 0,
    "InitializeTableFromTextFile": 1,
    "InitializeTableFromTextFileV2": 1,
    "ReadFile": 0,
    "Restore": 0,
    "RestoreSlice": 0,
    "RestoreV2": 0,
    "TFRecordDataset": 0,
    "TFRecordDatasetV2": 0,
    "TextLineDataset": 0,
}
_HANDED_ON = frozenset(["Identity", "ReadVariableOp", "PlaceholderWithDefault"])
_CALLS = frozenset(["PartitionedCall", "StatefulPartitionedCall"])


def _names_a_file(node: Node) -> bool:
    return _bytes(node.attrs.get("output_stream", "")).startswith(b"file://")


def _describes_in_a_file(node: Node) -> bool:
    source = _bytes(node.attrs.get("descriptor_source", "local://"))
    return source != b"local://" and not source.startswith(b"bytes://")


def _bytes(text: Any) -> bytes:
    """What TensorFlow sees of a text, which the file may hold as bytes that are none."""
    if isinstance(text, dict):
        return base64.b64decode(text.get("base64", ""))
    return str(text).encode()


# Ops that reach outside only where an attribute says so.
_ONLY_IF: Mapping[str, Callable[[Node], bool]] = {
    "DecodeProtoV2": _describes_in_a_file,
    "EncodeProto": _describes_in_a_file,
    "PrintV2": _names_a_file,
    "FixedUnigramCandidateSampler": lambda node: bool(node.attrs.get("vocab_file")),
    **dict.fromkeys(
        _LISTED["writes files or sends to a server"].split(),
        lambda node: bool(node.attrs.get("debug_urls")),
    ),
}


@dataclass(frozen=True)
class Reach:
    """An op that reaches outside, where it is met: in a function's body, or in the graph ("")."""

    op: str
    does: str
    node: str
    function: str = ""


@dataclass(frozen=True)
class Start:
    """What is run first: nodes of the graph with all that they need, or the body of a function."""

    nodes: tuple[str, ...] = ()
    function: str = ""
    fed: frozenset[str] = frozenset()  # tensors, for which nothing need be run
    own: frozenset[str] = frozenset()  # tensors that hold the name of a file of the model itself


def reached(graph: Graph, starts: Iterable[Start]) -> list[Reach]:
    """The ops that reach outside among all that is run: pruned, and into the functions called.

    Of a function all nodes count. A file of the model itself that is read is no reach outside.
    """
    found: dict[Reach, None] = {}
    left = list(starts)[::-1]
    seen: set[Start] = set()
    times: Counter[str] = Counter()  # how often each function has been looked at
    arguments = {
        name: [node.name for node in body.nodes if node.op == "_Arg"]
        for name, body in graph.functions.items()
    }
    while left:
        start = left.pop()
        if times[start.function] >= MOST_TIMES:
            start = replace(start, own=frozenset())
        body = graph.functions.get(start.function) if start.function else graph
        if body is None or start in seen:
            continue
        seen.add(start)
        times[start.function] += bool(start.function)
        nodes = body.nodes if start.function else needed(body, start.nodes, start.fed)
        files = _Files(body, start.own)
        for node in nodes:
            if _reaches(node, files):
                found[Reach(node.op, DOES[node.op], node.name, start.function)] = None
            left += [
                Start(function=name, own=_handed_over(node, name, arguments[name], files))
                for name in node.calls
            ]
    return list(found)


def needed(graph: Graph, names: Iterable[str], fed: frozenset[str] = frozenset()) -> list[Node]:
    """The nodes that a session runs for these nodes or tensors, in the order of the graph."""
    by_name = graph.by_name
    seen: set[str] = set()
    left = [name if name in by_name else node_of(name) for name in names if name not in fed]
    while left:
        name = left.pop()
        if name in seen or name not in by_name:
            continue
        seen.add(name)
        left += [node_of(tensor) for tensor in by_name[name].inputs if tensor not in fed]
        left += by_name[name].controls
    return [node for node in graph.nodes if node.name in seen]


def _reaches(node: Node, files: _Files) -> bool:
    if node.op not in DOES or not _ONLY_IF.get(node.op, lambda node: True)(node):
        return False
    if node.op in ("CacheDataset", "CacheDatasetV2"):
        return not files.is_empty(node.inputs[1:2])
    at = _FILE_READ.get(node.op)
    return at is None or not files.is_own(node.inputs[at : at + 1])


def _handed_over(node: Node, function: str, arguments: list[str], files: _Files) -> frozenset[str]:
    """Which arguments of a function are names of the model's own files in this call."""
    if not files.own or (node.op not in _CALLS and node.op != function):
        return frozenset()
    pairs = zip(arguments, node.inputs, strict=False)
    return frozenset(f"{name}:0" for name, tensor in pairs if files.is_own((tensor,)))


class _Files:
    """Which tensors of a body hold the name of a file that belongs to the model."""

    def __init__(self, body: Graph, own: frozenset[str]) -> None:
        self._body, self.own = body, own
        self._assigned: dict[str, list[str]] | None = None  # what each variable is set to
        self._origins: dict[str, str] = {}

    def is_own(self, tensors: Iterable[str]) -> bool:
        """Whether one of these is such a name, also by way of a variable that is set to it."""
        return any(self._origin(tensor) in self.own for tensor in tensors) if self.own else False

    def is_empty(self, tensors: Iterable[str]) -> bool:
        """Whether one of these is a constant without a letter, which stands for no file."""
        nodes = [self._body[node_of(self._origin(tensor))] for tensor in tensors]
        values = [node.attrs.get("value") for node in nodes if node.op == "Const"]
        return any(isinstance(each, dict) and each.get("values") == [""] for each in values)

    def _origin(self, tensor: str) -> str:
        """Where a tensor comes from that is only handed on."""
        on_the_way: dict[str, None] = {}
        while tensor not in self.own and tensor not in on_the_way:
            on_the_way[tensor] = None
            before = self._origins.get(tensor) or self._before(tensor)
            if before is None:
                break
            tensor = before
        self._origins.update(dict.fromkeys(on_the_way, tensor))
        return tensor

    def _before(self, tensor: str) -> str | None:
        node = self._body[node_of(tensor)]
        if node.op in _HANDED_ON and node.inputs:
            return node.inputs[0]
        if node.op != "VarHandleOp":
            return None
        if self._assigned is None:
            self._assigned = {}
            for each in self._body.nodes:
                if each.op == "AssignVariableOp" and len(each.inputs) == 2:
                    self._assigned.setdefault(node_of(each.inputs[0]), []).append(each.inputs[1])
        values = self._assigned.get(node.name, [])
        return values[0] if len(values) == 1 else None


def told(found: Iterable[Reach]) -> str:
    """In words what is reached: `"WriteFile writes files ('w' in function f)"`, op by op."""
    by_op: dict[str, list[Reach]] = {}
    for each in found:
        by_op.setdefault(each.op, []).append(each)
    return "; ".join(_told(op, reaches) for op, reaches in by_op.items())


def _told(op: str, reaches: list[Reach]) -> str:
    first = reaches[0]
    where = f" in function {shown(first.function)}" if first.function else ""
    more = f" and {len(reaches) - 1} more" if len(reaches) > 1 else ""
    return f"{op} {first.does} ({shown(first.node)}{where}{more})"
