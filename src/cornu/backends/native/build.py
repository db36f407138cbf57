"""From a clean graph to a plan: instructions in order, values in buffers, state in place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.backends.native.blocks import BlockProgram, supported_by
from cornu.backends.native.domains import is_reshape
from cornu.backends.native.fallback import callback
from cornu.backends.native.fusion import fuse
from cornu.backends.native.items import Group, Single
from cornu.backends.native.lower import LOWER, Op, dot
from cornu.backends.native.lower.control import lower_control
from cornu.backends.native.memory import place_buffers
from cornu.backends.native.plan import (
    ARENA,
    CONSTANT,
    EXTERNAL,
    WRITABLE,
    Buffer,
    Instruction,
    Operand,
    Plan,
    whole,
)
from cornu.backends.native.safety import is_safe
from cornu.backends.native.views import VIEWS, collapse, reshape, view
from cornu.graph.trace import Graph, Node, Tracer, known_shape

__all__ = ["Shared", "build_plan"]

Shape = tuple[int, ...]


class Shared:
    """What a plan and the plans nested in it have in common.

    Attributes:
        opcodes: The core's kernels.
        ops: The operations of block programs.
        constants: Arrays that the plans read.
        callbacks: What they call in Python.
    """

    def __init__(self, core: Any) -> None:
        self.opcodes: dict[str, int] = core.opcodes()
        self.ops: dict[str, tuple[int, frozenset[int]]] = core.block_ops()
        self.supported = supported_by(self.ops)
        self.constants: list[np.ndarray[Any, Any]] = []
        self.callbacks: list[Any] = []


def build_plan(
    graph: Graph, shared: Shared, late: int = 0, pairs: Sequence[tuple[int, int]] = ()
) -> Plan:
    """Return the plan of a graph.

    Its externals are the graph's inputs, then its outputs; of an output that takes an input's place
    (see `pairs`) there is only the input.

    Args:
        graph: A simplified graph with known shapes.
        shared: Constants and callbacks are added to it.
        late: How many of the first outputs are wanted after the last step of a run only.
        pairs: (input, output) of state: the output's new value shall be where the input was.
    """
    return _Builder(graph, shared, late, {o: i for i, o in pairs}).build()


class _Builder:
    def __init__(self, graph: Graph, shared: Shared, late: int, state: dict[int, int]) -> None:
        self.graph = graph
        self.shared = shared
        self.late = late
        self.state = state
        self.plan = Plan()
        self.values: dict[Tracer, Operand] = {}
        self.copies: dict[Any, Operand] = {}
        self.uses: dict[Tracer, list[Node]] = {}
        self.producer: dict[Tracer, Node] = {}
        self.wanted = set(graph.outputs)

    def build(self) -> Plan:
        graph = self.graph
        for i, t in enumerate(graph.inputs):
            self.values[t] = self._whole(EXTERNAL, t, i)
        items, self.producer = fuse(graph, self.late, self.shared.supported)
        self._find_uses(items)
        for item in items:
            if isinstance(item, Group):
                self._group(item)
            elif isinstance(item, Single):
                self._single(item)
        self._outputs()
        used = {id(o.buffer) for ins in self.plan.instructions for o in (*ins.inputs, *ins.outputs)}
        self.plan.buffers = [b for b in self.plan.buffers if id(b) in used or b.kind == EXTERNAL]
        place_buffers(self.plan)
        return self.plan

    # Memory

    def _whole(self, kind: int, t: Tracer, place: int = 0, flags: int = 0) -> Operand:
        shape: Shape = known_shape(t)
        return whole(
            self.plan.add(Buffer(kind, t._cornu_spec.dtype, math.prod(shape), place, flags)), shape
        )

    def new(self, shape: Shape, dtype: str) -> Operand:
        """Return new memory of the arena."""
        return whole(self.plan.add(Buffer(ARENA, dtype, math.prod(shape))), shape)

    def emit(self, instruction: Instruction) -> None:
        """Put an instruction at the end of the plan."""
        self.plan.instructions.append(instruction)

    def read(self, t: Tracer) -> Operand:
        """Return the memory of a value; views are made on the way."""
        found = self.values.get(t)
        if found is None:
            if t in self.graph.constants:
                found = self._constant(self.graph.constants[t], t._cornu_spec.dtype)
            else:
                found = self._view(t)
            self.values[t] = found
        return found

    def _constant(self, value: Any, dtype: str) -> Operand:
        array = np.asarray(value, order="C")
        buffer = Buffer(CONSTANT, dtype, array.size, len(self.shared.constants))
        self.shared.constants.append(array)
        return whole(self.plan.add(buffer), array.shape)

    def _view(self, t: Tracer) -> Operand:
        node = self.producer[t]
        source = self.read(node.inputs[0])
        if node.primitive.name in VIEWS:
            for o, operand in zip(node.outputs, view(source, node), strict=True):
                self.values[o] = operand
            return self.values[t]
        if not is_reshape(node):
            raise AssertionError(f"{node!r} was read before it was made")
        shape: Shape = known_shape(t)
        found = reshape(source, shape) or reshape(self.copied(source), shape)
        if found is None:
            raise AssertionError("a copy takes any shape")
        return found

    def copied(self, x: Operand) -> Operand:
        """Return a row-major copy, or the operand itself if it is row-major."""
        if x.contiguous:
            return x
        key = (id(x.buffer), x.offset, x.shape, x.strides)
        found = self.copies.get(key)
        if found is None:
            found = self.copies[key] = self.new(x.shape, x.dtype)
            self.emit(Instruction("copy", [x], [found], what="copy"))
        return found

    def nested(self, graph: Graph) -> Plan:
        """Return the plan of a body, which shares constants and callbacks with this one."""
        return _Builder(graph, self.shared, 0, {}).build()

    # Instructions

    def _find_uses(self, items: Sequence[Any]) -> None:
        for item in items:
            for node in item.nodes if isinstance(item, Group) else [item.node]:
                for t in node.inputs:
                    self.uses.setdefault(t, []).append(node)
            if isinstance(item, Single):
                for t in (item.bias, item.addend):
                    if t is not None:
                        self.uses.setdefault(t, []).append(item.node)
        for node in self.graph.nodes:  # what is read through a view is read
            if node.primitive.name in VIEWS or is_reshape(node):
                self.uses.setdefault(node.inputs[0], []).append(node)

    def _group(self, group: Group) -> None:
        inside = set(group.nodes)
        stored: dict[Tracer, Operand] = {}
        for t, kind in group.kinds.items():
            if t in group.again:
                continue
            if kind == "end" or t in self.wanted or self._read_outside(t, inside):
                stored[t] = self.new(known_shape(t), t._cornu_spec.dtype)
        program = BlockProgram(
            group, self.graph, self.producer, stored, self.read, self.copied, self.shared.ops
        )
        instruction = program.instruction()
        self.values.update(stored)
        self.emit(instruction)

    def _read_outside(self, t: Tracer, inside: set[Node]) -> bool:
        """Say whether others than the group's nodes read a value, through whatever reshapes."""
        for user in self.uses.get(t, ()):
            if user in inside:
                continue
            if user.primitive.name in VIEWS or is_reshape(user):
                if any(o in self.wanted or self._read_outside(o, inside) for o in user.outputs):
                    return True
            else:
                return True
        return False

    def _single(self, item: Single) -> None:
        node = item.node
        name = node.primitive.name
        if any(isinstance(v, Graph) for v in node.attrs.values()):
            lower_control(self, node, item.late)
            return
        if name == "dot" and dot.supported(node):
            self._product(item)
            return
        lower = LOWER.get(name)
        op = lower(node) if lower is not None else None
        if op is None or op.opcode not in self.shared.opcodes:
            self._fallback(item)
            return
        places = range(len(node.inputs)) if op.inputs is None else op.inputs
        inputs = [self.read(node.inputs[i]) for i in places]
        if op.contiguous:
            inputs = [x if i in op.strided else self.copied(x) for i, x in enumerate(inputs)]
        results = [item.result] if name == "conv" else node.outputs
        if op.outputs is not None:
            results = [results[i] for i in op.outputs]
        attributes: Sequence[int] = op.attributes
        if item.bias is not None or item.relu:
            attributes = (*attributes[:-2], int(item.bias is not None), int(item.relu))
        if item.bias is not None:
            inputs.append(self._row(item.bias))
        for t in results:
            self.values[t] = self.new(known_shape(t), t._cornu_spec.dtype)
        outputs = [self.values[t] for t in results]
        reuse = {0: _reusable(op, inputs, outputs[0])}
        self._emit_node(item, op.opcode, inputs, outputs, attributes, reuse)

    def _emit_node(
        self,
        item: Single,
        opcode: str,
        inputs: Sequence[Operand],
        outputs: Sequence[Operand],
        attributes: Sequence[int],
        reuse: dict[int, tuple[int, ...]] | None = None,
    ) -> None:
        node = item.node
        what = node.primitive.name
        what += " add" * ((item.bias is not None) + (item.addend is not None))
        what += " relu" * item.relu
        self.emit(
            Instruction(
                opcode,
                inputs,
                outputs,
                attributes,
                late=item.late,
                layer=node.layer,
                what=what,
                node=node,
                reuse=reuse,
            )
        )

    def _row(self, bias: Tracer) -> Operand:
        x = self.copied(self.read(bias))
        return Operand(x.buffer, (x.size,), (1,), x.offset)

    def _product(self, item: Single) -> None:
        node = item.node
        result = self._layout(item)
        a, b = (self.read(t) for t in node.inputs)
        inputs = dot.matrices(node, a, b, result, self.copied)
        output = inputs.pop()
        if item.bias is not None:
            inputs.append(self._row(item.bias))
        reuse = None
        if item.addend is not None:
            inputs.append(dot.result_matrix(node, self._like(item, result)))
            reuse = {0: _replaceable(inputs, output)}
        self.values[item.result] = result
        attributes = (int(item.bias is not None), int(item.relu), int(item.addend is not None))
        self._emit_node(item, "gemm", inputs, [output], attributes, reuse)

    def _like(self, item: Single, result: Operand) -> Operand:
        """Return a product's addend, or a copy of it that is laid out as the result is."""
        if item.addend is None:
            raise AssertionError("this product has no addend")
        x = self.read(item.addend)
        if x.strides == result.strides or (result.contiguous and dot.has_even_rows(item.node, x)):
            return x
        copy = Operand(self.new(x.shape, x.dtype).buffer, x.shape, result.strides)
        self.emit(Instruction("copy", [x], [copy], what="copy"))
        return copy

    def _layout(self, item: Single) -> Operand:
        """Return memory for a product, in the order of axes in which it will be read."""
        t = item.result
        shape: Shape = known_shape(t)
        users = self.uses.get(t, [])
        if (
            users
            and t not in self.wanted
            and all(u.primitive.name == "transpose" for u in users)
            and len({u.attrs["axes"] for u in users}) == 1
        ):
            axes = users[0].attrs["axes"]
            memory = self.new(tuple(shape[a] for a in axes), t._cornu_spec.dtype)
            back = [axes.index(a) for a in range(len(axes))]
            found = Operand(memory.buffer, shape, tuple(memory.strides[i] for i in back))
            batch = len(item.node.attrs["batch"])
            free = item.node.inputs[0]._cornu_spec.ndim - batch - len(item.node.attrs["contract"])
            rows = collapse(found, range(batch, batch + free))
            columns = collapse(found, range(batch + free, len(shape)))
            if (
                rows is not None
                and columns is not None
                and (columns[1] == 1 or (rows[1] == 1 and item.bias is None))
            ):
                return found
            self.plan.buffers.remove(memory.buffer)
        return self.new(shape, t._cornu_spec.dtype)

    def _fallback(self, item: Single) -> None:
        node = item.node
        inputs = [self.copied(self.read(t)) for t in node.inputs]
        for t in node.outputs:
            self.values[t] = self.new(known_shape(t), t._cornu_spec.dtype)
        self.shared.callbacks.append(callback(node, self.graph))
        outputs = [self.values[t] for t in node.outputs]
        self._emit_node(item, "python", inputs, outputs, [len(self.shared.callbacks) - 1])

    # Outputs

    def _outputs(self) -> None:
        graph = self.graph
        first = len(graph.inputs)
        targets: list[tuple[Tracer, Operand, bool]] = []
        place = first
        for i, t in enumerate(graph.outputs):
            if i in self.state:
                target = self.values[graph.inputs[self.state[i]]]
            else:
                target = self._whole(EXTERNAL, t, place, WRITABLE)
                place += 1
            targets.append((t, target, i < self.late))
        sources = [self.read(t) for t, _, _ in targets]
        held = {id(s.buffer) for s in sources}  # an old value among the outputs must stay
        # Only now: reading a turned value may have copied it, perhaps from the old state.
        accesses = _Accesses(self.plan.instructions)
        moved: dict[int, Buffer] = {}
        copies: list[tuple[Operand, Operand, bool]] = []
        for i, (_, target, late) in enumerate(targets):
            source = sources[i]
            if source.buffer is target.buffer and source.contiguous:
                continue  # state that stays as it is
            kept = id(target.buffer) in held
            if not kept and self._may_take(source, target, moved, i in self.state, accesses):
                moved[id(source.buffer)] = target.buffer
                target.buffer.flags |= WRITABLE
            else:
                copies.append((source, target, late))
        for ins in self.plan.instructions:
            for o in (*ins.inputs, *ins.outputs):
                o.buffer = moved.get(id(o.buffer), o.buffer)
        for source, _, _ in copies:
            source.buffer = moved.get(id(source.buffer), source.buffer)
        self._final_copies(copies)

    def _may_take(
        self,
        source: Operand,
        target: Operand,
        moved: dict[int, Buffer],
        state: bool,
        accesses: _Accesses,
    ) -> bool:
        """Say whether a value can be made right where it is wanted."""
        buffer = source.buffer
        if (
            buffer.kind != ARENA
            or id(buffer) in moved
            or not source.contiguous
            or source.offset
            or source.size != buffer.count
        ):
            return False
        if not state:
            return True
        if any(b is target.buffer for b in moved.values()):
            return False
        made = accesses.writes.get(id(buffer), [])
        if len(made) != 1:
            return False
        at, output = made[0]
        if at < accesses.last_unsafe:
            return False  # what follows may fail, and then the state must be what it was
        reads = accesses.reads.get(id(target.buffer), [])
        if any(i > at for i, _ in reads):
            return False
        here = [place for i, place in reads if i == at]
        reuse = self.plan.instructions[at].reuse.get(output, ())
        return not here or (len(here) == 1 and here[0] in reuse)

    def _final_copies(self, copies: list[tuple[Operand, Operand, bool]]) -> None:
        """Copy to where values are wanted; what is overwritten itself is saved before."""
        targets = {id(target.buffer) for _, target, _ in copies}
        saved = []
        for source, target, late in copies:
            if id(source.buffer) in targets:
                kept = self.new(source.shape, source.dtype)
                self.emit(Instruction("copy", [source], [kept], what="copy"))
                source = kept
            saved.append((source, target, late))
        for source, target, late in saved:
            target.buffer.flags |= WRITABLE
            self.emit(Instruction("copy", [source], [target], late=late, what="copy"))


