"""Activation functions which aren't ops under the same name, or have other arguments there."""

from __future__ import annotations

from cornu import ops
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["exponential", "gelu", "linear", "mish", "relu"]


def linear(x: ArrayLike) -> Tensor:
    """Return `x` itself.

    Example:
        >>> linear(3.0)
        3.0
    """
    return x


def exponential(x: ArrayLike) -> Tensor:
    """Compute e**x.

    Example:
        >>> float(exponential(0.0))
        1.0
    """
    return ops.exp(x)


def mish(x: ArrayLike) -> Tensor:
    """Compute x tanh(log(1 + e**x)).

    References:
        Misra 2019, "Mish: a self regularized non-monotonic activation function", arXiv:1908.08681.

    Example:
        >>> float(mish(0.0))
        0.0
    """
    return ops.multiply(x, ops.tanh(ops.softplus(x)))


def gelu(x: ArrayLike, approximate: bool = False) -> Tensor:
    """Compute x P(X <= x), for X of the standard normal distribution.

    Args:
        x: Array.
        approximate: Whether to take a formula with tanh in place of the distribution.

    References:
        Hendrycks and Gimpel 2016, "Gaussian error linear units", arXiv:1606.08415.

    Example:
        >>> round(float(gelu(1.0)), 4)
        0.8413
    """
    return ops.gelu(x, approximate=approximate)


def relu(
    x: ArrayLike,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Tensor:
    """Keep what is above the threshold.

    x above the threshold, but at most `max_value`; negative_slope (x - threshold) below it

    Args:
        x: Array.
        negative_slope: Slope below the threshold.
        max_value: The largest result; None for no bound.
        threshold: Where the two parts meet.

    Example:
        >>> relu([-2.0, 1.0, 9.0], max_value=6.0).tolist()
        [0.0, 1.0, 6.0]
        >>> relu([-2.0, 1.0], negative_slope=0.5).tolist()
        [-1.0, 1.0]
    """
    if threshold == 0 and max_value is None:
        return ops.relu(x) if negative_slope == 0 else ops.leaky_relu(x, negative_slope)
    if threshold == 0 and negative_slope == 0 and max_value == 6:
        return ops.relu6(x)
    x = ops.convert_to_tensor(x)
    above = ops.relu(x) if threshold == 0 else ops.where(ops.less_equal(x, threshold), 0, x)
    if max_value is not None:
        above = ops.clip(above, 0, max_value)
    if negative_slope == 0:
        return above
    return ops.subtract(above, ops.relu(ops.subtract(threshold, x)) * negative_slope)
