"""`Function`: the graph between KerasTensors, run again on other values."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from cornu import tree
from cornu.errors import ArgumentError, StateError
from cornu.graph.kerastensor import KerasTensor, SymbolicNode
from cornu.ops.op import symbolic_values
from cornu.symbolic.operation import Operation, abstract_call

__all__ = ["Function", "Run", "map_graph"]


class GraphMap:
    """The nodes between inputs and outputs.

    Attributes:
        nodes: In an order in which they can run.
        operations: By depth, deepest (the inputs) first, then in order of discovery: the order of
            `model.layers`, and so of saved weights.
    """

    __slots__ = ("nodes", "operations")

    def __init__(self, nodes: list[SymbolicNode], operations: list[Any]) -> None:
        self.nodes = nodes
        self.operations = operations


def map_graph(inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> GraphMap:
    """Walk from the outputs to the inputs.

    Raises:
        ValueError: If an output can't be computed from the inputs, or two operations share a name.
    """
    given = {id(t) for t in inputs}
    order: list[SymbolicNode] = []
    discovered: dict[Any, int] = {}
    finished: set[int] = set()
    # (node, reached through a given input?) with an explicit stack: models may be deep.
    for output in outputs:
        stack: list[tuple[SymbolicNode, bool, bool]] = [(*_node_of(output, given), False)]
        while stack:
            node, stops, expanded = stack.pop()
            if id(node) in finished:
                continue
            if expanded:
                finished.add(id(node))
                order.append(node)
                continue
            discovered.setdefault(node.operation, len(discovered))
            stack.append((node, stops, True))
            if not stops:
                for t in reversed(node.inputs):
                    parent, stop = _node_of(t, given)
                    if id(parent) not in finished:
                        stack.append((parent, stop, False))
    depths: dict[int, int] = {}
    operation_depths: dict[Any, int] = {}
    for node in reversed(order):
        depth = max(depths.get(id(node), 0), operation_depths.get(node.operation, 0))
        operation_depths[node.operation] = depths[id(node)] = depth
        if not all(id(t) in given for t in node.outputs):
            for t in node.inputs:
                parent, _ = _node_of(t, given)
                depths[id(parent)] = max(depth + 1, depths.get(id(parent), 0))
    for t in inputs:
        operation = t._keras_history.operation
        if operation not in operation_depths:
            operation_depths[operation] = 0
            discovered[operation] = -1
    operations = sorted(operation_depths, key=lambda o: (-operation_depths[o], discovered[o]))
    runnable = [n for n in order if n.inputs and not any(id(t) in given for t in n.outputs)]
    _check_connected(given, runnable, outputs)
    names: set[str] = set()
    for o in operations:
        if o.name in names:
            raise ArgumentError(
                f"Two layers or ops of a model have the name {o.name!r}; each must have its own.",
                fix="Give one of them another `name=`.",
            )
        names.add(o.name)
    return GraphMap(runnable, operations)


def _node_of(t: KerasTensor, given: set[int]) -> tuple[SymbolicNode, bool]:
    history = getattr(t, "_keras_history", None)
    if history is None:
        raise ArgumentError(
            "Function",
            "a KerasTensor without a history can't be part of a model",
            tensor=t,
            fix="Begin the graph with `Input(shape=...)`.",
        )
    node: SymbolicNode = history.operation._inbound_nodes[history.node_index]
    return node, id(t) in given


def _check_connected(
    given: set[int], nodes: Sequence[SymbolicNode], outputs: Sequence[KerasTensor]
) -> None:
    known = set(given)
    for node in nodes:
        for t in node.inputs:
            if id(t) not in known:
                raise ArgumentError(
                    f"The graph is disconnected: {node.operation.name!r} needs the tensor "
                    f"{t.name!r}, which can't be computed from the inputs given",
                    fix="Is an `Input` missing among the inputs?",
                    needed=t,
                )
        known.update(id(t) for t in node.outputs)
    for t in outputs:
        if id(t) not in known:
            raise ArgumentError(
                "Function", "an output can't be computed from the inputs given", output=t
            )


class Run:
    """One run of a Function: the values so far, by KerasTensor."""

    __slots__ = ("call", "values")

    def __init__(self, values: dict[int, Any], call: Callable[..., Any]) -> None:
        self.values = values
        self.call = call

    def resolve(self, t: KerasTensor) -> Any:
        """Return the value of a KerasTensor in this run, computed on demand, or None."""
        if id(t) in self.values:
            return self.values[id(t)]
        history = getattr(t, "_keras_history", None)
        if history is None:
            return None
        node = history.operation._inbound_nodes[history.node_index]
        if not node.inputs or any(self.resolve(i) is None for i in node.inputs):
            return None
        self.execute(node)
        return self.values.get(id(t))

    def execute(self, node: SymbolicNode) -> None:
        """Call a node's operation on the values of its inputs."""

        def value(x: Any) -> Any:
            return self.values[id(x)] if isinstance(x, KerasTensor) else x

        args, kwargs = tree.map_structure(value, (node.args, node.kwargs))
        result = self.call(node.operation, *args, **kwargs)
        for t, v in zip(node.outputs, _flat_like(result, len(node.outputs)), strict=True):
            self.values[id(t)] = v


