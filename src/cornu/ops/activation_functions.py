"""Elementwise activation functions.

Where a function has a kink, the branch that NaN takes is the one that keeps it, and the derivative
there is one-sided: relu'(0) is 0. `normalizing` has softmax and its kin.
"""

from __future__ import annotations

import math

from cornu.ops.op import ArrayLike, Tensor, dtype_of, op, promote, promote_inexact
from cornu.primitives import elementwise as e
from cornu.primitives.rules import constant

__all__ = [
    "celu",
    "elu",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "tanh_shrink",
    "threshold",
]

# Klambauer and others 2017, equation 14: mean 0 and variance 1 are a fixed point.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def _clipped(x: Tensor, low: float, high: float) -> Tensor:
    """Clip; at both bounds the derivative is 0, and NaN stays NaN."""
    low, high = constant(low, x), constant(high, x)
    return e.select(e.less_equal(x, low), low, e.select(e.greater_equal(x, high), high, x))


@op
def relu(x: ArrayLike) -> Tensor:
    """Return the positive part.

    y = max(x, 0)

    Args:
        x: Array of any number dtype; booleans become int32.

    Shapes:
        x: any -> the same

    Example:
        >>> relu([-2.0, 0.0, 3.0])
        Array([0., 0., 3.], dtype=float32)
    """
    x = promote(x)
    if dtype_of(x) == "bool":
        x = e.cast(x, dtype="int32")
    zero = constant(0, x)
    return e.select(e.less_equal(x, zero), zero, x)


@op
def relu6(x: ArrayLike) -> Tensor:
    """Return the positive part, at most 6.

    y = min(max(x, 0), 6)

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> relu6([-2.0, 3.0, 8.0])
        Array([0., 3., 6.], dtype=float32)
    """
    return _clipped(promote_inexact(x), 0.0, 6.0)


@op
def sigmoid(x: ArrayLike) -> Tensor:
    """Return the logistic function.

    y = 1 / (1 + exp(-x))

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> sigmoid([0.0, 100.0])
        Array([0.5, 1. ], dtype=float32)
    """
    return e.sigmoid(promote_inexact(x))


@op
def sparse_sigmoid(x: ArrayLike) -> Tensor:
    """Return the piecewise linear sigmoid, the derivative of `sparse_plus`.

    y = clip((x + 1) / 2, 0, 1)

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> sparse_sigmoid([-2.0, 0.0, 3.0])
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    x = promote_inexact(x)
    return _clipped((x + 1.0) * 0.5, 0.0, 1.0)


@op
def softplus(x: ArrayLike) -> Tensor:
    """Return a smooth form of `relu`.

    y = log(1 + exp(x))

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    References:
        Dugas and others 2001, "Incorporating Second-Order Functional Knowledge".

    Example:
        >>> softplus([-1000.0, 1000.0])
        Array([   0., 1000.], dtype=float32)
    """
    x = promote_inexact(x)
    # exp of what is never positive: it can't overflow. Both derivatives at 0 are halves of a tie.
    return e.maximum(x, constant(0, x)) + e.log1p(e.exp(-e.abs(x)))


@op
def softsign(x: ArrayLike) -> Tensor:
    """Return a sigmoid with tails that fall off slowly.

    y = x / (1 + abs(x))

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> softsign([-1.0, 0.0, 3.0])
        Array([-0.5 ,  0.  ,  0.75], dtype=float32)
    """
    x = promote_inexact(x)
    return e.divide(x, e.abs(x) + 1.0)


@op
def silu(x: ArrayLike) -> Tensor:
    """Return the sigmoid-weighted linear unit, also called swish.

    y = x * sigmoid(x)

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    References:
        Ramachandran and others 2017, "Searching for Activation Functions", arXiv:1710.05941.

    Example:
        >>> silu([0.0, 100.0])
        Array([  0., 100.], dtype=float32)
    """
    x = promote_inexact(x)
    return x * e.sigmoid(x)


@op
def log_sigmoid(x: ArrayLike) -> Tensor:
    """Return the logarithm of the sigmoid, exact where that is near zero.

    y = log(1 / (1 + exp(-x)))

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> log_sigmoid([-1000.0])
        Array([-1000.], dtype=float32)
    """
    x = promote_inexact(x)
    return e.minimum(x, constant(0, x)) - e.log1p(e.exp(-e.abs(x)))


@op
def leaky_relu(x: ArrayLike, negative_slope: float = 0.2) -> Tensor:
    """Return `x` where it is positive and a small part of it elsewhere.

    y = x if x >= 0 else negative_slope * x

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        negative_slope: The slope below zero.

    Shapes:
        x: any -> the same

    References:
        Maas and others 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models".

    Example:
        >>> leaky_relu([-10.0, 3.0], negative_slope=0.1)
        Array([-1.,  3.], dtype=float32)
    """
    x = promote_inexact(x)
    return e.select(e.less(x, constant(0, x)), x * negative_slope, x)


@op
def hard_sigmoid(x: ArrayLike) -> Tensor:
    """Return the sigmoid's piecewise linear approximation.

    y = clip(x / 6 + 1/2, 0, 1)

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> hard_sigmoid([-4.0, 0.0, 4.0])
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    x = promote_inexact(x)
    return _clipped(x * (1.0 / 6.0) + 0.5, 0.0, 1.0)