class _Accesses:
    """Who reads and writes each buffer: pairs (instruction, place of the operand)."""

    def __init__(self, instructions: Sequence[Instruction]) -> None:
        self.reads: dict[int, list[tuple[int, int]]] = {}
        self.writes: dict[int, list[tuple[int, int]]] = {}
        self.last_unsafe = -1
        for i, ins in enumerate(instructions):
            for place, o in enumerate(ins.inputs):
                self.reads.setdefault(id(o.buffer), []).append((i, place))
            for place, o in enumerate(ins.outputs):
                self.writes.setdefault(id(o.buffer), []).append((i, place))
            if not is_safe(ins):
                self.last_unsafe = i


def _reusable(op: Op, inputs: Sequence[Operand], output: Operand) -> tuple[int, ...]:
    """Return which inputs may give their memory to an output: whole, and unlike all others."""
    return tuple(
        i
        for i in op.reuse
        if inputs[i].contiguous
        and inputs[i].size == inputs[i].buffer.count
        and inputs[i].shape == output.shape
        and not any(
            o.buffer is inputs[i].buffer or o.shape == output.shape
            for j, o in enumerate(inputs)
            if j != i
        )
    )


def _replaceable(inputs: Sequence[Operand], output: Operand) -> tuple[int, ...]:
    """Return the place of a product's addend, the last input, if the result may lie there."""
    *others, addend = inputs
    fits = addend.size == addend.buffer.count and addend.strides == output.strides
    if fits and all(o.buffer is not addend.buffer for o in others):
        return (len(others),)
    return ()
