"""Rows of the primitives that move, cut, index, order and reduce."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy import special

from tests.samples.sample import (
    Sample,
    booleans,
    distinct,
    given,
    integers,
    positive,
    real,
    turned,
    values,
)

NAN = np.nan
exact = partial(Sample, tolerance="exact")
summed = partial(Sample, tolerance="reduction")


def _pad(
    x: Any, value: float, low: tuple[Any, ...], high: tuple[Any, ...], interior: tuple[Any, ...]
) -> Any:
    """Element by element."""
    shape = [
        max(d - 1, 0) * i + d + a + b
        for d, a, b, i in zip(x.shape, low, high, interior, strict=True)
    ]
    y = np.full(shape, value)
    for place in np.ndindex(*x.shape):
        to = [a + p * (i + 1) for p, a, i in zip(place, low, interior, strict=True)]
        if all(0 <= t < n for t, n in zip(to, shape, strict=True)):
            y[tuple(to)] = x[place]
    return y


def _update(x: Any, update: Any, *starts: int) -> Any:
    y = x.copy()
    first = [np.clip(s, 0, n - m) for s, n, m in zip(starts, x.shape, update.shape, strict=True)]
    for place in np.ndindex(*update.shape):
        y[tuple(np.add(first, place))] = update[place]
    return y


SHAPE = [
    exact("reshape", (real(2, 6),), lambda x, shape: x.ravel().reshape(shape), {"shape": (3, 4)}),
    exact(
        "transpose",
        (real(2, 3, 4),),
        lambda x, axes: np.einsum("abc->cab", x),
        {"axes": (2, 0, 1)},
    ),
    exact("reverse", (real(2, 3),), lambda x, axes: x[:, ::-1], {"axes": (1,)}),
    exact(
        "broadcast_to",
        (real(3, 1),),
        lambda x, shape: x + np.zeros(shape),
        {"shape": (2, 3, 4)},
        unknown=(),
    ),
    exact(
        "slice",
        (real(5, 6),),
        lambda x, **_: x[1:4, 0:6:4],
        {"start": (1, 0), "stop": (4, 6), "step": (1, 4)},
        unknown=(),
    ),
    exact("pad", (real(2, 3), real()), _pad, {"low": (1, 0), "high": (0, 2), "interior": (0, 1)}),
    exact(
        "pad",
        (real(4, 5), real()),
        _pad,
        {"low": (-1, -2), "high": (-2, 1), "interior": (1, 2)},
        note="crop",
    ),
    exact(
        "pad",
        (real(2), real()),
        _pad,
        {"low": (-9,), "high": (10,), "interior": (0,)},
        note="crop_all",
    ),
    exact(
        "concatenate",
        (real(2, 3), real(2, 1), real(2, 2)),
        lambda *xs, axis: np.hstack(xs),
        {"axis": 1},
    ),
    exact(
        "split",
        (real(2, 6),),
        lambda x, **_: (x[:, :1], x[:, 1:4], x[:, 4:]),
        {"sizes": (1, 3, 2), "axis": 1},
    ),
    exact(
        "full",
        (),
        lambda **_: np.ones((2, 3)) * 2.5,
        {"shape": (2, 3), "value": 2.5, "dtype": "float32"},
        gradient=False,
    ),
    exact(
        "full",
        (),
        lambda **_: np.zeros((2, 0)),
        {"shape": (2, 0), "value": 0, "dtype": "int8"},
        note="zeros",
        gradient=False,
    ),
    exact(
        "iota",
        (),
        lambda **_: np.array([0, 1, 2]),
        {"size": 3, "dtype": "bfloat16"},
        gradient=False,
    ),
    exact("dim_size", (real(2, 3),), lambda x, axis: np.int32(3), {"axis": 1}, gradient=False),
    exact(
        "dynamic_slice",
        (real(5, 6), given(9), given(-2)),
        lambda x, i, j, sizes: x[2:5, 0:2],
        {"sizes": (3, 2)},
        unknown=(),
    ),
    exact("dynamic_update_slice", (real(5, 6), real(3, 2), given(1), given(7)), _update),
]


def _take_grid(x: Any, i: Any, axis: int) -> Any:
    rows = [np.moveaxis(x, axis, 0)[j % x.shape[axis]] for j in i.ravel()]
    y = np.stack(rows).reshape(*i.shape, *np.moveaxis(x, axis, 0).shape[1:])
    return np.moveaxis(y, range(i.ndim), range(axis, axis + i.ndim))


def _along(x: Any, i: Any, axis: int) -> Any:
    y = np.empty(i.shape)
    for place in np.ndindex(*i.shape):
        source = list(place)
        source[axis] = i[place]
        y[place] = x[tuple(source)]
    return y


_JOIN = {
    "set": lambda a, b: b,
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "max": lambda a, b: np.maximum(a, b),
    "min": lambda a, b: np.minimum(a, b),
}


def _scatter_nd(x: Any, i: Any, u: Any, mode: str) -> Any:
    y = x.copy()
    for place in np.ndindex(*i.shape[:-1]):
        at = tuple(i[place])
        y[at] = _JOIN[mode](y[at], u[place])
    return y


def _scatter_along(x: Any, i: Any, u: Any, axis: int, mode: str) -> Any:
    y = x.copy()
    for place in np.ndindex(*i.shape):
        at = list(place)
        at[axis] = i[place]
        y[tuple(at)] = _JOIN[mode](y[tuple(at)], u[place])
    return y


PAIRS = given([[0, 1], [2, -1], [0, 1], [1, 0]])
LINES = given([[0, 0, -1, 1], [2, 1, 0, 2]])

INDEX = [
    exact("check_labels", (given([[2, 0], [1, 2]]),), lambda x, **_: x, {"classes": 3}),
    exact("take", (real(5, 3), integers(-5, 5, 4)), _take_grid, {"axis": 0}),
    exact("take", (real(2, 5, 3), integers(-5, 5, 2, 2)), _take_grid, {"axis": 1}, note="middle"),
    exact("take", (real(2, 5), given(2)), _take_grid, {"axis": 1}, note="scalar"),
    exact("take", (real(3, 2), given([0, 2], "uint64")), _take_grid, {"axis": 0}, note="uint64"),
    exact("take_along_axis", (real(2, 3), LINES), _along, {"axis": 1}),
    exact(
        "gather_nd",
        (real(3, 4, 2), PAIRS),
        lambda x, i: np.stack([x[tuple(j)] for j in i]),
        unknown=((0, 2), (1, 0)),
    ),
    exact(
        "gather_nd",
        (real(3, 2), given([[[2], [0]]])),
        lambda x, i: x[[[2, 0]]],
        note="rows",
        unknown=((1, 0),),
    ),
    *(
        summed(
            "scatter_nd",
            (distinct(3, 4, 2), PAIRS, real(4, 2, low=0.3, high=0.45)),
            _scatter_nd,
            {"mode": mode},
            note=mode,
            unknown=((0, 2), (1, 0)),
        )
        for mode in _JOIN
    ),
    *(
        summed(
            "scatter_nd",
            (distinct(3, 4), PAIRS, real(4, low=0.3, high=0.45)),
            _scatter_nd,
            {"mode": mode},
            note=f"{mode}_elements",
            unknown=((1, 0),),
        )
        for mode in _JOIN
    ),
    *(
        summed(
            "scatter_along_axis",
            (distinct(2, 3), LINES, real(2, 4, low=0.3, high=0.45)),
            _scatter_along,
            {"axis": 1, "mode": mode},
            note=mode,
        )
        for mode in _JOIN
    ),
    exact(
        "scatter_nd",
        (given([1, 2, 3], "int8"), given([[0], [0]]), given([5, 6], "int8")),
        _scatter_nd,
        {"mode": "add"},
        note="int8",
        gradient=False,
    ),
]


def _top(x: Any, k: int) -> tuple[Any, Any]:
    i = np.array([sorted(range(len(row)), key=lambda j: (-row[j], j))[:k] for row in x])
    return np.take_along_axis(x, i, 1), i


def _ordered(x: Any, axis: int) -> tuple[Any, Any]:
    turned_ = np.moveaxis(x, axis, -1)
    i = np.array(
        [sorted(range(len(row)), key=lambda j: (np.isnan(row[j]), row[j])) for row in turned_]
    )
    return np.moveaxis(np.take_along_axis(turned_, i, -1), -1, axis), np.moveaxis(i, -1, axis)


SORT = [
    exact("sort", (distinct(4, 5),), _ordered, {"axis": 0}),
    exact(
        "sort",
        (values([[2.0, NAN, 1.0, 2.0, -1.0]]),),
        _ordered,
        {"axis": 1},
        note="ties",
        gradient=False,
    ),
    exact("top_k", (distinct(3, 6),), _top, {"k": 3}),
    exact(
        "top_k", (values([[1.0, 3.0, 3.0, 2.0, 3.0]]),), _top, {"k": 4}, note="ties", gradient=False
    ),
    exact("top_k", (given([[1, 250, 3]], "uint8"),), _top, {"k": 2}, note="uint8", gradient=False),
    exact("top_k", (distinct(3, 6),), _top, {"k": 1}, note="one"),
    exact(
        "searchsorted",
        (values([0.0, 1.0, 1.0, 2.0]), values([[1.0, -1.0, 3.0]])),
        lambda s, v, side: np.array([[1, 0, 4]]),
        {"side": "left"},
        gradient=False,
    ),
    exact(
        "searchsorted",
        (values([0.0, 1.0, 1.0, 2.0]), values([[1.0, -1.0, 3.0]])),
        lambda s, v, side: np.array([[3, 0, 4]]),
        {"side": "right"},
        note="right",
        gradient=False,
    ),
    exact(
        "nonzero",
        (given([[1, 0], [2, 3]]),),
        lambda x: (np.array([0, 1, 1]), np.array([0, 0, 1])),
        unknown=(),
        gradient=False,
    ),
    exact(
        "unique",
        (values([[3.0, 1.0], [3.0, 2.0]]),),
        lambda x: (np.array([1.0, 2, 3]), np.array([[2, 0], [2, 1]]), np.array([1, 1, 2])),
        unknown=(),
        gradient=False,
    ),
]


def _flip(f: Any, x: Any, axis: int, reverse: bool) -> Any:
    y = f(np.flip(x, axis) if reverse else x, axis)
    return np.flip(y, axis) if reverse else y


def _running(f: Any) -> Any:
    """Apply `f` to each beginning of the rows, so that the reference is no accumulation."""

    def run(x: Any, axis: int) -> Any:
        n = x.shape[axis]
        return np.stack([f(np.take(x, range(i + 1), axis), axis) for i in range(n)], axis)

    return partial(_flip, run)


_CUMULATIVE = {
    "cumsum": np.sum,
    "cumprod": np.prod,
    "cummax": np.max,
    "cummin": np.min,
    "cumlogsumexp": special.logsumexp,
}

REDUCE = [
    *(
        summed(
            name,
            (distinct(3, 5),),
            _running(f),
            {"axis": axis, "reverse": reverse},
            note=f"{axis}{'r' * reverse}",
        )
        for name, f in _CUMULATIVE.items()
        for axis, reverse in ((0, False), (1, False), (1, True))
    ),
    summed(
        "cumprod",
        (values([1.5, 0.0, -2.0, 0.0, 3.0]),),
        _running(np.prod),
        {"axis": 0, "reverse": False},
        note="zeros",
    ),
    summed(
        "cumlogsumexp",
        (values([-900.0, 900.0, 0.0, 901.0]),),
        _running(special.logsumexp),
        {"axis": 0, "reverse": False},
        note="far",
        dtypes=("float32", "float64"),
    ),
    summed(
        "reduce_sum", (real(2, 3, 4),), lambda x, axes: np.einsum("abc->b", x), {"axes": (0, 2)}
    ),
    summed("reduce_sum", (real(2, 3),), lambda x, axes: x, {"axes": ()}, note="no_axes"),
    summed("reduce_sum", (real(0, 3),), lambda x, axes: np.zeros(3), {"axes": (0,)}, note="empty"),
    summed(
        "reduce_sum",
        (positive(60, 40),),
        lambda x, axes: np.einsum("ab->b", x),
        {"axes": (0,)},
        note="rows",
    ),
    summed(
        "reduce_sum",
        (positive(60, 40),),
        lambda x, axes: np.einsum("ab->a", x),
        {"axes": (1,)},
        note="columns",
    ),
    summed(
        "reduce_sum",
        (positive(6, 8, 7, 5),),
        lambda x, axes: np.einsum("abcd->ad", x),
        {"axes": (1, 2)},
        note="middle",
    ),
    summed(
        "reduce_sum",
        (turned(positive(60, 40)),),
        lambda x, axes: np.einsum("ab->b", x),
        {"axes": (0,)},
        note="strided",
    ),
    summed(
        "reduce_sum",
        (positive(6, 8, 30),),
        lambda x, axes: np.einsum("abc->", x),
        {"axes": (0, 1, 2)},
        note="all",
    ),
    exact(
        "reduce_sum",
        (given([100, 100], "int8"),),
        lambda x, axes: np.int8(-56),
        {"axes": (0,)},
        note="int8",
        gradient=False,
    ),
    summed(
        "reduce_prod",
        (real(2, 3, 4),),
        lambda x, axes: np.exp(np.log(x.astype(complex)).sum((0, 2))).real,
        {"axes": (0, 2)},
    ),
    summed(
        "reduce_prod",
        (values([[1.5, 0.0, -2.0], [0.0, 3.0, 0.0]]),),
        lambda x, axes: np.array([0.0, 0.0]),
        {"axes": (1,)},
        note="zeros",
    ),
    exact(
        "reduce_max",
        (distinct(2, 3, 4),),
        lambda x, axes: np.sort(x.transpose(1, 0, 2).reshape(3, 8))[:, -1],
        {"axes": (0, 2)},
    ),
    exact(
        "reduce_max",
        (distinct(200, 7),),
        lambda x, axes: np.sort(x)[:, -1],
        {"axes": (1,)},
        note="short",
        dtypes=("float32", "float64"),
        unknown=(),
    ),
    exact(
        "reduce_max",
        (values([[1.0, NAN], [2.0, 1.0]]),),
        lambda x, axes: np.array([NAN, 2.0]),
        {"axes": (1,)},
        note="nan",
        gradient=False,
    ),
    exact("reduce_min", (distinct(2, 3),), lambda x, axes: np.sort(x, 0)[0], {"axes": (0,)}),
    exact(
        "reduce_any",
        (booleans(3, 2),),
        lambda x, axes: x.sum(1) > 0,
        {"axes": (1,)},
        gradient=False,
    ),
    exact(
        "reduce_all",
        (booleans(3, 2),),
        lambda x, axes: x.sum(1) == 2,
        {"axes": (1,)},
        gradient=False,
    ),
    exact(
        "argmax",
        (values([[1.0, 3.0, 3.0], [NAN, 2.0, 5.0]]),),
        lambda x, axis: np.array([1, 0]),
        {"axis": 1},
        gradient=False,
    ),
    exact(
        "argmin",
        (values([[3.0, 1.0, 1.0], [0.0, NAN, 5.0]]),),
        lambda x, axis: np.array([1, 1]),
        {"axis": 1},
        gradient=False,
    ),
]

SAMPLES = [*SHAPE, *INDEX, *SORT, *REDUCE]
