"""Rows of dot, the decompositions, convolution, pooling and random bits."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import numpy as np
from scipy import linalg

from tests.samples.sample import (
    Sample,
    distinct,
    given,
    integers,
    real,
    regular,
    symmetric_positive,
    turned,
    values,
)

summed = partial(Sample, tolerance="reduction")


def _dot(letters: str, a: Any, b: Any, **_: Any) -> Any:
    return np.einsum(letters, a, b)


def _dot_row(
    letters: str,
    a: tuple[Any, ...],
    b: tuple[Any, ...],
    contract: tuple[Any, ...],
    batch: tuple[Any, ...] = (),
    **more: Any,
) -> Sample:
    return summed(
        "dot",
        (real(*a), real(*b)),
        partial(_dot, letters),
        {"contract": contract, "batch": batch},
        note=letters,
        **more,
    )


DOT = [
    _dot_row("ab,bc->ac", (3, 4), (4, 5), ((1, 0),)),
    _dot_row("ba,bc->ac", (4, 3), (4, 5), ((0, 0),)),
    _dot_row("ab,cb->ac", (3, 4), (5, 4), ((1, 1),)),
    _dot_row("ba,cb->ac", (4, 3), (5, 4), ((0, 1),)),
    _dot_row("a,a->", (4,), (4,), ((0, 0),)),
    _dot_row("a,b->ab", (4,), (3,), ()),
    _dot_row("ab,b->a", (3, 4), (4,), ((1, 0),)),
    _dot_row("abc,cd->abd", (2, 3, 4), (4, 5), ((2, 0),)),
    _dot_row("abc,abd->cd", (2, 3, 4), (2, 3, 5), ((0, 0), (1, 1))),
    _dot_row("abc,bad->cd", (2, 3, 4), (3, 2, 5), ((0, 1), (1, 0))),
    _dot_row("nab,nbc->nac", (2, 3, 4), (2, 4, 5), ((2, 1),), ((0, 0),)),
    _dot_row("nthd,nshd->nhts", (2, 3, 2, 4), (2, 5, 2, 4), ((3, 3),), ((0, 0), (2, 2))),
    _dot_row("anb,bcdn->nacd", (3, 2, 4), (4, 2, 3, 2), ((2, 0),), ((1, 3),)),
    _dot_row("an,bn->nab", (3, 2), (4, 2), (), ((1, 1),)),
    _dot_row("ab,bc->ac", (3, 0), (0, 5), ((1, 0),), gradient=False, dtypes=("float32",)),
    summed(
        "dot",
        (turned(real(3, 4)), turned(real(4, 5))),
        partial(_dot, "ab,bc->ac"),
        {"contract": ((1, 0),), "batch": ()},
        note="strided",
    ),
    Sample(
        "dot",
        (integers(-3, 3, 2, 3), integers(-3, 3, 3, 2)),
        partial(_dot, "ab,bc->ac"),
        {"contract": ((1, 0),), "batch": ()},
        note="int",
        gradient=False,
    ),
]

FULL = ("float32", "float64")
factor = partial(Sample, tolerance="reduction", dtypes=FULL)


def _lu(x: Any) -> tuple[Any, Any]:
    found = [linalg.lu_factor(m) for m in x]
    return np.stack([f[0] for f in found]), np.stack([f[1] for f in found])


def _triangular(a: Any, b: Any, lower: bool, transpose: bool) -> Any:
    return np.stack(
        [
            linalg.solve_triangular(m, v, trans=int(transpose), lower=lower)
            for m, v in zip(a, b, strict=True)
        ]
    )


MATRIX = [
    factor(
        "cholesky",
        (symmetric_positive(2, 3, 3),),
        lambda x: np.stack([linalg.cholesky(m, lower=True) for m in x]),
    ),
    *(
        factor(
            "triangular_solve",
            (regular(2, 3, 3), real(2, 3, 2)),
            _triangular,
            {"lower": lower, "transpose": transpose},
            note=f"{lower}{transpose}",
        )
        for lower, transpose in itertools.product((False, True), repeat=2)
    ),
    factor(
        "solve",
        (regular(2, 3, 3), real(2, 3, 2)),
        lambda a, b: np.einsum("nij,njk->nik", np.stack([linalg.inv(m) for m in a]), b),
    ),
    factor(
        "det",
        (regular(2, 3, 3),),
        lambda x: np.prod(np.stack([linalg.eigvals(m) for m in x]), -1).real,
    ),
    factor("lu", (real(2, 4, 4),), _lu),
    factor(
        "qr", (real(2, 4, 3),), lambda x, full: np.linalg.qr(x), {"full": False}, unknown=((0, 0),)
    ),
    factor(
        "qr",
        (real(2, 3, 4),),
        lambda x, full: np.linalg.qr(x),
        {"full": False},
        note="wide",
        unknown=((0, 0),),
    ),
    factor(
        "qr",
        (real(2, 4, 3),),
        lambda x, full: np.linalg.qr(x, "complete"),
        {"full": True},
        note="full",
        gradient=False,
    ),
    factor("svd", (real(2, 4, 3),), lambda x, full: np.linalg.svd(x, full), {"full": False}),
    factor(
        "svd",
        (real(2, 3, 5),),
        lambda x, full: np.linalg.svd(x, full),
        {"full": False},
        note="wide",
    ),
    factor(
        "svd",
        (real(2, 4, 3),),
        lambda x, full: np.linalg.svd(x),
        {"full": True},
        note="full",
        gradient=False,
    ),
    factor("eigh", (symmetric_positive(2, 3, 3),), np.linalg.eigh),
]


def _windows(
    x: Any,
    window: tuple[Any, ...],
    strides: tuple[Any, ...],
    padding: Any,
    dilation: tuple[Any, ...],
) -> Any:
    """Yield (result place, window place, input place) for all that lie inside, one by one."""
    spatial = x.shape[1:-1]
    pads, sizes = [], []
    for i, (n, w, s, d) in enumerate(zip(spatial, window, strides, dilation, strict=True)):
        reach = (w - 1) * d + 1
        if padding == "same":
            m = -(-n // s)
            pads.append(max((m - 1) * s + reach - n, 0) // 2)
        else:
            low, high = (0, 0) if padding == "valid" else padding[i]
            m = (n + low + high - reach) // s + 1
            pads.append(low)
        sizes.append(m)
    places = []
    for o in np.ndindex(*sizes):
        for k in np.ndindex(*window):
            at = tuple(
                a * s + b * d - p
                for a, b, s, d, p in zip(o, k, strides, dilation, pads, strict=True)
            )
            if all(0 <= a < n for a, n in zip(at, spatial, strict=True)):
                places.append((o, k, at))
    return sizes, places


def _conv(
    x: Any,
    kernel: Any,
    strides: tuple[Any, ...],
    padding: Any,
    dilation: tuple[Any, ...],
    groups: int,
) -> Any:
    sizes, places = _windows(x, kernel.shape[:-2], strides, padding, dilation)
    c, f = x.shape[-1] // groups, kernel.shape[-1] // groups
    y = np.zeros((x.shape[0], *sizes, kernel.shape[-1]))
    for o, k, at in places:
        for i in range(groups):
            part = x[(slice(None), *at, slice(i * c, i * c + c))]
            y[(slice(None), *o, slice(i * f, i * f + f))] += part @ kernel[k][:, i * f : i * f + f]
    return y


def _conv_linear(which: int, a: Any, b: Any, shape: tuple[Any, ...], **attrs: Any) -> Any:
    """The adjoint of `_conv` in one operand, from its values on all unit vectors."""
    result = np.zeros(shape)
    for place in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[place] = 1
        y = _conv(unit, b, **attrs) if which == 0 else _conv(a, unit, **attrs)
        result[place] = (y * (a if which == 0 else b)).sum()
    return result


CONVS = {
    "valid": ((2, 4, 5, 2), (3, 2, 2, 3), (1, 1), "valid", (1, 1), 1),
    "same_strided": ((1, 5, 6, 2), (3, 3, 2, 2), (2, 2), "same", (1, 1), 1),
    "dilated": ((1, 6, 7, 1), (2, 2, 1, 2), (1, 2), "same", (2, 3), 1),
    "explicit": ((1, 4, 4, 2), (3, 3, 2, 2), (2, 1), ((1, 0), (2, 2)), (1, 1), 1),
    "pointwise": ((2, 3, 3, 2), (1, 1, 2, 3), (1, 1), "valid", (1, 1), 1),
    "pointwise_strided": ((2, 4, 5, 2), (1, 1, 2, 3), (2, 3), "same", (1, 1), 1),
    "groups": ((1, 4, 4, 4), (2, 2, 2, 6), (1, 1), "same", (1, 1), 2),
    "depthwise": ((2, 3, 4, 2), (3, 3, 1, 2), (1, 1), "same", (1, 1), 2),
    "depthwise_multiplied": ((1, 5, 5, 2), (2, 3, 1, 4), (2, 1), "same", (1, 1), 2),
    "line": ((2, 7, 2), (3, 2, 3), (2,), "same", (1,), 1),
    "volume": ((1, 3, 4, 3, 1), (2, 2, 2, 1, 2), (1, 2, 1), "valid", (1, 1, 1), 1),
    "narrowing": ((1, 4, 3, 3), (2, 3, 3, 2), (1, 1), "same", (2, 1), 1),
    "padding_beyond": ((1, 3, 2), (2, 2, 1), (1,), ((3, 2),), (1,), 1),
    "window_beyond": ((1, 2, 2, 1), (5, 5, 1, 1), (1, 1), "same", (1, 1), 1),
}


def _conv_rows() -> list[Sample]:
    rows = []
    for note, (x, kernel, strides, padding, dilation, groups) in CONVS.items():
        attrs = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
        sizes, _ = _windows(np.zeros(x), kernel[:-2], strides, padding, dilation)
        g = (x[0], *sizes, kernel[-1])
        places = tuple((0, i) for i in range(len(x) - 1))
        rows.append(
            summed("conv", (real(*x), real(*kernel)), _conv, attrs, note=note, unknown=places)
        )
        rows.append(
            summed(
                "conv_grad_input",
                (real(*g), real(*kernel)),
                lambda a, b, input_shape, **k: _conv_linear(0, a, b, input_shape, **k),
                {"input_shape": x, **attrs},
                note=note,
                unknown=places,
            )
        )
        rows.append(
            summed(
                "conv_grad_kernel",
                (real(*x), real(*g)),
                lambda a, b, kernel_shape, **k: _conv_linear(1, a, b, kernel_shape, **k),
                {"kernel_shape": kernel, **attrs},
                note=note,
                unknown=places,
            )
        )
    return rows


def _max_pool(x: Any, window: tuple[Any, ...], strides: tuple[Any, ...], padding: Any) -> Any:
    sizes, places = _windows(x, window, strides, padding, (1,) * len(window))
    y = np.full((x.shape[0], *sizes, x.shape[-1]), -np.inf)
    index = np.full(y.shape, -1)
    for o, _, at in places:
        for n, c in itertools.product(range(x.shape[0]), range(x.shape[-1])):
            v, to = x[(n, *at, c)], (n, *o, c)
            if index[to] < 0 or v > y[to] or (np.isnan(v) and not np.isnan(y[to])):
                y[to], index[to] = v, np.ravel_multi_index(at, x.shape[1:-1])
    return y, index


def _pool_sum(x: Any, window: tuple[Any, ...], strides: tuple[Any, ...], padding: Any) -> Any:
    sizes, places = _windows(x, window, strides, padding, (1,) * len(window))
    y = np.zeros((x.shape[0], *sizes, x.shape[-1]))
    for o, _, at in places:
        y[(slice(None), *o)] += x[(slice(None), *at)]
    return y


def _pool_sum_grad(
    g: Any,
    input_shape: tuple[Any, ...],
    window: tuple[Any, ...],
    strides: tuple[Any, ...],
    padding: Any,
) -> Any:
    x = np.zeros(input_shape)
    _, places = _windows(x, window, strides, padding, (1,) * len(window))
    for o, _, at in places:
        x[(slice(None), *at)] += g[(slice(None), *o)]
    return x


def _pool_scatter(g: Any, index: Any, spatial: tuple[Any, ...]) -> Any:
    y = np.zeros((g.shape[0], int(np.prod(spatial)), g.shape[-1]))
    for place in np.ndindex(*g.shape):
        y[place[0], index[place], place[-1]] += g[place]
    return y.reshape(g.shape[0], *spatial, g.shape[-1])


def _pool_gather(x: Any, index: Any) -> Any:
    flat = x.reshape(x.shape[0], -1, x.shape[-1])
    y = np.zeros(index.shape)
    for place in np.ndindex(*index.shape):
        y[place] = flat[place[0], index[place], place[-1]]
    return y


POOLS = {
    "valid": ((2, 4, 5, 2), (2, 2), (2, 2), "valid"),
    "same": ((1, 5, 5, 2), (3, 3), (2, 2), "same"),
    "overlap": ((1, 5, 4, 1), (3, 2), (1, 1), "valid"),
    "explicit": ((1, 4, 4, 1), (3, 3), (2, 2), ((1, 1), (0, 1))),
    "line": ((2, 7, 2), (3,), (2,), "same"),
}
SPATIAL = integers(0, 12, 2, 2, 3, 2)

POOL = [
    row
    for note, (x, window, strides, padding) in POOLS.items()
    for attrs in ({"window": window, "strides": strides, "padding": padding},)
    for row in (
        Sample(
            "max_pool",
            (distinct(*x),),
            _max_pool,
            attrs,
            note=note,
            tolerance="exact",
            unknown=((0, 0), (0, 1)),
        ),
        summed("pool_sum", (real(*x),), _pool_sum, attrs, note=note, unknown=((0, 0), (0, 1))),
        summed(
            "pool_sum_grad",
            (
                real(
                    x[0],
                    *_windows(np.zeros(x), window, strides, padding, (1,) * len(window))[0],
                    x[-1],
                ),
            ),
            _pool_sum_grad,
            {"input_shape": x, **attrs},
            note=note,
        ),
    )
] + [
    Sample(
        "max_pool",
        (values([[[1.0], [np.nan], [2.0], [2.0], [-np.inf], [-np.inf]]]),),
        _max_pool,
        {"window": (2,), "strides": (2,), "padding": "same"},
        note="edges",
        tolerance="exact",
        gradient=False,
    ),
    Sample(
        "max_pool",
        (values(np.full((1, 3, 1), -np.inf)),),
        _max_pool,
        {"window": (3,), "strides": (1,), "padding": "same"},
        note="lowest",
        tolerance="exact",
        gradient=False,
    ),
    Sample(
        "max_pool",
        (given([[[-5], [-7], [3]]], "int8"),),
        _max_pool,
        {"window": (3,), "strides": (1,), "padding": "same"},
        note="int8",
        tolerance="exact",
        gradient=False,
    ),
    summed("pool_scatter", (real(2, 2, 3, 2), SPATIAL), _pool_scatter, {"spatial": (3, 4)}),
    Sample("pool_gather", (real(2, 3, 4, 2), SPATIAL), _pool_gather, tolerance="exact"),
]

# The known answer of the generator's authors for counter and key zero (Random123, `kat_vectors`).
BITS = [
    Sample(
        "random_bits",
        (given([0, 0], "uint32"),),
        lambda key, size: np.array([0x6B200159, 0x99BA4EFE], np.uint32),
        {"size": 2},
        tolerance="exact",
        gradient=False,
        unknown=(),
    ),
    Sample(
        "random_bits",
        (given([0, 0], "uint32"),),
        lambda key, size: np.array([0x6B200159], np.uint32),
        {"size": 1},
        note="odd",
        tolerance="exact",
        gradient=False,
        unknown=(),
    ),
]

SAMPLES = [*DOT, *MATRIX, *_conv_rows(), *POOL, *BITS]
