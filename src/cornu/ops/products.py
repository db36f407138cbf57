"""Products of arrays: matmul, dot, tensordot, inner, outer, cross, kron."""

from __future__ import annotations

from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, DimLike, Shape, size
from cornu.graph.spec import Spec, shape_of, spec_of
from cornu.ops.axes import inserted, normalize_axis, part
from cornu.ops.op import ArrayLike, Tensor, dtype_of, op, promote, to_dtype
from cornu.primitives import elementwise as p
from cornu.primitives import linear, shape
from cornu.primitives.rules import broadcast_shape
from cornu.primitives.slicing import concatenate

__all__ = [
    "contracted",
    "cross",
    "dot",
    "inner",
    "kron",
    "matmul",
    "outer",
    "tensordot",
    "vdot",
]

Pairs = tuple[tuple[int, int], ...]


def contracted(a: Tensor, b: Tensor, contract: Pairs, batch: Pairs = ()) -> Tensor:
    """Run the primitive `dot`; booleans are combined by `and` and `or`."""
    if dtype_of(a) != "bool":
        return linear.dot(a, b, contract=contract, batch=batch)
    counts = linear.dot(to_dtype(a, "int32"), to_dtype(b, "int32"), contract=contract, batch=batch)
    return to_dtype(counts, "bool")


