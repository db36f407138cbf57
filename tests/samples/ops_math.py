"""Rows of linear algebra, special functions, segments, signals."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.fft
import scipy.linalg
from scipy import signal, special
from scipy.spatial import distance

from tests.samples.op_sample import OpSample, row
from tests.samples.sample import (
    distinct,
    given,
    integers,
    positive,
    real,
    regular,
    symmetric_positive,
    values,
)

inf, nan = float("inf"), float("nan")


def each(f: Any) -> Any:
    """Return a function of matrices for batches of them."""

    def reference(x: Any, *rest: Any, **attrs: Any) -> Any:
        if x.ndim == 2:
            return f(x, *rest, **attrs)
        found = [f(*rows, **attrs) for rows in zip(x, *rest, strict=True)]
        if isinstance(found[0], tuple):
            return tuple(map(np.stack, zip(*found, strict=True)))
        return np.stack(found)

    return reference


def lu(x: Any) -> Any:
    factors, pivots = scipy.linalg.lu_factor(x)
    return factors, pivots.astype("int32")


def norms() -> list[OpSample]:
    """Return rows of all orders."""
    found = [
        row("norm", real(2, 3), by=np.linalg.norm, tolerance="reduction"),
        row(
            "norm",
            real(2, 3, 4),
            by=lambda x: np.sqrt((x * x).sum()),
            note="all",
            tolerance="reduction",
        ),
        row("norm", values([0.0, 0.0]), by=np.linalg.norm, note="zero", gradient=False),
    ]
    for order in (1, 2, 3, 0, inf, -inf):
        found.append(
            row(
                "norm",
                real(2, 3, 4),
                by=np.linalg.norm,
                attrs={"ord": order, "axis": 1},
                note=f"vector-{order}",
                tolerance="reduction",
            )
        )
    for order in ("fro", "nuc", 1, -1, 2, -2, inf, -inf):
        by_values = order in ("nuc", 2, -2)
        found.append(
            row(
                "norm",
                real(2, 3, 4),
                by=np.linalg.norm,
                note=f"matrix-{order}",
                attrs={"ord": order, "axis": (0, 2), "keepdims": True},
                tolerance="reduction",
                known=not by_values,
                dtypes=("float32", "float64"),
            )
        )
    return found


SPD = symmetric_positive(2, 3, 3)
LINEAR = [
    row(
        "cholesky_inverse",
        given(np.linalg.cholesky([[4.0, 2], [2, 5]]), "float64"),
        by=lambda x: np.linalg.inv(x @ x.T),
        gradient=False,
        tolerance="reduction",
    ),
    row("det", regular(2, 3, 3), by=np.linalg.det, tolerance="reduction"),
    row(
        "slogdet", regular(2, 3, 3), by=lambda x: tuple(np.linalg.slogdet(x)), tolerance="reduction"
    ),
    row(
        "slogdet",
        values([[0.0, 2, 0], [1, 0, 0], [0, 0, -3]]),
        by=lambda x: tuple(np.linalg.slogdet(x)),
        note="exchanges",
        tolerance="reduction",
        unknown=(),
    ),
    row("logdet", SPD, by=lambda x: np.linalg.slogdet(x)[1], tolerance="reduction"),
    row("inv", regular(2, 3, 3), by=np.linalg.inv, tolerance="reduction"),
    row("lu_factor", regular(2, 3, 3), by=each(lu), tolerance="reduction", known=False),
    row("qr", real(4, 3), by=lambda x: tuple(np.linalg.qr(x)), tolerance="reduction", known=False),
    row(
        "svd",
        real(4, 3),
        by=np.linalg.svd,
        attrs={"compute_uv": False},
        tolerance="reduction",
        known=False,
    ),
    row("solve", regular(2, 3, 3), real(2, 3, 2), by=np.linalg.solve, tolerance="reduction"),
    row("solve", regular(3, 3), real(3), by=np.linalg.solve, note="vector", tolerance="reduction"),
    row(
        "solve_triangular",
        regular(2, 3, 3),
        real(2, 3, 2),
        tolerance="reduction",
        by=lambda a, b: np.linalg.solve(np.triu(a), b),
    ),
    row(
        "solve_triangular",
        regular(3, 3),
        real(3),
        attrs={"lower": True},
        note="lower",
        tolerance="reduction",
        by=lambda a, b, lower: np.linalg.solve(np.tril(a), b),
    ),
    row("pinv", real(4, 3), by=np.linalg.pinv, tolerance="reduction", known=False),
    row(
        "lstsq",
        real(5, 3),
        real(5),
        by=lambda a, b: np.linalg.lstsq(a, b, None)[0],
        tolerance="reduction",
        known=False,
    ),
    row(
        "lstsq",
        real(3, 5),
        real(3, 2),
        by=lambda a, b: np.linalg.lstsq(a, b, None)[0],
        note="wide",
        tolerance="reduction",
        known=False,
    ),
    row(
        "matrix_rank",
        given([[1.0, 2, 3], [2, 4, 6], [0, 0, 1]], "float64"),
        by=np.linalg.matrix_rank,
        known=False,
    ),
    row("cdist", real(4, 3), real(5, 3), by=distance.cdist, tolerance="reduction"),
]

SPECIAL = [
    row("rsqrt", positive(3, 4), by=lambda x: x**-0.5, tolerance="transcendental"),
    row("erf", real(3, 4), by=special.erf, tolerance="transcendental"),
    row("erfinv", real(3, 4, low=-0.9, high=0.9), by=special.erfinv, tolerance="transcendental"),
    row("erfc", real(3, 4), by=special.erfc, tolerance="transcendental"),
    row(
        "erfc",
        values([-inf, -6.0, 0.49999, 0.5, 3.0, 5.0, 9.0, inf, nan]),
        by=special.erfc,
        note="edges",
        tolerance="reduction",
        gradient=False,
    ),
]


# Segments


def segments(start: float, combine: Any) -> Any:
    def reference(data: Any, ids: Any, num_segments: int = 4) -> Any:
        y = np.full((num_segments, *data.shape[1:]), start)
        for i, x in zip(ids, data, strict=True):
            y[i] = combine(y[i], x)
        return y

    return reference


def top_k(x: Any, k: int) -> Any:
    order = np.argsort(-x, -1, kind="stable")[..., :k]
    return np.take_along_axis(x, order, -1), order.astype("int32")


def in_top_k(targets: Any, scores: Any, k: int) -> Any:
    found = [
        0 <= t < len(row) and (row > row[t]).sum() < k
        for t, row in zip(targets, scores, strict=True)
    ]
    return np.array(found)


IDS = given([2, 0, 2, 1, 0])
COUNT = {"num_segments": 4}
SEGMENTS = [
    row(
        "segment_sum", real(5, 2), IDS, by=segments(0.0, np.add), attrs=COUNT, tolerance="reduction"
    ),
    row(
        "segment_prod",
        real(5, 2),
        IDS,
        by=segments(1.0, np.multiply),
        attrs=COUNT,
        tolerance="reduction",
    ),
    row(
        "segment_max",
        distinct(5, 2),
        IDS,
        by=segments(-inf, np.maximum),
        attrs=COUNT,
        gradient=False,
    ),
    row(
        "segment_min",
        distinct(5, 2),
        IDS,
        by=segments(inf, np.minimum),
        attrs=COUNT,
        gradient=False,
    ),
    row("top_k", distinct(3, 6), by=top_k, attrs={"k": 2}),
    row("in_top_k", given([5, 0, -1, 6]), distinct(4, 6), by=in_top_k, attrs={"k": 5}, note="none"),
    row("in_top_k", integers(0, 6, 3), distinct(3, 6), by=in_top_k, attrs={"k": 3}),
]


# Signals


def pair(f: Any) -> Any:
    """Return a function of complex numbers as one of two parts, with two parts."""

    def reference(real: Any, imag: Any, **attrs: Any) -> Any:
        y = f(real + 1j * imag, **attrs)
        return (y.real, y.imag) if np.iscomplexobj(y) else y

    return reference


def rfft(x: Any, fft_length: int | None = None) -> Any:
    y = scipy.fft.rfft(x, fft_length)
    return y.real, y.imag


def frames(x: Any, sequence_length: int, sequence_stride: int) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, sequence_length, -1)[
        ..., ::sequence_stride, :
    ]


def stft(
    x: Any,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> Any:
    if center:
        half = fft_length // 2
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(half, half)], mode="reflect")
    weights = (
        np.ones(sequence_length) if window is None else signal.get_window(window, sequence_length)
    )
    low = (fft_length - sequence_length) // 2
    weights = np.pad(weights, (low, fft_length - sequence_length - low))
    return rfft(frames(x, fft_length, sequence_stride) * weights)


def fourier() -> list[OpSample]:
    """Return rows of lengths that take every way through the transform."""
    rough: dict[str, Any] = {"tolerance": "reduction", "gradient": False}
    found = [
        row("rfft", real(2, n), by=rfft, attrs=attrs, note=note, **rough)
        for note, n, attrs in (
            ("odd", 13, {}),
            ("cut", 10, {"fft_length": 7}),
            ("filled", 10, {"fft_length": 16}),
        )
    ]
    # The sums are long, and some results small against their terms.
    rough["tolerance"] = "training"
    found += [row("rfft", real(2, n), by=rfft, note=str(n), **rough) for n in (257, 300)]
    return [
        *found,
        row(
            "extract_sequences",
            real(2, 11),
            by=frames,
            attrs={"sequence_length": 4, "sequence_stride": 3},
        ),
    ]


SAMPLES: list[OpSample] = [*norms(), *LINEAR, *SPECIAL, *SEGMENTS, *fourier()]
PAIRS: list[tuple[str, Any, tuple[int, ...], dict[str, Any]]] = [
    ("fft", pair(scipy.fft.fft), (2, 12), {}),
    ("fft", pair(scipy.fft.fft), (2, 96), {}),
    ("fft", pair(scipy.fft.fft), (101,), {}),
    ("fft2", pair(scipy.fft.fft2), (2, 6, 8), {}),
    ("ifft2", pair(scipy.fft.ifft2), (2, 6, 72), {}),
    ("irfft", pair(lambda x: scipy.fft.irfft(x)), (2, 9), {}),
    (
        "irfft",
        pair(lambda x, fft_length: scipy.fft.irfft(x, fft_length)),
        (2, 9),
        {"fft_length": 15},
    ),
    ("irfft", pair(lambda x: scipy.fft.irfft(x)), (2, 200), {}),
    (
        "irfft",
        pair(lambda x, fft_length: scipy.fft.irfft(x, fft_length)),
        (9,),
        {"fft_length": 301},
    ),
]
