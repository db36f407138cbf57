"""One or more calls of every primitive, with their edges: what each table is run on.

Values are fixed, so that every backend sees the same ones; the primitive's NumPy reference says
what is right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cornu.graph.dtypes import numpy_dtype

__all__ = ["ROWS", "Row"]

_random = np.random.default_rng(7)
_EDGES = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 0.5, -0.5, 2.5, -1.5], "float32")


@dataclass(frozen=True)
class Row:
    """A call of one primitive."""

    name: str
    args: tuple[Any, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    tolerance: str = "elementwise"
    note: str = ""

    def __str__(self) -> str:
        return f"{self.name}-{self.note}" if self.note else self.name


def real(*shape: int, dtype: str = "float32") -> np.ndarray[Any, Any]:
    """Normal numbers."""
    return _random.standard_normal(shape).astype(dtype)


def positive(*shape: int) -> np.ndarray[Any, Any]:
    """Numbers between 0.1 and 3."""
    return _random.uniform(0.1, 3.0, shape).astype("float32")


def unit(*shape: int) -> np.ndarray[Any, Any]:
    """Numbers between -0.9 and 0.9."""
    return _random.uniform(-0.9, 0.9, shape).astype("float32")


def integers(*shape: int, low: int = -9, high: int = 9, dtype: str = "int32") -> Any:
    """Integers from `low` to below `high`."""
    return _random.integers(low, high, shape).astype(dtype)


def booleans(*shape: int) -> np.ndarray[Any, Any]:
    """True or False."""
    return _random.integers(0, 2, shape).astype(bool)


def _definite(*shape: int) -> np.ndarray[Any, Any]:
    """Symmetric matrices whose eigenvalues are positive and well apart."""
    n = shape[-1]
    q = np.linalg.qr(_random.standard_normal(shape))[0]
    matrix: np.ndarray[Any, Any] = (q * np.arange(1, n + 1)) @ np.swapaxes(q, -1, -2)
    return ((matrix + np.swapaxes(matrix, -1, -2)) / 2).astype("float32")


ROWS: list[Row] = []


def _row(
    name: str, *args: Any, tolerance: str = "elementwise", note: str = "", **attrs: Any
) -> None:
    ROWS.append(Row(name, args, attrs, tolerance, note))


def _unary() -> None:
    anywhere = "sin cos tanh sigmoid erf exp expm1 sinh cosh asinh atan tan"
    for name in anywhere.split():
        _row(name, real(3, 4), tolerance="transcendental")
        if name != "tan":
            _row(name, _EDGES, tolerance="transcendental", note="edges")
    for name in ["log", "log1p", "sqrt", "rsqrt", "lgamma", "digamma"]:
        _row(name, positive(3, 4), tolerance="transcendental")
    for name in ["log", "log1p", "sqrt", "rsqrt"]:
        _row(name, _EDGES, tolerance="transcendental", note="edges")
    for name in ["asin", "acos", "atanh", "erfinv"]:
        _row(name, unit(3, 4), tolerance="transcendental")
    _row("acosh", 1 + positive(5), tolerance="transcendental")
    _row("reciprocal", positive(3, 4))
    _row("abs", real(3, 4), tolerance="exact")
    for name in [
        "negate",
        "abs",
        "sign",
        "floor",
        "ceil",
        "round",
        "trunc",
        "is_finite",
        "is_nan",
        "is_inf",
    ]:
        _row(name, _EDGES, tolerance="exact")
        _row(name, real(2, 0, 3), tolerance="exact", note="empty")
        _row(name, np.float32(-1.5).reshape(()), tolerance="exact", note="scalar")
    _row("round", np.array([0.5, 1.5, 2.5, -0.5, -2.5, 0.49999997], "float32"), note="ties")
    for name in ("negate", "abs", "sign"):
        _row(name, integers(5), tolerance="exact", note="int")
    _row("logical_not", booleans(5), tolerance="exact")
    _row("bitwise_not", integers(5), tolerance="exact")
    _row("bitwise_not", integers(5, low=0, dtype="uint32"), tolerance="exact", note="uint32")


def _binary() -> None:
    for name in ["add", "subtract", "multiply", "divide", "maximum", "minimum"]:
        _row(name, real(3, 4), real(4))
        _row(name, _EDGES[:, None], _EDGES, note="edges")
        if name != "divide":
            _row(name, integers(3, 1), integers(1, 4), tolerance="exact", note="int")
            _row(
                name,
                np.array([0, 1, 2**32 - 1, 7], "uint32"),
                np.array([5, 2**32 - 1, 2, 7], "uint32"),
                tolerance="exact",
                note="uint32",
            )
    for name in ("floor_divide", "remainder"):
        _row(name, real(3, 4) * 5, real(4), tolerance="transcendental")
        _row(name, np.array([7, -7, 7, -7], "int32"), np.array([2, 2, -2, -2], "int32"), note="int")
        _row(
            name,
            np.array([2**32 - 1, 7], "uint32"),
            np.array([3, 2], "uint32"),
            tolerance="exact",
            note="uint32",
        )
    _row("power", positive(3, 4), real(4), tolerance="transcendental")
    _row(
        "power",
        np.array([0.0, 0, 2, -2], "float32"),
        np.array([0.0, 2, -1, 3], "float32"),
        note="edges",
    )
    _row("power", integers(4), np.array([0, 1, 2, 3], "int32"), tolerance="exact", note="int")
    _row("atan2", real(3, 4), real(4), tolerance="transcendental")
    for name in ("logical_and", "logical_or", "logical_xor"):
        _row(name, booleans(4, 1), booleans(4), tolerance="exact")
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        _row(name, integers(6), integers(6), tolerance="exact")
        _row(name, booleans(6), booleans(6), tolerance="exact", note="bool")
        _row(
            name,
            integers(6, low=0, dtype="uint32"),
            integers(6, low=0, dtype="uint32"),
            note="uint32",
        )
    for name in ("shift_left", "shift_right"):
        _row(name, integers(6), integers(6, low=0), tolerance="exact")
        many = np.array([2**32 - 1, 2**31, 5], "uint32")
        _row(name, many, np.array([3, 31, 1], "uint32"), tolerance="exact", note="uint32")
    for name in ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]:
        _row(name, _EDGES[:, None], _EDGES, tolerance="exact", note="edges")
        _row(name, integers(9), integers(9), tolerance="exact", note="int")
        big = np.array([2**32 - 1, 1, 2**31], "uint32")
        _row(name, big, big[::-1], tolerance="exact", note="uint32")
    _row("select", booleans(3, 1), real(4), real(3, 4), tolerance="exact")
    _row(
        "select",
        booleans(3),
        integers(3, low=0, dtype="uint32"),
        np.zeros(3, "uint32"),
        note="uint32",
    )
    for dtype in ["int32", "float16", "bfloat16", "bool", "uint8", "int8", "uint32"]:
        _row("cast", positive(4), dtype=dtype, tolerance="exact", note=dtype)
        _row("cast", integers(4, low=0), dtype=dtype, tolerance="exact", note=f"int-{dtype}")
    _row(
        "cast",
        np.array([2**32 - 1, 0], "uint32"),
        dtype="float32",
        tolerance="exact",
        note="uint32",
    )
    _row("stop_gradient", real(3), tolerance="exact")
    _row("identity", real(3), tolerance="exact")


def _reduce() -> None:
    for name in ["reduce_sum", "reduce_prod", "reduce_max", "reduce_min"]:
        for axes in ((0,), (1, 2), (0, 1, 2), ()):
            _row(name, real(2, 3, 4), axes=axes, tolerance="reduction", note=f"axes{axes}")
        _row(name, integers(3, 2, dtype="int8", low=-2, high=2), axes=(0,), note="int8")
        _row(name, _EDGES, axes=(0,), tolerance="reduction", note="edges")
        _row(
            name, integers(3, 2, low=0, dtype="uint32"), axes=(0,), tolerance="exact", note="uint32"
        )
    _row("reduce_sum", real(0, 3), axes=(0,), note="empty")
    _row("reduce_prod", real(0, 3), axes=(0,), note="empty")
    for name in ("reduce_any", "reduce_all"):
        for axes in ((0,), (0, 1), ()):
            _row(name, booleans(3, 4), axes=axes, tolerance="exact", note=f"axes{axes}")
    for name in ("argmax", "argmin"):
        _row(
            name,
            np.array([[1.0, 3, 3], [2, 2, 0]], "float32"),
            axis=1,
            tolerance="exact",
            note="ties",
        )
        _row(name, _EDGES, axis=0, tolerance="exact", note="nan")
        _row(name, integers(4, 3), axis=0, tolerance="exact", note="int")
    for name in ["cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"]:
        for reverse in (False, True):
            _row(
                name, real(3, 4), axis=1, reverse=reverse, tolerance="reduction", note=f"{reverse}"
            )
        if name != "cumlogsumexp":
            _row(
                name, integers(5, dtype="int32", low=-3, high=3), axis=0, reverse=False, note="int"
            )
    _row("cummax", np.array([1, np.nan, 3], "float32"), axis=0, reverse=False, note="nan")


def _shape() -> None:
    _row("reshape", real(2, 6), shape=(3, 4), tolerance="exact")
    _row("reshape", real(4, 3).T, shape=(12,), tolerance="exact", note="strided")
    _row("transpose", real(2, 3, 4), axes=(2, 0, 1), tolerance="exact")
    _row("broadcast_to", real(3, 1), shape=(2, 3, 4), tolerance="exact")
    _row("reverse", real(3, 4), axes=(0, 1), tolerance="exact")
    _row("reverse", real(3, 4), axes=(), tolerance="exact", note="none")
    _row("slice", real(5, 6), start=(1, 0), stop=(5, 6), step=(2, 3), tolerance="exact")
    _row("slice", real(5), start=(2,), stop=(2,), step=(1,), tolerance="exact", note="empty")
    zero, one = np.float32(0), np.float32(1.5)
    _row("pad", real(2, 3), zero, low=(1, 0), high=(0, 2), interior=(0, 0), tolerance="exact")
    _row("pad", real(3, 3), one, low=(-1, 2), high=(1, -1), interior=(0, 0), note="crop")
    _row("pad", real(3, 3), one, low=(-1, 2), high=(1, -1), interior=(1, 2), note="interior")
    _row("pad", integers(3), np.int32(4), low=(1,), high=(1,), interior=(0,), note="int")
    _row("pad", booleans(3), np.bool_(True), low=(1,), high=(1,), interior=(0,), note="bool")
    _row("pad", real(0, 2), one, low=(1, 0), high=(1, 0), interior=(1, 0), note="empty")
    _row("concatenate", real(2, 3), real(2, 1), real(2, 0), axis=1, tolerance="exact")
    _row("split", real(2, 6), sizes=(1, 0, 5), axis=1, tolerance="exact")
    for dtype in ["float32", "int32", "bool", "uint32", "bfloat16"]:
        _row("full", shape=(2, 3), value=1, dtype=dtype, tolerance="exact", note=dtype)
        if dtype != "bool":
            _row("iota", size=4, dtype=dtype, tolerance="exact", note=dtype)
    _row("full", shape=(), value=float("nan"), dtype="float32", tolerance="exact", note="nan")
    _row("dim_size", real(2, 3), axis=1, tolerance="exact")
    for starts in ((1, 2), (-3, 9)):
        places = tuple(np.int32(s) for s in starts)
        _row(
            "dynamic_slice", real(4, 5), *places, sizes=(2, 3), tolerance="exact", note=f"{starts}"
        )
        _row(
            "dynamic_update_slice",
            real(4, 5),
            real(2, 3),
            *places,
            tolerance="exact",
            note=f"{starts}",
        )


def _index() -> None:
    inside = np.array([[0, -1, 2], [2, 1, -3]], "int32")
    _row("check_labels", np.array([[0, 2], [1, 0]], "int32"), classes=3, tolerance="exact")
    _row("take", real(3, 4), inside, axis=0, tolerance="exact")
    _row("take", real(4, 3, 2), inside, axis=1, tolerance="exact", note="middle")
    _row("take", real(3, 4), np.int32(-1), axis=0, tolerance="exact", note="scalar")
    _row("take", integers(3, 2), inside[0], axis=0, tolerance="exact", note="int")
    _row("take_along_axis", real(2, 4), inside, axis=1, tolerance="exact")
    _row("take_along_axis", real(3, 2), inside[:, :2], axis=0, tolerance="exact", note="first")
    at = np.array([[0, 1], [-1, 2], [0, 1]], "int32")
    _row("gather_nd", real(3, 4, 2), at, tolerance="exact")
    _row("gather_nd", real(3, 4), at, tolerance="exact", note="elements")
    for mode in ["set", "add", "multiply", "max", "min"]:
        places = at[:2] if mode == "set" else at
        _row("scatter_nd", real(3, 4, 2), places, real(len(places), 2), mode=mode, note=mode)
        _row(
            "scatter_nd",
            integers(3, 4),
            places,
            integers(len(places)),
            mode=mode,
            note=f"int-{mode}",
        )
        index = np.array([[0, 2], [-1, 1]] if mode == "set" else [[0, 0], [-1, 2]], "int32")
        _row("scatter_along_axis", real(2, 3), index, real(2, 2), axis=1, mode=mode, note=mode)
    _row("sort", np.array([[3, 1, np.nan, 1], [0, -1, 5, 5]], "float32"), axis=1, tolerance="exact")
    _row("sort", integers(6, 2, low=0, high=3), axis=0, tolerance="exact", note="stable")
    _row(
        "top_k",
        np.array([[3, 1, 3, 2], [0, 5, 5, 5]], "float32"),
        k=3,
        tolerance="exact",
        note="ties",
    )
    _row("top_k", real(2, 9), k=4, tolerance="exact")
    for side in ("left", "right"):
        bounds = np.array([0, 1, 1, 3], "float32")
        values = np.array([[1, 0.5], [-1, 3]], "float32")
        _row("searchsorted", bounds, values, side=side, tolerance="exact", note=side)
    _row("nonzero", np.array([[0, 1, 2], [0, 0, 3]], "float32"), tolerance="exact")
    _row("unique", np.array([3, 1, 3, 2, 1], "int32"), tolerance="exact")


def _linear() -> None:
    _row("dot", real(3, 4), real(4, 5), contract=((1, 0),), batch=(), tolerance="reduction")
    _row(
        "dot",
        real(2, 3, 4),
        real(4, 5),
        contract=((2, 0),),
        batch=(),
        tolerance="reduction",
        note="dense",
    )
    _row(
        "dot",
        real(2, 3, 4),
        real(2, 3, 5),
        contract=((0, 0), (1, 1)),
        batch=(),
        tolerance="reduction",
        note="weights",
    )
    _row(
        "dot",
        real(2, 3, 4),
        real(5, 4, 2),
        contract=((2, 1),),
        batch=((0, 2),),
        tolerance="reduction",
        note="batch",
    )
    _row("dot", real(3), real(4), contract=(), batch=(), tolerance="reduction", note="outer")
    _row("dot", real(3), real(3), contract=((0, 0),), batch=(), tolerance="reduction", note="inner")
    _row(
        "dot",
        integers(2, 3),
        integers(3, 2),
        contract=((1, 0),),
        batch=(),
        tolerance="exact",
        note="int",
    )
    _row(
        "dot", real(2, 0), real(0, 2), contract=((1, 0),), batch=(), tolerance="exact", note="empty"
    )
    _row("cholesky", _definite(2, 4, 4), tolerance="reduction")
    for full in (False, True):
        _row("qr", real(2, 4, 3), full=full, tolerance="reduction", note=f"{full}")
        _row("svd", real(2, 4, 3), full=full, tolerance="reduction", note=f"{full}")
    _row("eigh", _definite(2, 4, 4), tolerance="reduction")
    _row("solve", _definite(2, 4, 4), real(2, 4, 3), tolerance="reduction")
    _row("det", _definite(2, 4, 4), tolerance="reduction")
    _row("lu", real(2, 4, 4), tolerance="reduction")
    for lower in (False, True):
        for transpose in (False, True):
            _row(
                "triangular_solve", _definite(2, 4, 4), real(2, 4, 3),
                lower=lower, transpose=transpose, tolerance="reduction",
                note=str((lower, transpose)),
            )  # fmt: skip


def _windows() -> None:
    for spatial, window in (((9,), (3,)), ((8, 7), (3, 2)), ((5, 6, 4), (2, 3, 2))):
        n = len(window)
        cases: list[tuple[Any, tuple[int, ...], tuple[int, ...], int]] = [
            ("valid", (1,) * n, (1,) * n, 1),
            ("same", (1,) * n, (1,) * n, 1),
            ("same", (2,) * n, (1,) * n, 2),
            ("valid", (3, 2, 1)[:n], (1,) * n, 1),
            ("same", (1,) * n, (2,) * n, 1),
            (((2, 1),) * n, (2,) * n, (1,) * n, 1),
        ]
        for i, (padding, strides, dilation, groups) in enumerate(cases):
            attrs = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
            x, kernel = real(2, *spatial, 4), real(*window, 4 // groups, 6)
            out = _output(spatial, window, **{k: v for k, v in attrs.items() if k != "groups"})
            g = real(2, *out, 6)
            note = f"{n}d-{i}"
            _row("conv", x, kernel, **attrs, tolerance="reduction", note=note)
            _row(
                "conv_grad_input",
                g,
                kernel,
                input_shape=x.shape,
                **attrs,
                tolerance="reduction",
                note=note,
            )
            _row(
                "conv_grad_kernel",
                x,
                g,
                kernel_shape=kernel.shape,
                **attrs,
                tolerance="reduction",
                note=note,
            )
            if dilation != (1,) * n:
                continue
            if padding not in ("valid", "same"):
                padding = ((1, 0),) * n  # every window meets the input
                out = _output(spatial, window, strides, padding, dilation)
            attrs = {"window": window, "strides": strides, "padding": padding}
            ties = np.round(real(2, *spatial, 4))
            _row("max_pool", ties, **attrs, tolerance="exact", note=note)
            _row("pool_sum", x, **attrs, tolerance="reduction", note=note)
            _row(
                "pool_sum_grad",
                real(2, *out, 4),
                input_shape=x.shape,
                **attrs,
                tolerance="reduction",
                note=note,
            )
    low = np.full((1, 3, 3, 1), -np.inf, "float32")
    _row("max_pool", low, window=(2, 2), strides=(1, 1), padding=((1, 0), (1, 0)), note="all -inf")
    low[0, 1, 1] = np.nan
    _row("max_pool", low, window=(2, 2), strides=(1, 1), padding="valid", note="nan")
    _row(
        "max_pool", integers(1, 5, 5, 2), window=(2, 2), strides=(2, 2), padding="same", note="int"
    )
    index = integers(2, 3, 2, 4, low=0, high=30)
    _row("pool_scatter", real(2, 3, 2, 4), index, spatial=(5, 6), tolerance="reduction")
    _row("pool_gather", real(2, 5, 6, 4), index, tolerance="exact")


def _output(
    spatial: Any, window: Any, strides: Any, padding: Any, dilation: Any
) -> tuple[int, ...]:
    if padding == "same":
        return tuple(-(-n // s) for n, s in zip(spatial, strides, strict=True))
    pairs = ((0, 0),) * len(window) if padding == "valid" else padding
    return tuple(
        (n + lo + hi - (w - 1) * d - 1) // s + 1
        for n, w, s, d, (lo, hi) in zip(spatial, window, strides, dilation, pairs, strict=True)
    )


def _half() -> None:
    """What libraries offer for half precision differs most; the float32 sum is rounded once."""
    for dtype in ("float16", "bfloat16"):
        for name in ["tanh", "exp", "log1p", "rsqrt", "sigmoid", "erf", "sqrt", "lgamma"]:
            _row(name, _half_real(dtype, 4) ** 2, tolerance="transcendental", note=dtype)
        for name in ["add", "multiply", "divide", "maximum", "atan2", "power", "remainder", "less"]:
            a, b = _half_real(dtype, 3, 1) ** 2, _half_real(dtype, 4) ** 2
            _row(name, a, b, tolerance="transcendental", note=dtype)
        for name in ("reduce_sum", "reduce_max", "reduce_prod"):
            _row(name, _half_real(dtype, 3, 4), axes=(1,), tolerance="reduction", note=dtype)
        for name in ("cumsum", "cummax", "cumlogsumexp"):
            x = _half_real(dtype, 3, 4)
            _row(name, x, axis=1, reverse=False, tolerance="reduction", note=dtype)
        _row("argmax", _half_real(dtype, 3, 4), axis=1, tolerance="exact", note=dtype)
        _row("sort", _half_real(dtype, 3, 4), axis=1, tolerance="exact", note=dtype)
        _row("take", _half_real(dtype, 3, 4), np.array([2, -1], "int32"), axis=0, note=dtype)
        a, b = _half_real(dtype, 3, 4), _half_real(dtype, 4, 5)
        _row("dot", a, b, contract=((1, 0),), batch=(), tolerance="reduction", note=dtype)
        x = _half_real(dtype, 2, 6, 6, 2)
        one = {"strides": (1, 1), "padding": "same"}
        kernel = _half_real(dtype, 3, 3, 2, 4)
        _row("conv", x, kernel, dilation=(1, 1), groups=1, **one, tolerance="reduction", note=dtype)
        _row("max_pool", x, window=(2, 2), **one, tolerance="exact", note=dtype)
        _row("pool_sum", x, window=(2, 2), **one, tolerance="reduction", note=dtype)
        definite = _definite(3, 3).astype(numpy_dtype(dtype))
        _row("cholesky", definite, tolerance="reduction", note=dtype)


def _half_real(dtype: str, *shape: int) -> np.ndarray[Any, Any]:
    return _random.standard_normal(shape).astype(numpy_dtype(dtype))


def _rest() -> None:
    for size in (0, 1, 7, 64):
        key = np.array([12345, 2**32 - 9], "uint32")
        _row("random_bits", key, size=size, tolerance="exact", note=str(size))


for _family in (_unary, _binary, _reduce, _shape, _index, _linear, _windows, _half, _rest):
    _family()
