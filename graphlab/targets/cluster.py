"""Several TensorFlow servers in this process: a cluster to try things on, on loopback only.

    with cluster("ps=1,worker=1") as servers:
        with on_cluster(servers):
            ...        # TF1 code: its sessions run on the worker, its variables live on ps

The engine is TensorFlow's own: what goes from one server to the other goes through gRPC.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from graphlab.errors import GraphlabError

TIMEOUT_S = 8  # a server that does not answer: the whole of it stays under ten seconds
MOST_TASKS = 16  # each has its own threads and device

tf1 = tf.compat.v1


@dataclass(frozen=True)
class Cluster:
    """Servers that are up."""

    addresses: Mapping[str, tuple[str, ...]]  # by job: "127.0.0.1:34567" a task
    target: str  # what a session is pointed at: the first worker, or the first task there is
    servers: tuple[Any, ...] = ()  # kept, so that they live as long as this does

    @property
    def tasks(self) -> tuple[str, ...]:
        """`("ps:0", "worker:0")`."""
        return tuple(f"{job}:{n}" for job, all in self.addresses.items() for n in range(len(all)))

    def placement(self) -> Any:
        """A device function: variables on the ps jobs in turn, all else on the worker.

        None where there is no ps.
        """
        if "ps" not in self.addresses:
            return None
        worker = "worker" if "worker" in self.addresses else next(iter(self.addresses))
        return tf1.train.replica_device_setter(
            cluster=tf.train.ClusterSpec({job: list(a) for job, a in self.addresses.items()}),
            worker_device=f"/job:{worker}/task:0",
            ps_device="/job:ps",
        )


def parse(text: str) -> dict[str, int]:
    """How many tasks each job has: `"ps=1,worker=2"`. GraphlabError where it does not say so.

    >>> parse("ps=1,worker=2")
    {'ps': 1, 'worker': 2}
    """
    jobs: dict[str, int] = {}
    for item in text.split(","):
        match = re.fullmatch(r"\s*([a-z]\w*)\s*=\s*(\d+)\s*", item)
        if match is None or not int(match[2]) or match[1] in jobs:
            raise GraphlabError(
                f"cluster {text!r} says {item.strip()!r}; expected each job once with its number"
                " of tasks, as in ps=1,worker=1"
            )
        jobs[match[1]] = int(match[2])
    if sum(jobs.values()) > MOST_TASKS:
        raise GraphlabError(
            f"cluster {text!r} has {sum(jobs.values())} tasks; at most {MOST_TASKS} are started"
        )
    return jobs


@contextmanager
def cluster(text: str) -> Iterator[Cluster]:
    """Start the servers that `text` asks for. They live until the process ends.

    TensorFlow cannot stop a server; leaving the block only lets go of them. GraphlabError where
    the text is wrong or a server cannot be started.
    """
    jobs = parse(text)
    ports = iter(_free_ports(sum(jobs.values())))
    addresses = {
        job: tuple(f"127.0.0.1:{next(ports)}" for _ in range(count)) for job, count in jobs.items()
    }
    spec = tf.train.ClusterSpec({job: list(tasks) for job, tasks in addresses.items()})
    started = []
    for job, tasks in addresses.items():
        for task, address in enumerate(tasks):
            try:
                started.append(tf.distribute.Server(spec, job_name=job, task_index=task))
            except tf.errors.OpError as error:
                raise GraphlabError(
                    f"server {job}:{task} could not be started at {address}: {_line(error)}"
                ) from error
    names = [f"{job}:{task}" for job, tasks in addresses.items() for task in range(len(tasks))]
    first = names.index("worker:0") if "worker:0" in names else 0
    yield Cluster(addresses, started[first].target, tuple(started))


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on; all are held until all are known, so that none is twice."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def on_cluster(servers: Cluster) -> Iterator[None]:
    """Within the block sessions that name no target run on the cluster, with its placement.

    GraphlabError from whatever would have waited for a server that does not answer.
    """
    session = next(kind for kind in tf1.Session.__mro__ if "run" in vars(kind))
    original, run = session.__init__, session.run
    graph, start = tf.Graph, tf.Graph.__init__
    place = servers.placement()
    held: list[Any] = []

    def session_init(self: Any, target: str = "", graph: Any = None, config: Any = None) -> None:
        target = target or servers.target
        ours = target == servers.target
        original(self, target, graph, patient(config) if ours else config)
        if ours:
            # TensorFlow would wait for ever for a task that is not there, whatever its timeout.
            for tasks in servers.addresses.values():
                for address in tasks:
                    check_reachable(f"grpc://{address}")

    def graph_init(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, *args, **kwargs)
        if type(self) is graph and place is not None:
            # For the graph's whole life: as if all of it were written below this line.
            placed = self.device(place)
            placed.__enter__()
            held.append(placed)  # a context that is let go of is left

    def session_run(self: Any, *args: Any, **kwargs: Any) -> Any:
        with answering(servers.target):
            return run(self, *args, **kwargs)

    session.__init__, session.run, graph.__init__ = session_init, session_run, graph_init
    try:
        yield
    finally:
        session.__init__, session.run, graph.__init__ = original, run, start


@contextmanager
def reachable_targets() -> Iterator[None]:
    """Within the block a session with a server's target asks first whether anybody is there.

    GraphlabError, where TensorFlow would wait for ever. Nothing else of the session changes.
    """
    session = next(kind for kind in tf1.Session.__mro__ if "run" in vars(kind))
    original = session.__init__

    def session_init(self: Any, target: str = "", *args: Any, **kwargs: Any) -> None:
        original(self, target, *args, **kwargs)  # connects to nobody yet
        if str(target).startswith("grpc://"):
            check_reachable(target)

    session.__init__ = session_init
    try:
        yield
    finally:
        session.__init__ = original


def patient(config: Any = None) -> Any:
    """A session's configuration that waits only so long for a server."""
    result = tf1.ConfigProto()
    if config is not None:
        result.CopyFrom(config)
    if not result.operation_timeout_in_ms:
        result.operation_timeout_in_ms = TIMEOUT_S * 1000
    return result


@contextmanager
def answering(target: str) -> Iterator[None]:
    """Turn TensorFlow's word for a server that does not answer into a GraphlabError."""
    try:
        yield
    except (tf.errors.DeadlineExceededError, tf.errors.UnavailableError) as error:
        raise GraphlabError(
            f"the server at {target} did not answer within {TIMEOUT_S} s; is every task of its"
            " cluster up, and the address right?"
        ) from error


def check_reachable(target: str) -> None:
    """GraphlabError where nobody listens at a target, `"grpc://127.0.0.1:34567"`."""
    match = re.fullmatch(r"grpc://([^:/]+):(\d{1,5})", target)
    if match is None:
        raise GraphlabError(f"target {target!r} is no server; expected grpc://host:port")
    try:
        socket.create_connection((match[1], int(match[2])), timeout=TIMEOUT_S).close()
    except (OSError, OverflowError) as error:
        raise GraphlabError(
            f"no server answers at {target}: {getattr(error, 'strerror', None) or error}; start"
            " it first, or give the address it listens on"
        ) from error


def _line(error: Any) -> str:
    return (str(error.message).strip().splitlines() or [""])[0]
