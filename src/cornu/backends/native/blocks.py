"""From a group of nodes to a block program: registers, operations, results.

The core runs the operations block by block (see `fusion`): on registers that lie in the first-level
cache or are bound to memory, so that what is contiguous is read and written in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cornu.backends.native.domains import PLACES, REDUCTIONS, keeps_order, placement
from cornu.backends.native.items import Group
from cornu.backends.native.plan import DTYPES, Instruction, Operand, bits_of
from cornu.backends.native.views import broadcast
from cornu.graph.trace import Graph, Node, Tracer, known_shape

__all__ = ["BlockOps", "BlockProgram", "supported_by"]

Shape = tuple[int, ...]
BlockOps = Mapping[str, tuple[int, frozenset[int]]]

_V, _R, _S = range(3)
_SCRATCH, _BOUND, _COLUMN, _CONSTANT, _STRIDED = range(5)
_NUMBER = {name: i for i, name in enumerate(DTYPES)}
_WIDE = {"float16": "float32", "bfloat16": "float32"}
_KINDS = {"V": _V, "R": _R}


def supported_by(ops: BlockOps) -> Callable[[Node], bool]:
    """Return what says whether a block program can do a node."""

    def supported(node: Node) -> bool:
        name = node.primitive.name
        out = node.outputs[0]._cornu_spec.dtype
        if name == "random_bits":
            return name in ops
        if name in REDUCTIONS or name in PLACES:
            row = REDUCTIONS[name][0] if name in REDUCTIONS else PLACES[name]
            return _has(ops, row, node.inputs[0]._cornu_spec.dtype)
        if not node.primitive.elementwise:
            return False
        if name == "cast":
            source = node.inputs[0]._cornu_spec.dtype
            return all(_has(ops, "cast", t) for t in (source, out))
        dtype = node.inputs[1 if name == "select" else 0]._cornu_spec.dtype
        return (
            len(node.outputs) == 1 and not node.attrs and _has(ops, name, _WIDE.get(dtype, dtype))
        )

    return supported


def _has(ops: BlockOps, name: str, dtype: str) -> bool:
    found = ops.get(name)
    return found is not None and dtype in _NUMBER and _NUMBER[dtype] in found[1]


class _Register:
    __slots__ = ("bits", "dtype", "kind", "number", "operand", "slot", "storage")

    def __init__(
        self, kind: int, dtype: str, storage: int, operand: int = -1, bits: int = 0
    ) -> None:
        self.kind = kind
        self.dtype = dtype
        self.storage = storage
        self.operand = operand  # place among inputs, or among outputs counted from -2 downwards
        self.bits = bits
        self.slot = 0
        self.number = 0


class BlockProgram:
    """A block program in the making.

    Args:
        group: The nodes.
        graph: Their graph, for its constants.
        producer: The node that makes each value.
        stored: The memory of those of its values that others read.
        read: Gives the memory of a value made elsewhere.
        copied: Gives a row-major copy of an operand (or itself if it is row-major).
        ops: The operations of the core.
    """

    def __init__(
        self,
        group: Group,
        graph: Graph,
        producer: Mapping[Tracer, Node],
        stored: Mapping[Tracer, Operand],
        read: Callable[[Tracer], Operand],
        copied: Callable[[Operand], Operand],
        ops: BlockOps,
    ) -> None:
        self.group = group
        self.graph = graph
        self.producer = producer
        self.stored = stored
        self.read = read
        self.copied = copied
        self.ops = ops
        self.cols = group.size if group.cols is None else group.cols
        self.rows = group.size // self.cols
        self.registers: list[_Register] = []
        self.body: list[tuple[int, _Register, list[_Register]]] = []
        self.results: list[tuple[int, _Register, Tracer]] = []
        self.inputs: list[Operand] = []
        self.outputs: list[Operand] = []
        self.inside: dict[Tracer, _Register] = {}
        self.loaded: dict[Any, _Register] = {}
        self.expanded: dict[_Register, _Register] = {}

    # Registers

    def _register(self, *args: Any) -> _Register:
        found = _Register(*args)
        self.registers.append(found)
        return found

    def _input(self, operand: Operand) -> int:
        self.inputs.append(operand)
        return len(self.inputs) - 1

    def _result(self, t: Tracer, kind: int) -> _Register:
        """Return a register for a value: memory itself if others read it too."""
        dtype = t._cornu_spec.dtype
        operand = self.stored.get(t)
        if operand is None:
            return self._register(kind, dtype, _SCRATCH)
        self.outputs.append(operand)
        return self._register(kind, dtype, _BOUND, -1 - len(self.outputs))

    def _own(self, t: Tracer) -> _Register | None:
        while t not in self.inside:
            node = self.producer.get(t)
            if node is None or not keeps_order(node):
                return None
            t = node.inputs[0]
        return self.inside[t]

    def operand(self, t: Tracer, shape: Shape, kind: int) -> _Register:
        """Return a value as an operand of a node of this shape and kind."""
        own = self._own(t)
        if own is not None:
            return self._as_kind(own, kind)
        constant = self.graph.constants.get(t)
        dtype = t._cornu_spec.dtype
        if constant is not None and _is_uniform(constant):
            bits = bits_of(constant.flat[0], dtype)
            found = self.loaded.get(("constant", dtype, bits))
            if found is None and not np.isnan(constant.flat[0]):
                found = self._register(_S, dtype, _CONSTANT, -1, bits)
                self.loaded["constant", dtype, bits] = found
            if found is not None:
                return found
        source = self.read(t)
        where, period = placement(source.shape, shape)
        if kind == _R:
            where = "full" if source.size == self.rows and self.rows != 1 else "scalar"
        key: tuple[Any, ...] = (
            id(source.buffer),
            source.offset,
            source.shape,
            source.strides,
            where,
            period,
        )
        if where == "strided":
            key = (*key, shape)
        found = self.loaded.get(key)
        if found is None:
            found = self.loaded[key] = self._load(source, shape, kind, where, period)
        return self._as_kind(found, kind)

    def _as_kind(self, x: _Register, kind: int) -> _Register:
        """Return a row's value repeated along the row where the whole block is meant."""
        if x.kind != _R or kind != _V:
            return x
        found = self.expanded.get(x)
        if found is None:
            found = self._register(_V, x.dtype, _SCRATCH)
            self._emit("expand", found, [x])
            self.expanded[x] = found
        return found

    def _load(self, source: Operand, shape: Shape, kind: int, where: str, period: int) -> _Register:
        dtype = source.dtype
        if where == "scalar":
            return self._register(_S, dtype, _BOUND, self._input(source))
        if kind == _R:
            return self._register(_R, dtype, _BOUND, self._input(self.copied(source)))
        if where == "full":
            if source.contiguous:
                return self._register(_V, dtype, _BOUND, self._input(source))
            return self._register(_V, dtype, _STRIDED, self._input(source))
        if source.contiguous and period == self.cols:
            if where == "col":
                return self._register(_V, dtype, _COLUMN, self._input(source))
            if where == "row":
                return self._register(_R, dtype, _BOUND, self._input(source))
        return self._register(_V, dtype, _STRIDED, self._input(broadcast(source, shape)))

    # Operations

    def _emit(self, name: str, target: _Register, operands: list[_Register]) -> None:
        self.body.append((self.ops[name][0], target, operands))

    def take(self, node: Node) -> None:
        """Add the operations of one node."""
        name, out = node.primitive.name, node.outputs[0]
        if name in REDUCTIONS or name in PLACES:
            self._reduce(node)
            return
        if name == "random_bits":
            key = self._register(
                _S, "uint32", _BOUND, self._input(self.copied(self.read(node.inputs[0])))
            )
            target = self._result(out, _V)
            self._emit(name, target, [key])
            self.inside[out] = target
            return
        kind = _KINDS[self.group.kinds[out]]
        shape: Shape = known_shape(out)
        operands = [self.operand(t, shape, kind) for t in node.inputs]
        if all(r.kind == _S for r in operands):
            operands[-1] = self._filled(operands[-1], kind)
        if name != "cast" and (out._cornu_spec.dtype in _WIDE or operands[-1].dtype in _WIDE):
            self._widened(node, operands, kind)
            return
        target = self._result(out, kind)
        self._emit(name, target, operands)
        self.inside[out] = target

    def _filled(self, x: _Register, kind: int) -> _Register:
        """Return a single value in every element, for an operation that has no other operand."""
        target = self._register(kind, x.dtype, _SCRATCH)
        self._emit("identity", target, [x])
        return target

    def _widened(self, node: Node, operands: list[_Register], kind: int) -> None:
        """Compute in 32 bits what is stored in 16."""
        wide = [self._cast(r, _WIDE[r.dtype], kind) if r.dtype in _WIDE else r for r in operands]
        out = node.outputs[0]
        target = self._result(out, kind)
        if target.dtype in _WIDE:
            inner = self._register(kind, _WIDE[target.dtype], _SCRATCH)
            self._emit(node.primitive.name, inner, wide)
            self._emit("cast", target, [inner])
        else:
            self._emit(node.primitive.name, target, wide)
        self.inside[out] = target

    def _cast(self, x: _Register, dtype: str, kind: int) -> _Register:
        if x.kind == _S:
            x = self._filled(x, kind)
        target = self._register(x.kind, dtype, _SCRATCH)
        self._emit("cast", target, [x])
        return target

    def _reduce(self, node: Node) -> None:
        name, out = node.primitive.name, node.outputs[0]
        source = self._own(node.inputs[0])
        if source is None:
            source = self.operand(node.inputs[0], known_shape(node.inputs[0]), _V)
        if self.group.kinds[out] == "R":
            target = self._result(out, _R)
            self._emit(
                REDUCTIONS[name][0] if name in REDUCTIONS else PLACES[name], target, [source]
            )
            self.inside[out] = target
        else:
            column = out._cornu_spec.ndim > 0
            self.results.append((REDUCTIONS[name][1] + column, source, out))

    # The end

    def instruction(self) -> Instruction:
        """Return the instruction of the group."""
        for node in self.group.nodes:
            self.take(node)
        for _, _, t in self.results:
            self.outputs.append(self.stored[t])
        self._allocate()
        first = len(self.inputs)
        for i, r in enumerate(self.registers):
            r.number = i
            if r.operand < -1:
                r.operand = first - r.operand - 2
        attributes: list[int] = [
            *(self.rows, self.cols),
            *(len(self.registers), 0, len(self.body), len(self.results)),
        ]
        for r in self.registers:
            index = r.slot if r.storage == _SCRATCH else r.operand
            if r.storage == _CONSTANT:
                index = r.bits
            attributes += (r.kind, _NUMBER[r.dtype], r.storage, index)
        for code, target, operands in self.body:
            numbers = [r.number for r in operands]
            attributes += (code, target.number, *numbers, *[-1] * (3 - len(numbers)))
        at = first + len(self.outputs) - len(self.results)
        for i, (kind, source, _) in enumerate(self.results):
            attributes += (kind, source.number, at + i)
        names = dict.fromkeys(node.primitive.name for node in self.group.nodes)
        return Instruction(
            "block",
            self.inputs,
            self.outputs,
            attributes,
            late=self.group.late,
            layer=_layer(self.group),
            what=" ".join(names),
            reuse=self._reuse(),
        )

    def _reuse(self) -> dict[int, tuple[int, ...]]:
        """Return which inputs may give their memory to an output: those not read after it."""
        read: dict[int, int] = {}
        layouts: dict[int, list[_Register]] = {}
        for i, (_, _, operands) in enumerate(self.body):
            for r in operands:
                read[r.number] = i
        for _, source, _ in self.results:
            read[source.number] = len(self.body)
        bound = [r for r in self.registers if r.storage == _BOUND and r.operand < len(self.inputs)]
        for r in self.registers:
            if 0 <= r.operand < len(self.inputs):
                layouts.setdefault(id(self.inputs[r.operand].buffer), []).append(r)
        found: dict[int, tuple[int, ...]] = {}
        for i, (_, target, _) in enumerate(self.body):
            if target.storage != _BOUND:
                continue
            fits = [
                r.operand
                for r in bound
                if r.kind == target.kind != _S
                and r.dtype == target.dtype
                and read.get(r.number, -1) <= i
                and len(layouts[id(self.inputs[r.operand].buffer)]) == 1
            ]
            if fits:
                found[target.operand - len(self.inputs)] = tuple(fits)
        return found

    def _allocate(self) -> None:
        """Give scratch registers their slots; one that is read no more leaves it to others."""
        last: dict[_Register, int] = {}
        for i, (_, target, operands) in enumerate(self.body):
            for r in (target, *operands):
                last[r] = i
        for _, source, _ in self.results:
            last[source] = len(self.body)
        free: dict[int, list[int]] = {_V: [], _R: [], _S: []}
        slots = 0
        for i, (_, target, operands) in enumerate(self.body):
            if target.storage == _SCRATCH:
                if free[target.kind]:
                    target.slot = free[target.kind].pop()
                else:
                    target.slot = slots
                    slots += 1
            for r in dict.fromkeys((target, *operands)):
                if r.storage == _SCRATCH and last[r] == i:
                    free[r.kind].append(r.slot)


def _is_uniform(x: np.ndarray[Any, Any]) -> bool:
    return x.size == 1 or (x.size > 1 and not np.any(x != x.flat[0]))


def _layer(group: Group) -> str:
    for node in group.nodes:
        if node.layer:
            return node.layer
    return ""
