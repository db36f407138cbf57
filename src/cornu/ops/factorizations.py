"""Linear algebra on matrices in the last two axes: factorizations, systems, inverses, ranks."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, same_dim
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.spec import shape_of
from cornu.ops.diagonals import diagonal
from cornu.ops.op import ArrayLike, Tensor, dtype_of, op, promote_inexact
from cornu.ops.products import matmul
from cornu.primitives import decompositions, reduce
from cornu.primitives import elementwise as p
from cornu.primitives.linear import adjoint
from cornu.primitives.rules import constant
from cornu.primitives.shape import broadcast_to, iota, reshape

__all__ = [
    "cholesky",
    "cholesky_inverse",
    "det",
    "eigh",
    "inv",
    "logdet",
    "lstsq",
    "lu_factor",
    "matrix_rank",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "solve_triangular",
    "svd",
]


def _matrix(name: str, x: ArrayLike) -> Tensor:
    x = promote_inexact(x)
    if len(shape_of(x)) < 2:
        raise ShapeError(name, "the operand needs at least two axes", x=x)
    return x


def _identity(x: Tensor) -> Tensor:
    """Return identity matrices of the shape of the square matrices `x`."""
    n = shape_of(x)[-1]
    numbers = iota(size=n, dtype="int32")
    ones = p.cast(p.equal(reshape(numbers, shape=(n, 1)), numbers), dtype=dtype_of(x))
    return broadcast_to(ones, shape=shape_of(x))


@op
def cholesky(x: ArrayLike, upper: bool = False) -> Tensor:
    """Factor positive definite matrices into a triangular one and its transpose.

    x = y @ y^T, with y lower triangular

    Args:
        x: Symmetric matrices; only the lower triangle is read.
        upper: Whether to return y^T instead.

    Shapes:
        x: (..., n, n) -> the same

    Raises:
        numpy.linalg.LinAlgError: While running, if a matrix is not positive definite.

    Example:
        >>> cholesky([[4.0, 2.0], [2.0, 5.0]])
        Array([[2., 0.],
               [1., 2.]], dtype=float32)
    """
    y = decompositions.cholesky(_matrix("cholesky", x))
    return adjoint(y) if upper else y


@op
def cholesky_inverse(x: ArrayLike, upper: bool = False) -> Tensor:
    """Return the inverse of the matrices whose Cholesky factor is given.

    y = (x @ x^T)^-1

    Args:
        x: Triangular matrices, as `cholesky` returns them.
        upper: Whether they are upper triangular: y = (x^T @ x)^-1.

    Shapes:
        x: (..., n, n) -> the same

    Example:
        >>> cholesky_inverse([[2.0, 0.0], [0.0, 1.0]])
        Array([[0.25, 0.  ],
               [0.  , 1.  ]], dtype=float32)
    """
    x = _matrix("cholesky_inverse", x)
    half = decompositions.triangular_solve(x, _identity(x), lower=not upper, transpose=False)
    return matmul(half, adjoint(half)) if upper else matmul(adjoint(half), half)


@op
def det(x: ArrayLike) -> Tensor:
    """Return determinants.

    Args:
        x: Square matrices.

    Shapes:
        x: (..., n, n) -> (...)

    Example:
        >>> det([[2.0, 0.0], [5.0, 4.0]])
        Array(8., dtype=float32)
    """
    return decompositions.det(_matrix("det", x))


@op
def slogdet(x: ArrayLike) -> tuple[Tensor, Tensor]:
    """Return sign and logarithm of determinants, without overflow.

    det(x) = sign * exp(log)

    Args:
        x: Square matrices.

    Returns:
        The pair (sign, log); of singular matrices (0, -inf).

    Shapes:
        x: (..., n, n) -> (...), (...)

    Example:
        >>> slogdet([[0.0, 1.0], [1.0, 0.0]])
        (Array(-1., dtype=float32), Array(0., dtype=float32))
    """
    x = _matrix("slogdet", x)
    factors, pivots = decompositions.lu(x)
    last = len(shape_of(x)) - 2
    on = diagonal(factors, axis1=-2, axis2=-1)
    signs = reduce.reduce_prod(p.sign(on), axes=(last,))
    # Each row that was exchanged with another one turns the sign.
    numbers = iota(size=shape_of(pivots)[-1], dtype="int32")
    moved = p.cast(p.not_equal(pivots, numbers), dtype="int32")
    swaps = reduce.reduce_sum(moved, axes=(last,))
    odd = p.cast(p.bitwise_and(swaps, constant(1, swaps)), dtype=dtype_of(x))
    logs = reduce.reduce_sum(p.log(p.abs(on)), axes=(last,))
    return p.multiply(signs, 1.0 - odd * 2.0), logs


@op
def logdet(x: ArrayLike) -> Tensor:
    """Return the logarithm of the absolute value of determinants, without overflow.

    Args:
        x: Square matrices.

    Shapes:
        x: (..., n, n) -> (...)

    Example:
        >>> logdet([[1.0, 0.0], [0.0, 1.0]])
        Array(0., dtype=float32)
    """
    _, logs = slogdet(x)
    return logs


@op
def eigh(x: ArrayLike) -> tuple[Tensor, Tensor]:
    """Return eigenvalues and eigenvectors of symmetric matrices.

    x @ v = v * w

    Args:
        x: Symmetric matrices; only the lower triangle is read.

    Returns:
        The pair (w, v), the eigenvalues ascending, the vectors as columns.

    Shapes:
        x: (..., n, n) -> (..., n), (..., n, n)

    Example:
        >>> eigh([[2.0, 0.0], [0.0, 1.0]])[0]
        Array([1., 2.], dtype=float32)
    """
    w, v = decompositions.eigh(_matrix("eigh", x))
    return w, v


@op
def inv(x: ArrayLike) -> Tensor:
    """Return inverses.

    Args:
        x: Square matrices.

    Shapes:
        x: (..., n, n) -> the same

    Raises:
        numpy.linalg.LinAlgError: While running, if a matrix is singular.

    Example:
        >>> inv([[2.0, 0.0], [0.0, 4.0]])
        Array([[0.5 , 0.  ],
               [0.  , 0.25]], dtype=float32)
    """
    x = _matrix("inv", x)
    rows, columns = shape_of(x)[-2:]
    if not same_dim(rows, columns):
        raise ShapeError("inv", "only a square matrix has an inverse", x=x)
    return decompositions.solve(x, _identity(x))


@op
def lu_factor(x: ArrayLike) -> tuple[Tensor, Tensor]:
    """Factor matrices with rows exchanged into a lower and an upper triangular one.

    Args:
        x: Matrices.

    Returns:
        The pair (lu, pivots): both factors in one matrix, without the ones on the lower one's
        diagonal; row i was exchanged with row pivots[i].

    Shapes:
        x: (..., m, n) -> (..., m, n), (..., min(m, n))

    Example:
        >>> lu_factor([[1.0, 2.0], [2.0, 2.0]])
        (Array([[2. , 2. ],
               [0.5, 1. ]], dtype=float32), Array([1, 1], dtype=int32))
    """
    factors, pivots = decompositions.lu(_matrix("lu_factor", x))
    return factors, pivots


@op
def qr(x: ArrayLike, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """Factor matrices into an orthogonal and an upper triangular one.

    x = q @ r

    Args:
        x: Matrices.
        mode: "reduced", or "complete" for a square q.

    Returns:
        The pair (q, r).

    Shapes:
        x: (..., m, n) -> (..., m, k), (..., k, n), where k = min(m, n), or m if complete

    Raises:
        ArgumentError: If there is no such mode.

    Example:
        >>> qr([[3.0], [4.0]])[1]
        Array([[-5.]], dtype=float32)
    """
    if mode not in ("reduced", "complete"):
        raise ArgumentError("qr", "`mode` must be 'reduced' or 'complete'", mode=mode)
    q, r = decompositions.qr(_matrix("qr", x), full=mode == "complete")
    return q, r


@op
def svd(x: ArrayLike, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Return singular values, with the vectors on both sides.

    x = u * s @ v

    Args:
        x: Matrices.
        full_matrices: Whether u and v are square.
        compute_uv: Whether to return them.

    Returns:
        The triple (u, s, v), the singular values descending, or these alone.

    Shapes:
        x: (..., m, n) -> (..., m, m), (..., k), (..., n, n), where k = min(m, n)

    Example:
        >>> svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False)
        Array([4., 3.], dtype=float32)
    """
    x = _matrix("svd", x)
    u, s, v = decompositions.svd(x, full=bool(full_matrices) and bool(compute_uv))
    return (u, s, v) if compute_uv else s


