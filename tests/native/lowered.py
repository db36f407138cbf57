"""One primitive alone: lowered to its instruction, run by the core, beside its reference."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from cornu.backends.native.lower import LOWER
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.primitive import Primitive, infer, run_reference
from cornu.graph.spec import Spec, spec_of
from cornu.graph.trace import Node, Trace, Tracer
from tests.native.single import run_one
from tests.tolerances import tolerance

__all__ = ["check", "near", "node_of", "run_lowered", "same", "values"]

Array = np.ndarray[Any, Any]


def node_of(primitive: Primitive, inputs: tuple[Array, ...], attrs: dict[str, Any]) -> Node:
    """Return the node that calls a primitive on such arrays."""
    trace = Trace()
    tracers = [Tracer(trace, spec_of(x)) for x in inputs]
    node = Node(primitive, tracers, attrs, "")
    found = infer(primitive, inputs, attrs)
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
        shape: Any = t._cornu_spec.shape
        y = np.empty(shape, numpy_dtype(t._cornu_spec.dtype))
        y.reshape(-1).view(np.uint8)[...] = 0xA5
        outputs.append(y)
    arrays = [
        x if not op.contiguous or i in op.strided else np.array(x, order="C")
        for i, x in enumerate(inputs)
    ]
    run_one(op.opcode, arrays, outputs, op.attributes)
    return tuple(outputs)


def same(got: Array, wanted: Any) -> None:
    """Assert equal values (NaN equals NaN), dtypes and shapes."""
    wanted = np.asarray(wanted)
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    np.testing.assert_array_equal(got, wanted)


def _near(name: str, got: Array, wanted: Any) -> None:
    wanted = np.asarray(wanted)
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    bound = tolerance(name, got.dtype.name)
    np.testing.assert_allclose(got, wanted, bound.rtol, bound.atol)


def near(name: str) -> Callable[[Array, Any], None]:
    """Return the comparison by a tolerance; integers must be equal."""
    return partial(_near, name)


def values(rng: np.random.Generator, dtype: str, *shape: int, nan: bool = False) -> Array:
    """Return random values of any dtype, small integers among them, so that there are ties."""
    kind = np.dtype(dtype).kind
    if kind == "b":
        return np.asarray(rng.random(shape) < 0.5)
    x = np.asarray(rng.integers(0 if kind == "u" else -9, 10, shape)).astype(dtype)
    if kind == "f":
        x += np.asarray(rng.random(shape) < 0.5) * rng.standard_normal(shape).astype(dtype)
        if nan:
            x[rng.random(shape) < 0.1] = np.nan
    return x


def check(
    primitive: Primitive,
    *inputs: Array,
    close: Callable[[Array, Any], None] = same,
    **attrs: Any,
) -> None:
    """Assert that the core and the reference agree."""
    found = run_lowered(primitive, *inputs, **attrs)
    with np.errstate(all="ignore"):
        wanted = run_reference(primitive, inputs, attrs)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    assert len(found) == len(wanted)
    for got, expected in zip(found, wanted, strict=True):
        close(got, expected)
