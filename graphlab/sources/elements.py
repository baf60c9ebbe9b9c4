"""Ops that give what the session keeps from run to run: elements of a queue or a data set, a stage,
an accumulator.

Nobody can ask for the same once more: run again, such an op gives the next element, or waits for
one that nobody puts in. So what it gave is taken down while it is given, and fed.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphlab.errors import GraphlabError, shown
from graphlab.model import Graph, Node, TensorSpec, node_of
from graphlab.sources.frames import places
from graphlab.sources.outside import needed

_OF_QUEUES = "QueueDequeue QueueDequeueMany QueueDequeueUpTo ReaderRead ReaderReadUpTo".split()
_STATES_OF_QUEUES = (
    "QueueSize QueueIsClosed ReaderNumRecordsProduced ReaderNumWorkUnitsCompleted"
    " ReaderSerializeState".split()
)
_ITERATES = ("IteratorGetNext", "IteratorGetNextSync")

# In a session where nobody has put anything in these wait, or fail.
ELEMENTS = frozenset(
    (
        *_ITERATES,
        *_OF_QUEUES,
        *(f"{op}V2" for op in _OF_QUEUES),
        *"AccumulatorTakeGradient ResourceAccumulatorTakeGradient".split(),
        *"SparseAccumulatorTakeGradient BarrierTakeMany GetSessionTensor".split(),
        *"MultiDeviceIteratorGetNextFromShard Unstage StagePeek".split(),
        *"MapUnstage MapUnstageNoKey MapPeek".split(),
        *"OrderedMapUnstage OrderedMapUnstageNoKey OrderedMapPeek".split(),
    )
)
# These give something in any session; in another one it is another.
_OTHERS = frozenset(
    (
        *_STATES_OF_QUEUES,
        *(f"{op}V2" for op in _STATES_OF_QUEUES),
        *"AccumulatorNumAccumulated ResourceAccumulatorNumAccumulated BarrierReadySize".split(),
        *"BarrierIncompleteSize OptionalGetValue OptionalHasValue RecordInput StageSize".split(),
        *"MapSize MapIncompleteSize OrderedMapSize OrderedMapIncompleteSize".split(),
    )
)
KEPT = ELEMENTS | _OTHERS

# Behind one of these there is something to be taken.
_FILLS = frozenset(
    (
        *"QueueEnqueue QueueEnqueueMany QueueEnqueueV2 QueueEnqueueManyV2 MakeIterator".split(),
        *"MultiDeviceIteratorInit BarrierInsertMany Stage MapStage OrderedMapStage".split(),
        *"AccumulatorApplyGradient ResourceAccumulatorApplyGradient".split(),
        "SparseAccumulatorApplyGradient",
    )
)
_STAGES = frozenset(op for op in KEPT | _FILLS if "Stage" in op or "Unstage" in op or "Map" in op)
_HANDS_ON = ("Identity", "RefIdentity")
_HANDLES = ("resource", "string_ref")


def unfilled(graph: Graph, fetches: Iterable[str], fed: frozenset[str]) -> list[TensorSpec]:
    """What a new session has to be fed to get the fetches, as nobody puts it in: the elements that
    are taken, but for those of an iterator that has its own data set, and where the same run puts
    something in. In the order of the graph.

    GraphlabError for what is taken in a loop or in a branch, where nothing can be fed.
    """
    fetches = tuple(fetches)
    run = needed(graph, fetches, fed)
    if not any(node.op in ELEMENTS for node in run):
        return []
    filled = {node.name for node in run if node.op == "OneShotIterator"}
    filled = filled.union(*(_held_by(graph, node) for node in run if node.op in _FILLS))
    taken = {
        node.name: node
        for node in run
        if node.op in ELEMENTS and filled.isdisjoint(_held_by(graph, node))
    }
    aside = places(graph)
    left = {
        spec.name: spec
        for name, node in taken.items()
        if name not in aside
        for spec in node.outputs
        if spec.name not in fed
    }
    used = set(fetches)
    for node in needed(graph, fetches, fed.union(left)):
        used.update(node.inputs)
        if node.name in taken and node.name in aside:
            raise GraphlabError(
                f"{shown(node.name)} ({node.op}) takes what nobody puts in, in a branch or a loop,"
                " where it cannot be fed; feed what leaves that, or fetch what does not need it"
            )
    return [spec for name, spec in left.items() if used & {name, node_of(name)}]


def _held_by(graph: Graph, node: Node) -> set[str]:
    """What holds what the op takes or puts in: the op of its handle; of a stage, which has none,
    its name."""
    if node.op in _STAGES:
        return {f"{node.attrs.get('container', '')}:{node.attrs.get('shared_name', '')}"}
    found = set()
    for tensor in node.inputs:
        holder, seen = graph[node_of(tensor)], set()
        while holder.op in _HANDS_ON and holder.inputs and holder.name not in seen:
            seen.add(holder.name)
            holder = graph[node_of(holder.inputs[0])]
        if holder.outputs and holder.outputs[0].dtype in _HANDLES:
            found.add(holder.name)
    return found