@op
def hard_silu(x: ArrayLike) -> Tensor:
    """Return `silu` with the piecewise linear sigmoid, also called hard swish.

    y = x * hard_sigmoid(x)

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    References:
        Howard and others 2019, "Searching for MobileNetV3", arXiv:1905.02244.

    Example:
        >>> hard_silu([-4.0, 0.0, 4.0])
        Array([-0.,  0.,  4.], dtype=float32)
    """
    x = promote_inexact(x)
    return x * hard_sigmoid(x)


@op
def elu(x: ArrayLike, alpha: float = 1.0) -> Tensor:
    """Return the exponential linear unit.

    y = x if x > 0 else alpha * (exp(x) - 1)

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        alpha: Minus the limit for very negative `x`.

    Shapes:
        x: any -> the same

    References:
        Clevert and others 2016, "Fast and Accurate Deep Network Learning by Exponential Linear
        Units", arXiv:1511.07289.

    Example:
        >>> elu([-100.0, 2.0])
        Array([-1.,  2.], dtype=float32)
    """
    x = promote_inexact(x)
    return _elu(x, alpha)


def _elu(x: Tensor, alpha: float) -> Tensor:
    zero = constant(0, x)
    above = e.greater(x, zero)
    # Large x never reach expm1: inf in the branch not taken would make the gradient 0 * inf.
    return e.select(above, x, e.expm1(e.select(above, zero, x)) * alpha)


@op
def selu(x: ArrayLike) -> Tensor:
    """Return the scaled exponential linear unit, which keeps mean 0 and variance 1.

    y = 1.0507 * elu(x, 1.6733)

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    References:
        Klambauer and others 2017, "Self-Normalizing Neural Networks", arXiv:1706.02515.

    Example:
        >>> selu([0.0, 2.0])
        Array([0.      , 2.101402], dtype=float32)
    """
    x = promote_inexact(x)
    return _elu(x, _SELU_ALPHA) * _SELU_SCALE


@op
def celu(x: ArrayLike, alpha: float = 1.0) -> Tensor:
    """Return the exponential linear unit that is smooth for every `alpha`.

    y = max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        alpha: Minus the limit for very negative `x`.

    Shapes:
        x: any -> the same

    References:
        Barron 2017, "Continuously Differentiable Exponential Linear Units", arXiv:1704.07483.

    Example:
        >>> celu([-100.0, 2.0], alpha=0.5)
        Array([-0.5,  2. ], dtype=float32)
    """
    x = promote_inexact(x)
    zero = constant(0, x)
    return e.maximum(x, zero) + e.expm1(e.minimum(x, zero) * (1.0 / alpha)) * alpha


@op
def gelu(x: ArrayLike, approximate: bool = True) -> Tensor:
    """Return the Gaussian error linear unit: `x` times the normal distribution function at `x`.

    y = x * (1 + erf(x / sqrt(2))) / 2

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        approximate: Whether to compute it as
            x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2.

    Shapes:
        x: any -> the same

    References:
        Hendrycks and Gimpel 2016, "Gaussian Error Linear Units", arXiv:1606.08415.

    Example:
        >>> gelu([0.0, 10.0])
        Array([ 0., 10.], dtype=float32)
    """
    x = promote_inexact(x)
    if approximate:
        inner = (x + x * x * x * 0.044715) * math.sqrt(2.0 / math.pi)
        return x * (e.tanh(inner) + 1.0) * 0.5
    return x * (e.erf(x * math.sqrt(0.5)) + 1.0) * 0.5


