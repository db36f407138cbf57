"""Pooling: attributes of the kernels, and where positions come from."""

from __future__ import annotations

from typing import Any

from cornu.backends.native.lower.op import ARITHMETIC, Lower, Op
from cornu.graph.padding import pad_pairs
from cornu.graph.trace import Node, Tracer

__all__ = ["LOWER"]


def _windows(attrs: dict[str, Any], shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return [axes, window.., strides.., low pads..] for an image of this shape."""
    window, strides = attrs["window"], attrs["strides"]
    pads = pad_pairs(attrs["padding"], shape[1:-1], window, strides)
    return (len(window), *window, *strides, *(low for low, _ in pads))


def _fits(t: Tracer) -> bool:
    spec = t._cornu_spec
    return spec.dtype in ARITHMETIC and 3 <= spec.ndim <= 5


def _over_windows(node: Node) -> Op | None:
    """`max_pool` and `pool_sum`, whose windows lie in their operand."""
    x = node.inputs[0]
    if not _fits(x):
        return None
    return Op(node.primitive.name, _windows(node.attrs, x._cornu_spec.shape))


def _sum_grad(node: Node) -> Op | None:
    if not _fits(node.inputs[0]):
        return None
    return Op("pool_sum_grad", _windows(node.attrs, node.attrs["input_shape"]))


def _scatter(node: Node) -> Op | None:
    g, index = node.inputs
    if g._cornu_spec.dtype not in ARITHMETIC or index._cornu_spec.dtype != "int32":
        return None
    return Op("pool_scatter", _origin(index, node.attrs["spatial"]))


def _origin(index: Tracer, spatial: tuple[int, ...]) -> tuple[int, ...]:
    """Return the windows of the `max_pool` that made an index, or nothing.

    Knowing them, the kernel looks at each pixel's windows and writes in order.
    """
    made = index.node  # perhaps of the trace before it was simplified; its attributes are the same
    if made is None or made.primitive.name != "max_pool" or made.outputs[1] is not index:
        return ()
    x = made.inputs[0]
    if x._cornu_spec.shape[1:-1] != tuple(spatial) or not 3 <= x._cornu_spec.ndim <= 5:
        return ()
    return _windows(made.attrs, x._cornu_spec.shape)


def _gather(node: Node) -> Op | None:
    x, index = (t._cornu_spec for t in node.inputs)
    return Op("pool_gather") if index.dtype == "int32" and x.ndim <= 8 else None


LOWER: dict[str, Lower] = {
    "max_pool": _over_windows,
    "pool_gather": _gather,
    "pool_scatter": _scatter,
    "pool_sum": _over_windows,
    "pool_sum_grad": _sum_grad,
}
