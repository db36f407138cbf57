"""Matrix primitives, batched over leading axes: factorizations, solving, determinant.

Gradients follow Giles 2008, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation", and Seeger et al. 2017, "Auto-differentiating linear algebra",
arXiv:1710.08717. Where eigenvalues or singular values coincide their vectors have no derivative;
the terms that would be infinite are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cornu.errors import GradientError, ShapeError
from cornu.graph.dim import DimLike, Shape, same_dim
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec, same_dtype, shape_of, spec_of
from cornu.primitives.elementwise import (
    add,
    divide,
    equal,
    greater,
    greater_equal,
    multiply,
    negate,
    reciprocal,
    round,
    select,
    subtract,
)
from cornu.primitives.linear import adjoint, matmul
from cornu.primitives.precision import wide
from cornu.primitives.rules import FLOAT, NDArray, Tensor, check_kind, constant
from cornu.primitives.shape import broadcast_to, full, iota, reshape, zeros_like
from cornu.primitives.slicing import concatenate, static_slice

__all__ = ["cholesky", "det", "eigh", "lu", "qr", "solve", "svd", "triangular_solve"]

# How gradients speak of the sides of a matrix.
LOWER, STRICTLY_LOWER, UPPER = "lower", "strictly lower", "upper"


# Rules and references


def _matrix(name: str, x: Spec, *, square: bool) -> tuple[Shape, DimLike, DimLike]:
    """Return the batch axes, the number of rows and that of columns."""
    check_kind(name, FLOAT, x=x)
    if x.ndim < 2:
        raise ShapeError(name, "`x` must have at least two axes", x=x)
    m, n = x.shape[-2:]
    if square and not same_dim(m, n):
        raise ShapeError(name, "the last two axes of `x` must be equal", x=x)
    return x.shape[:-2], m, n


def _smaller(name: str, x: Spec, m: DimLike, n: DimLike) -> DimLike:
    if isinstance(m, int) and isinstance(n, int):
        return min(m, n)
    if m == n:
        return m
    raise ShapeError(name, "the sizes of the matrix must be known", x=x)


def _square_rule(name: str) -> Callable[..., Spec]:
    def rule(x: Spec) -> Spec:
        _matrix(name, x, square=True)
        return x

    return rule


def _solve_rule(name: str) -> Callable[..., Spec]:
    def rule(a: Spec, b: Spec, **_: bool) -> Spec:
        lead, n, _n = _matrix(name, a, square=True)
        if b.ndim != a.ndim or not all(map(same_dim, b.shape[:-1], (*lead, n))):
            raise ShapeError(
                name,
                "`b` must have the shape (..., n, k) where that of `a` is (..., n, n)",
                a=a,
                b=b,
            )
        return Spec(b.shape, same_dtype(name, a, b))

    return rule


def _narrowed(y: Any, like: NDArray) -> Any:
    """LAPACK has no narrow floats: what was computed in float32 is rounded once."""
    return np.asarray(y).astype(like.dtype, copy=False)


# Small tools for the gradients


def _part(x: Tensor, keep: str) -> Tensor:
    """Return the matrices with zeros outside of one triangle."""
    m, n = shape_of(x)[-2:]
    rows = reshape(iota(size=m, dtype="int32"), shape=(m, 1))
    columns = reshape(iota(size=n, dtype="int32"), shape=(1, n))
    if keep == LOWER:
        mask = greater_equal(rows, columns)
    elif keep == STRICTLY_LOWER:
        mask = greater(rows, columns)
    else:
        mask = greater_equal(columns, rows)
    return select(mask, x, constant(0.0, x))


def _as_row(x: Tensor) -> Tensor:
    shape = shape_of(x)
    return reshape(x, shape=(*shape[:-1], 1, shape[-1]))


def _as_column(x: Tensor) -> Tensor:
    return reshape(x, shape=(*shape_of(x), 1))


def _identity(x: Tensor) -> Tensor:
    """Return identity matrices of the shape of the square matrices x."""
    n = shape_of(x)[-1]
    rows = reshape(iota(size=n, dtype="int32"), shape=(n, 1))
    mask = equal(rows, reshape(iota(size=n, dtype="int32"), shape=(1, n)))
    eye = select(mask, constant(1.0, x), constant(0.0, x))
    return broadcast_to(eye, shape=shape_of(x))


def _scaled_diagonal(x: Tensor, diagonal: Tensor) -> Tensor:
    """Return the matrices diag(diagonal), of the shape of x."""
    return multiply(_identity(x), _as_row(diagonal))


def _inverse_differences(w: Tensor) -> Tensor:
    """Return F with F[i, j] = 1 / (w[j] - w[i]), and 0 where both are equal."""
    difference = subtract(_as_row(w), _as_column(w))
    same = equal(difference, constant(0.0, w))
    return select(same, constant(0.0, w), reciprocal(select(same, constant(1.0, w), difference)))


def _leading(x: Tensor, rows: DimLike, columns: DimLike) -> Tensor:
    """Return the upper left part of the matrices."""
    shape = shape_of(x)
    if shape[-2:] == (rows, columns):
        return x
    rank = len(shape)
    return static_slice(x, start=(0,) * rank, stop=(*shape[:-2], rows, columns), step=(1,) * rank)


def _halved_sum(x: Tensor) -> Tensor:
    """Return (x + x') / 2: only the symmetric part of a cotangent of a symmetric matrix counts."""
    return multiply(add(x, adjoint(x)), constant(0.5, x))


# cholesky


def _cholesky_gradient(g: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor]:
    """L^-T P(L' g) L^-1, made symmetric; P keeps the lower triangle and halves the diagonal."""
    p = _part(matmul(adjoint(y), g), LOWER)
    p = subtract(p, multiply(p, multiply(_identity(p), constant(0.5, p))))
    half = triangular_solve(y, p, lower=True, transpose=True)
    whole = adjoint(triangular_solve(y, adjoint(half), lower=True, transpose=True))
    return (_halved_sum(whole),)


cholesky: Primitive = Primitive(  # the lower triangle; reads only that of x
    "cholesky",
    rule=_square_rule("cholesky"),
    reference=lambda x: _narrowed(np.linalg.cholesky(wide(x)), x),
    gradient=_cholesky_gradient,
)


# triangular_solve, solve, det


def _triangular_solve(a: NDArray, b: NDArray, *, lower: bool, transpose: bool) -> Any:
    a = np.tril(wide(a)) if lower else np.triu(wide(a))
    return _narrowed(np.linalg.solve(a.swapaxes(-1, -2) if transpose else a, wide(b)), b)


def _triangular_gradient(
    g: Tensor, y: Tensor, a: Tensor, b: Tensor, *, lower: bool, transpose: bool
) -> tuple[Tensor, Tensor]:
    towards_b = triangular_solve(a, g, lower=lower, transpose=not transpose)
    if transpose:
        towards_a = matmul(y, adjoint(towards_b))
    else:
        towards_a = matmul(towards_b, adjoint(y))
    return negate(_part(towards_a, LOWER if lower else UPPER)), towards_b


def _solve(a: NDArray, b: NDArray) -> Any:
    if b.ndim != a.ndim:
        raise ValueError("b must be matrices")  # NumPy would take vectors; the rule says it better
    return _narrowed(np.linalg.solve(wide(a), wide(b)), b)


def _solve_gradient(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    towards_b = solve(adjoint(a), g)
    return negate(matmul(towards_b, adjoint(y))), towards_b


def _det_rule(x: Spec) -> Spec:
    lead, _, _ = _matrix("det", x, square=True)
    return Spec(lead, x.dtype)


def _det_gradient(g: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor]:
    """Return g det(x) x^-T; a singular matrix has a derivative too, which this doesn't find."""
    inverse = solve(adjoint(x), _identity(x))
    return (multiply(_as_column(_as_column(multiply(g, y))), inverse),)


triangular_solve: Primitive = Primitive(
    "triangular_solve",
    rule=_solve_rule("triangular_solve"),
    reference=_triangular_solve,
    gradient=_triangular_gradient,
)
solve: Primitive = Primitive(
    "solve", rule=_solve_rule("solve"), reference=_solve, gradient=_solve_gradient
)
det: Primitive = Primitive(
    "det",
    rule=_det_rule,
    reference=lambda x: _narrowed(np.linalg.det(wide(x)), x),
    gradient=_det_gradient,
)


# qr


def _qr_rule(x: Spec, *, full: bool) -> tuple[Spec, Spec]:
    lead, m, n = _matrix("qr", x, square=False)
    k = m if full else _smaller("qr", x, m, n)
    return Spec((*lead, m, k), x.dtype), Spec((*lead, k, n), x.dtype)


def _qr(x: NDArray, *, full: bool) -> tuple[NDArray, NDArray]:
    q, r = np.linalg.qr(wide(x), "complete" if full else "reduced")
    return _narrowed(q, x), _narrowed(r, x)


def _qr_tall(gq: Tensor, gr: Tensor, q: Tensor, r: Tensor) -> Tensor:
    """(gq + q copy(M)) r^-T, M = r gr' - gq' q; copy mirrors the lower triangle."""
    m = subtract(matmul(r, adjoint(gr)), matmul(adjoint(gq), q))
    mirrored = add(_part(m, LOWER), adjoint(_part(m, STRICTLY_LOWER)))
    inner = add(gq, matmul(q, mirrored))
    return adjoint(triangular_solve(r, adjoint(inner), lower=False, transpose=False))


def _qr_gradient(
    g: tuple[Tensor | None, ...], y: tuple[Tensor, Tensor], x: Tensor, *, full: bool
) -> tuple[Tensor]:
    q, r = y
    m, n = (int(d) for d in shape_of(x)[-2:])
    gq = zeros_like(q) if g[0] is None else g[0]
    gr = zeros_like(r) if g[1] is None else g[1]
    if m >= n:
        if m > n and full:
            if g[0] is not None:
                raise GradientError("qr", "the complete `q` of a tall matrix has no gradient", x=x)
            gq, gr = _leading(gq, m, n), _leading(gr, n, n)
            q, r = _leading(q, m, n), _leading(r, n, n)
        return (_qr_tall(gq, gr, q, r),)
    # x = [a | b], r = [u | v]: a = q u decides q, and v = q' b.
    rank = len(shape_of(x))
    lead = shape_of(x)[:-2]

    def right(t: Tensor) -> Tensor:
        return static_slice(t, start=(*(0,) * (rank - 1), m), stop=(*lead, m, n), step=(1,) * rank)

    gq = add(gq, matmul(right(x), adjoint(right(gr))))
    towards_a = _qr_tall(gq, _leading(gr, m, m), q, _leading(r, m, m))
    return (concatenate(towards_a, matmul(q, right(gr)), axis=rank - 1),)


qr: Primitive = Primitive("qr", rule=_qr_rule, reference=_qr, gradient=_qr_gradient, multiple=True)


# eigh


def _eigh_rule(x: Spec) -> tuple[Spec, Spec]:
    lead, n, _ = _matrix("eigh", x, square=True)
    return Spec((*lead, n), x.dtype), x


def _eigh(x: NDArray) -> tuple[NDArray, NDArray]:
    w, v = np.linalg.eigh(wide(x))
    return _narrowed(w, x), _narrowed(v, x)


def _eigh_gradient(
    g: tuple[Tensor | None, ...], y: tuple[Tensor, Tensor], x: Tensor
) -> tuple[Tensor]:
    """Return v (diag(gw) + F * (v' gv)) v'."""
    (gw, gv), (w, v) = g, y
    inner = zeros_like(v) if gw is None else _scaled_diagonal(v, gw)
    if gv is not None:
        inner = add(inner, multiply(_inverse_differences(w), matmul(adjoint(v), gv)))
    return (_halved_sum(matmul(v, matmul(inner, adjoint(v)))),)


eigh: Primitive = Primitive(
    "eigh", rule=_eigh_rule, reference=_eigh, gradient=_eigh_gradient, multiple=True
)


# svd


def _svd_rule(x: Spec, *, full: bool) -> tuple[Spec, Spec, Spec]:
    lead, m, n = _matrix("svd", x, square=False)
    k = _smaller("svd", x, m, n)
    return (
        Spec((*lead, m, m if full else k), x.dtype),
        Spec((*lead, k), x.dtype),
        Spec((*lead, n if full else k, n), x.dtype),
    )


def _svd(x: NDArray, *, full: bool) -> tuple[NDArray, NDArray, NDArray]:
    u, s, vt = np.linalg.svd(wide(x), full_matrices=full)
    return _narrowed(u, x), _narrowed(s, x), _narrowed(vt, x)


def _svd_gradient(
    g: tuple[Tensor | None, ...], y: tuple[Tensor, Tensor, Tensor], x: Tensor, **attrs: bool
) -> tuple[Tensor]:
    """Return u (diag(gs) + (J + J') S + S (K + K')) v', and what lies outside of u and v.

    J = F * (u' gu), K = F * (v' gv), F[i, j] = 1 / (s[j]**2 - s[i]**2).
    """
    gu, gs, gvt = g
    u, s, vt = y
    m, n = (int(d) for d in shape_of(x)[-2:])
    k = min(m, n)
    if attrs["full"] and m != n:
        if gu is not None or gvt is not None:
            raise GradientError("svd", "the vectors of a full SVD have no gradient", x=x)
        u, vt = _leading(u, m, k), _leading(vt, k, n)
    inner = full(shape=(*shape_of(s), k), value=0, dtype=spec_of(s).dtype)
    if gs is not None:
        inner = _scaled_diagonal(inner, gs)
    outside: Tensor = None
    f = _inverse_differences(multiply(s, s))
    if gu is not None:
        j = matmul(adjoint(u), gu)
        fj = multiply(f, j)
        inner = add(inner, multiply(add(fj, adjoint(fj)), _as_row(s)))
        if m > k:
            rest = divide(subtract(gu, matmul(u, j)), _as_row(s))
            outside = matmul(rest, vt)
    if gvt is not None:
        j = matmul(gvt, adjoint(vt))  # gv' v
        fj = multiply(f, adjoint(j))
        inner = add(inner, multiply(_as_column(s), add(fj, adjoint(fj))))
        if n > k:
            rest = divide(subtract(gvt, matmul(j, vt)), _as_column(s))
            outside = matmul(u, rest)
    total = matmul(u, matmul(inner, vt))
    return (total if outside is None else add(total, outside),)


svd: Primitive = Primitive(
    "svd", rule=_svd_rule, reference=_svd, gradient=_svd_gradient, multiple=True
)


# lu


def _lu_rule(x: Spec) -> tuple[Spec, Spec]:
    lead, m, n = _matrix("lu", x, square=False)
    return x, Spec((*lead, _smaller("lu", x, m, n)), "int32")


def _lu(x: NDArray) -> tuple[NDArray, NDArray]:
    """L below the diagonal (ones on it not stored), U above; row j was swapped with pivots[j]."""
    packed = np.array(wide(x))
    m, n = x.shape[-2:]
    k = min(m, n)
    pivots = np.zeros((*x.shape[:-2], k), np.int32)
    for i in np.ndindex(*x.shape[:-2]):
        a, swaps = packed[i], pivots[i]
        for j in range(k):
            p = j + int(np.argmax(np.abs(a[j:, j])))
            swaps[j] = p
            if p != j:
                a[[j, p]] = a[[p, j]]
            if a[j, j] != 0:
                a[j + 1 :, j] /= a[j, j]
                a[j + 1 :, j + 1 :] -= np.outer(a[j + 1 :, j], a[j, j + 1 :])
    return _narrowed(packed, x), pivots


def _lu_gradient(
    g: tuple[Tensor | None, ...], y: tuple[Tensor, Tensor], x: Tensor
) -> tuple[Tensor | None]:
    """P L^-T (strictly lower part of L' gL + upper part of gU U') U^-T."""
    packed, towards = y[0], g[0]
    if towards is None:
        return (None,)
    m, n = shape_of(x)[-2:]
    if m != n:
        raise GradientError("lu", "the gradient needs square matrices", x=spec_of(x))
    low = add(_part(packed, STRICTLY_LOWER), _identity(packed))
    up = _part(packed, UPPER)
    inner = add(
        _part(matmul(adjoint(low), _part(towards, STRICTLY_LOWER)), STRICTLY_LOWER),
        _part(matmul(_part(towards, UPPER), adjoint(up)), UPPER),
    )
    left = triangular_solve(low, inner, lower=True, transpose=True)
    towards_lu = adjoint(triangular_solve(up, adjoint(left), lower=False, transpose=False))
    # P x = L U; the permutation is x (L U)^-1, rounded: a constant for its own derivative.
    half = adjoint(triangular_solve(up, adjoint(x), lower=False, transpose=True))
    permutation = round(adjoint(triangular_solve(low, adjoint(half), lower=True, transpose=True)))
    return (matmul(permutation, towards_lu),)


lu: Primitive = Primitive("lu", rule=_lu_rule, reference=_lu, gradient=_lu_gradient, multiple=True)
