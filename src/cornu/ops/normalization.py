"""Mean, variance, and the normalizations that are made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import settings
from cornu.errors import NotSupportedError, ShapeError
from cornu.graph.dim import same_dim
from cornu.graph.dtypes import bits
from cornu.graph.spec import shape_of
from cornu.ops.axes import count, keep_axes, normalize_axes, normalize_axis
from cornu.ops.norms import norm
from cornu.ops.op import ArrayLike, Tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.primitives import elementwise as p
from cornu.primitives.reduce import reduce_sum
from cornu.primitives.rules import constant
from cornu.primitives.shape import reshape

__all__ = [
    "batch_normalization",
    "layer_normalization",
    "moments",
    "normalize",
    "rms_normalization",
]


def _default_epsilon(epsilon: float | None) -> float:
    return settings.epsilon() if epsilon is None else epsilon


def _widened(x: Tensor) -> Tensor:
    """Return `x` in at least float32: sums of squares overflow and lose digits below."""
    return p.cast(x, dtype="float32") if bits(dtype_of(x)) < 32 else x


def _mean(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Return the mean with its axes kept."""
    mean = p.divide(reduce_sum(x, axes=axes), count(x, axes, dtype_of(x)))
    return keep_axes(mean, axes, shape_of(x), True)


def _along(name: str, x: Tensor, v: ArrayLike, axes: tuple[int, ...]) -> Tensor:
    """Return a parameter of the normalized axes so that it broadcasts against `x`."""
    v = to_dtype(promote_inexact(v), dtype_of(x))
    shape, have = shape_of(x), shape_of(v)
    rank = len(shape)
    if len(have) != len(axes) or axes == tuple(range(rank - len(axes), rank)):
        return v  # NumPy's broadcasting does it
    if not all(same_dim(a, shape[i]) or a == 1 for a, i in zip(have, axes, strict=True)):
        raise ShapeError(name, f"a parameter doesn't fit the axes {axes}", x=x, parameter=v)
    sizes = dict(zip(axes, have, strict=True))
    return reshape(v, shape=tuple(sizes.get(i, 1) for i in range(rank)))


@op
def moments(
    x: ArrayLike,
    axes: int | Sequence[int] | None,
    keepdims: bool = False,
    synchronized: bool = False,
) -> tuple[Tensor, Tensor]:
    """Return mean and variance.

    mean = sum(x) / n;  variance = sum((x - mean)**2) / n

    Args:
        x: Array of any floating dtype; integers become `floatx`. Below 32 bits it is computed in
            float32.
        axes: Axis or axes to average over; `None` means all of them.
        keepdims: Whether the axes stay, with size one.
        synchronized: Whether to average over all devices too, which no backend here offers.

    Returns:
        The pair (mean, variance).

    Shapes:
        x: (..., n) -> (...), (...), for `axes=-1`

    Example:
        >>> moments([[1.0, 3.0], [2.0, 2.0]], axes=1)
        (Array([2., 2.], dtype=float32), Array([1., 0.], dtype=float32))
    """
    if synchronized:
        raise NotSupportedError("moments", "`synchronized=True` needs several devices")
    x = promote_inexact(x)
    dtype, wide = dtype_of(x), _widened(x)
    along = normalize_axes("moments", axes, len(shape_of(x)), x)
    mean = _mean(wide, along)
    off = p.subtract(wide, mean)
    variance = _mean(p.multiply(off, off), along)
    return (
        to_dtype(_squeezed(mean, along, keepdims), dtype),
        to_dtype(_squeezed(variance, along, keepdims), dtype),
    )


