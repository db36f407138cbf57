"""One primitive alone: lowered to its instruction, run by the core, beside its reference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from native.single import run_one

from cornu.backends.native.lower import LOWER
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.primitive import Primitive, infer
from cornu.graph.spec import Spec, spec_of
from cornu.graph.trace import Node, Trace, Tracer

__all__ = ["check", "node_of", "run_lowered", "same"]

Array = np.ndarray[Any, Any]


def node_of(primitive: Primitive, inputs: tuple[Array, ...], attrs: dict[str, Any]) -> Node:
    """Return the node that calls a primitive on such arrays."""
    trace = Trace()
    tracers = [Tracer(trace, spec_of(x)) for x in inputs]
    node = Node(primitive, tracers, attrs, "")
    found = infer(primitive, [t._cornu_spec for t in tracers], attrs)
    specs = [found] if isinstance(found, Spec) else found
    node.outputs = [Tracer(trace, spec, node) for spec in specs]
    return node


def run_lowered(primitive: Primitive, *inputs: Array, **attrs: Any) -> tuple[Array, ...]:
    """Return what the core computes for a primitive; it must have a kernel for these operands."""
    node = node_of(primitive, inputs, attrs)
    op = LOWER[primitive.name](node)
    assert op is not None, f"no kernel for {node!r}"
    outputs = []
    for t in node.outputs:
        # What is never written shows.
        shape: tuple[int, ...] = t._cornu_spec.shape
        y = np.empty(shape, numpy_dtype(t._cornu_spec.dtype))
        y.reshape(-1).view(np.uint8)[...] = 0xA5
        outputs.append(y)
    arrays = [x if not op.contiguous or i in op.strided else np.ascontiguousarray(x).reshape(x.shape) for i, x in enumerate(inputs)]
    run_one(op.opcode, arrays, outputs, op.attributes)
    return tuple(outputs)


def same(got: Array, wanted: Any) -> None:
    """Assert equal values (NaN equals NaN), dtypes and shapes."""
    wanted = np.asarray(wanted)
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    np.testing.assert_array_equal(got, wanted)


def check(
    primitive: Primitive,
    *inputs: Array,
    close: Callable[[Array, Any], None] = same,
    **attrs: Any,
) -> None:
    """Assert that the core and the reference agree."""
    found = run_lowered(primitive, *inputs, **attrs)
    wanted = primitive.reference(*inputs, **attrs)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    assert len(found) == len(wanted)
    for got, expected in zip(found, wanted, strict=True):
        close(got, expected)
