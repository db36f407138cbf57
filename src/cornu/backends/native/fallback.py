"""Primitives without a kernel: their NumPy reference, called by the plan."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cornu.graph.dtypes import numpy_dtype
from cornu.graph.primitive import run_reference
from cornu.graph.spec import Spec
from cornu.graph.trace import Graph, Node
from cornu.lazy import later

if TYPE_CHECKING:
    from cornu.backends.numpy import lowering
else:
    lowering = later("cornu.backends.numpy.lowering")

__all__ = ["blame", "callback"]


def view_of(memory: memoryview, spec: Spec) -> np.ndarray[Any, Any]:
    """Return memory of the plan as an array of this shape and dtype."""
    shape: tuple[int, ...] = spec.shape  # type: ignore[assignment]
    dtype = numpy_dtype(spec.dtype)
    if not math.prod(shape):
        return np.empty(shape, dtype)
    return np.frombuffer(memory, dtype).reshape(shape)


def blame(node: Node, memory: Sequence[memoryview]) -> tuple[Exception, str] | None:
    """Return what the reference of a node raises on its operands, and the layer it belongs to.

    In a loop that carries nothing it is that of the node of the body that fails.
    """
    operands = [view_of(m, t._cornu_spec) for m, t in zip(memory, node.inputs, strict=True)]
    with np.errstate(all="ignore"):
        try:
            _run(node, operands)
        except _Blamed as found:
            return found.error, found.layer
    return None


class _Blamed(Exception):
    def __init__(self, error: Exception, layer: str) -> None:
        self.error = error
        self.layer = layer


def _run(node: Node, operands: Sequence[Any]) -> Any:
    attrs = node.attrs
    if node.primitive.name == "scan" and not attrs["carry"]:
        body: Graph = attrs["body"]
        fixed = operands[: attrs["constants"]]
        for step in range(attrs["length"]):
            given = [*fixed, *(x[step] for x in operands[attrs["constants"] :])]
            values = dict(zip(body.inputs, given, strict=True)) | body.constants
            for inner in body.nodes:
                results = _run(inner, [values[t] for t in inner.inputs])
                many = results if inner.primitive.multiple else (results,)
                values.update(zip(inner.outputs, many, strict=True))
    try:
        return run_reference(node.primitive, operands, attrs)
    except Exception as error:
        raise _Blamed(error, node.layer) from error


def callback(node: Node, graph: Graph) -> Callable[..., None]:
    """Return what the plan calls: it takes the memory of operands and results."""
    function = lowering.lower(node, graph)
    inputs = [t._cornu_spec for t in node.inputs]
    outputs = [t._cornu_spec for t in node.outputs]
    multiple = node.primitive.multiple

    def call(*memory: memoryview) -> None:
        operands = [view_of(m, s) for m, s in zip(memory, inputs, strict=False)]
        with np.errstate(all="ignore"):
            found = function(*operands)
        results = found if multiple else (found,)
        for m, spec, result in zip(memory[len(inputs) :], outputs, results, strict=True):
            view_of(m, spec)[...] = result

    return call
