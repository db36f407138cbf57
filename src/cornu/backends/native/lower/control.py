"""Branches and loops: their bodies are plans of their own."""

from __future__ import annotations

from typing import Any, Protocol

from cornu.backends.native.plan import Instruction, Operand, Plan
from cornu.backends.native.safety import needs_caller
from cornu.graph.rewrite import copy_graph, simplify
from cornu.graph.trace import Graph, Node, Tracer

__all__ = ["Builder", "lower_control"]


class Builder(Protocol):
    """What lowering asks of the plan in the making."""

    shared: Any
    values: dict[Tracer, Operand]
    uses: dict[Tracer, list[Node]]
    wanted: set[Tracer]

    def read(self, t: Tracer) -> Operand:
        """Return the memory of a value."""

    def copied(self, x: Operand) -> Operand:
        """Return a row-major copy."""

    def new(self, shape: tuple[int, ...], dtype: str) -> Operand:
        """Return new memory."""

    def emit(self, instruction: Instruction) -> None:
        """Put an instruction at the end."""

    def nested(self, graph: Graph) -> Plan:
        """Return the plan of a body."""


def lower_control(builder: Builder, node: Node, late: bool) -> None:
    """Emit the instruction of a `cond`, a `scan` or a `while_loop`.

    A `scan` that carries nothing is a `map`, whose steps threads share.
    """
    inputs = [builder.copied(builder.read(t)) for t in node.inputs]
    attrs, results = node.attrs, list(node.outputs)
    if node.primitive.name == "cond":
        opcode, bodies = "cond", [attrs["true"], attrs["false"]]
        attributes = [len(inputs) - 1, len(results)]
    elif node.primitive.name == "scan":
        opcode, bodies = "scan", [attrs["body"]]
        carry, constants = attrs["carry"], attrs["constants"]
        stacked = (
            carry
            and attrs["stacked"]
            and any(t in builder.wanted or builder.uses.get(t) for t in results[-carry:])
        )
        if carry and attrs["stacked"] and not stacked:
            results = results[:-carry]  # nobody asks for the carries on the way
        ys = len(attrs["body"].outputs) - carry
        xs = len(inputs) - carry - constants
        attributes = [
            *(carry, constants, xs, ys, attrs["length"]),
            *(int(attrs["reverse"]), int(stacked)),
        ]
    else:
        opcode, bodies = "while", [attrs["condition"], attrs["body"]]
        carry, maximum = attrs["carry"], attrs["maximum"]
        attributes = [carry, len(inputs) - carry, -1 if maximum is None else maximum]
    nested = [builder.nested(simplify(copy_graph(body))) for body in bodies]
    if opcode == "scan" and not carry and not needs_caller(nested[0]):
        opcode, attributes = "map", attributes[1:5]
    outputs = []
    for t in results:
        spec = t._cornu_spec
        builder.values[t] = builder.new(spec.shape, spec.dtype)  # type: ignore[arg-type]
        outputs.append(builder.values[t])
    builder.emit(
        Instruction(
            opcode,
            inputs,
            outputs,
            attributes,
            nested=nested,
            late=late,
            layer=node.layer,
            what=node.primitive.name,
            node=node,
        )
    )
