"""Convolution and its gradients on JAX, channels last, any number of spatial axes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
from jax import Array, lax

from cornu.graph.padding import Padding, pad_pairs

__all__ = ["TABLE"]

Ints = tuple[int, ...]


def _conv(
    x: Array, kernel: Array, *, strides: Ints, padding: Padding, dilation: Ints, groups: int
) -> Array:
    n = x.ndim - 2
    window = kernel.shape[:-2]
    return lax.conv_general_dilated(
        x,
        kernel,
        strides,
        pad_pairs(padding, x.shape[1:-1], window, strides, dilation),
        rhs_dilation=dilation,
        dimension_numbers=lax.ConvDimensionNumbers(
            (0, n + 1, *range(1, n + 1)),
            (n + 1, n, *range(n)),
            (0, n + 1, *range(1, n + 1)),
        ),
        feature_group_count=groups,
    )


# Both gradients are transposes of a linear function; jit, so that it is transposed once a shape.


@functools.partial(jax.jit, static_argnames=("input_shape", "options"))
def _towards_input(g: Array, kernel: Array, input_shape: Ints, options: tuple[Any, ...]) -> Array:
    x = jax.ShapeDtypeStruct(input_shape, g.dtype)
    (result,) = jax.linear_transpose(lambda x: _conv(x, kernel, **dict(options)), x)(g)
    array: Array = result
    return array


@functools.partial(jax.jit, static_argnames=("kernel_shape", "options"))
def _towards_kernel(x: Array, g: Array, kernel_shape: Ints, options: tuple[Any, ...]) -> Array:
    kernel = jax.ShapeDtypeStruct(kernel_shape, g.dtype)
    (result,) = jax.linear_transpose(lambda kernel: _conv(x, kernel, **dict(options)), kernel)(g)
    array: Array = result
    return array


def _conv_grad_input(g: Array, kernel: Array, *, input_shape: Ints, **options: Any) -> Array:
    return _towards_input(g, kernel, input_shape, tuple(options.items()))


def _conv_grad_kernel(x: Array, g: Array, *, kernel_shape: Ints, **options: Any) -> Array:
    return _towards_kernel(x, g, kernel_shape, tuple(options.items()))


TABLE: dict[str, Callable[..., Any]] = {
    "conv": _conv,
    "conv_grad_input": _conv_grad_input,
    "conv_grad_kernel": _conv_grad_kernel,
}
