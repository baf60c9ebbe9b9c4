"""What does a session do? It prunes, places and runs; here one op at a time, for all to see.

    for step in Engine(graph).steps("loss:0", {"x:0": batch}, state=session):
        print(step.node, step.values)

A session is handed a graph, fetches and feeds. It then

1. **prunes**: walks back from the fetches. What no fetch needs is not run. A tensor that is fed
   needs nothing any more, so the walk ends there (`graphlab.engine.plan`);
2. **places**: finds for each op a device and the kernel for it
   (`graphlab.engine.kernels`);
3. **runs**: an op is ready once all its inputs have come. It runs, its outputs are sent to the
   ops that wait for them, and some of those are ready now. That is all (`Machine.advance`).

The kernels are TensorFlow's own. Its executor runs many ready ops at a time, on many threads;
here the one that was written first goes first, so that each run is like the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphlab.engine.execution import Execution
from graphlab.engine.kernels.functions import called
from graphlab.engine.kernels.nodes import Body, Op
from graphlab.engine.kernels.placement import Where
from graphlab.engine.kernels.table import Kernel, kernel_of
from graphlab.engine.machine import Function, Machine
from graphlab.engine.memory import Memory
from graphlab.engine.plan import Plan, plan
from graphlab.engine.program import Lent, Program, feeds_of, fetches_of, program_of
from graphlab.engine.start import (
    captured_feeds,
    check_initialised,
    check_kept,
    initial_state,
    table_initialisers,
)
from graphlab.engine.state import State
from graphlab.model import node_of
from graphlab.startup import uncollected


class Engine:
    """Runs a graph: a `tf.Graph`, a (concrete) function, or a GraphDef read from a file.

    `folder` is where a SavedModel's files are, for the assets that its tables are made from.
    GraphlabError where the graph is broken.
    """

    @uncollected()
    def __init__(self, graph: Any, folder: str | None = None) -> None:
        self.program: Program = program_of(graph)
        self.folder = folder
        self._kernels: dict[Where, dict[Op, Kernel]] = {}
        self._functions: dict[tuple[str, Where], Plan] = {}

    @uncollected()
    def steps(
        self,
        fetches: Any = None,
        feeds: Mapping[Any, Any] | None = None,
        device: str | None = None,
        state: Any = None,
        keep_bytes: int = 0,
        soft_placement: bool = False,
        again: bool = False,
    ) -> Execution:
        """An iterator of Steps with values, which can also be stopped, changed and turned back.

        `fetches` and `feeds` are as for `Session.run`; a function has its outputs fetched where
        nothing is said. `device` is for ops that ask for none; with `soft_placement` an op may ask
        for one that is not here, or that cannot run it, as a session's ConfigProto may allow.
        `state` gives the values of variables by name, or is the session to read them from; a
        function's variables have the values they have. Nothing of the caller's is changed:
        `Execution.state()` gives what became of it. `keep_bytes` of past values are kept for going
        back, the rest is computed again. `again`: the call was made before, and what it wrote to
        files, or printed, is not written once more; of such an op the Step has no times.

        GraphlabError, before anything has run: a fetch or feed that is not there or does not
        fit, a variable without a value, an op that cannot be run.
        """
        program = self.program
        given = feeds_of(program, feeds)
        tensors, ops = fetches_of(program, fetches)
        lent = {tensor: fed for tensor, fed in given.items() if isinstance(fed, Lent)}
        names = {fed.key: node_of(tensor) for tensor, fed in reversed(lent.items())}
        initial = initial_state(program, state)
        initial |= {names[fed.key]: fed.value for fed in lent.values()}
        fed = given | captured_feeds(program, given)
        where = Where(device, soft_placement, again)
        planned = self._plan(program.body, tensors, [*ops, *program.body.finals], fed, where)
        before = None
        if state is not None:  # then it is the state of a session, whose tables are filled
            fill, files = table_initialisers(program, planned, initial, self.folder)
            before = (self._plan(program.body, (), fill, fed | files, where), files)
        plans = [planned, *(p for (_, at), p in self._functions.items() if at == where)]
        check_initialised(program, plans, initial)
        if state is not None:
            check_kept(plans, initial)

        def start(memory: Memory, state: State) -> Machine:
            mine = captured_feeds(program, given, state) | {
                tensor: state.variable(names[fed.key], fed.dtype.as_datatype_enum, fed.value.device)
                for tensor, fed in lent.items()
            }
            function = self._function(where)
            if before is not None and before[0].ops:
                filling = Machine(before[0], function, given | mine | before[1], state)
                while filling.advance():
                    pass
            return Machine(planned, function, given | mine, state, memory)

        return Execution(start, initial, plans, (*tensors, *ops), keep_bytes)

    def _plan(self, body: Body, tensors: Any, ops: Any, fed: Any, where: Where) -> Plan:
        """The plan of a graph or of a function's body, and of all functions that it calls."""
        result = plan(body, tensors, ops, fed, lambda op: self._kernel(op, where))
        for op in result.callers:
            for name in called(op):
                inner = self.program.library.body(name, op)
                if (name, where) not in self._functions:
                    self._functions[name, where] = result  # a body may call itself
                    self._functions[name, where] = self._plan(
                        inner, inner.results, inner.finals, inner.arguments, where
                    )
        return result

    def _kernel(self, op: Op, where: Where) -> Kernel:
        kernels = self._kernels.setdefault(where, {})
        if op not in kernels:
            kernels[op] = kernel_of(op, where, self.program.library, self.program.live)
        return kernels[op]

    def _function(self, where: Where) -> Function:
        body, plans = self.program.library.body, self._functions
        return lambda name, op: (body(name, op), plans[name, where])
