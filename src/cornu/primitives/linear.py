"""`dot`: products of arrays over any pairs of axes, on which matmul, einsum and Dense are built."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from cornu.errors import ShapeError
from cornu.graph.dim import same_dim
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec, same_dtype, shape_of
from cornu.primitives.precision import in_float32
from cornu.primitives.rules import NUMBER, NDArray, Tensor, check_axes, check_kind
from cornu.primitives.shape import transpose

__all__ = ["adjoint", "dot", "matmul"]

# Pairs (axis of a, axis of b).
AxisPairs: TypeAlias = tuple[tuple[int, int], ...]


def _free(rank: int, side: int, contract: AxisPairs, batch: AxisPairs) -> list[int]:
    """Return the axes of operand `side` that are neither contracted nor batch axes."""
    taken = {pair[side] for pair in (*contract, *batch)}
    return [i for i in range(rank) if i not in taken]


def _rule(a: Spec, b: Spec, *, contract: AxisPairs, batch: AxisPairs) -> Spec:
    """Batch axes first, then the free axes of `a`, then those of `b`."""
    check_kind("dot", NUMBER, a=a, b=b)
    pairs = (*contract, *batch)
    check_axes("dot", a, [i for i, _ in pairs])
    check_axes("dot", b, [j for _, j in pairs])
    for i, j in pairs:
        if not same_dim(a.shape[i], b.shape[j]):
            raise ShapeError("dot", f"axis {i} of `a` must match axis {j} of `b`", a=a, b=b)
    free_a, free_b = _free(a.ndim, 0, contract, batch), _free(b.ndim, 1, contract, batch)
    shape = (
        *(a.shape[i] for i, _ in batch),
        *(a.shape[i] for i in free_a),
        *(b.shape[i] for i in free_b),
    )
    return Spec(shape, same_dtype("dot", a, b))


def _matrices(
    x: NDArray, batch: Sequence[int], rows: Sequence[int], columns: Sequence[int]
) -> NDArray:
    """Return x as (*batch, rows, columns), as a view where that is possible.

    BLAS reads a transposed matrix as fast as a plain one, so the order of memory is kept.
    """
    lead = tuple(x.shape[i] for i in batch)
    r, c = (math.prod(x.shape[i] for i in axes) for axes in (rows, columns))
    order = (*batch, *columns, *rows)
    if order == tuple(range(x.ndim)) and len(columns) + len(rows) > 2:
        return x.reshape(*lead, c, r).swapaxes(-1, -2)
    order = (*batch, *rows, *columns)
    if order != tuple(range(x.ndim)):
        x = x.transpose(order)
    if len(rows) == 1 and len(columns) == 1:
        return x
    return x.reshape(*lead, r, c)


def _dot(
    a: NDArray, b: NDArray, *, contract: AxisPairs, batch: AxisPairs, out: NDArray | None = None
) -> Any:
    if not batch and a.ndim == 2 == b.ndim and len(contract) == 1 and a.dtype.char in "fd":
        ((i, j),) = contract  # the common case, at the cost of NumPy's own product
        return np.matmul(a if i else a.T, b.T if j else b, out=out)
    return _any_dot(a, b, contract=contract, batch=batch, out=out)


@in_float32
def _any_dot(
    a: NDArray, b: NDArray, *, contract: AxisPairs, batch: AxisPairs, out: NDArray | None = None
) -> NDArray:
    free_a, free_b = _free(a.ndim, 0, contract, batch), _free(b.ndim, 1, contract, batch)
    left = _matrices(a, [i for i, _ in batch], free_a, [i for i, _ in contract])
    right = _matrices(b, [j for _, j in batch], [j for _, j in contract], free_b)
    if left.shape[-1] != right.shape[-2] or left.shape[:-2] != right.shape[:-2]:
        raise ValueError("axes don't match")  # NumPy would broadcast; the rule says it better
    y: NDArray = np.matmul(left, right)
    shape = (*left.shape[:-2], *(a.shape[i] for i in free_a), *(b.shape[i] for i in free_b))
    if out is None:
        return y.reshape(shape)
    out[...] = y.reshape(shape)
    return out


def _gradient(
    g: Tensor, y: Tensor, a: Tensor, b: Tensor, *, contract: AxisPairs, batch: AxisPairs
) -> tuple[Tensor, Tensor]:
    """Each is one `dot` of `g` with the other operand, its axes then put back in order."""
    rank_a, rank_b = len(shape_of(a)), len(shape_of(b))
    free_a, free_b = _free(rank_a, 0, contract, batch), _free(rank_b, 1, contract, batch)
    lead = len(batch)
    # g has the axes (batch, free_a, free_b).
    of_b = [lead + len(free_a) + i for i in range(len(free_b))]
    towards_a = dot(
        g,
        b,
        contract=tuple(zip(of_b, free_b, strict=True)),
        batch=tuple((i, j) for i, (_, j) in enumerate(batch)),
    )
    by_b = [i for i, _ in sorted(contract, key=lambda pair: pair[1])]
    towards_a = _ordered(towards_a, [*(i for i, _ in batch), *free_a, *by_b])
    of_a = [lead + i for i in range(len(free_a))]
    towards_b = dot(
        a,
        g,
        contract=tuple(zip(free_a, of_a, strict=True)),
        batch=tuple((i, k) for k, (i, _) in enumerate(batch)),
    )
    by_a = [j for _, j in sorted(contract)]
    towards_b = _ordered(towards_b, [*(j for _, j in batch), *by_a, *free_b])
    return towards_a, towards_b


def _ordered(x: Tensor, axes: list[int]) -> Tensor:
    """Return x with its axes, which are those named, in ascending order."""
    if axes == sorted(axes):
        return x
    return transpose(x, axes=tuple(axes.index(i) for i in range(len(axes))))


dot: Primitive = Primitive("dot", rule=_rule, reference=_dot, gradient=_gradient)


def matmul(a: Tensor, b: Tensor) -> Tensor:
    """Return the product of matrices in the last two axes; the axes before must be the same."""
    rank = len(shape_of(a))
    batch = tuple((i, i) for i in range(rank - 2))
    return dot(a, b, contract=((rank - 1, rank - 2),), batch=batch)


def adjoint(a: Tensor) -> Tensor:
    """Return the transposes of the matrices in the last two axes."""
    rank = len(shape_of(a))
    return transpose(a, axes=(*range(rank - 2), rank - 1, rank - 2))