def _flat_like(result: Any, count: int) -> list[Any]:
    if count == 1 and not isinstance(result, (list, tuple, dict)):
        return [result]
    flat = [x for x in tree.flatten(result) if x is not None]
    if len(flat) != count:
        raise StateError(f"An operation returned {len(flat)} values where {count} were recorded.")
    return flat


def _call(operation: Any, *args: Any, **kwargs: Any) -> Any:
    return operation(*args, **kwargs)


class Function(Operation):
    """The computation from KerasTensors to KerasTensors, as one operation.

    Args:
        inputs: A KerasTensor or a nested structure of them.
        outputs: Likewise.
        name: Its name.

    Example:
        >>> import cornu
        >>> x = cornu.KerasTensor((2,))
        >>> f = Function(inputs=x, outputs=x * 2.0)
        >>> f(cornu.ops.ones((2,))).tolist()
        [2.0, 2.0]
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        self._inputs_struct, self._outputs_struct = inputs, outputs
        self._inputs: list[KerasTensor] = tree.flatten(inputs)
        self._outputs: list[KerasTensor] = tree.flatten(outputs)
        for what, tensors in (("inputs", self._inputs), ("outputs", self._outputs)):
            for t in tensors:
                if not isinstance(t, KerasTensor):
                    raise ArgumentError("Function", f"its {what} must be KerasTensors", found=t)
        if not self._inputs:
            raise ArgumentError("Function", "there is no input")
        for t in self._inputs:
            if getattr(t, "_keras_history", None) is None:
                SymbolicNode(_Placeholder(t.name), (), {}, [], [t])
        self._map = map_graph(self._inputs, self._outputs)

    def link(self) -> None:
        """Let operations of a copy know again where their outputs go."""
        for node in self._map.nodes:
            for t in node.inputs:
                known = getattr(t._keras_history.operation, "_outbound_nodes", None)
                if known is not None and not any(n is node for n in known):
                    known.append(node)

    @property
    def operations(self) -> list[Any]:
        """The operations of the graph; layers and recorded ops."""
        return list(self._map.operations)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The inputs, flat."""
        return list(self._inputs)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The outputs, flat."""
        return list(self._outputs)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return KerasTensors of the outputs for inputs of other shapes."""
        return abstract_call(self.call, (inputs,), {})

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shapes of the outputs for inputs of these shapes."""
        given = tree.map_shape_structure(lambda s: KerasTensor(s), input_shape)
        return tree.map_structure(lambda t: t.shape, self.compute_output_spec(given))

    def call(self, inputs: Any) -> Any:
        """Compute the outputs."""
        with self.run(tree.flatten(inputs)) as (_, outputs):
            return outputs

    @contextlib.contextmanager
    def run(
        self, flat_inputs: Sequence[Any], call: Callable[..., Any] = _call
    ) -> Iterator[tuple[Run, Any]]:
        """Run the graph; KerasTensors of it mean this run's values until the block ends.

        Args:
            flat_inputs: A value for each input.
            call: How an operation is called: `(operation, *args, **kwargs)`.
        """
        if len(flat_inputs) != len(self._inputs):
            raise ArgumentError(
                self.name, f"expects {len(self._inputs)} inputs, not {len(flat_inputs)}"
            )
        run = Run({id(t): x for t, x in zip(self._inputs, flat_inputs, strict=True)}, call)
        outer = symbolic_values.get()

        def resolve(t: KerasTensor) -> Any:
            found = run.resolve(t)
            return outer(t) if found is None and outer is not None else found

        kept = _runs.get()
        if kept is not None:
            kept.append(run)
        token = symbolic_values.set(resolve)
        try:
            for node in self._map.nodes:
                if not all(id(t) in run.values for t in node.outputs):
                    run.execute(node)
            yield (
                run,
                tree.pack_sequence_as(
                    self._outputs_struct, [run.values[id(t)] for t in self._outputs]
                ),
            )
        finally:
            symbolic_values.reset(token)


_runs: ContextVar[list[Run] | None] = ContextVar("runs", default=None)


@contextlib.contextmanager
def kept_runs() -> Iterator[None]:
    """Keep what Functions compute in the block, for `finished_runs`; then let go of it."""
    token = _runs.set([])
    try:
        yield
    finally:
        _runs.reset(token)


@contextlib.contextmanager
def finished_runs() -> Iterator[None]:
    """Let KerasTensors mean their values in the latest run: a loss may close over one."""
    runs, outer = _runs.get(), symbolic_values.get()
    if not runs:
        yield
        return

    def resolve(t: KerasTensor) -> Any:
        for run in reversed(runs):
            found = run.resolve(t)
            if found is not None:
                return found
        return None if outer is None else outer(t)

    token = symbolic_values.set(resolve)
    try:
        yield
    finally:
        symbolic_values.reset(token)


class _Placeholder:
    """The operation of an input that no layer made."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._inbound_nodes: list[SymbolicNode] = []
