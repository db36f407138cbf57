"""Which nodes of a graph run together: chains of element-wise work become one block program.

A `Group` has a domain of rows x cols elements, through which it goes block by block, so that what
only its own nodes read never reaches memory. In it a value is one of three kinds:

    V  an element for each element of the domain
    R  an element for each row: the result of a reduction over the row, or computed from such
    S  one element for all

Sums over columns or over everything are known only when all blocks are done: other groups may read
them, the group itself can't. Nodes are taken in order; each joins the group that makes its
operands, or that reads the same ones, if all that it needs is known there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from cornu.backends.native.domains import (
    domain_of,
    fit,
    is_reshape,
    placement,
    size_of,
)
from cornu.backends.native.items import Group, Item, Single
from cornu.backends.native.views import VIEWS
from cornu.graph.trace import Graph, Node, Tracer, known_shape

__all__ = ["fuse"]

Supported = Callable[[Node], bool]


def fuse(graph: Graph, late: int, supported: Supported) -> tuple[list[Item], dict[Tracer, Node]]:
    """Return the instructions to be, in order, and the node that makes each value.

    Args:
        graph: A simplified graph with known shapes; operands of its nodes may be replaced.
        late: How many of the first outputs are wanted after the last step of a run only.
        supported: Says whether block programs can do a node.
    """
    fuser = _Fuser(graph, late, supported)
    return fuser.run(), fuser.producer


class _Fuser:
    def __init__(self, graph: Graph, late: int, supported: Supported) -> None:
        self.graph = graph
        self.supported = supported
        self.items: list[Item] = []
        self.maker: dict[Tracer, Item] = {}  # inputs and constants have none
        self.readers: dict[Tracer, list[Item]] = {}
        # Reshaped values of a group, which are the same elements in the same order.
        self.root: dict[Tracer, Tracer] = {}
        self.lazy: dict[Tracer, Node] = {}
        self.early = _needed(graph, graph.outputs[late:])
        self.uses: dict[Tracer, list[Node]] = {}
        # Not `Tracer.node`: that is the node of the trace, before it was simplified.
        self.producer: dict[Tracer, Node] = {}
        for node in graph.nodes:
            for t in node.inputs:
                self.uses.setdefault(t, []).append(node)
            for t in node.outputs:
                self.producer[t] = node
        self.outputs = set(graph.outputs)
        self.skipped: set[Node] = set()
        self.next = 0

    def run(self) -> list[Item]:
        _recompute_masks(self)
        nodes = self.graph.nodes
        for late in (False, True):
            for node in nodes:
                if (node not in self.early) == late and node not in self.skipped:
                    self._take(node, late)
        self.items.sort(key=lambda item: item.order)
        return self.items

    def _take(self, node: Node, late: bool) -> None:
        if node.primitive.name in VIEWS or is_reshape(node):
            self._take_view(node)
        elif not self._join_epilogue(node) and not self._take_fusable(node, late):
            self._settle_lazy(node.inputs, late)
            item = Single(node, self._new_order(), late)
            self.items.append(item)
            for o in node.outputs:
                self.maker[o] = item
            self._note_reads(item, node.inputs)

    def _new_order(self) -> int:
        self.next += 1
        return self.next

    def _note_reads(self, item: Item, values: Iterable[Tracer]) -> None:
        for t in values:
            if t in self.graph.constants:
                continue  # that two groups read the same constant is no reason to join them
            readers = self.readers.setdefault(self._base(t), [])
            if item not in readers:
                readers.append(item)

    def _base(self, t: Tracer) -> Tracer:
        """Follow views to the value whose memory or register it is."""
        while True:
            found = self.root.get(t)
            if found is None:
                return t
            t = found

    # Views

    def _take_view(self, node: Node) -> None:
        source = node.inputs[0]
        if source in self.lazy:
            self._settle_lazy([source], node not in self.early)
        for o in node.outputs:
            self.root[o] = source
            if source in self.maker:
                self.maker[o] = self.maker[source]

    # Element-wise nodes and reductions

    def _take_fusable(self, node: Node, late: bool) -> bool:
        """Take a node into a group, an old or a new one, if block programs can do it."""
        if not self.supported(node):
            return False
        size = domain_of(node)
        if not size:
            return False
        candidates: list[Group] = []
        for t in node.inputs:
            for i in self.lazy[t].inputs if t in self.lazy else (t,):
                near = [self.maker.get(i), *self.readers.get(self._base(i), ())]
                candidates += [item for item in near if isinstance(item, Group)]
        if size_of(node.outputs[0]) == 1 and self.items:
            last = self.items[-1]
            if isinstance(last, Group) and last.size == 1:
                candidates.append(last)
        tried: set[int] = set()
        for group in sorted(candidates, key=lambda g: -g.order):
            if id(group) in tried or group.late != late:
                continue
            tried.add(id(group))
            if self._join(group, node):
                self._merge_makers(group, node)
                return True
        group = Group(size, self._new_order(), late)
        if not self._join(group, node):
            return False
        self.items.append(group)
        return True

    def _known_from(self, t: Tracer) -> int:
        """Return the lowest order of an item that can read `t` from memory."""
        maker = self.maker.get(t)
        return 0 if maker is None else maker.order + 1

    def _join(self, group: Group, node: Node) -> bool:
        """Take the node into the group if its operands are known there and fit its domain."""
        plan = fit(group, node, self.producer, self.lazy)
        if plan is None:
            return False
        kind, cols, outside = plan
        least = 0
        for t in outside:
            if self.maker.get(t) is group:
                return False  # in another form than the group has it
            least = max(least, self._known_from(t))
        if least > group.order and not self._move_to_end(group):
            return False
        self._take_lazy(group, node)
        group.cols = cols
        group.nodes.append(node)
        group.kinds[node.outputs[0]] = kind
        self.maker[node.outputs[0]] = group
        self._note_reads(group, outside)
        return True

    def _take_lazy(self, group: Group, node: Node) -> None:
        for t in node.inputs:
            lazy = self.lazy.get(t)
            if lazy is not None and t not in group.kinds:
                group.nodes.append(lazy)
                group.kinds[t] = "V"
                group.again.add(t)

    def _merge_makers(self, group: Group, node: Node) -> None:
        """Take in the groups that make what a new node reads, where nobody needs it before."""
        for t in node.inputs:
            maker = self.maker.get(t)
            if isinstance(maker, Group) and maker is not group and maker.size == group.size:
                self._merge(group, maker)

    def _merge(self, group: Group, maker: Group) -> None:
        if maker.late != group.late:
            return
        if None not in (maker.cols, group.cols) and maker.cols != group.cols:
            return
        for t in maker.kinds:
            for reader in self.readers.get(t, ()):
                if reader is not group and reader.order <= group.order:
                    return
        joint = Group(group.size, group.order, group.late)
        joint.cols = maker.cols
        joint.nodes, joint.kinds = list(maker.nodes), dict(maker.kinds)
        for node in group.nodes:
            if node.outputs[0] in joint.kinds:
                continue  # a lazy one that both have
            plan = fit(joint, node, self.producer, self.lazy)
            if plan is None or any(
                self.maker.get(t) is maker or self.maker.get(t) is group for t in plan[2]
            ):
                return
            joint.kinds[node.outputs[0]], joint.cols = plan[0], plan[1]
            joint.nodes.append(node)
        group.nodes, group.kinds, group.cols = joint.nodes, joint.kinds, joint.cols
        group.again |= maker.again
        self.items.remove(maker)
        for t, maker_of in list(self.maker.items()):
            if maker_of is maker:
                self.maker[t] = group
        for readers in self.readers.values():
            if maker in readers:
                readers.remove(maker)
                if group not in readers:
                    readers.append(group)

    def _move_to_end(self, group: Group) -> bool:
        """Let the group run after all items so far, if none of them reads what it makes."""
        if group.order == self.next or not group.nodes:
            return True
        for t in group.kinds:
            if any(reader is not group for reader in self.readers.get(t, ())):
                return False
        group.order = self._new_order()
        return True

    def _settle_lazy(self, values: Iterable[Tracer], late: bool) -> None:
        """Compute a lazy value after all, for a reader that can't do it itself."""
        for t in values:
            node = self.lazy.pop(t, None)
            if node is not None and not self._take_fusable(node, late):
                raise AssertionError("a lazy node must be fusable")

    # Epilogues of products

    def _join_epilogue(self, node: Node) -> bool:
        """Let a product add what is added to it and cut off what is negative, on the way."""
        name = node.primitive.name
        if name == "add":
            for t, other in (node.inputs, node.inputs[::-1]):
                item = self.maker.get(t)
                if (
                    isinstance(item, Single)
                    and item.result is t
                    and not item.relu
                    and self._takes_epilogue(item)
                    and self._read_once(t)
                    and self._known_from(other) <= item.order
                    and other not in self.lazy
                    and other._cornu_spec.dtype == node.outputs[0]._cornu_spec.dtype
                ):
                    if item.bias is None and self._is_bias(other, node.outputs[0], item):
                        item.bias = other
                    elif item.addend is None and self._is_addend(other, node.outputs[0], item):
                        item.addend = other
                    else:
                        continue
                    self._rename(item, node)
                    self._note_reads(item, [other])
                    return True
        if name == "less_equal":
            item = self.maker.get(node.inputs[0])
            select = _relu_of(self, node)
            if (
                select is not None
                and isinstance(item, Single)
                and item.result is node.inputs[0]
                and not item.relu
                and self._takes_epilogue(item)
                and self.uses[node.inputs[0]] == [node, select]
                and self.uses[node.outputs[0]] == [select]
                and node.outputs[0] not in self.outputs
                and node.inputs[0] not in self.outputs
            ):
                item.relu = True
                self._rename(item, select)
                self.skipped.add(select)
                return True
        return False

    def _takes_epilogue(self, item: Single) -> bool:
        spec = item.node.outputs[0]._cornu_spec
        if spec.dtype not in ("float32", "float64"):
            return False
        name = item.node.primitive.name
        return name == "dot" or (name == "conv" and spec.ndim <= 5)

    def _read_once(self, t: Tracer) -> bool:
        return len(self.uses[t]) == 1 and t not in self.outputs

    def _is_bias(self, bias: Tracer, result: Tracer, item: Single) -> bool:
        if item.node.attrs.get("batch"):
            return False
        kind, period = placement(known_shape(bias), known_shape(result))
        return kind == "col" and period == _columns(item.node)

    def _is_addend(self, addend: Tracer, result: Tracer, item: Single) -> bool:
        """Say whether a product should add this: one more to read, but no more to write."""
        if item.node.primitive.name != "dot" or known_shape(addend) != known_shape(result):
            return False
        # A group that nobody else waits for does the sum itself, and never stores its part of it.
        maker = self.maker.get(addend)
        return not (
            isinstance(maker, Group)
            and self._read_once(addend)
            and not any(r is not maker for t in maker.kinds for r in self.readers.get(t, ()))
        )

    def _rename(self, item: Single, node: Node) -> None:
        del self.maker[item.result]
        item.result = node.outputs[0]
        self.maker[item.result] = item


