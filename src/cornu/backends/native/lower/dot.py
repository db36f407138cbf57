"""Products: `dot` over any axes as one batched product of matrices."""

from __future__ import annotations

import math
from collections.abc import Callable

from cornu.backends.native.plan import Operand
from cornu.backends.native.views import collapse
from cornu.graph.trace import Node

__all__ = ["has_even_rows", "matrices", "result_matrix", "supported"]

Copy = Callable[[Operand], Operand]


def supported(node: Node) -> bool:
    """Say whether the core multiplies these dtypes."""
    return node.inputs[0]._cornu_spec.dtype in ("float32", "float64")


def _free(x: Operand, taken: list[int]) -> list[int]:
    return [a for a in range(len(x.shape)) if a not in taken]


def matrices(node: Node, a: Operand, b: Operand, c: Operand, copy: Copy) -> list[Operand]:
    """Return the operands (batch.., m, k), (batch.., k, n), (batch.., m, n) of a product.

    Args:
        node: The `dot`.
        a: First operand, of any strides.
        b: Second operand.
        c: The result's memory, of any strides that keep its parts evenly spaced.
        copy: Gives a row-major copy.
    """
    pairs, batch = list(node.attrs["contract"]), list(node.attrs["batch"])
    batch_a, batch_b = [i for i, _ in batch], [j for _, j in batch]
    free_a = _free(a, [*batch_a, *(i for i, _ in pairs)])
    free_b = _free(b, [*batch_b, *(j for _, j in pairs)])
    # Contracted axes may come in any order, as long as both sides agree: that of one of them.
    by_b = sorted(pairs, key=lambda p: -abs(b.strides[p[1]]))
    by_a = sorted(pairs, key=lambda p: -abs(a.strides[p[0]]))
    pairs = by_b if collapse(a, [i for i, _ in by_b]) is not None else by_a
    if _uneven(a, free_a, [i for i, _ in pairs]):
        a = _reordered(a, [*batch_a, *free_a, *(i for i, _ in pairs)], copy)
    if _uneven(b, free_b, [j for _, j in pairs]):
        b = _reordered(b, [*batch_b, *(j for _, j in pairs), *free_b], copy)
    k = math.prod(a.shape[i] for i, _ in pairs)
    m, n = math.prod(a.shape[i] for i in free_a), math.prod(b.shape[j] for j in free_b)
    return [
        _matrix(a, batch_a, free_a, [i for i, _ in pairs], (m, k)),
        _matrix(b, batch_b, [j for _, j in pairs], free_b, (k, n)),
        result_matrix(node, c),
    ]


def result_matrix(node: Node, x: Operand) -> Operand:
    """Return a product's result, or what has its shape, as (batch.., m, n)."""
    rows, columns = _result_axes(node)
    shape = math.prod(x.shape[i] for i in rows), math.prod(x.shape[i] for i in columns)
    return _matrix(x, list(range(len(node.attrs["batch"]))), rows, columns, shape)


def has_even_rows(node: Node, x: Operand) -> bool:
    """Say whether what has the result's shape has rows without gaps, as far apart each."""
    rows, columns = (collapse(x, axes) for axes in _result_axes(node))
    return rows is not None and columns is not None and columns[1] == 1


def _result_axes(node: Node) -> tuple[list[int], list[int]]:
    """Return which of the result's axes come from the first and the second operand."""
    batch, taken = len(node.attrs["batch"]), len(node.attrs["contract"])
    middle = node.inputs[0]._cornu_spec.ndim - taken
    end = middle + node.inputs[1]._cornu_spec.ndim - taken - batch
    return list(range(batch, middle)), list(range(middle, end))


def _matrix(
    x: Operand, at: list[int], first: list[int], second: list[int], shape: tuple[int, int]
) -> Operand:
    found = [collapse(x, axes) for axes in (first, second)]
    if found[0] is None or found[1] is None:
        raise AssertionError("a product's operand isn't evenly spaced")
    lead = tuple(x.shape[i] for i in at)
    strides = (*[x.strides[i] for i in at], found[0][1], found[1][1])
    return Operand(x.buffer, (*lead, *shape), strides, x.offset)


def _uneven(x: Operand, *groups: list[int]) -> bool:
    return any(collapse(x, axes) is None for axes in groups)


def _reordered(x: Operand, order: list[int], copy: Copy) -> Operand:
    """Return a copy whose memory has the axes in this order, seen in the old one."""
    moved = Operand(
        x.buffer, tuple(x.shape[a] for a in order), tuple(x.strides[a] for a in order), x.offset
    )
    if moved.contiguous:
        return x
    moved = copy(moved)
    back = [order.index(a) for a in range(len(order))]
    return Operand(moved.buffer, x.shape, tuple(moved.strides[i] for i in back), moved.offset)
