"""Convolution and its gradients: attributes of the three kernels."""

from __future__ import annotations

from typing import Any

from cornu.backends.native.lower.op import Lower, Op
from cornu.graph.padding import pad_pairs
from cornu.graph.trace import Node

__all__ = ["LOWER", "conv_attributes"]


def conv_attributes(
    attrs: dict[str, Any], spatial: tuple[int, ...], window: tuple[int, ...], bias: int, relu: int
) -> tuple[int, ...]:
    """Return [axes, strides.., low pads.., dilation.., groups, has_bias, activation]."""
    strides, dilation = attrs["strides"], attrs["dilation"]
    pads = pad_pairs(attrs["padding"], spatial, window, strides, dilation)
    low = [a for a, _ in pads]
    return (len(spatial), *strides, *low, *dilation, attrs["groups"], bias, relu)


def _fits(node: Node) -> bool:
    spec = node.outputs[0]._cornu_spec
    return spec.dtype in ("float32", "float64") and 3 <= spec.ndim <= 5


def _conv(node: Node) -> Op | None:
    if not _fits(node):
        return None
    x, w = (t._cornu_spec.shape for t in node.inputs)
    return Op("conv", conv_attributes(node.attrs, x[1:-1], w[:-2], 0, 0))  # type: ignore[arg-type]


def _grad_input(node: Node) -> Op | None:
    if not _fits(node):
        return None
    x, w = node.attrs["input_shape"], node.inputs[1]._cornu_spec.shape
    return Op("conv_grad_input", conv_attributes(node.attrs, x[1:-1], w[:-2], 0, 0))  # type: ignore[arg-type]


def _grad_kernel(node: Node) -> Op | None:
    if not _fits(node):
        return None
    x, w = node.inputs[0]._cornu_spec.shape, node.attrs["kernel_shape"]
    return Op("conv_grad_kernel", conv_attributes(node.attrs, x[1:-1], w[:-2], 0, 0))  # type: ignore[arg-type]


LOWER: dict[str, Lower] = {
    "conv": _conv,
    "conv_grad_input": _grad_input,
    "conv_grad_kernel": _grad_kernel,
}