@op
def matmul(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Multiply matrices: the last axis of `x1` with the second-to-last of `x2`.

    y[..., i, k] = sum over j of x1[..., i, j] * x2[..., j, k]

    Args:
        x1: Matrices, or one vector.
        x2: Matrices, or one vector. Axes before the last two broadcast. Two arrays of int8 give
            int32.

    Shapes:
        x1: (..., n, m), x2: (..., m, k) -> (..., n, k)

    Raises:
        ShapeError: If the axes don't match.

    Example:
        >>> matmul([[1.0, 2.0]], [[3.0], [4.0]])
        Array([[11.]], dtype=float32)
    """
    narrow = [hasattr(x, "dtype") and dtype_of(x) == "int8" for x in (x1, x2)]
    x1, x2 = promote(x1, x2)
    if narrow == [True, True]:
        x1, x2 = to_dtype(x1, "int32"), to_dtype(x2, "int32")
    return _matmul(x1, x2)


def _matmul(x1: Tensor, x2: Tensor) -> Tensor:
    a, b = spec_of(x1), spec_of(x2)
    if not a.ndim or not b.ndim:
        raise ShapeError("matmul", "the operands must have axes", fix=_SCALAR, x1=a, x2=b)
    inner_of_b = 0 if b.ndim == 1 else b.ndim - 2
    m, n = a.shape[-1], b.shape[inner_of_b]
    if m != n and isinstance(m, int) and isinstance(n, int):
        place = "last" if b.ndim == 1 else "second-to-last"
        raise ShapeError(
            "matmul", f"the last axis of `x1` must match the {place} of `x2`", x1=a, x2=b
        )
    if b.ndim <= 2:
        return contracted(x1, x2, ((a.ndim - 1, inner_of_b),))
    if a.ndim == 1:
        return contracted(x2, x1, ((inner_of_b, 0),))
    common = broadcast_shape("matmul", Spec(a.shape[:-2], a.dtype), Spec(b.shape[:-2], b.dtype))
    x1, x2 = _with_batch(x1, common), _with_batch(x2, common)
    rank = len(common)
    batch = tuple((i, i) for i in range(rank))
    return contracted(x1, x2, ((rank + 1, rank),), batch)


_SCALAR = "Use `ops.multiply` for a product with a number."


def _with_batch(x: Tensor, batch: Shape) -> Tensor:
    dims = shape_of(x)
    if dims[:-2] == batch:
        return x
    return shape.broadcast_to(x, shape=(*batch, *dims[-2:]))


@op
def dot(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Multiply arrays: the last axis of `x1` with the second-to-last (or only one) of `x2`.

    Args:
        x1: First array; a number multiplies.
        x2: Second array; a number multiplies.

    Shapes:
        x1: (a, m), x2: (b, m, c) -> (a, b, c)

    Raises:
        ShapeError: If the axes don't match.

    Example:
        >>> dot([1, 2], [3, 4])
        Array(11, dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    rank_a, rank_b = len(shape_of(x1)), len(shape_of(x2))
    if rank_a == 0 or rank_b == 0:
        return p.logical_and(x1, x2) if dtype_of(x1) == "bool" else p.multiply(x1, x2)
    return contracted(x1, x2, ((rank_a - 1, max(rank_b - 2, 0)),))


@op
def tensordot(x1: ArrayLike, x2: ArrayLike, axes: Any = 2) -> Tensor:
    """Multiply arrays over any pairs of axes; the other axes of `x1` come first.

    Args:
        x1: First array.
        x2: Second array.
        axes: Over how many: the last of `x1` and the first of `x2`; or two lists of axes that
            belong together.

    Raises:
        ShapeError: If the axes don't match.
        ArgumentError: If the two lists aren't equally long.

    Example:
        >>> tensordot([[1, 2], [3, 4]], [[1, 0], [0, 1]], axes=2)
        Array(5, dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    rank_a, rank_b = len(shape_of(x1)), len(shape_of(x2))
    if isinstance(axes, int):
        if axes > min(rank_a, rank_b) or axes < 0:
            raise ShapeError(
                "tensordot", f"there aren't {axes} axes", x1=spec_of(x1), x2=spec_of(x2)
            )
        return contracted(x1, x2, tuple((rank_a - axes + i, i) for i in range(axes)))
    of_a, of_b = ([a] if isinstance(a, int) else list(a) for a in axes)
    if len(of_a) != len(of_b):
        raise ArgumentError("tensordot", "the two lists of axes must be equally long", axes=axes)
    pairs = tuple(
        (normalize_axis("tensordot", i, rank_a, x1), normalize_axis("tensordot", j, rank_b, x2))
        for i, j in zip(of_a, of_b, strict=True)
    )
    return contracted(x1, x2, pairs)


@op
def inner(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Multiply arrays over their last axes.

    Args:
        x1: First array; a number multiplies.
        x2: Second array; a number multiplies.

    Shapes:
        x1: (a, m), x2: (b, m) -> (a, b)

    Example:
        >>> inner([1, 2], [3, 4])
        Array(11, dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    rank_a, rank_b = len(shape_of(x1)), len(shape_of(x2))
    if rank_a == 0 or rank_b == 0:
        return p.logical_and(x1, x2) if dtype_of(x1) == "bool" else p.multiply(x1, x2)
    return contracted(x1, x2, ((rank_a - 1, rank_b - 1),))


@op
def vdot(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Multiply arrays element by element and add everything up; both are flattened.

    Args:
        x1: First array.
        x2: Second array, of as many elements.

    Example:
        >>> vdot([[1, 2], [3, 4]], [[1, 1], [1, 1]])
        Array(10, dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    return contracted(_flat(x1), _flat(x2), ((0, 0),))


@op
def outer(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Multiply each element of one array with each of another; both are flattened.

    Args:
        x1: First array.
        x2: Second array.

    Shapes:
        x1: (n,), x2: (m,) -> (n, m)

    Example:
        >>> outer([1, 2], [3, 4])
        Array([[3, 4],
               [6, 8]], dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    return contracted(_flat(x1), _flat(x2), ())


def _flat(x: Tensor) -> Tensor:
    return shape.reshape(x, shape=(size(shape_of(x)),))


@op
def kron(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give the Kronecker product: `x2` in place of each element of `x1`, multiplied by it.

    Args:
        x1: First array.
        x2: Second array.

    Shapes:
        x1: (a, b), x2: (c, d) -> (a c, b d)

    Example:
        >>> kron([1, 10], [1, 2])
        Array([ 1,  2, 10, 20], dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    rank = max(len(shape_of(x1)), len(shape_of(x2)))
    a, b = _ranked(shape_of(x1), rank), _ranked(shape_of(x2), rank)
    left = shape.reshape(x1, shape=tuple(d for n in a for d in (n, 1)))
    right = shape.reshape(x2, shape=tuple(d for n in b for d in (1, n)))
    both = p.logical_and(left, right) if dtype_of(x1) == "bool" else p.multiply(left, right)
    return shape.reshape(both, shape=tuple(n * m for n, m in zip(a, b, strict=True)))


def _ranked(dims: Shape, rank: int) -> tuple[DimLike, ...]:
    return (*(1 for _ in range(rank - len(dims))), *dims)


@op
def cross(
    x1: ArrayLike,
    x2: ArrayLike,
    axisa: int = -1,
    axisb: int = -1,
    axisc: int = -1,
    axis: int | None = None,
) -> Tensor:
    """Give the cross product of vectors of three elements; of two, its third element alone.

    Args:
        x1: First vectors.
        x2: Second vectors; the other axes broadcast.
        axisa: The axis of `x1` that holds the vectors.
        axisb: The axis of `x2` that holds the vectors.
        axisc: The axis of the result that holds them.
        axis: One axis in place of all three.

    Raises:
        ShapeError: If the vectors have neither two nor three elements.

    Example:
        >>> cross([1, 0, 0], [0, 1, 0])
        Array([0, 0, 1], dtype=int32)
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x1, x2 = promote(x1, x2)
    a, b = _components(x1, axisa, "x1"), _components(x2, axisb, "x2")
    third = _wedge(a[0], b[1], a[1], b[0])
    if len(a) == 2 and len(b) == 2:
        return third
    zero = p.subtract(third, third)
    a, b = (v if len(v) == 3 else [*v, None] for v in (a, b))
    first = _wedge(a[1], b[2], a[2], b[1], zero)
    second = _wedge(a[2], b[0], a[0], b[2], zero)
    rank = len(shape_of(third)) + 1
    at = normalize_axis("cross", axisc, rank)
    parts = [inserted(v, (at,)) for v in (first, second, third)]
    return concatenate(*parts, axis=at)


def _components(x: Tensor, axis: int, name: str) -> list[Tensor]:
    dims = shape_of(x)
    at = normalize_axis("cross", axis, len(dims), x)
    n = dims[at]
    if isinstance(n, Dim) or n not in (2, 3):
        received: dict[str, Any] = {name: spec_of(x)}
        raise ShapeError("cross", f"axis {axis} must have two or three elements", **received)
    kept = tuple(d for i, d in enumerate(dims) if i != at)
    return [shape.reshape(part(x, at, i, i + 1), shape=kept) for i in range(n)]


def _wedge(a: Tensor, b: Tensor, c: Tensor, d: Tensor, zero: Tensor = None) -> Tensor:
    """Return a * b - c * d, where a missing factor is zero."""
    left = None if a is None or b is None else p.multiply(a, b)
    right = None if c is None or d is None else p.multiply(c, d)
    if left is None:
        return p.subtract(zero, right)
    return left if right is None else p.subtract(left, right)