def _right_side(name: str, a: ArrayLike, b: ArrayLike) -> tuple[Tensor, Tensor, bool]:
    """Return matrices, right sides as columns, and whether these came as vectors."""
    a, b = promote_inexact(a, b)
    rank, have = len(shape_of(a)), len(shape_of(b))
    if rank < 2 or have not in (rank - 1, rank):
        raise ShapeError(name, "`b` needs as many axes as `a`, or one less", a=a, b=b)
    if have == rank:
        return a, b, False
    return a, reshape(b, shape=(*shape_of(b), 1)), True


def _as_given(y: Tensor, was_vector: bool) -> Tensor:
    return reshape(y, shape=shape_of(y)[:-1]) if was_vector else y


@op
def solve(a: ArrayLike, b: ArrayLike) -> Tensor:
    """Solve systems of linear equations.

    a @ y = b

    Args:
        a: Square matrices.
        b: Right sides, as vectors or as columns.

    Shapes:
        a: (..., n, n), b: (..., n) or (..., n, k) -> that of b

    Raises:
        numpy.linalg.LinAlgError: While running, if a matrix is singular.

    Example:
        >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0])
        Array([1. , 0.5], dtype=float32)
    """
    a, b, was_vector = _right_side("solve", a, b)
    return _as_given(decompositions.solve(a, b), was_vector)


