"""Elementwise primitives on JAX, which broadcasts as NumPy does. Dtypes of operands are equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import Array, lax

from cornu.backends.jax.tensors import native_dtype

__all__ = ["TABLE"]


def _whole(function: Callable[..., Any]) -> Callable[[Array], Array]:
    """Leave integers alone, where jax.numpy would make floats of them."""

    def run(x: Array) -> Array:
        result: Array = function(x) if jnp.issubdtype(x.dtype, jnp.floating) else x
        return result

    return run


def _round(x: Array) -> Array:
    return lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN)


def _abs(x: Array) -> Array:
    # The slope of lax.abs at zero is one.
    return x * lax.stop_gradient(jnp.sign(x)) if jnp.issubdtype(x.dtype, jnp.floating) else abs(x)


def _erf(x: Array) -> Array:
    y = lax.erf(x)
    if x.dtype != jnp.float64:
        return y
    return jnp.where(jnp.abs(x) > 6, jnp.sign(x), y)  # XLA is a unit off, which 1 + erf(x) shows


def _power(x: Array, y: Array) -> Array:
    if jnp.issubdtype(x.dtype, jnp.floating):
        x = jnp.where((x == 0) & (y == 0), jnp.ones_like(x), x)  # else the slope is NaN
    return jnp.power(x, y)


# Names on which the library agrees.
_JNP = """
    sign reciprocal logical_not bitwise_not add subtract multiply divide floor_divide
    remainder maximum minimum logical_and logical_or logical_xor bitwise_and
    bitwise_or bitwise_xor equal not_equal less less_equal greater greater_equal
"""
_LAX = """
    exp expm1 log log1p sqrt rsqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh
    atanh lgamma digamma stop_gradient
"""

TABLE: dict[str, Callable[..., Any]] = {
    **{name: getattr(jnp, name) for name in _JNP.split()},
    **{name: getattr(lax, name) for name in _LAX.split()},
    "abs": _abs,
    "power": _power,
    "negate": jnp.negative,
    "sigmoid": lax.logistic,
    "erf": _erf,
    "erfinv": lax.erf_inv,
    "floor": _whole(lax.floor),
    "ceil": _whole(lax.ceil),
    "round": _whole(_round),
    "trunc": _whole(jnp.trunc),
    "is_finite": jnp.isfinite,
    "is_nan": jnp.isnan,
    "is_inf": jnp.isinf,
    "atan2": jnp.arctan2,
    "shift_left": jnp.left_shift,
    "shift_right": jnp.right_shift,
    "select": jnp.where,
    "cast": lambda x, *, dtype: x.astype(native_dtype(dtype)),
    "identity": lambda x: x,
}
