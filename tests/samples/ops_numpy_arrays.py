"""Rows of the ops on whole arrays: shapes, reductions, products, order, creation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.samples.op_sample import OpSample, row
from tests.samples.sample import booleans, distinct, given, integers, positive, real, values

nan = float("nan")
HOLES = values([[1.0, nan, -2.0, 0.5], [nan, nan, 3.0, -1.0], [0.25, 2.0, 1.5, nan]])

AXES: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("axis", {"axis": 1}),
    ("kept", {"axis": 0, "keepdims": True}),
]


def renamed(f: Callable[..., Any], **names: str) -> Callable[..., Any]:
    """Return NumPy's function under the API's names of parameters."""

    def reference(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **{names.get(k, k): v for k, v in kwargs.items()})

    return reference


def listed(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of a list as one of its elements."""
    return lambda *xs, **kwargs: f(list(xs), **kwargs)


def int32(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return NumPy's function with places in 32 bits."""
    return lambda *args, **kwargs: np.asarray(f(*args, **kwargs)).astype("int32")


def histogram(x: Any, **kwargs: Any) -> Any:
    """Return NumPy's histogram, whose counts are floating in the API."""
    counts, limits = np.histogram(x, **kwargs)
    return counts.astype("float64"), limits


def parts(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return NumPy's function with its parts as a tuple."""
    return lambda *args, **kwargs: tuple(f(*args, **kwargs))


def pairs_of_axes(name: str, draw: Any, **fields: Any) -> list[OpSample]:
    """Return rows of a reduction over all axes, one, and several that stay."""
    return [
        row(name, draw, **fields),
        row(name, draw, attrs={"axis": -1}, note="axis", **fields),
        row(name, draw, attrs={"axis": (0, 2), "keepdims": True}, note="kept", **fields),
    ]


SAMPLES: list[OpSample] = [
    # Shapes
    row("reshape", real(3, 4), attrs={"newshape": (2, -1)}, by=lambda x, newshape:
        x.reshape(newshape), known=False),
    row("reshape", real(3, 4), attrs={"newshape": (-1, 2, 2)}, by=lambda x, newshape:
        x.reshape(newshape), note="first"),
    row("ravel", real(3, 4)),
    row("transpose", real(2, 3, 4)),
    row("transpose", real(2, 3, 4), attrs={"axes": (1, 0, -1)}, note="axes"),
    row("moveaxis", real(2, 3, 4), attrs={"source": (0, 1), "destination": (-1, 0)}),
    row("swapaxes", real(2, 3, 4), attrs={"axis1": 0, "axis2": -1}),
    row("expand_dims", real(3, 4), attrs={"axis": (0, -1)}),
    row("squeeze", real(3, 1, 4, 1)),
    row("squeeze", real(3, 1, 4, 1), attrs={"axis": -1}, note="axis"),
    row("broadcast_to", real(3, 1), attrs={"shape": (2, 3, 4)}, known=False),
    row("flip", real(3, 4)),
    row("flip", real(3, 4), attrs={"axis": 1}, note="axis"),
    row("fliplr", real(3, 4)),
    row("flipud", real(3, 4)),
    *[
        row("rot90", real(2, 3, 4), attrs={"k": k, "axes": (0, 2)}, note=str(k),
            by=lambda x, k, axes: np.rot90(x, k, axes))
        for k in (-1, 0, 1, 2)
    ],
    row("roll", real(3, 4), attrs={"shift": 2}, unknown=((0, 1),)),
    row("roll", real(3, 4), attrs={"shift": (1, -2), "axis": (0, 1)}, note="axes"),
    row("tile", real(3, 4), attrs={"repeats": (2, 1, 3)}, by=renamed(np.tile, repeats="reps")),
    row("repeat", real(3, 4), attrs={"repeats": 2, "axis": 1}),
    row("repeat", real(3, 4), attrs={"repeats": (2, 0, 1, 3), "axis": 1}, note="each"),
    row("repeat", real(3, 4), attrs={"repeats": 2}, note="flat"),
    row("pad", real(3, 4), attrs={"pad_width": ((1, 0), (2, 1)), "constant_values": 2.0}),
    *[
        row("pad", real(3, 4), attrs={"pad_width": ((1, 2), (3, 0)), "mode": mode}, note=mode)
        for mode in ("reflect", "symmetric", "edge", "wrap")
    ],
    row("pad", real(3), attrs={"pad_width": 7, "mode": "reflect"}, note="far", known=False),
    row("concatenate", real(3, 4), real(3, 2), attrs={"axis": -1}, listed=True,
        by=listed(np.concatenate)),
    row("append", real(3, 4), real(3)),
    row("append", real(3, 4), real(3, 1), attrs={"axis": 1}, note="axis"),
    row("stack", real(3, 4), real(3, 4), attrs={"axis": 1}, listed=True, by=listed(np.stack)),
    *[
        row(name, real(3, 4), real(3, 4), listed=True, by=listed(getattr(np, name)))
        for name in ("dstack", "hstack", "vstack")
    ],
    row("hstack", real(3), real(4), note="1-D", listed=True, by=listed(np.hstack)),
    row("split", real(4, 6), attrs={"indices_or_sections": 3, "axis": 1}, by=parts(np.split)),
    row("split", real(4, 6), attrs={"indices_or_sections": [1, 4], "axis": -1}, note="places",
        by=parts(np.split)),
    row("split", real(4, 6), attrs={"indices_or_sections": 2}, note="first", by=parts(np.split)),
    row("array_split", real(4, 5), attrs={"indices_or_sections": 3, "axis": 1},
        by=parts(np.array_split)),
    *[
        row(name, real(4, 2, 6), attrs={"indices_or_sections": 2}, by=parts(getattr(np, name)))
        for name in ("dsplit", "hsplit", "vsplit")
    ],
    row("meshgrid", real(3), real(4), by=parts(np.meshgrid)),
    row("meshgrid", real(3), real(4), real(2), attrs={"indexing": "ij"}, note="ij",
        by=parts(np.meshgrid)),
    row("diag", real(4), attrs={"k": -1}),
    row("diag", real(3, 4), attrs={"k": 1}, note="matrix"),
    row("diagflat", real(2, 2), attrs={"k": 2}),
    row("diagonal", real(2, 3, 4), attrs={"offset": 1, "axis1": 0, "axis2": 2}),
    row("diagonal", real(2, 3, 4), attrs={"offset": -1, "axis1": 1, "axis2": 2}, note="below",
        unknown=((0, 0),)),
    row("trace", real(3, 4), tolerance="reduction"),
    row("tril", real(2, 3, 4), attrs={"k": 1}),
    row("triu", real(2, 3, 4), attrs={"k": 1}),
    row("vander", real(3), attrs={"N": 3}, tolerance="transcendental"),
    row("vander", real(3), attrs={"N": 3, "increasing": True}, note="increasing",
        tolerance="transcendental"),
    # Reductions
    *[
        one
        for name in ("max", "mean", "min", "prod", "std", "sum", "var", "amax", "amin", "ptp")
        for one in pairs_of_axes(name, distinct(2, 3, 4), tolerance="reduction")
    ],
    *[one for name in ("all", "any") for one in pairs_of_axes(name, booleans(2, 3, 4))],
    row("max", distinct(3, 4), attrs={"axis": 1, "initial": 0.1}, note="initial"),
    row("sum", integers(-3, 4, 3, 4), by=int32(np.sum), note="integers"),
    row("sum", booleans(3, 4), by=int32(np.sum), note="booleans"),
    row("mean", integers(-3, 4, 3, 4), note="integers"),
    *[
        row(name, distinct(3, 4), attrs=attrs, by=int32(getattr(np, name)), note=note,
            gradient=False)
        for name in ("argmax", "argmin")
        for note, attrs in AXES
    ],
    row("count_nonzero", integers(-1, 2, 3, 4), attrs={"axis": 1}, by=int32(np.count_nonzero)),
    row("average", real(3, 4), attrs={"axis": 1}),
    row("ndim", real(3, 4), by=np.ndim, gradient=False),
    row("size", real(3, 4), by=np.size, gradient=False, known=False),
    *[
        row(name, HOLES, attrs=attrs, note=note, tolerance="reduction", gradient=False)
        for name in ("nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar",
                     "nanmedian")
        for note, attrs in AXES
    ],
    *[
        row(name, HOLES, attrs={"axis": 1}, by=int32(getattr(np, name)), gradient=False)
        for name in ("nanargmax", "nanargmin")
    ],
    row("median", distinct(2, 3, 4)),
    row("median", distinct(2, 3, 4), attrs={"axis": (0, 2), "keepdims": True}, note="kept"),
    *[
        row("quantile", distinct(3, 5), attrs={"q": [0.1, 0.5, 0.83], "axis": 1, "method": m},
            note=m, tolerance="reduction", by=lambda x, q, axis, method:
            np.quantile(x, np.float32(q).astype(x.dtype), axis, method=method))
        for m in ("linear", "lower", "higher", "midpoint", "nearest")
    ],
    row("percentile", distinct(3, 5), attrs={"q": 25.0, "axis": 1}, tolerance="reduction"),
    row("nanquantile", HOLES, attrs={"q": 0.25, "axis": 1}, tolerance="reduction",
        gradient=False),
    row("nanpercentile", HOLES, attrs={"q": 25.0, "axis": 0}, tolerance="reduction",
        gradient=False),
    # Running
    *[
        row(name, real(3, 4), attrs=attrs, note=note, tolerance="reduction")
        for name in ("cumprod", "cumsum")
        for note, attrs in (("", {}), ("axis", {"axis": 1}))
        if not (name == "cumprod" and note == "")
    ],
    *[
        row(name, HOLES, attrs={"axis": 1}, tolerance="reduction", gradient=False)
        for name in ("nancumprod", "nancumsum")
    ],
    row("diff", real(3, 5), attrs={"n": 2}),
    row("trapezoid", real(3, 5), attrs={"dx": 0.5}, tolerance="reduction"),
    row("trapezoid", real(3, 5), real(5), note="points", tolerance="reduction"),
    # Products
    row("matmul", real(3, 4), real(4, 2), tolerance="reduction"),
    row("matmul", real(2, 3, 4), real(4, 2), note="matrix", tolerance="reduction"),
    row("matmul", real(3, 1, 2, 4), real(5, 4, 2), note="batch", tolerance="reduction"),
    row("matmul", real(4), real(3, 4, 2), note="vector", tolerance="reduction",
        unknown=((1, 0),)),
    row("matmul", real(3, 4), real(4), note="by a vector", tolerance="reduction",
        unknown=((0, 0),)),
    row("dot", real(2, 3, 4), real(4, 2), tolerance="reduction"),
    row("tensordot", real(2, 3, 4), real(3, 4, 5), tolerance="reduction"),
    row("tensordot", real(2, 3, 4), real(4, 2), attrs={"axes": [[0, 2], [1, 0]]}, note="pairs",
        tolerance="reduction"),
    row("inner", real(2, 3), real(4, 3), tolerance="reduction"),
    row("outer", real(3), real(4)),
    row("vdot", real(3, 4), real(3, 4), tolerance="reduction"),
    row("kron", real(2, 3), real(3, 2)),
    row("cross", real(4, 3), real(4, 3), tolerance="reduction"),
    row("cross", real(3, 4), real(3, 4), attrs={"axis": 0}, note="axis", tolerance="reduction",
        unknown=((0, 1),)),
    row("correlate", real(7), real(3), attrs={"mode": "same"}, tolerance="reduction",
        unknown=((0, 0),)),
    row("correlate", real(7), real(4), attrs={"mode": "full"}, note="full",
        tolerance="reduction", unknown=((0, 0),)),
    row("correlate", real(3), real(7), attrs={"mode": "valid"}, note="longer",
        tolerance="reduction", known=False),
    row("corrcoef", real(3, 6), tolerance="reduction", dtypes=("float64",)),
    # Order
    row("sort", distinct(3, 4)),
    row("sort", distinct(3, 4), attrs={"axis": 0}, note="axis"),
    row("argsort", distinct(3, 4), by=int32(np.argsort), gradient=False),
    row("argpartition", distinct(3, 4), attrs={"kth": 1}, gradient=False, by=lambda x, kth:
        np.argsort(x).astype("int32")),
    row("searchsorted", values([0.0, 1.0, 1.0, 2.0]), real(3, 4), attrs={"side": "right"},
        by=int32(np.searchsorted), gradient=False),
    row("digitize", real(3, 4), values([-1.0, 0.0, 1.0]), by=int32(np.digitize), gradient=False),
    row("digitize", real(3, 4), values([1.0, 0.0, -1.0]), note="falling", by=int32(np.digitize),
        gradient=False),
    row("unique", integers(0, 5, 3, 4), attrs={"return_counts": True}, traceable=False,
        by=lambda x, return_counts: tuple(
            a.astype("int32") for a in np.unique(x, return_counts=return_counts))),
    row("unique", given([3, 1, 3, 2]), attrs={"size": 3}, note="size", known=False,
        by=lambda x, size: np.unique(x)),
    row("nonzero", integers(-1, 2, 3, 4), traceable=False, by=lambda x: tuple(
        i.astype("int32") for i in np.nonzero(x))),
    row("bincount", integers(0, 5, 9), attrs={"minlength": 8}, by=int32(np.bincount),
        traceable=False),
    row("histogram", real(20), attrs={"bins": 5, "range": (-1.0, 1.0)}, gradient=False,
        by=histogram),
    row("histogram", real(20), attrs={"bins": 4}, note="all", gradient=False, by=histogram,
        dtypes=("float32", "float64")),
    # Taking
    row("take", real(3, 4), given([[0, 2], [1, -1]]), attrs={"axis": 1}, unknown=((0, 0),)),
    row("take", real(3, 4), given([0, -1]), note="flat"),
    row("take_along_axis", real(3, 4), given([[0, 3], [1, -1], [2, 2]]), attrs={"axis": 1}),
    row("take_along_axis", real(3, 4), given([[0, 3]]), attrs={"axis": 1}, note="broadcast",
        unknown=()),
    row("unravel_index", given([5, 0, 11]), attrs={"shape": (3, 4)}, by=lambda i, shape: tuple(
        a.astype("int32") for a in np.unravel_index(i, shape))),
    # Creation
    *[row(name, real(3, 4), gradient=False) for name in ("ones_like", "zeros_like")],
    row("empty_like", real(3, 4), by=np.zeros_like, gradient=False),
    row("full_like", real(3, 4), attrs={"fill_value": 2.5}, gradient=False),
    row("linspace", real(3), real(3), attrs={"num": 4, "axis": -1}, tolerance="reduction"),
    row("linspace", real(3), real(3), attrs={"num": 4, "endpoint": False}, note="open",
        tolerance="reduction"),
    row("logspace", real(3), real(3), attrs={"num": 4, "base": 2.0}, tolerance="reduction"),
    row("geomspace", positive(3), positive(3), attrs={"num": 4}, tolerance="reduction",
        dtypes=("float32", "float64")),
    *[row(name, attrs={"shape": (2, 3)}) for name in ("ones", "zeros")],
    row("empty", attrs={"shape": (2, 3)}, by=np.zeros),
    row("full", attrs={"shape": (2, 3), "fill_value": 7}, by=lambda shape, fill_value:
        np.full(shape, float(fill_value))),
    row("eye", attrs={"N": 3, "M": 4, "k": -1}),
    row("identity", attrs={"n": 3}),
    row("tri", attrs={"N": 3, "M": 4, "k": 1}),
    row("arange", attrs={"start": 2, "stop": 9, "step": 3}, by=lambda start, stop, step:
        np.arange(start, stop, step, dtype="int32")),
    *[
        row(name, attrs={"x": 7}, by=renamed(getattr(np, name), x="M"), tolerance="reduction")
        for name in ("bartlett", "blackman", "hamming", "hanning")
    ],
    row("kaiser", attrs={"x": 7, "beta": 4.0}, by=renamed(np.kaiser, x="M"),
        tolerance="reduction"),
]  # fmt: skip