@op
def solve_triangular(a: ArrayLike, b: ArrayLike, lower: bool = False) -> Tensor:
    """Solve systems of linear equations whose matrix is triangular.

    a @ y = b

    Args:
        a: Square matrices; the other triangle isn't read.
        b: Right sides, as vectors or as columns.
        lower: Whether the lower triangle counts.

    Shapes:
        a: (..., n, n), b: (..., n) or (..., n, k) -> that of b

    Example:
        >>> solve_triangular([[2.0, 0.0], [2.0, 4.0]], [2.0, 6.0], lower=True)
        Array([1., 1.], dtype=float32)
    """
    a, b, was_vector = _right_side("solve_triangular", a, b)
    y = decompositions.triangular_solve(a, b, lower=bool(lower), transpose=False)
    return _as_given(y, was_vector)


def _roundoff(x: Tensor, factor: float) -> float:
    """Return which part of the largest singular value counts as zero."""
    m, n = shape_of(x)[-2:]
    if isinstance(m, Dim) or isinstance(n, Dim):
        raise ShapeError("rank", "the sizes of the matrices must be known", x=x)
    digits = {"bfloat16": 2.0**-7}.get(dtype_of(x))
    unit = float(np.finfo(numpy_dtype(dtype_of(x))).eps) if digits is None else digits
    return factor * max(m, n) * unit


@op
def matrix_rank(x: ArrayLike, tol: float | None = None) -> Tensor:
    """Return how many singular values aren't zero.

    Args:
        x: Matrices.
        tol: What is no larger counts as zero; `None` means the largest singular value times the
            larger side times the dtype's roundoff.

    Shapes:
        x: (..., m, n) -> (...)

    Example:
        >>> matrix_rank([[1.0, 2.0], [2.0, 4.0]])
        Array(1, dtype=int32)
    """
    x = _matrix("matrix_rank", x)
    _, s, _ = decompositions.svd(x, full=False)
    last = len(shape_of(s)) - 1
    if tol is None:
        top = reduce.reduce_max(s, axes=(last,)) * _roundoff(x, 1.0)
        bound = reshape(top, shape=(*shape_of(top), 1))
    else:
        bound = constant(tol, s)
    return reduce.reduce_sum(p.cast(p.greater(s, bound), dtype="int32"), axes=(last,))


@op
def pinv(x: ArrayLike, rcond: float | None = None) -> Tensor:
    """Return pseudoinverses.

    Args:
        x: Matrices.
        rcond: Singular values below this part of the largest one count as zero; `None` means ten
            times the larger side times the dtype's roundoff.

    Shapes:
        x: (..., m, n) -> (..., n, m)

    Example:
        >>> pinv([[2.0, 0.0]])
        Array([[0.5],
               [0. ]], dtype=float32)
    """
    return _pseudoinverse(_matrix("pinv", x), rcond, 10.0)


def _pseudoinverse(x: Tensor, rcond: float | None, factor: float) -> Tensor:
    u, s, v = decompositions.svd(x, full=False)
    last = len(shape_of(s)) - 1
    top = reduce.reduce_max(s, axes=(last,))
    bound = reshape(top, shape=(*shape_of(top), 1)) * (
        _roundoff(x, factor) if rcond is None else float(rcond)
    )
    counts = p.greater(s, bound)
    inverse = p.select(counts, p.reciprocal(p.select(counts, s, constant(1, s))), constant(0, s))
    scaled = p.multiply(adjoint(v), reshape(inverse, shape=(*shape_of(s)[:-1], 1, shape_of(s)[-1])))
    return matmul(scaled, adjoint(u))


@op
def lstsq(a: ArrayLike, b: ArrayLike, rcond: float | None = None) -> Tensor:
    """Return the solution with the smallest sum of squared errors, of these the smallest.

    Args:
        a: Matrix.
        b: Right side, as a vector or as columns.
        rcond: Singular values below this part of the largest one count as zero; `None` means the
            larger side times the dtype's roundoff.

    Shapes:
        a: (m, n), b: (m,) or (m, k) -> (n,) or (n, k)

    Example:
        >>> lstsq([[2.0], [0.0]], [4.0, 3.0])
        Array([2.], dtype=float32)
    """
    a, b, was_vector = _right_side("lstsq", a, b)
    return _as_given(matmul(_pseudoinverse(a, rcond, 1.0), b), was_vector)
