"""Convolution and its two gradients, channels last, with any number of spatial axes.

x (n, *spatial, c), kernel (*window, c / groups, f), result (n, *sizes, f). Each of the three is
bilinear, and the gradients of each are the two others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict, Unpack

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Shape, same_dim
from cornu.graph.padding import Padding
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec, same_dtype, shape_of
from cornu.primitives.convolve import Ints, convolve, towards_input, towards_kernel
from cornu.primitives.precision import in_float32
from cornu.primitives.rules import NUMBER, NDArray, Tensor, check_kind
from cornu.primitives.window import output_sizes

__all__ = ["conv", "conv_grad_input", "conv_grad_kernel"]


class Attributes(TypedDict):
    """What all three have in common; one entry per spatial axis."""

    strides: Ints
    padding: Padding
    dilation: Ints
    groups: int


def _result(name: str, x: Spec, kernel: Spec, a: Attributes) -> Spec:
    check_kind(name, NUMBER, x=x, kernel=kernel)
    groups, c, f = a["groups"], x.shape[-1] if x.ndim else 0, kernel.shape[-1] if kernel.ndim else 0
    if kernel.ndim != x.ndim or x.ndim < 3:
        raise ShapeError(
            name,
            "`x` must have the axes (n, *spatial, c), the kernel (*window, c / groups, f)",
            x=x,
            kernel=kernel,
        )
    if groups < 1 or (isinstance(c, int) and c % groups) or (isinstance(f, int) and f % groups):
        raise ArgumentError(name, f"{groups} groups don't divide the channels", x=x, kernel=kernel)
    if not same_dim(c, kernel.shape[-2] * groups):
        raise ShapeError(
            name,
            "the last axis of `x` must be groups times the second-to-last of the kernel",
            x=x,
            kernel=kernel,
            groups=groups,
        )
    window = kernel.shape[:-2]
    sizes = output_sizes(name, x, window, a["strides"], a["padding"], a["dilation"])
    return Spec((x.shape[0], *sizes, f), same_dtype(name, x, kernel))


def _check_result(name: str, g: Spec, x: Spec, kernel: Spec, a: Attributes) -> None:
    expected = _result(name, x, kernel, a)
    if g.ndim != expected.ndim or not all(map(same_dim, g.shape, expected.shape)):
        raise ShapeError(
            name,
            f"`g` must have the shape of the result, {expected.shape}",
            g=g,
            x=x,
            kernel=kernel,
        )


def _rule(x: Spec, kernel: Spec, **a: Unpack[Attributes]) -> Spec:
    return _result("conv", x, kernel, a)


def _grad_input_rule(g: Spec, kernel: Spec, *, input_shape: Shape, **a: Unpack[Attributes]) -> Spec:
    x = Spec(tuple(input_shape), same_dtype("conv_grad_input", g, kernel))
    _check_result("conv_grad_input", g, x, kernel, a)
    return x


def _grad_kernel_rule(x: Spec, g: Spec, *, kernel_shape: Shape, **a: Unpack[Attributes]) -> Spec:
    kernel = Spec(tuple(kernel_shape), same_dtype("conv_grad_kernel", x, g))
    _check_result("conv_grad_kernel", g, x, kernel, a)
    return kernel


def _checked(rule: Callable[..., Spec], compute: Callable[..., NDArray]) -> Callable[..., NDArray]:
    """Check by the rule before computing: the arithmetic below trusts its shapes."""

    @in_float32
    def reference(a: NDArray, b: NDArray, **attrs: object) -> NDArray:
        rule(Spec(a.shape, a.dtype.name), Spec(b.shape, b.dtype.name), **attrs)
        return compute(a, b, **attrs)

    return reference


def _gradient(
    g: Tensor, y: Tensor, x: Tensor, kernel: Tensor, **a: Unpack[Attributes]
) -> tuple[Tensor, Tensor]:
    return (
        conv_grad_input(g, kernel, input_shape=shape_of(x), **a),
        conv_grad_kernel(x, g, kernel_shape=shape_of(kernel), **a),
    )


def _grad_input_gradient(
    h: Tensor, y: Tensor, g: Tensor, kernel: Tensor, *, input_shape: Shape, **a: Unpack[Attributes]
) -> tuple[Tensor, Tensor]:
    return (
        conv(h, kernel, **a),
        conv_grad_kernel(h, g, kernel_shape=shape_of(kernel), **a),
    )


def _grad_kernel_gradient(
    h: Tensor, y: Tensor, x: Tensor, g: Tensor, *, kernel_shape: Shape, **a: Unpack[Attributes]
) -> tuple[Tensor, Tensor]:
    return conv_grad_input(g, h, input_shape=shape_of(x), **a), conv(x, h, **a)


conv: Primitive = Primitive(
    "conv", rule=_rule, reference=_checked(_rule, convolve), gradient=_gradient
)
conv_grad_input: Primitive = Primitive(
    "conv_grad_input",
    rule=_grad_input_rule,
    reference=_checked(_grad_input_rule, towards_input),
    gradient=_grad_input_gradient,
)
conv_grad_kernel: Primitive = Primitive(
    "conv_grad_kernel",
    rule=_grad_kernel_rule,
    reference=_checked(_grad_kernel_rule, towards_kernel),
    gradient=_grad_kernel_gradient,
)