def _columns(node: Node) -> int:
    """Return how many elements a row of the product has, that is, what the bias must have."""
    shape = known_shape(node.outputs[0])
    if node.primitive.name == "conv":
        return shape[-1]
    taken = len(node.attrs["contract"]) + len(node.attrs["batch"])
    free = node.inputs[1]._cornu_spec.ndim - taken
    return math.prod(shape[len(shape) - free :])


def _relu_of(fuser: _Fuser, mask: Node) -> Node | None:
    """Return the node that sets x to zero where the mask `x <= 0` holds."""
    x, zero = mask.inputs
    if not _is_zero(fuser.graph, zero):
        return None
    for node in fuser.uses.get(mask.outputs[0], ()):
        if (
            node.primitive.name == "select"
            and node.inputs[0] is mask.outputs[0]
            and node.inputs[2] is x
            and _is_zero(fuser.graph, node.inputs[1])
            and node.outputs[0]._cornu_spec == x._cornu_spec
        ):
            return node
    return None


def _is_zero(graph: Graph, t: Tracer) -> bool:
    value = graph.constants.get(t)
    return value is not None and value.size == 1 and not value.any()


def _recompute_masks(fuser: _Fuser) -> None:
    """Let gradients of relu ask `y <= 0` of its result instead of keeping the mask `x <= 0`."""
    for node in list(fuser.graph.nodes):
        if node.primitive.name != "less_equal":
            continue
        select = _relu_of(fuser, node)
        mask = node.outputs[0]
        if select is None or mask in fuser.outputs or not fuser.supported(node):
            continue
        others = [user for user in fuser.uses[mask] if user is not select]
        if not others or any(user.primitive.name != "select" for user in others):
            continue
        again = Node(node.primitive, [select.outputs[0], node.inputs[1]], node.attrs, node.layer)
        again.outputs = [Tracer(mask.trace, mask._cornu_spec, again)]
        for user in others:
            user.inputs = [again.outputs[0] if t is mask else t for t in user.inputs]
        fuser.producer[again.outputs[0]] = again
        fuser.uses[mask] = [select]
        fuser.uses[again.outputs[0]] = others
        fuser.uses[select.outputs[0]] = [*fuser.uses.get(select.outputs[0], ()), again]
        fuser.lazy[again.outputs[0]] = again


def _needed(graph: Graph, outputs: list[Tracer]) -> set[Node]:
    needed, live = set(outputs), set()
    for node in reversed(graph.nodes):
        if not needed.isdisjoint(node.outputs):
            live.add(node)
            needed.update(node.inputs)
    return live
