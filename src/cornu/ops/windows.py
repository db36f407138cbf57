"""Windows for spectra: weights that fall towards both ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cornu import settings
from cornu.errors import ArgumentError
from cornu.graph.dtypes import numpy_dtype
from cornu.ops.axes import as_integers
from cornu.ops.floats import i0
from cornu.ops.op import ArrayLike, Tensor, as_tensor, op, to_dtype
from cornu.primitives import elementwise as p

__all__ = ["bartlett", "blackman", "hamming", "hanning", "kaiser"]

_NDArray = np.ndarray[Any, Any]


def _length(name: str, x: Any) -> int:
    (n,) = as_integers(name, x)
    if n < 0:
        raise ArgumentError(name, "the length must be zero or more", x=n)
    return n


def _window(name: str, x: Any, weights: Callable[[_NDArray], _NDArray]) -> Tensor:
    """Return weights as a function of the place, which runs from 0 to 1."""
    n = _length(name, x)
    values = weights(np.arange(n) / (n - 1)) if n > 1 else np.ones(n)
    dtype = settings.floatx()
    return as_tensor(values.astype(numpy_dtype(dtype)), dtype)


@op
def bartlett(x: ArrayLike) -> Tensor:
    """Return the triangular window: 1 - |2 t - 1|, for t from 0 to 1.

    Args:
        x: Its length.

    Example:
        >>> bartlett(5)
        Array([0. , 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    return _window("bartlett", x, lambda t: 1.0 - np.abs(2.0 * t - 1.0))


@op
def hanning(x: ArrayLike) -> Tensor:
    """Return the window of von Hann: (1 - cos(2 pi t)) / 2, for t from 0 to 1.

    Args:
        x: Its length.

    Example:
        >>> hanning(3)
        Array([0., 1., 0.], dtype=float32)
    """
    return _window("hanning", x, lambda t: 0.5 - 0.5 * np.cos(2.0 * np.pi * t))


@op
def hamming(x: ArrayLike) -> Tensor:
    """Return the window of Hamming: 0.54 - 0.46 cos(2 pi t), for t from 0 to 1.

    Args:
        x: Its length.

    Example:
        >>> hamming(3)
        Array([0.08, 1.  , 0.08], dtype=float32)
    """
    return _window("hamming", x, lambda t: 0.54 - 0.46 * np.cos(2.0 * np.pi * t))


@op
def blackman(x: ArrayLike) -> Tensor:
    """Return the window of Blackman: 0.42 - 0.5 cos(2 pi t) + 0.08 cos(4 pi t).

    Args:
        x: Its length.

    Example:
        >>> blackman(5).shape
        (5,)
    """
    return _window(
        "blackman",
        x,
        lambda t: 0.42 - 0.5 * np.cos(2.0 * np.pi * t) + 0.08 * np.cos(4.0 * np.pi * t),
    )


@op
def kaiser(x: ArrayLike, beta: ArrayLike) -> Tensor:
    """Return the window of Kaiser: i0(beta sqrt(1 - (2 t - 1)**2)) / i0(beta).

    Args:
        x: Its length.
        beta: How fast it falls; 0 is a rectangle.

    Example:
        >>> kaiser(3, 0.0)
        Array([1., 1., 1.], dtype=float32)
    """
    if _length("kaiser", x) == 1:
        return _window("kaiser", x, np.ones_like)
    arc = _window("kaiser", x, lambda t: np.sqrt(np.maximum(0.0, 1.0 - (2.0 * t - 1.0) ** 2)))
    dtype = settings.floatx()
    beta = to_dtype(as_tensor(beta), dtype)
    return p.divide(i0(p.multiply(beta, arc)), i0(beta))
