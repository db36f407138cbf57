"""Primitives without a kernel: their NumPy reference, called by the plan."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from cornu.backends.numpy.lowering import lower
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.spec import Spec
from cornu.graph.trace import Graph, Node

__all__ = ["callback", "view_of"]


def view_of(memory: memoryview, spec: Spec) -> np.ndarray[Any, Any]:
    """Return memory of the plan as an array of this shape and dtype."""
    shape: tuple[int, ...] = spec.shape  # type: ignore[assignment]
    dtype = numpy_dtype(spec.dtype)
    if not math.prod(shape):
        return np.empty(shape, dtype)
    return np.frombuffer(memory, dtype).reshape(shape)


def callback(node: Node, graph: Graph) -> Callable[..., None]:
    """Return what the plan calls: it takes the memory of operands and results."""
    function = lower(node, graph)
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