@op
def hard_tanh(x: ArrayLike) -> Tensor:
    """Clip to the range from -1 to 1.

    y = min(max(x, -1), 1)

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> hard_tanh([-2.0, 0.5, 3.0])
        Array([-1. ,  0.5,  1. ], dtype=float32)
    """
    return _clipped(promote_inexact(x), -1.0, 1.0)


@op
def tanh_shrink(x: ArrayLike) -> Tensor:
    """Return what `tanh` takes away.

    y = x - tanh(x)

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> tanh_shrink([0.0, 30.0])
        Array([ 0., 29.], dtype=float32)
    """
    x = promote_inexact(x)
    return x - e.tanh(x)


@op
def hard_shrink(x: ArrayLike, threshold: float = 0.5) -> Tensor:
    """Set what is small to zero.

    y = x if abs(x) > threshold else 0

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        threshold: What is not larger becomes zero.

    Shapes:
        x: any -> the same

    Example:
        >>> hard_shrink([-0.5, 0.3, 1.0])
        Array([0., 0., 1.], dtype=float32)
    """
    x = promote_inexact(x)
    return e.select(e.less_equal(e.abs(x), constant(threshold, x)), constant(0, x), x)


@op
def soft_shrink(x: ArrayLike, threshold: float = 0.5) -> Tensor:
    """Move towards zero by `threshold`, and no further than zero.

    y = sign(x) * max(abs(x) - threshold, 0)

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        threshold: How far.

    Shapes:
        x: any -> the same

    Example:
        >>> soft_shrink([-1.0, 0.3, 2.0])
        Array([-0.5,  0. ,  1.5], dtype=float32)
    """
    x = promote_inexact(x)
    zero = constant(0, x)
    above, below = x - threshold, x + threshold
    inner = e.select(e.less(below, zero), below, zero)
    # NaN fails both comparisons and would become 0, so it is asked for by name.
    return e.select(e.greater(above, zero), above, e.select(e.is_nan(x), x, inner))


@op
def sparse_plus(x: ArrayLike) -> Tensor:
    """Return a smooth form of `relu` that is zero below -1.

    y = 0 if x <= -1, (x + 1)**2 / 4 if -1 < x < 1, else x

    Args:
        x: Array of any floating dtype; integers become `floatx`.

    Shapes:
        x: any -> the same

    Example:
        >>> sparse_plus([-2.0, 0.0, 3.0])
        Array([0.  , 0.25, 3.  ], dtype=float32)
    """
    x = promote_inexact(x)
    one = constant(1, x)
    # The parabola of a clipped x can't overflow, and its slope is 0 and 1 at the seams.
    middle = e.minimum(e.maximum(x, constant(-1, x)), one) + 1.0
    return e.select(e.greater_equal(x, one), x, middle * middle * 0.25)


@op
def squareplus(x: ArrayLike, b: float = 4) -> Tensor:
    """Return a smooth form of `relu` without exponentials.

    y = (x + sqrt(x**2 + b)) / 2

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        b: How wide the bend is.

    Shapes:
        x: any -> the same

    References:
        Barron 2021, "Squareplus: A Softplus-Like Algebraic Rectifier", arXiv:2112.11687.

    Example:
        >>> squareplus([0.0, 1.5])
        Array([1., 2.], dtype=float32)
    """
    x = promote_inexact(x)
    return (x + e.sqrt(x * x + b)) * 0.5


@op
def threshold(x: ArrayLike, threshold: float, default_value: float) -> Tensor:
    """Replace what is not above a threshold.

    y = x if x > threshold else default_value

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        threshold: What is larger stays.
        default_value: What the rest becomes.

    Shapes:
        x: any -> the same

    Example:
        >>> threshold([-1.0, 0.5, 2.0], 1.0, 0.0)
        Array([0., 0., 2.], dtype=float32)
    """
    x = promote_inexact(x)
    return e.select(e.greater(x, constant(threshold, x)), x, constant(default_value, x))