def _squeezed(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if keepdims:
        return x
    return reshape(x, shape=tuple(d for i, d in enumerate(shape_of(x)) if i not in axes))


@op
def batch_normalization(
    x: ArrayLike,
    mean: ArrayLike,
    variance: ArrayLike,
    axis: int,
    offset: ArrayLike | None = None,
    scale: ArrayLike | None = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """Normalize by a given mean and variance of each channel.

    y = (x - mean) / sqrt(variance + epsilon) * scale + offset

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        mean: One value per channel.
        variance: One value per channel.
        axis: Axis of the channels.
        offset: One value per channel; `None` means 0.
        scale: One value per channel; `None` means 1.
        epsilon: Added to the variance.

    Shapes:
        x: (..., c), mean, variance, offset, scale: (c,) -> (..., c), for `axis=-1`

    References:
        Ioffe and Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training by
        Reducing Internal Covariate Shift", arXiv:1502.03167.

    Example:
        >>> batch_normalization([[1.0, 2.0]], [1.0, 0.0], [4.0, 1.0], -1, epsilon=0.0)
        Array([[0., 2.]], dtype=float32)
    """
    x, mean, variance, offset, scale = promote_inexact(x, mean, variance, offset, scale)
    i = normalize_axis("batch_normalization", axis, len(shape_of(x)), x)

    def channels(v: Tensor) -> Tensor:
        return _along("batch_normalization", x, v, (i,))

    slope = p.rsqrt(variance + epsilon)
    if scale is not None:
        slope = p.multiply(slope, scale)
    y = p.multiply(p.subtract(x, channels(mean)), channels(slope))
    return y if offset is None else p.add(y, channels(offset))


@op
def layer_normalization(
    x: ArrayLike,
    gamma: ArrayLike | None = None,
    beta: ArrayLike | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    **kwargs: Any,
) -> Tensor:
    """Normalize to mean 0 and variance 1 along `axis`.

    y = (x - mean(x)) / sqrt(variance(x) + epsilon) * gamma + beta

    Args:
        x: Array of any floating dtype; integers become `floatx`. Below 32 bits it is computed in
            float32.
        gamma: Factor, of the shape of the normalized axes; `None` means 1.
        beta: Summand, of the shape of the normalized axes; `None` means 0.
        axis: Axis or axes of mean and variance.
        epsilon: Added to the variance; `None` means `config.epsilon()`.
        **kwargs: `rms_scaling=True`, an old name for `rms_normalization`, is understood.

    Shapes:
        x: (..., d), gamma, beta: (d,) -> (..., d), for `axis=-1`

    References:
        Ba and others 2016, "Layer Normalization", arXiv:1607.06450.

    Example:
        >>> layer_normalization([1.0, 3.0], epsilon=0.0)
        Array([-1.,  1.], dtype=float32)
    """
    if kwargs.pop("rms_scaling", False):
        return rms_normalization(x, gamma, axis, epsilon)
    if kwargs:
        raise TypeError(f"layer_normalization: there is no argument {next(iter(kwargs))!r}.")
    x = promote_inexact(x)
    axes = normalize_axes("layer_normalization", axis, len(shape_of(x)), x)
    wide = _widened(x)
    off = p.subtract(wide, _mean(wide, axes))
    variance = _mean(p.multiply(off, off), axes)
    y = p.multiply(off, p.rsqrt(variance + _default_epsilon(epsilon)))
    if gamma is not None:
        y = p.multiply(y, _along("layer_normalization", y, gamma, axes))
    if beta is not None:
        y = p.add(y, _along("layer_normalization", y, beta, axes))
    return to_dtype(y, dtype_of(x))


@op
def rms_normalization(
    x: ArrayLike,
    scale: ArrayLike | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
) -> Tensor:
    """Divide by the root mean square along `axis`.

    y = x / sqrt(mean(x**2, axis) + epsilon) * scale

    Args:
        x: Array of any floating dtype; integers become `floatx`. Below 32 bits it is computed in
            float32.
        scale: Factor, of the shape of the normalized axes; `None` means 1.
        axis: Axis or axes of the mean.
        epsilon: Added under the root; `None` means `config.epsilon()`.

    Shapes:
        x: (..., d), scale: (d,) -> (..., d), for `axis=-1`

    References:
        Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", arXiv:1910.07467.

    Example:
        >>> rms_normalization([3.0, 3.0, -3.0], epsilon=0.0)
        Array([ 1.,  1., -1.], dtype=float32)
    """
    x = promote_inexact(x)
    axes = normalize_axes("rms_normalization", axis, len(shape_of(x)), x)
    wide = _widened(x)
    square = _mean(p.multiply(wide, wide), axes)
    y = p.multiply(wide, p.rsqrt(square + _default_epsilon(epsilon)))
    if scale is not None:
        y = p.multiply(y, _along("rms_normalization", y, scale, axes))
    return to_dtype(y, dtype_of(x))


@op
def normalize(
    x: ArrayLike,
    axis: int | Sequence[int] = -1,
    order: float = 2,
    epsilon: float | None = None,
) -> Tensor:
    """Divide by the norm along `axis`.

    y = x / max(norm(x, order, axis), epsilon)

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        axis: Axis or axes of the norm.
        order: Order of the norm, at least 1.
        epsilon: The smallest divisor; `None` means `config.epsilon()`.

    Shapes:
        x: any -> the same

    Raises:
        ShapeError: If there is no such axis.

    Example:
        >>> normalize([[3.0, 4.0], [0.0, 0.0]])
        Array([[0.6, 0.8],
               [0. , 0. ]], dtype=float32)
    """
    x = promote_inexact(x)
    least = _default_epsilon(epsilon)
    if order == 2:
        axes = normalize_axes("normalize", axis, len(shape_of(x)), x)
        square = reduce_sum(p.multiply(x, x), axes=axes)
        # rsqrt of a bounded square: the gradient of a norm would be infinite at zero.
        bounded = p.maximum(square, constant(least * least, x))
        return p.multiply(x, keep_axes(p.rsqrt(bounded), axes, shape_of(x), True))
    size = norm(x, ord=order, axis=axis, keepdims=True)
    return p.divide(x, p.maximum(size, constant(least, x)))
