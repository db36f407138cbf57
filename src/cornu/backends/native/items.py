"""What becomes one instruction: a node with a kernel of its own, or a group of nodes."""

from __future__ import annotations

from cornu.graph.trace import Node, Tracer

__all__ = ["Group", "Item", "Single"]


class Item:
    """One or more nodes that become an instruction.

    Attributes:
        order: Its place; an item reads only what items of a lower order make.
        late: Whether only the function's own results need it.
    """

    __slots__ = ("late", "order")

    def __init__(self, order: int, late: bool) -> None:
        self.order = order
        self.late = late


class Single(Item):
    """A node with a kernel of its own, or none.

    Attributes:
        node: The node.
        bias: A row that is added to the result, or None.
        addend: A value of the result's shape that is added to it, or None.
        relu: Whether negative results become zero.
        result: The value that is the result with bias, addend and relu.
    """

    __slots__ = ("addend", "bias", "node", "relu", "result")

    def __init__(self, node: Node, order: int, late: bool) -> None:
        super().__init__(order, late)
        self.node = node
        self.bias: Tracer | None = None
        self.addend: Tracer | None = None
        self.relu = False
        self.result = node.outputs[0]


class Group(Item):
    """Nodes of one block program.

    Attributes:
        size: Elements of the domain.
        cols: Elements of a row; None while nothing asks for rows.
        nodes: Its nodes, in order.
        kinds: The kind, "V", "R" or "S", of each value made inside; "end" for sums over the rows.
        again: Values that every reader computes anew, so that nobody stores them.
    """

    __slots__ = ("again", "cols", "kinds", "nodes", "size")

    def __init__(self, size: int, order: int, late: bool) -> None:
        super().__init__(order, late)
        self.size = size
        self.cols: int | None = None
        self.nodes: list[Node] = []
        self.kinds: dict[Tracer, str] = {}
        self.again: set[Tracer] = set()
