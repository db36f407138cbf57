"""The executor: a clean graph as a flat list of instructions over registers.

Each instruction calls one NumPy function. Values are dropped after their last use, and an
element-wise instruction writes into an operand's buffer where that operand is dead and nothing
else can see the buffer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cornu.backends.numpy.lowering import FRESH, VIEWS, lower
from cornu.errors import add_place
from cornu.graph.rewrite import copy_graph, live_nodes, simplify
from cornu.graph.trace import Graph, Node, Tracer, interpret

__all__ = ["Program"]

_SMALL = 1024  # elements of values that aren't worth letting go before the end

# What the interpreter does with an instruction.
_UNARY, _BINARY, _ANY, _MULTIPLE, _UNARY_INTO, _BINARY_INTO = range(6)

# (how, function, first operand, second operand, all operands, result, registers dead afterwards)
_Instruction = tuple[int, Callable[..., Any], int, int, tuple[int, ...], Any, tuple[int, ...]]


class Program:
    """A graph ready to run on ndarrays.

    Args:
        graph: A simplified graph whose shapes are all known.
        late: How many of the first outputs may be computed after all others: `advance` leaves
            out what only they need, `finish` makes up for it. A run of many steps, of which only
            the last one's results are wanted, saves that part of the others.
    """

    def __init__(self, graph: Graph, late: int = 0) -> None:
        self.graph = graph
        registers: dict[Tracer, int] = {}
        for t in (*graph.inputs, *graph.constants):
            registers.setdefault(t, len(registers))
        self._inputs = len(graph.inputs)
        self._constants = [graph.constants[t] for t in registers if t in graph.constants]
        if len(registers) != self._inputs + len(self._constants):
            raise AssertionError("an input of a graph is given twice or is a constant")
        early = live_nodes(graph, graph.outputs[late:]) if late else graph.nodes
        if len(early) < len(graph.nodes):
            first = set(early)
            graph.nodes = [*early, *(node for node in graph.nodes if node not in first)]
        for node in graph.nodes:
            for o in node.outputs:
                registers[o] = len(registers)
        self._temporaries = len(registers) - self._inputs - len(self._constants)
        self._outputs = [registers[o] for o in graph.outputs]
        self._late = late
        instructions = _schedule(graph, registers)
        self._early, self._rest = instructions[: len(early)], instructions[len(early) :]

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run on one ndarray for each input; return one for each output."""
        registers = self._start(args)
        self._run(self._early, registers)
        self._run(self._rest, registers)
        return [registers[r] for r in self._outputs]

    def advance(self, args: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Run what the outputs that aren't late need.

        Returns:
            These outputs, and what `finish` takes.
        """
        registers = self._start(args)
        self._run(self._early, registers)
        return [registers[r] for r in self._outputs[self._late :]], registers

    def finish(self, registers: list[Any]) -> list[Any]:
        """Run the rest and return the late outputs."""
        self._run(self._rest, registers)
        return [registers[r] for r in self._outputs[: self._late]]

    def _start(self, args: Sequence[Any]) -> list[Any]:
        return [*args, *self._constants, *[None] * self._temporaries]

    def _run(self, instructions: list[_Instruction], registers: list[Any]) -> None:
        result: Any = None
        try:
            for how, f, a, b, operands, result, dead in instructions:
                if how == _BINARY:
                    registers[result] = f(registers[a], registers[b])
                elif how == _UNARY:
                    registers[result] = f(registers[a])
                elif how == _BINARY_INTO:
                    registers[result] = f(registers[a], registers[b], out=registers[operands[0]])
                elif how == _UNARY_INTO:
                    x = registers[a]
                    registers[result] = f(x, x)
                elif how == _ANY:
                    registers[result] = f(*[registers[o] for o in operands])
                else:
                    for r, value in zip(result, f(*[registers[o] for o in operands]), strict=True):
                        registers[r] = value
                for r in dead:
                    registers[r] = None
        except Exception as error:
            layer = self._layer_of(instructions, result)
            if layer:
                add_place(error, layer)
            raise

    def _layer_of(self, instructions: list[_Instruction], result: Any) -> str:
        """Return the layer of the instruction that gives this result."""
        first = 0 if instructions is self._early else len(self._early)
        for i, instruction in enumerate(instructions):
            if instruction[5] == result:
                return self.graph.nodes[first + i].layer
        return ""


def _schedule(graph: Graph, registers: dict[Tracer, int]) -> list[_Instruction]:
    last_use: dict[Tracer, int] = {}
    groups = _buffers(graph)
    group_last: dict[Tracer, int] = {}
    for i, node in enumerate(graph.nodes):
        for t in (*node.inputs, *node.outputs):
            last_use[t] = i
            group_last[groups[t]] = i
    end = len(graph.nodes)
    fixed = {*graph.inputs, *graph.constants}
    for t in graph.outputs:
        last_use[t] = end
        group_last[groups[t]] = end
    used = {t for node in graph.nodes for t in node.inputs} | set(graph.outputs)
    instructions: list[_Instruction] = []
    for i, node in enumerate(graph.nodes):
        operands = tuple([registers[t] for t in node.inputs])
        dead = tuple(
            [
                registers[t]
                for t in dict.fromkeys((*node.inputs, *node.outputs))
                if last_use[t] == i and t not in fixed and math.prod(t._cornu_spec.shape) > _SMALL
            ]
        )
        function = _function(node, graph, used)
        target = _reusable(node, i, groups, group_last, fixed)
        results = tuple(registers[o] for o in node.outputs)
        first = operands[0] if operands else -1
        second = operands[1] if len(operands) > 1 else -1
        if node.primitive.multiple:
            instructions.append((_MULTIPLE, function, -1, -1, operands, results, dead))
            continue
        how, shown = _ANY, operands
        if len(operands) == 1:
            how = _UNARY if target is None else _UNARY_INTO
        elif len(operands) == 2:
            how = _BINARY
            if target is not None:
                how, shown = _BINARY_INTO, (registers[target],)
        instructions.append((how, function, first, second, shown, results[0], dead))
    return instructions


def _without_carries(node: Node, graph: Graph, used: set[Tracer]) -> Callable[..., Any]:
    """Run a scan whose carries on the way no gradient asks for: they aren't kept."""
    plain = Node(node.primitive, node.inputs, {**node.attrs, "stacked": False}, node.layer)
    plain.outputs = node.outputs
    function, missing = _function(plain, graph, used), (None,) * node.attrs["carry"]
    return lambda *operands: (*function(*operands), *missing)


def _function(node: Node, graph: Graph, used: set[Tracer]) -> Callable[..., Any]:
    nested = {k: v for k, v in node.attrs.items() if isinstance(v, Graph)}
    if not nested:
        return lower(node, graph)
    if node.attrs.get("stacked") and used.isdisjoint(node.outputs[-node.attrs["carry"] :]):
        return _without_carries(node, graph, used)
    # The bodies of control flow run as programs of their own.
    programs = {k: Program(simplify(copy_graph(g))) for k, g in nested.items()}
    attrs = {**node.attrs, **programs}
    reference = node.primitive.reference
    return lambda *operands: reference(*operands, **attrs)


def _buffers(graph: Graph) -> dict[Tracer, Tracer]:
    """Map each value to the one whose buffer it may share."""
    owner: dict[Tracer, Tracer] = {t: t for t in (*graph.inputs, *graph.constants)}
    for node in graph.nodes:
        for o in node.outputs:
            owner[o] = owner[node.inputs[0]] if node.primitive.name in VIEWS else o
    return owner


def _reusable(
    node: Node,
    i: int,
    groups: dict[Tracer, Tracer],
    group_last: dict[Tracer, int],
    fixed: set[Tracer],
) -> Tracer | None:
    """Return an operand whose buffer may take the result, if there is one."""
    if not node.primitive.elementwise or not 1 <= len(node.inputs) <= 2 or node.attrs:
        return None
    spec = node.outputs[0]._cornu_spec
    if not spec.shape:
        return None
    for t in node.inputs:
        producer = groups[t].node
        if (
            t._cornu_spec == spec
            and t not in fixed
            and groups[t] is t
            and group_last[t] == i
            and producer is not None
            and (producer.primitive.elementwise or producer.primitive.name in FRESH)
        ):
            return t
    return None


def run_graph(graph: Graph | Program, args: Sequence[Any]) -> list[Any]:
    """Run a body of control flow, compiled or not."""
    return graph(args) if isinstance(graph, Program) else interpret(graph, args)


def as_results(values: Sequence[Any]) -> list[Any]:
    """Return outputs as ndarrays: reductions of NumPy give scalars."""
    return [v if v.__class__ is np.ndarray else np.asarray(v) for v in values]
