"""Signals: frames, and Fourier transforms of pairs (real part, imaginary part).

A transform of n points is a product with a matrix of cosines and sines; where n is a product of two
factors, it is one of each factor's size after the other (Cooley and Tukey 1965, "An Algorithm for
the Machine Calculation of Complex Fourier Series").
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.errors import ArgumentError, DtypeError, ShapeError
from cornu.graph.dim import Dim, DimLike
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.spec import shape_of
from cornu.ops.axes import normalize_axis
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact
from cornu.primitives import elementwise as p
from cornu.primitives.index import take
from cornu.primitives.linear import dot
from cornu.primitives.reduce import reduce_sum
from cornu.primitives.rules import constant
from cornu.primitives.shape import reshape, reverse, transpose
from cornu.primitives.slicing import concatenate, pad, static_slice

__all__ = ["extract_sequences", "fft", "fft2", "ifft2", "irfft", "istft", "rfft", "stft"]

Pair = tuple[Any, Any]

# Below this a product with one matrix is faster than two with a transpose between them.
_ONE_MATRIX = 64


# Frames


def _frames(x: Tensor, length: int, stride: int) -> Tensor:
    *batch, n = shape_of(x)
    if isinstance(n, Dim):
        raise ShapeError("extract_sequences", "the length of the signal must be known", x=x)
    if n < length:
        raise ShapeError("extract_sequences", f"the signal is shorter than {length}", x=x)
    starts = np.arange(0, n - length + 1, stride)
    places = (starts[:, None] + np.arange(length)).astype(np.int32)
    return take(x, places, axis=len(batch))


@op
def extract_sequences(x: ArrayLike, sequence_length: int, sequence_stride: int) -> Tensor:
    """Return overlapping parts of a signal along the last axis.

    Args:
        x: Array of any floating dtype; integers become `floatx`. Its length must be known.
        sequence_length: Length of a part.
        sequence_stride: Distance of the beginnings of neighbouring parts.

    Shapes:
        x: (..., n) -> (..., 1 + (n - length) // stride, length)

    Raises:
        ShapeError: If the signal is shorter than a part.

    Example:
        >>> extract_sequences([1.0, 2.0, 3.0, 4.0], 2, 1)
        Array([[1., 2.],
               [2., 3.],
               [3., 4.]], dtype=float32)
    """
    return _frames(promote_inexact(x), int(sequence_length), int(sequence_stride))


# Transforms


def _pair(name: str, x: Any) -> Pair:
    if not isinstance(x, (tuple, list)) or len(x) != 2:
        raise ArgumentError(name, "`x` must be a pair, the real and the imaginary part", x=x)
    real, imag = as_tensor(x[0]), as_tensor(x[1])
    if not dtype_of(real).startswith(("float", "bfloat")) or not dtype_of(imag).startswith(
        ("float", "bfloat")
    ):
        raise ArgumentError(name, "both parts must be floating", real=real, imag=imag)
    real, imag = promote_inexact(real, imag)
    if len(shape_of(real)) != len(shape_of(imag)) or shape_of(real) != shape_of(imag):
        raise ShapeError(name, "both parts must have the same shape", real=real, imag=imag)
    return real, imag


@functools.lru_cache(64)
def _waves(rows: int, columns: int, n: int, dtype: str) -> tuple[Any, Any]:
    """Return cosines and sines of 2 pi i j / n; the angles are reduced first, so they're exact."""
    angles = (np.outer(np.arange(rows), np.arange(columns)) % n) * (2.0 * np.pi / n)
    waves = [np.where(np.abs(v) < 1e-15, 0.0, v) for v in (np.cos(angles), np.sin(angles))]
    return waves[0].astype(numpy_dtype(dtype)), waves[1].astype(numpy_dtype(dtype))


def _turn(x: Pair, cos: Tensor, sin: Tensor, sign: float, times: Any) -> Pair:
    """Multiply by exp(sign * i * angle), in the sense of `times`."""
    real, imag = x
    a, b = times(real, cos), times(imag, sin)
    c, d = times(imag, cos), times(real, sin)
    return (p.subtract(a, b), p.add(c, d)) if sign > 0 else (p.add(a, b), p.subtract(c, d))


def _size(name: str, x: Tensor) -> int:
    shape = shape_of(x)
    n = shape[-1] if shape else 0
    if isinstance(n, Dim) or not n:
        raise ShapeError(name, "the last axis must have a known size above 0", x=x)
    return n


def _transform(x: Pair, n: int, sign: float) -> Pair:
    """Return the sums of x[j] * exp(sign * 2 pi i j k / n) over the last axis."""
    small = next((d for d in range(math.isqrt(n), 1, -1) if n % d == 0), 1)
    dtype = dtype_of(x[0])
    rank = len(shape_of(x[0]))
    if n <= _ONE_MATRIX or small == 1:
        cos, sin = _waves(n, n, n, dtype)
        return _turn(x, cos, sin, sign, lambda v, m: dot(v, m, contract=((rank - 1, 0),), batch=()))
    # j = j1 * large + j2 and k = k1 + small * k2: first over j1, then turned, then over j2.
    large = n // small
    batch = shape_of(x[0])[:-1]
    swap = (*range(rank - 1), rank, rank - 1)
    rows = [transpose(reshape(v, shape=(*batch, small, large)), axes=swap) for v in x]
    inner = _transform((rows[0], rows[1]), small, sign)  # axes (..., j2, k1)
    cos, sin = _waves(large, small, n, dtype)
    turned = _turn(inner, cos, sin, sign, p.multiply)
    columns = [transpose(v, axes=swap) for v in turned]  # (..., k1, j2)
    outer = _transform((columns[0], columns[1]), large, sign)  # (..., k1, k2)
    real, imag = (reshape(transpose(v, axes=swap), shape=(*batch, n)) for v in outer)
    return real, imag


def _over_axis(x: Pair, axis: int, sign: float, name: str) -> Pair:
    """Transform along one of the last two axes."""
    rank = len(shape_of(x[0]))
    i = normalize_axis(name, axis, rank, x[0])
    if i == rank - 1:
        return _transform(x, _size(name, x[0]), sign)
    swap = (*range(rank - 2), rank - 1, rank - 2)
    turned = transpose(x[0], axes=swap), transpose(x[1], axes=swap)
    real, imag = _transform(turned, _size(name, turned[0]), sign)
    return transpose(real, axes=swap), transpose(imag, axes=swap)


@op
def fft(x: Sequence[ArrayLike]) -> tuple[Tensor, Tensor]:
    """Return the discrete Fourier transform along the last axis.

    y[k] = sum of x[j] * exp(-2 pi i j k / n) over j

    Args:
        x: The pair (real part, imaginary part), of a known size along the last axis.

    Returns:
        The pair (real part, imaginary part).

    Shapes:
        x: (..., n), (..., n) -> (..., n), (..., n)

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> fft(([1.0, 1.0], [0.0, 0.0]))
        (Array([2., 0.], dtype=float32), Array([0., 0.], dtype=float32))
    """
    return _over_axis(_pair("fft", x), -1, -1.0, "fft")


@op
def fft2(x: Sequence[ArrayLike]) -> tuple[Tensor, Tensor]:
    """Return the discrete Fourier transform along the last two axes.

    Args:
        x: The pair (real part, imaginary part), of known sizes along the last two axes.

    Returns:
        The pair (real part, imaginary part).

    Shapes:
        x: (..., m, n), (..., m, n) -> the same

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> fft2(([[1.0, 1.0]], [[0.0, 0.0]]))[0]
        Array([[2., 0.]], dtype=float32)
    """
    once = _over_axis(_pair("fft2", x), -1, -1.0, "fft2")
    return _over_axis(once, -2, -1.0, "fft2")


@op
def ifft2(x: Sequence[ArrayLike]) -> tuple[Tensor, Tensor]:
    """Return the inverse of `fft2`.

    Args:
        x: The pair (real part, imaginary part), of known sizes along the last two axes.

    Returns:
        The pair (real part, imaginary part).

    Shapes:
        x: (..., m, n), (..., m, n) -> the same

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> ifft2(([[2.0, 0.0]], [[0.0, 0.0]]))[0]
        Array([[1., 1.]], dtype=float32)
    """
    once = _over_axis(_pair("ifft2", x), -1, 1.0, "ifft2")
    real, imag = _over_axis(once, -2, 1.0, "ifft2")
    m, n = shape_of(real)[-2:]
    factor = 1.0 / (int(m) * int(n))
    return real * factor, imag * factor


@op
def rfft(x: ArrayLike, fft_length: int | None = None) -> tuple[Tensor, Tensor]:
    """Return the discrete Fourier transform of real numbers: the half that isn't redundant.

    y[k] = sum of x[j] * exp(-2 pi i j k / n) over j, for k <= n / 2

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        fft_length: The length n to which `x` is cut or filled up with zeros.

    Returns:
        The pair (real part, imaginary part).

    Shapes:
        x: (..., n) -> (..., n // 2 + 1), (..., n // 2 + 1)

    Example:
        >>> rfft([1.0, 2.0, 1.0, 2.0])[0]
        Array([ 6.,  0., -2.], dtype=float32)
    """
    x = promote_inexact(x)
    return _real_transform(x if fft_length is None else _fitted(x, int(fft_length)))


def _real_transform(x: Tensor) -> Pair:
    n = _size("rfft", x)
    half = n // 2 + 1
    if n <= 4 * _ONE_MATRIX:
        cos, sin = _waves(n, half, n, dtype_of(x))
        last = len(shape_of(x)) - 1
        real = dot(x, cos, contract=((last, 0),), batch=())
        return real, p.negate(dot(x, sin, contract=((last, 0),), batch=()))
    real, imag = _transform((x, p.multiply(x, constant(0, x))), n, -1.0)
    return _fitted(real, half), _fitted(imag, half)


def _fitted(x: Tensor, n: int) -> Tensor:
    """Cut the last axis, or fill it up with zeros."""
    have = shape_of(x)[-1]
    if have == n:
        return x
    zeros = (0,) * (len(shape_of(x)) - 1)
    return pad(x, constant(0, x), low=(*zeros, 0), high=(*zeros, n - have), interior=(*zeros, 0))


@op
def irfft(x: Sequence[ArrayLike], fft_length: int | None = None) -> Tensor:
    """Return the inverse of `rfft`.

    Args:
        x: The pair (real part, imaginary part) of the first half of a transform.
        fft_length: Length n of the result; `None` means 2 * (m - 1), for m given elements.

    Shapes:
        x: (..., m), (..., m) -> (..., n)

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> irfft(([6.0, 0.0, -2.0], [0.0, 0.0, 0.0]))
        Array([1., 2., 1., 2.], dtype=float32)
    """
    real, imag = _pair("irfft", x)
    n = 2 * (_size("irfft", real) - 1) if fft_length is None else int(fft_length)
    half = n // 2 + 1
    return _from_half(_fitted(real, half), _fitted(imag, half), n)


def _from_half(real: Tensor, imag: Tensor, n: int) -> Tensor:
    """Sum the waves: each element stands for its mirror image too, the first and the middle not."""
    half = n // 2 + 1
    weights = np.full(half, 2.0)
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    kind = numpy_dtype(dtype_of(real))
    # What has no mirror image counts by its real part alone.
    turning = np.where(weights == 2.0, 2.0, 0.0)
    if n <= 4 * _ONE_MATRIX:
        cos, sin = _waves(half, n, n, "float64")
        last = len(shape_of(real)) - 1
        a = (cos * (weights / n)[:, None]).astype(kind)
        b = (sin * (turning / n)[:, None]).astype(kind)
        even = dot(real, a, contract=((last, 0),), batch=())
        return p.subtract(even, dot(imag, b, contract=((last, 0),), batch=()))
    imag = p.multiply(imag, (turning / 2.0).astype(kind))
    whole, _ = _transform((_mirrored(real, n, 1.0), _mirrored(imag, n, -1.0)), n, 1.0)
    return whole * (1.0 / n)


def _mirrored(x: Tensor, n: int, sign: float) -> Tensor:
    rank = len(shape_of(x))
    shape: tuple[DimLike, ...] = shape_of(x)
    rest = n - n // 2 - 1  # elements 1 ... rest have a mirror image
    part = static_slice(
        x, start=(0,) * (rank - 1) + (1,), stop=(*shape[:-1], 1 + rest), step=(1,) * rank
    )
    back = reverse(part, axes=(rank - 1,))
    return concatenate(x, back * sign, axis=rank - 1)


# Transforms of frames


def _window(name: str, window: Any, length: int, n: int, dtype: str) -> Any:
    """Return the window, filled up with zeros on both sides to n."""
    if window is None:
        return np.ones(n, numpy_dtype(dtype))
    if isinstance(window, str):
        shares = {"hann": 0.5, "hamming": 0.54}
        if window not in shares:
            raise ArgumentError(
                name, "`window` must be 'hann', 'hamming' or an array", window=window
            )
        a = shares[window]
        values = a - (1.0 - a) * np.cos(2.0 * np.pi * np.arange(length) / length)
    else:
        values = np.asarray(window)
        if values.shape != (length,):
            raise ShapeError(name, f"`window` must have the shape ({length},)", window=values)
    low = (n - length) // 2
    return np.pad(values, (low, n - length - low)).astype(numpy_dtype(dtype))


def _check_length(name: str, sequence_length: int, fft_length: int) -> None:
    if fft_length < sequence_length:
        raise ArgumentError(
            name,
            "`fft_length` must be at least `sequence_length`",
            sequence_length=sequence_length,
            fft_length=fft_length,
        )


@op
def stft(
    x: ArrayLike,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> tuple[Tensor, Tensor]:
    """Return the Fourier transforms of overlapping windows of a signal.

    Args:
        x: Array of float32 or float64, of known length.
        sequence_length: Length of the window.
        sequence_stride: Distance of neighbouring windows.
        fft_length: Length of the transforms, at least that of the window.
        window: "hann", "hamming", an array of weights, or `None` for equal ones.
        center: Whether window i is centred at i * stride; the signal is mirrored at its ends.

    Returns:
        The pair (real part, imaginary part).

    Shapes:
        x: (..., n) -> twice (..., windows, fft_length // 2 + 1)

    Raises:
        DtypeError: If `x` is not float32 or float64.
        ArgumentError: If `fft_length` is too small, or there is no such window.

    Example:
        >>> stft([1.0, 1.0, 1.0, 1.0], 2, 1, 2, window=None, center=False)[0]
        Array([[2., 0.],
               [2., 0.],
               [2., 0.]], dtype=float32)
    """
    x = as_tensor(x)
    if dtype_of(x) not in ("float32", "float64"):
        raise DtypeError("stft", "the dtype must be float32 or float64", x=x)
    _check_length("stft", sequence_length, fft_length)
    if center:
        x = _reflected(x, fft_length // 2)
    weights = _window("stft", window, sequence_length, fft_length, dtype_of(x))
    return _real_transform(p.multiply(_frames(x, fft_length, sequence_stride), weights))


def _reflected(x: Tensor, n: int) -> Tensor:
    size = _size("stft", x)
    if n >= size:
        raise ShapeError("stft", f"the signal is too short to be mirrored by {n}", x=x)
    places = np.abs(np.arange(-n, size + n))
    places = np.where(places >= size, 2 * (size - 1) - places, places).astype(np.int32)
    return take(x, places, axis=len(shape_of(x)) - 1)


@op
def istft(
    x: Sequence[ArrayLike],
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Tensor:
    """Return the signal whose windows have the given Fourier transforms: the inverse of `stft`.

    Windows that overlap are averaged, with the squared window as weights.

    Args:
        x: The pair (real part, imaginary part).
        sequence_length: Length of the window.
        sequence_stride: Distance of neighbouring windows.
        fft_length: Length of the transforms.
        length: Length of the result; `None` means all that is known.
        window: "hann", "hamming", an array of weights, or `None` for equal ones.
        center: Whether window i is centred at i * stride.

    Shapes:
        x: twice (..., windows, fft_length // 2 + 1) -> (..., n)

    Raises:
        ShapeError: If the shapes differ, or the number of windows isn't known.

    Example:
        >>> y = stft([1.0, 2.0, 3.0, 4.0], 2, 1, 2, window=None, center=False)
        >>> istft(y, 2, 1, 2, window=None, center=False)
        Array([1., 2., 3., 4.], dtype=float32)
    """
    real, imag = _pair("istft", x)
    if len(shape_of(real)) < 2:
        raise ShapeError("istft", "`x` needs at least two axes", real=real)
    _check_length("istft", sequence_length, fft_length)
    count = shape_of(real)[-2]
    if isinstance(count, Dim):
        raise ShapeError("istft", "the number of windows must be known", real=real)
    weights = _window("istft", window, sequence_length, fft_length, "float64")
    total = fft_length + sequence_stride * (count - 1)
    power = np.zeros(total)
    for i in range(count):
        power[i * sequence_stride : i * sequence_stride + fft_length] += weights**2
    kind = numpy_dtype(dtype_of(real))
    half = fft_length // 2 + 1
    frames = _from_half(_fitted(real, half), _fitted(imag, half), fft_length)
    summed = _overlapped(p.multiply(frames, weights.astype(kind)), sequence_stride, total)
    y = p.divide(summed, np.where(power > 1e-10, power, 1.0).astype(kind))
    start = fft_length // 2 if center else 0
    stop = start + length if length is not None else total - start if center else total
    rank = len(shape_of(y))
    y = _fitted(y, max(stop, total))
    return static_slice(
        y,
        start=(0,) * (rank - 1) + (start,),
        stop=(*shape_of(y)[:-1], stop),
        step=(1,) * rank,
    )


def _overlapped(frames: Tensor, stride: int, total: int) -> Tensor:
    """Sum frames into a signal: cut into pieces of the stride, they lie in diagonals."""
    *batch, count, n = shape_of(frames)
    pieces = -(-int(n) // stride)
    frames = _fitted(frames, pieces * stride)
    rank = len(shape_of(frames))
    rows = int(count) + pieces - 1
    # Piece j of frame i belongs into row i + j: shift each column of pieces down by its number.
    blocks = reshape(frames, shape=(*batch, count, pieces, stride))
    blocks = transpose(blocks, axes=(*range(rank - 2), rank - 1, rank - 2, rank))
    zeros = (0,) * (rank - 2)
    padded = pad(
        blocks,
        constant(0, blocks),
        low=(*zeros, 0, 0, 0),
        high=(*zeros, 0, pieces, 0),
        interior=(*zeros, 0, 0, 0),
    )
    flat = reshape(padded, shape=(*batch, pieces * (rows + 1), stride))
    # Rows of rows + 1 read as rows of `rows` move each by one more to the right.
    flat = static_slice(
        flat,
        start=(0,) * rank,
        stop=(*batch, pieces * rows, stride),
        step=(1,) * rank,
    )
    from_pieces = reshape(flat, shape=(*batch, pieces, rows, stride))
    summed = reduce_sum(from_pieces, axes=(rank - 2,))
    return _fitted(reshape(summed, shape=(*batch, rows * stride)), total)
